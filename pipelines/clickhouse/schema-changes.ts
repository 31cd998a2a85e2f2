/**
 * The book of schema changes: every time the columns of a source table are no longer those of its contract, it is said in the log and
 * written down in the governance database, with what was decided. Names of columns only, never a value.
 */
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import { type ColumnChange, changeWords } from '#transforms/column-watch.ts'
import type { RowSink } from '../ports.ts'
import type { Patience } from '../worker/patience.ts'

const COLUMNS = ['at', 'dataset', 'contract_version', 'decision', 'added', 'removed', 'worker'] as const

/** One row per change and worker that met it. */
export function schemaChangesTable(database: string): string {
  return /*sql*/ `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(database)}.${GOVERNANCE_TABLES.schemaChanges} (
  at DateTime64(3, 'UTC') COMMENT 'When the first record of the new shape was met.',
  dataset LowCardinality(String),
  contract_version LowCardinality(String),
  decision LowCardinality(String) COMMENT 'accept, hold or quarantine: what the contract wants.',
  added Array(String) COMMENT 'Columns of the source that the contract does not know.',
  removed Array(String) COMMENT 'Columns of the contract that did not come.',
  worker LowCardinality(String)
)
ENGINE = MergeTree
ORDER BY (dataset, at)
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'Columns of source tables that are not those of their contract.'`
}

const REMEDY: Readonly<Record<ColumnChange['decision'], string>> = {
  accept: 'going on; what the contract does not know is not stored',
  hold: 'the table waits: its records stay in Kafka until the contract has moved; the others go on',
  quarantine: 'such records are quarantined until the contract has moved, and can be replayed then',
}

/** Makes what notes a change; it never waits, and never fails. */
export function createSchemaChanges(deps: {
  readonly sink: Pick<RowSink, 'insertGovernance'>
  readonly patience: Patience
  readonly worker: string
  readonly logger: Logger
  readonly now: () => number
  readonly signal: AbortSignal
}): (dataset: CompiledDataset, change: ColumnChange) => void {
  const { sink, patience, worker, logger, now, signal } = deps
  return (dataset, change) => {
    const { decision, added, removed } = change
    const what = { dataset: dataset.name, decision, added, removed, code: 'MOGO_SCHEMA_CHANGED' }
    const words = `${changeWords(change)}: ${REMEDY[decision]}`
    // A contract may leave columns out: that is nothing to be woken for.
    const level = decision !== 'accept' ? 'error' : removed.length > 0 ? 'warn' : 'info'
    logger[level](what, words)
    const at = new Date(now()).toISOString().replace('T', ' ').replace('Z', '')
    const row = [at, dataset.name, dataset.contractVersion, decision, added, removed, worker]
    const token = `schema:${worker}:${dataset.hash}:${JSON.stringify(change)}`
    patience(
      () =>
        sink.insertGovernance(
          GOVERNANCE_TABLES.schemaChanges,
          COLUMNS,
          Buffer.from(`${JSON.stringify(row)}\n`),
          token,
        ),
      signal,
    ).catch((error) => {
      if (!signal.aborted) logger.warn({ err: error }, 'a schema change was not written down')
    })
  }
}
