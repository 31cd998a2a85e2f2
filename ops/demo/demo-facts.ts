/**
 * What the demo's report is made of: facts gathered from the running project by the doors that its users have. Nothing is
 * assumed; what could not be found out is a failed check.
 */
import type { ApiClient } from '#ops/cli/api-client.ts'
import type { ClickHouseSession } from '#ops/cli/clickhouse-session.ts'
import type { PostgresSession } from '#ops/cli/postgres-session.ts'

/** An answer of the query API as the report needs it. */
export type Asked = {
  readonly ok: boolean
  readonly queryId: string
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly code: string
  readonly detail: string
  readonly remedy: string
}

/** Asks the query API in SQL. */
export async function ask(api: ApiClient, sql: string): Promise<Asked> {
  const answer = await api.request('POST', '/v1/query', { body: { sql } })
  const body = JSON.parse(answer.text) as Record<string, unknown>
  const columns = Array.isArray(body['columns'])
    ? (body['columns'] as { name: string }[]).map((column) => column.name)
    : []
  const rows = Array.isArray(body['rows']) ? (body['rows'] as unknown[]) : []
  return {
    ok: answer.status === 200,
    queryId: answer.headers.get('x-mogo-query-id') ?? '',
    rows: rows.map((row) =>
      Array.isArray(row)
        ? Object.fromEntries(columns.map((name, index) => [name, row[index]]))
        : (row as Record<string, unknown>),
    ),
    code: String(body['code'] ?? ''),
    detail: String(body['detail'] ?? body['title'] ?? ''),
    remedy: String(body['remedy'] ?? ''),
  }
}

/** Lineage of a query as text, as soon as it has been recorded. */
export async function queryLineage(
  api: ApiClient,
  queryId: string,
  deadlineMillis = 10_000,
): Promise<string | undefined> {
  const end = performance.now() + deadlineMillis
  for (;;) {
    const answer = await api.request('GET', `/v1/lineage/queries/${queryId}`, { accept: 'text/plain' })
    if (answer.status === 200) return answer.text
    if (answer.status !== 404 || performance.now() > end) return undefined
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Why records are in quarantine: dataset, column, rule, how many. */
export type QuarantineReason = {
  readonly dataset: string
  readonly column: string
  readonly code: string
  readonly records: number
}

/** Counts of the quarantine by reason, most first. */
export async function quarantineReasons(
  clickhouse: ClickHouseSession,
  governance: string,
): Promise<readonly QuarantineReason[]> {
  const { rows } = await clickhouse.query(/*sql*/ `
    SELECT dataset, column, code, count() AS records
    FROM ${governance}.quarantine FINAL ARRAY JOIN columns AS column, codes AS code
    GROUP BY dataset, column, code ORDER BY records DESC, dataset, column, code`)
  return rows.map((row) => ({
    dataset: String(row['dataset']),
    column: String(row['column']),
    code: String(row['code']),
    records: Number(row['records']),
  }))
}

/** What the worker counted: every record has one outcome. */
export type PipelineCounts = {
  readonly read: number
  readonly outcomes: number
  readonly quarantinedRecords: number
}

/** Counts of all records so far, and of distinct records in quarantine. */
export async function pipelineCounts(
  clickhouse: ClickHouseSession,
  governance: string,
): Promise<PipelineCounts> {
  const { rows } = await clickhouse.query(/*sql*/ `
    SELECT sum(records_in) AS read, sum(stored) + sum(quarantined) + sum(filtered) AS outcomes,
           (SELECT uniqExact(topic, partition, offset) FROM ${governance}.quarantine) AS quarantine_records
    FROM ${governance}.pipeline_stats`)
  const [row] = rows
  return {
    read: Number(row?.['read']),
    outcomes: Number(row?.['outcomes']),
    quarantinedRecords: Number(row?.['quarantine_records']),
  }
}

/** One customer before and after: the same row in Postgres and in ClickHouse. */
export type BeforeAfter = readonly {
  readonly column: string
  readonly before: string
  readonly after: string
  readonly how: string
}[]

const SHOWN = ['id', 'full_name', 'email', 'phone', 'birth_date', 'street', 'city', 'loyalty_points'] as const

/** The same customer of acme on both sides; empty if it is not there on both. */
export async function beforeAfter(
  postgres: PostgresSession,
  clickhouse: ClickHouseSession,
  how: (column: string) => { readonly target: string | null; readonly masking: string },
): Promise<BeforeAfter> {
  const source = await postgres.query(/*sql*/ `
    select ${SHOWN.map((column) => `${column}::text`).join(', ')} from customers
    where tenant_id = 'acme' and phone is not null and birth_date is not null order by id limit 1`)
  const before = source.rows[0]
  if (!before) return []
  const stored = await clickhouse.query(
    /*sql*/ `SELECT * FROM customers FINAL WHERE tenant_id = 'acme' AND id = ${Number(before['id'])}`,
  )
  const after = stored.rows[0]
  if (!after) return []
  return SHOWN.map((column) => {
    const { target, masking } = how(column)
    return {
      column: target !== null && target !== column ? `${column} -> ${target}` : column,
      before: String(before[column] ?? ''),
      after: target === null ? '(not stored)' : String(after[target] ?? ''),
      how: masking,
    }
  })
}
