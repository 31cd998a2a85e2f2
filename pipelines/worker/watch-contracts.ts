/**
 * Watches a folder of contracts: when its files have changed and stand still, they are read, and if they say something else than before,
 * whoever watches is told. Contracts with faults are said, once, and the former ones stay.
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { isMogoError } from '#contracts/errors.ts'
import type { Logger } from '#ops/runtime/logger.ts'

/** A look every so often: a folder may be on a file system that tells nobody of changes. */
const LOOK_MILLIS = 1000

/** A watch that can be ended; it ends when what it has begun is done. */
export type ContractWatch = { look(): Promise<void>; stop(): Promise<void> }

/** Starts to watch. `changed` is awaited before the next look; if it rejects, the watch goes on, and tries the same again. */
export function watchContracts(options: {
  readonly dir: string
  readonly current: readonly CompiledDataset[]
  readonly load: (dir: string) => readonly CompiledDataset[]
  readonly changed: (datasets: readonly CompiledDataset[]) => Promise<void>
  readonly logger: Logger
}): ContractWatch {
  const { dir, load, logger } = options
  let known = identity(options.current)
  // The files are read once more at first: they may have changed since the current ones were.
  let settled = ''
  let before = signature(dir)
  let looking: Promise<void> | null = null

  async function lookOnce(): Promise<void> {
    const now = signature(dir)
    const stands = now === before
    before = now
    if (!stands || now === settled) return
    try {
      const datasets = load(dir)
      if (identity(datasets) !== known) await options.changed(datasets)
      known = identity(datasets)
    } catch (error) {
      const code = isMogoError(error) ? error.code : 'MOGO_INTERNAL'
      logger.error({ err: error, code }, 'the changed contracts cannot be used; the former ones stay')
      // What is wrong with the files is said once; another fault may pass.
      if (!isMogoError(error) || error.class === 'retriable') return
    }
    settled = now
  }

  const look = (): Promise<void> => {
    looking ??= lookOnce().finally(() => {
      looking = null
    })
    return looking
  }
  const clock = setInterval(() => void look(), LOOK_MILLIS)
  return {
    look,
    async stop() {
      clearInterval(clock)
      await looking
    },
  }
}

/** Files with their sizes and times. */
function signature(dir: string): string {
  try {
    return JSON.stringify(
      readdirSync(dir)
        .sort()
        .map((name) => {
          const { size, mtimeMs, ino } = statSync(join(dir, name))
          return [name, size, mtimeMs, ino]
        }),
    )
  } catch {
    // A file went while it was looked at: the next look sees it.
    return ''
  }
}

function identity(datasets: readonly CompiledDataset[]): string {
  return JSON.stringify(datasets.map(({ name, table, hash }) => [name, table, hash]).sort())
}
