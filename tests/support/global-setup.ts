/**
 * Starts the embedded servers once for all integration tests of a run, in a folder of their own with free ports, and stops
 * them afterwards. Tests get at them through {@link testServers}.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { ensureSecret, writePrivateFile } from '#ops/embedded/credentials.ts'
import { startEmbedded } from '#ops/embedded/start-embedded.ts'

/** Where the servers of this run are. */
export type ServersOfRun = {
  readonly stateDir: string
  readonly postgres: { readonly host: string; readonly port: number }
  readonly kafka: { readonly brokers: readonly string[] }
  readonly connect: { readonly url: string }
  readonly clickhouse: { readonly url: string }
  readonly control: { readonly url: string }
}

declare module 'vitest' {
  export interface ProvidedContext {
    servers: ServersOfRun
  }
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Called by vitest before the first integration test; what it returns is called after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stateDir = mkdtempSync(join(tmpdir(), 'mogo-test-'))
  const secrets = join(stateDir, 'secrets')
  const started = performance.now()
  const handle = await startEmbedded({
    stateDir,
    libDir: join(ROOT, '.mogo', 'lib'),
    environment: process.env,
    servers: {
      postgres: {
        roles: [
          { name: 'mogo_capture', secret: 'capture', replication: true },
          { name: 'mogo_app', secret: 'app' },
        ],
      },
      // Every test project has topics of its own, `t…`; see test-project.ts.
      kafka: {
        acls: (['connect', 'worker', 'replay', 'query-api', 'lineage'] as const).flatMap((user) => [
          { user, resource: 'topic', name: 't', prefixed: true, operations: ['All'] },
          { user, resource: 'topic', name: '__debezium-heartbeat.t', prefixed: true, operations: ['All'] },
          {
            user,
            resource: 'group',
            name: 'mogo',
            prefixed: true,
            operations: ['Read', 'Describe', 'Delete'],
          },
        ]),
      },
      connect: {
        secrets: {
          'postgres.capture': ensureSecret(secrets, 'postgres.capture'),
          'unavailable.value': ensureSecret(secrets, 'unavailable.value'),
        },
      },
      clickhouse: {},
    },
  })
  ensureSecret(secrets, 'keyring.master', 48)
  writePrivateFile(join(secrets, 'supervisor.control'), `${handle.control.token}\n`)
  const { postgres, kafka, connect, clickhouse } = handle.endpoints
  if (!postgres || !kafka || !connect || !clickhouse) throw new Error('the servers did not start')
  process.stdout.write(`servers ready in ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
  project.provide('servers', {
    stateDir: handle.stateDir,
    postgres,
    kafka,
    connect,
    clickhouse,
    control: { url: handle.control.url },
  })
  return async () => {
    await handle.stop()
    rmSync(stateDir, { recursive: true, force: true })
  }
}
