/** A ClickHouse of a test's own, beside the servers of the run: one that may be killed without harm to other tests. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { startEmbedded } from '#ops/embedded/start-embedded.ts'

/** See {@link startOwnClickHouse}. */
export type OwnClickHouse = {
  readonly url: string
  /** Ends it with SIGKILL; resolves when the supervisor has started it again. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Starts it. Its passwords are those of the run, so that a test project finds them where it looks. */
export async function startOwnClickHouse(): Promise<OwnClickHouse> {
  const stateDir = mkdtempSync(join(tmpdir(), 'mogo-test-clickhouse-'))
  symlinkSync(join(inject('servers').stateDir, 'secrets'), join(stateDir, 'secrets'))
  let ready = (): void => {}
  const handle = await startEmbedded({
    ...{ stateDir, libDir: '', environment: process.env, servers: { clickhouse: {} } },
    onEvent: ({ status }) => {
      if (status === 'ready') ready()
    },
  })
  return {
    url: handle.endpoints.clickhouse?.url ?? '',
    async kill() {
      const pid = handle.status().find(({ name }) => name === 'clickhouse')?.process?.pid
      if (pid === undefined) throw new Error('ClickHouse is not running')
      const back = new Promise<void>((resolve) => {
        ready = resolve
      })
      process.kill(pid, 'SIGKILL')
      await back
    },
    async stop() {
      await handle.stop()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}
