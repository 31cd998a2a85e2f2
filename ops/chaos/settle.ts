/**
 * Source = destination, and every record is somewhere: asked while the workload rests. What was written just before is waited for; what
 * differs then is a finding.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'
import { openClickHouse } from '#ops/cli/clickhouse-session.ts'
import { openPostgres } from '#ops/cli/postgres-session.ts'
import { SESSION_STATEMENT, sourceRowText, targetRowText } from '#ops/compare/expressions.ts'
import type { Settings } from '#ops/runtime/settings.ts'
import {
  accountRecords,
  type Finding,
  type PartitionCounts,
  type QuarantinedEntry,
  type RawEntry,
  rowsInQuarantine,
  type StoredEntry,
} from './account-records.ts'
import { copyOf, KEY_SEPARATOR } from './chaos-tables.ts'
import { compareRows, type HashedRow } from './compare-rows.ts'
import type { RawReader } from './kafka-raw-records.ts'

/** What is there, and what is wrong. */
export type Settlement = {
  readonly findings: readonly Finding[]
  readonly counts: readonly PartitionCounts[]
  /** Reason of quarantine -> records, since the beginning. */
  readonly reasons: Readonly<Record<string, number>>
}

/** See above. */
export type Auditor = {
  /** Everything up to the probes of the round `mark`, which must be visible. */
  settle(mark: number, signal: AbortSignal): Promise<Settlement>
}

/** What it asks. */
export type AuditorOptions = {
  readonly settings: Settings
  readonly datasets: readonly CompiledDataset[]
  readonly reader: RawReader
}

type Row = Readonly<Record<string, unknown>>

const PATIENCE_MILLIS = 10_000
const POLL_MILLIS = 500

