/** Our own processes (worker, query API, …) under the same supervisor as the servers. */

import { probeHttp } from '#ops/runtime/probe-http.ts'
import type { ServerDefinition } from './server.ts'

/** A process that the CLI adds. */
export type ExtraProcess = {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Beside PATH, HOME, LANG, TZ and MOGO_STATE_DIR. Never a secret: name the file it is in. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** It is ready when this address answers with a status below 400. Without it: as soon as it runs. */
  readonly ready?: { readonly httpUrl: string }
  /** Ports for the status and the check that they are free. */
  readonly ports?: Readonly<Record<string, number>>
  /** What must be ready before it starts and outlive it; by default every embedded server. */
  readonly dependsOn?: readonly string[]
  readonly startTimeoutSeconds?: number
  /** Time to drain after SIGTERM. */
  readonly stopTimeoutSeconds?: number
}

/** Defines it for the supervisor. */
export function extraProcess(extra: ExtraProcess, servers: readonly string[]): ServerDefinition {
  const url = extra.ready?.httpUrl
  return {
    name: extra.name,
    dependsOn: extra.dependsOn ?? servers,
    ports: extra.ports ?? {},
    stopSignal: 'SIGTERM',
    startTimeoutSeconds: extra.startTimeoutSeconds ?? 120,
    stopTimeoutSeconds: extra.stopTimeoutSeconds ?? 15,
    command: () => ({
      command: extra.command,
      args: extra.args,
      ...(extra.env === undefined ? {} : { env: extra.env }),
      ...(extra.cwd === undefined ? {} : { cwd: extra.cwd }),
    }),
    probe: async (signal) => {
      if (url === undefined) return true
      return (await probeHttp(url, signal)).status < 400
    },
  }
}
