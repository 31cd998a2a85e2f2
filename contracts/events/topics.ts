/** Names of Kafka topics and ClickHouse tables that several processes share. */
import type { CompiledDataset } from '../compile/compiled-dataset.ts'

/** Raw topic of a source table: `<prefix>.<schema>.<table>`, as Debezium names it (other characters become `_`). */
export function rawTopic(prefix: string, source: CompiledDataset['source']): string {
  return `${prefix}.${source.schema}.${source.table}`.replaceAll(/[^A-Za-z0-9._-]/g, '_')
}

/** Topic of encrypted records that broke their contract. */
export function quarantineTopic(prefix: string): string {
  return `${prefix}.quarantine`
}

/** Topic of access records and lineage. */
export function governanceTopic(prefix: string): string {
  return `${prefix}.governance`
}

/** Compacted topic of API keys: their hashes, revocations, last uses. */
export function accessKeysTopic(prefix: string): string {
  return `${prefix}.access-keys`
}

/** Tables in the governance database. */
export const GOVERNANCE_TABLES = {
  laneClaims: 'lane_claims',
  quarantine: 'quarantine',
  quarantineBreakers: 'quarantine_breakers',
  removals: 'removals',
  schemaChanges: 'schema_changes',
  lineageEdges: 'lineage_edges',
  accessLog: 'access_log',
  pipelineStats: 'pipeline_stats',
  alerts: 'alerts',
  verifications: 'verifications',
} as const
