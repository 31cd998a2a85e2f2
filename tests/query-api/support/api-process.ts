/** The query API as a process of its own, as the supervisor starts it: on a test file's engine, and Kafka of the run. */

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject, vi } from 'vitest'
import { writePrivateFile } from '#ops/embedded/credentials.ts'
import { choosePort } from '#ops/embedded/ports.ts'
import { QUERY_API_FLAGS } from '#ops/runtime/node-flags.ts'
import { readSecret, secretFile } from '#ops/runtime/settings.ts'
import type { Tenants } from './tenants.ts'

/** The process, and what it wrote. */
export type ApiProcess = {
  readonly url: string
  readonly child: ChildProcess
  output(): string
  /** Memory that is in use now, and the most since it was last reset; MiB. */
  memory(): { readonly now: number; readonly most: number }
  resetMost(): void
}

/** Starts it, and waits until it lives. */
export async function startApiProcess(tenants: Tenants): Promise<ApiProcess> {
  const { project, servers } = tenants
  const shared = inject('servers')
  // The engine is the file's own, Kafka that of the run.
  for (const name of ['kafka.query-api', 'kafka.lineage'])
    writePrivateFile(secretFile(project.stateDir, name), readSecret(secretFile(shared.stateDir, name), name))
  const port = await choosePort({ server: 'query-api', path: 'api.port', given: new Set() })
  const url = `http://127.0.0.1:${port}`
  const endpoints = {
    kafka: { brokers: [...shared.kafka.brokers] },
    clickhouse: { url: servers.endpoints.clickhouse?.url ?? '' },
    identity: { issuer: tenants.issuer },
    api: { url, port },
  }
  writeFileSync(join(project.stateDir, 'run', 'endpoints.json'), JSON.stringify(endpoints))
  const main = fileURLToPath(new URL('../../../query-api/main.ts', import.meta.url))
  const child = spawn(process.execPath, [...QUERY_API_FLAGS, main], {
    env: { PATH: process.env['PATH'], MOGO_PROJECT: project.dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      output += String(chunk)
    })
  const lives = () =>
    fetch(`${url}/healthz`).then(
      ({ status }) => status === 200,
      () => false,
    )
  await vi.waitUntil(lives, { timeout: 20_000, interval: 100 })
  return { url, child, output: () => output, memory, resetMost }

  function memory() {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
    return { now: of('VmRSS'), most: of('VmHWM') }
  }

  /** Linux, proc(5), clear_refs: 5 sets the peak to what is in use. */
  function resetMost(): void {
    writeFileSync(`/proc/${child.pid}/clear_refs`, '5')
  }
}
