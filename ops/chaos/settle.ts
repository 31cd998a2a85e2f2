/**
 * Source = destination, and every record is somewhere: asked while the workload rests. What was written just before is waited for; what
 * differs then is a finding.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { openClickHouse } from '#ops/cli/clickhouse-session.ts'
import { openPostgres } from '#ops/cli/postgres-session.ts'
import { SESSION_STATEMENT } from '#ops/compare/expressions.ts'
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
import {
  copyRows,
  copySize,
  copyTotal,
  oddStatistics,
  quarantinedRecords,
  sourceHashes,
  targetHashes,
} from './audit-statements.ts'
import { compareRows, type HashedRow } from './compare-rows.ts'
import type { RawReader } from './kafka-raw-records.ts'

/** What is there, and what is wrong. */
export type Settlement = {
  readonly findings: readonly Finding[]
  /** Since the beginning. */
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
type Ask = (sql: string) => Promise<readonly Row[]>
type Look = Settlement & { readonly quarantined: readonly QuarantinedEntry[] }
/** Of a plain copy: until when it is settled, and how many rows that are. */
type Settled = { readonly until: string; readonly rows: number }

const NOTHING: Settled = { until: '1970-01-01 00:00:00.000', rows: 0 }
const PATIENCE_MILLIS = 10_000
const POLL_MILLIS = 500

/** Makes an auditor. What was settled once is not looked at again, but for the number of its rows. */
export function createAuditor({ settings, datasets, reader }: AuditorOptions): Auditor {
  const { database, governanceDatabase } = settings.project.config.clickhouse
  const totals = new Map<string, PartitionCounts>()
  const settled = new Map<string, Settled>()
  let inQuarantine: ReadonlySet<string> = new Set()

  async function look(records: readonly RawEntry[], source: Ask, target: Ask): Promise<Look> {
    const quarantine = await target(quarantinedRecords(governanceDatabase))
    const quarantined = quarantine.map(({ dataset, partition, offset }) => ({
      table: String(dataset),
      partition: Number(partition),
      offset: String(offset),
    }))
    const excluded = rowsInQuarantine(inQuarantine, records, quarantined)
    const stored: StoredEntry[] = []
    const findings: Finding[] = []
    for (const dataset of datasets) {
      const { name } = dataset
      const copy = await readCopy(dataset, target)
      stored.push(...copy.rows)
      if (copy.changed) findings.push({ table: name, what: 'counts', keys: [] })
      const [left, right] = await Promise.all([
        source(sourceHashes(dataset)),
        target(targetHashes(dataset, database)),
      ])
      findings.push(
        ...compareRows(name, hashed(left), hashed(right), (key) => excluded.has(`${name}/${key}`)),
      )
    }
    const odd = await target(oddStatistics(governanceDatabase))
    findings.push(
      ...odd.map(({ dataset }): Finding => ({ table: String(dataset), what: 'counts', keys: [] })),
    )
    const account = accountRecords(records, stored, quarantined)
    return {
      findings: [...findings, ...account.findings],
      counts: account.counts,
      reasons: countReasons(quarantine),
      quarantined,
    }
  }

  /** Rows of a plain copy since it was settled; `changed` if there are others than there were before. */
  async function readCopy(
    dataset: CompiledDataset,
    target: Ask,
  ): Promise<{ readonly rows: readonly StoredEntry[]; readonly changed: boolean }> {
    const { until, rows } = settled.get(dataset.name) ?? NOTHING
    const [before] = await target(copySize(dataset, database, until))
    const later = await target(copyRows(dataset, database, until))
    return {
      changed: Number(before?.['n']) !== rows,
      rows: later.map(({ key, version, times }) => ({
        table: dataset.name,
        key: String(key),
        version: String(version),
        times: Number(times),
      })),
    }
  }

  async function keep(
    records: readonly RawEntry[],
    { counts, quarantined }: Look,
    target: Ask,
  ): Promise<void> {
    for (const count of counts) addTo(totals, count)
    inQuarantine = rowsInQuarantine(inQuarantine, records, quarantined)
    for (const dataset of datasets) {
      const [row] = await target(copyTotal(dataset, database))
      settled.set(dataset.name, { until: String(row?.['until']), rows: Number(row?.['n']) })
    }
  }

  return {
    async settle(mark, signal) {
      const records = await reader.readUntil(mark, signal)
      const clickhouse = openClickHouse(settings.clickhouse('admin'), database)
      const postgres = await openPostgres(settings.postgres('superuser'))
      try {
        await postgres.query(SESSION_STATEMENT)
        const source: Ask = async (sql) => (await postgres.query(sql)).rows
        const target: Ask = async (sql) => (await clickhouse.query(sql)).rows
        const end = performance.now() + PATIENCE_MILLIS
        let found = await look(records, source, target)
        while (found.findings.length > 0 && performance.now() < end) {
          await delay(POLL_MILLIS, undefined, { signal })
          found = await look(records, source, target)
        }
        await keep(records, found, target)
        return { findings: found.findings, counts: [...totals.values()], reasons: found.reasons }
      } finally {
        await postgres.close()
        await clickhouse.close()
      }
    },
  }
}

function hashed(rows: readonly Row[]): readonly HashedRow[] {
  return rows.map(({ key, hash }) => ({ key: String(key), hash: String(hash) }))
}

function countReasons(quarantine: readonly Row[]): Readonly<Record<string, number>> {
  const reasons: Record<string, number> = {}
  for (const { code } of quarantine) reasons[String(code)] = (reasons[String(code)] ?? 0) + 1
  return reasons
}

function addTo(totals: Map<string, PartitionCounts>, count: PartitionCounts): void {
  const name = `${count.table}/${count.partition}`
  const total = totals.get(name)
  if (!total) totals.set(name, { ...count })
  else for (const field of ['in', 'stored', 'quarantined', 'filtered'] as const) total[field] += count[field]
}
