/** What ClickHouse knows of the pipeline's health: the worker's statistics, paused datasets, alerts, and what lies behind the tables. */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { z } from 'zod'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { DatasetHealth, FiringAlert } from '#contracts/events/pipeline-health.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'
import type { ClickHouseConnection } from '#ops/runtime/settings.ts'
import { clickhouseFault } from '../clickhouse/clickhouse-errors.ts'
import { pausedDatasets } from '../clickhouse/governance-statements.ts'
import {
  deduplicateStatement,
  tableFacts,
  tableFactsStatement,
  tablesBehind,
} from '../clickhouse/views-behind.ts'
import {
  existingTables,
  firingAlerts,
  lastSchemaChanges,
  lastVerifications,
  loadedStatement,
} from './health-statements.ts'

const text = z.string()
const number = z.coerce.number()

const loadedRow = z.object({
  dataset: text,
  last_millis: number,
  rows_per_s: number,
  batch_records: number.nullable(),
  samples: number,
  p50: number,
  p95: number,
  quarantined: number,
  share: number.nullable(),
  position: text,
})
/** What was loaded of a dataset within a day. */
export type Loaded = z.output<typeof loadedRow>

const changeRow = z.object({ dataset: text, added: z.array(text), removed: z.array(text) })
/** Columns that came, or did not, against the contract. */
export type LastSchemaChange = z.output<typeof changeRow>

const pausedRow = z.object({ dataset: text, since_millis: number, records: number, quarantined: number })
/** What paused a dataset. */
export type PausedRow = z.output<typeof pausedRow>

const verifiedRow = z.object({ dataset: text, at_millis: number, different: number, explained: number })
/** What a comparison with the source found. */
export type VerifiedRow = z.output<typeof verifiedRow>

const alertRow = z.object({
  ...{ alert: text, subject: text, since_millis: number, last_message: text, last_remedy: text },
  last_severity: z.enum(['critical', 'warning']),
})

/** All of it; lists have at most one entry a dataset. */
export type ClickHouseHealth = {
  readonly loaded: readonly Loaded[]
  readonly changes: readonly LastSchemaChange[]
  readonly paused: readonly PausedRow[]
  readonly verified: readonly VerifiedRow[]
  readonly alerts: readonly FiringAlert[]
  /** By dataset. */
  readonly doubling: ReadonlyMap<string, DatasetHealth['doubling']>
}

/** Asks. @throws MogoError of ClickHouse */
export async function readClickHouseHealth(
  connection: ClickHouseConnection,
  databases: { readonly datasets: string; readonly governance: string },
  datasets: readonly CompiledDataset[],
): Promise<ClickHouseHealth> {
  const client = createClient({
    url: connection.url,
    username: connection.username,
    password: connection.password,
    application: 'mogo-health',
    request_timeout: 10_000,
    max_open_connections: 4,
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: { log_queries: 0, output_format_json_quote_64bit_integers: 1 },
  })
  const { governance } = databases
  try {
    const found = await select(client, existingTables(governance), z.object({ name: text }))
    const existing = new Set(found.map(({ name }) => name))
    const from = async <T>(table: string, query: string, row: z.ZodType<T>): Promise<readonly T[]> =>
      existing.has(table) ? select(client, query, row) : []
    const tables = GOVERNANCE_TABLES
    const [loaded, changes, paused, verified, alerts] = await Promise.all([
      from(tables.pipelineStats, loadedStatement(governance), loadedRow),
      from(tables.schemaChanges, lastSchemaChanges(governance), changeRow),
      from(tables.quarantineBreakers, pausedDatasets(governance), pausedRow),
      from(tables.verifications, lastVerifications(governance), verifiedRow),
      from(tables.alerts, firingAlerts(governance), alertRow),
    ])
    const doubling = new Map<string, DatasetHealth['doubling']>()
    for (const { name, table } of datasets)
      doubling.set(name, await doublingBehind(client, databases.datasets, table))
    return { loaded, changes, paused, verified, alerts: alerts.map(alertOf), doubling }
  } catch (error) {
    throw clickhouseFault(error, connection.url, governance)
  } finally {
    await client.close()
  }
}

async function doublingBehind(
  client: ClickHouseClient,
  database: string,
  table: string,
): Promise<DatasetHealth['doubling']> {
  const look = async (inDatabase: string, name: string) => {
    const answer = await client.exec({ query: tableFactsStatement(inDatabase, name) })
    const [line] = await lines(answer.stream)
    return line === undefined ? undefined : tableFacts(JSON.parse(line))
  }
  const { doubling } = await tablesBehind(look, database, table)
  return doubling.map((each) => ({
    table: `${each.database}.${each.table}`,
    statement: each.isSeen ? deduplicateStatement(each) : null,
  }))
}

async function select<T>(client: ClickHouseClient, query: string, row: z.ZodType<T>): Promise<readonly T[]> {
  const answer = await client.exec({ query })
  return (await lines(answer.stream)).map((line) => row.parse(JSON.parse(line)))
}

async function lines(stream: AsyncIterable<unknown>): Promise<readonly string[]> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
}

function alertOf(row: z.output<typeof alertRow>): FiringAlert {
  return {
    ...{ alert: row.alert, subject: row.subject, severity: row.last_severity },
    since: new Date(row.since_millis).toISOString(),
    ...{ message: row.last_message, remedy: row.last_remedy },
  }
}
