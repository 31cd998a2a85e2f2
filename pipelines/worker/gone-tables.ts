/**
 * Datasets whose table is gone, although rows were loaded into it: renamed away, or dropped. A worker that starts then makes no new one, since everything that
 * was loaded before would be missing, and nobody told. Their lanes are held, and their records wait in Kafka, until the table is there again: renamed back,
 * or made by a replay. (A worker that runs while its table goes waits likewise: the engine refuses its inserts.)
 *
 * What tells: the lanes of a table are claimed in the governance database with the first insert (lane-claims.ts). If the group has no position in the
 * topic, or none but its beginning, a new table would miss nothing, and is made.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { isMogoError, type MogoError } from '#contracts/errors.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { RowSink } from '../ports.ts'
import type { Patience } from './patience.ts'

/** Who is told what becomes of a table, and who knows whether its topic was read. */
export type TableWatcher = {
  readonly wasRead: () => Promise<boolean>
  /** The table is there. */
  readonly back: () => void
  /** It is there, and cannot be used. */
  readonly failed: (error: unknown) => void
}

/** See {@link createGoneTables}. */
export type GoneTables = {
  /** Notes it if that is what a preparation has failed for; false if not. */
  note(dataset: CompiledDataset, error: unknown): boolean
  has(dataset: string): boolean
  faults(): readonly (readonly [dataset: string, fault: MogoError])[]
  /** Looks for the table of one that was noted, until it is there; never rejects. */
  watch(dataset: CompiledDataset, watcher: TableWatcher): Promise<void>
}

const LOOK_MILLIS = 1000

/** Makes the list. */
export function createGoneTables(deps: {
  readonly sink: Pick<RowSink, 'prepare'>
  readonly patience: { readonly clickhouse: Patience; readonly kafka: Patience }
  readonly logger: Logger
  readonly signal: AbortSignal
}): GoneTables {
  const { sink, patience, logger, signal } = deps
  const gone = new Map<string, MogoError>()

  /** True if the table is there; it may have had to be made. */
  async function look(dataset: CompiledDataset, { wasRead }: TableWatcher): Promise<boolean> {
    const anew = !(await patience.kafka(wasRead, signal))
    try {
      await patience.clickhouse(() => sink.prepare(dataset, { anew }), signal)
      return true
    } catch (error) {
      if (isGone(error)) return false
      throw error
    }
  }

  return {
    note(dataset, error) {
      if (isGone(error)) gone.set(dataset.name, error)
      return isGone(error)
    },
    has: (dataset) => gone.has(dataset),
    faults: () => [...gone],
    async watch(dataset, watcher) {
      const fault = gone.get(dataset.name)
      try {
        for (let looks = 0; !(await look(dataset, watcher)); looks++) {
          if (looks === 0)
            logger.error(
              { dataset: dataset.name, err: fault, remedy: fault?.remedy },
              'a table is gone: its records wait in Kafka, the other datasets go on',
            )
          await delay(LOOK_MILLIS, undefined, { signal })
        }
        gone.delete(dataset.name)
        logger.info({ dataset: dataset.name }, 'the table is there: going on')
        watcher.back()
      } catch (error) {
        if (signal.aborted) return
        gone.delete(dataset.name)
        watcher.failed(error)
      }
    },
  }
}

function isGone(error: unknown): error is MogoError {
  return isMogoError(error, 'MOGO_TABLE_GONE')
}