/** Makes an auditor. What was settled once is not looked at again, but for the number of its rows. */
export function createAuditor({ settings, datasets, reader }: AuditorOptions): Auditor {
  const { database, governanceDatabase } = settings.project.config.clickhouse
  const totals = new Map<string, PartitionCounts>()
  /** Of the plain copies: until when they are settled, and how many rows that are. */
  const settled = new Map<string, { readonly until: string; readonly rows: number }>()
  let inQuarantine: ReadonlySet<string> = new Set()

  async function look(records: readonly RawEntry[]): Promise<Settlement> {
    const clickhouse = openClickHouse(settings.clickhouse('admin'), database)
    const postgres = await openPostgres(settings.postgres('superuser'))
    try {
      const ask = async (sql: string): Promise<readonly Row[]> => (await clickhouse.query(sql)).rows
      await postgres.query(SESSION_STATEMENT)
      const { quarantined, reasons } = await readQuarantine(ask)
      const stored: StoredEntry[] = []
      const findings: Finding[] = []
      for (const dataset of datasets) {
        const copy = await readCopy(dataset, ask)
        stored.push(...copy.rows)
        if (copy.changed) findings.push({ table: dataset.name, what: 'counts', keys: [] })
      }
      const account = accountRecords(records, stored, quarantined)
      const excluded = rowsInQuarantine(inQuarantine, records, quarantined)
      for (const dataset of datasets) {
        const [source, target] = await Promise.all([
          postgres.query(sourceHashes(dataset)),
          ask(targetHashes(dataset, database)),
        ])
        const isExcluded = (key: string) => excluded.has(`${dataset.name}/${key}`)
        findings.push(...compareRows(dataset.name, hashed(source.rows), hashed(target), isExcluded))
      }
      findings.push(...account.findings, ...(await brokenStatistics(ask)))
      return { findings, counts: account.counts, reasons }
    } finally {
      await postgres.close()
      await clickhouse.close()
    }
  }

  async function readQuarantine(ask: (sql: string) => Promise<readonly Row[]>): Promise<{
    readonly quarantined: readonly QuarantinedEntry[]
    readonly reasons: Readonly<Record<string, number>>
  }> {
    const rows = await ask(/*sql*/ `
      SELECT dataset, partition, toString(offset) AS offset, codes[1] AS code
      FROM ${quoteIdentifier(governanceDatabase)}.${GOVERNANCE_TABLES.quarantine} FINAL`)
    const reasons: Record<string, number> = {}
    for (const { code } of rows) reasons[String(code)] = (reasons[String(code)] ?? 0) + 1
    return {
      reasons,
      quarantined: rows.map(({ dataset, partition, offset }) => ({
        table: String(dataset),
        partition: Number(partition),
        offset: String(offset),
      })),
    }
  }

  /** Rows of a plain copy since it was settled; `changed` if there are others than there were before. */
  async function readCopy(
    dataset: CompiledDataset,
    ask: (sql: string) => Promise<readonly Row[]>,
  ): Promise<{ readonly rows: readonly StoredEntry[]; readonly changed: boolean }> {
    const copy = `${quoteIdentifier(database)}.${quoteIdentifier(copyOf(dataset.table))}`
    const { until, rows } = settled.get(dataset.name) ?? { until: '1970-01-01 00:00:00.000', rows: 0 }
    const [before] = await ask(/*sql*/ `SELECT count() AS n FROM ${copy} WHERE at <= '${until}'`)
    const later = await ask(/*sql*/ `
      SELECT concat(tenant, '${KEY_SEPARATOR}', toString(id)) AS key,
        toString(bitAnd(version, toUInt128(281474976710655))) AS offset, count() AS times
      FROM ${copy} WHERE at > '${until}' GROUP BY key, offset`)
    return {
      changed: Number(before?.['n']) !== rows,
      rows: later.map(({ key, offset, times }) => ({
        table: dataset.name,
        key: String(key),
        offset: String(offset),
        times: Number(times),
      })),
    }
  }

  async function keepSettled(dataset: CompiledDataset): Promise<void> {
    const clickhouse = openClickHouse(settings.clickhouse('admin'), database)
    const copy = quoteIdentifier(copyOf(dataset.table))
    const answer = await clickhouse.query(
      /*sql*/ `SELECT toString(max(at)) AS until, count() AS n FROM ${copy}`,
    )
    await clickhouse.close()
    const [row] = answer.rows
    settled.set(dataset.name, { until: String(row?.['until']), rows: Number(row?.['n']) })
  }

  /** The worker's own counters: each of its lines must come out even, and none may count more than there was. */
  async function brokenStatistics(
    ask: (sql: string) => Promise<readonly Row[]>,
  ): Promise<readonly Finding[]> {
    const lines = await ask(/*sql*/ `
      SELECT dataset, countIf(records_in != stored + quarantined + filtered) AS odd
      FROM ${quoteIdentifier(governanceDatabase)}.${GOVERNANCE_TABLES.pipelineStats} GROUP BY dataset HAVING odd > 0`)
    return lines.map(({ dataset }) => ({ table: String(dataset), what: 'counts', keys: [] }))
  }

  return {
    async settle(mark, signal) {
      const records = await reader.readUntil(mark, signal)
      const end = performance.now() + PATIENCE_MILLIS
      let found = await look(records)
      while (found.findings.length > 0 && performance.now() < end) {
        await delay(POLL_MILLIS, undefined, { signal })
        found = await look(records)
      }
      for (const count of found.counts) addTo(totals, count)
      inQuarantine = rowsInQuarantine(inQuarantine, records, await currentQuarantine())
      for (const dataset of datasets) await keepSettled(dataset)
      return { ...found, counts: [...totals.values()] }
    },
  }

  async function currentQuarantine(): Promise<readonly QuarantinedEntry[]> {
    const clickhouse = openClickHouse(settings.clickhouse('admin'), database)
    try {
      return (await readQuarantine(async (sql) => (await clickhouse.query(sql)).rows)).quarantined
    } finally {
      await clickhouse.close()
    }
  }
}

function sourceHashes(dataset: CompiledDataset): string {
  return /*sql*/ `select tenant || chr(31) || id as key, md5(${sourceRowText(dataset)}) as hash from public.${dataset.source.table}`
}

function targetHashes(dataset: CompiledDataset, database: string): string {
  return /*sql*/ `SELECT concat(tenant, char(31), toString(id)) AS key, lower(hex(MD5(${targetRowText(dataset)}))) AS hash
    FROM ${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)} FINAL`
}

function hashed(rows: readonly Row[]): readonly HashedRow[] {
  return rows.map(({ key, hash }) => ({ key: String(key), hash: String(hash) }))
}

function addTo(totals: Map<string, PartitionCounts>, count: PartitionCounts): void {
  const name = `${count.table}/${count.partition}`
  const total = totals.get(name)
  if (!total) totals.set(name, { ...count })
  else for (const field of ['in', 'stored', 'quarantined', 'filtered'] as const) total[field] += count[field]
}
