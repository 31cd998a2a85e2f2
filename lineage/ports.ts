/**
 * What the lineage service asks of the parts around it, in its own words. The adapters beside it are named after their vendor.
 *
 * A *contract state* is one version of one contract with one policy hash, as a worker reported it; its edges lead from the
 * Postgres columns to the dataset's columns. A *query record* is what is kept of one query: who asked, what it read, and the
 * edges from dataset columns to result columns.
 */
import type { AccessEvent, GovernanceEvent } from '#contracts/events/governance-event.ts'
import type { LineageEdge } from '#contracts/events/lineage-edge.ts'

/** Lineage of one dataset as the worker last reported it. */
export type ContractLineage = {
  readonly contractId: string
  readonly contractVersion: string
  readonly dataset: string
  readonly policyHash: string
  /** When this state was first and last reported, ISO 8601. */
  readonly validSince: string
  readonly lastSeen: string
  readonly edges: readonly LineageEdge[]
}

/** One query as it was recorded. */
export type QueryRecord = Omit<AccessEvent, 'type'>

/** How often a dataset column was read by answered queries. */
export type ColumnUse = {
  readonly column: string
  readonly queries: number
  /** ISO 8601, or null if never. */
  readonly lastReadAt: string | null
}

/** Where events come from. One subscriber; a batch is acknowledged when `store` resolves, and comes again if it rejects. */
export type EventFeed = {
  /** Starts; resolves when the feed is connected. */
  start(store: (batch: EventBatch) => Promise<void>): Promise<void>
  /** Rejects if the feed cannot answer. */
  check(): Promise<void>
  /** Lets the running batch end, then stops. */
  stop(): Promise<void>
  /** Rejects when the feed ends by itself. */
  readonly failed: Promise<never>
}

/** Events of one fetch: valid ones in order, and how many were not. */
export type EventBatch = {
  readonly events: readonly GovernanceEvent[]
  readonly skipped: number
}

/** Where lineage and access records are kept. Every write may be repeated: the same event replaces itself. */
export type LineageStore = {
  /** Makes what it keeps things in, if it is not there. */
  prepare(): Promise<void>
  record(events: readonly GovernanceEvent[]): Promise<void>
  /** The latest state of each of the datasets that has one. */
  contractLineage(datasets: readonly string[]): Promise<readonly ContractLineage[]>
  queryRecord(queryId: string): Promise<QueryRecord | undefined>
  /** Uses of a dataset table's columns. `tenant` limits to the queries of one tenant. */
  columnUse(source: DatasetColumns, tenant: string | undefined): Promise<readonly ColumnUse[]>
  /** Edges into the results of the latest queries that read these columns, at most `limit` queries a column. */
  latestReaders(
    source: DatasetColumns,
    tenant: string | undefined,
    limit: number,
  ): Promise<readonly LineageEdge[]>
  /** Rejects if the store cannot answer. */
  check(): Promise<void>
  close(): Promise<void>
}

/** Columns of one dataset table, as they stand in the `from` end of query edges. */
export type DatasetColumns = { readonly table: string; readonly columns: readonly string[] }
