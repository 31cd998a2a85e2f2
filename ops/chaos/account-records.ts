/**
 * Where is each record? Every record of the raw topics must be stored once, or in quarantine, or be one that has no row; nothing else may be
 * stored. This is asked of the record itself, not of the worker's counters, which a kill may cost their last second. Pure.
 */

/** A record of a raw topic. */
export type RawEntry = {
  readonly table: string
  readonly partition: number
  readonly offset: string
  /** That of its row: no other change of its key has it, and in all partitions a later change has a higher one. */
  readonly version: string
  /** Key of its row, as text; null: it is about no row. */
  readonly key: string | null
  /** `row`: becomes a row (or tombstone); `truncate`: empties the table; `none`: a message without a row. */
  readonly kind: 'row' | 'truncate' | 'none'
}

/** A row of the plain copy of a table. */
export type StoredEntry = {
  readonly table: string
  readonly key: string
  readonly version: string
  readonly times: number
}

/** A quarantined record. */
export type QuarantinedEntry = {
  readonly table: string
  readonly partition: number
  readonly offset: string
}

/** Counts of a partition: in = stored + quarantined + filtered, or something is wrong. */
export type PartitionCounts = {
  readonly table: string
  readonly partition: number
  in: number
  stored: number
  quarantined: number
  filtered: number
}

/** Something that is wrong, with the table and keys; never a value. */
export type Finding = {
  readonly table: string
  readonly what:
    | 'lost'
    | 'doubled'
    | 'stored and quarantined'
    | 'stored without a record'
    | 'missing'
    | 'different'
    | 'left over'
    | 'counts'
    | 'stuck'
  readonly keys: readonly string[]
}

/** See {@link accountRecords}. */
export type Account = { readonly counts: readonly PartitionCounts[]; readonly findings: readonly Finding[] }

/** Finds each record. */
export function accountRecords(
  records: readonly RawEntry[],
  stored: readonly StoredEntry[],
  quarantined: readonly QuarantinedEntry[],
): Account {
  const copies = new Map(stored.map((entry) => [rowName(entry.table, entry.key, entry.version), entry]))
  const bad = new Set(quarantined.map(placeName))
  const counts = new Map<string, PartitionCounts>()
  const found = collectFindings()
  for (const record of records) {
    const { table, partition, key, version } = record
    const count = countsOf(counts, table, partition)
    count.in += 1
    if (record.kind !== 'row') {
      count.filtered += 1
      continue
    }
    const name = rowName(table, key ?? '', version)
    const copy = copies.get(name)
    copies.delete(name)
    const isBad = bad.has(placeName(record))
    if (isBad) count.quarantined += 1
    else if (copy) count.stored += 1
    else found.add(table, 'lost', key)
    if (isBad && copy) found.add(table, 'stored and quarantined', key)
    if (copy && copy.times > 1) found.add(table, 'doubled', key)
  }
  for (const { table, key } of copies.values()) found.add(table, 'stored without a record', key)
  return { counts: [...counts.values()], findings: found.all() }
}

/**
 * Rows whose last record is in quarantine: they are not stored as they are in the source. `former` are those of earlier records. Records come in any
 * order of partitions: what a TRUNCATE in one of them has emptied is told by versions.
 */
export function rowsInQuarantine(
  former: ReadonlySet<string>,
  records: readonly RawEntry[],
  quarantined: readonly QuarantinedEntry[],
): ReadonlySet<string> {
  const bad = new Set(quarantined.map(placeName))
  const rows = new Set(former)
  for (const record of records.toSorted(byVersion)) {
    const { table, key, kind } = record
    if (kind === 'truncate')
      for (const name of [...rows].filter((row) => row.startsWith(`${table}/`))) rows.delete(name)
    if (kind !== 'row' || key === null) continue
    if (bad.has(placeName(record))) rows.add(`${table}/${key}`)
    else rows.delete(`${table}/${key}`)
  }
  return rows
}

function byVersion(a: RawEntry, b: RawEntry): number {
  const [first, second] = [BigInt(a.version), BigInt(b.version)]
  if (first === second) return 0
  return first < second ? -1 : 1
}

/** Collects keys by what is wrong with them. */
export function collectFindings(): {
  add(table: string, what: Finding['what'], key: string | null): void
  all(): readonly Finding[]
} {
  const findings = new Map<string, { table: string; what: Finding['what']; keys: string[] }>()
  return {
    add(table, what, key) {
      const name = `${table}/${what}`
      const finding = findings.get(name) ?? { table, what, keys: [] }
      finding.keys.push(key ?? '')
      findings.set(name, finding)
    },
    all: () => [...findings.values()],
  }
}

function countsOf(counts: Map<string, PartitionCounts>, table: string, partition: number): PartitionCounts {
  const name = `${table}/${partition}`
  const count = counts.get(name) ?? { table, partition, in: 0, stored: 0, quarantined: 0, filtered: 0 }
  counts.set(name, count)
  return count
}

function rowName(table: string, key: string, version: string): string {
  return `${table}/${version}/${key}`
}

function placeName({ table, partition, offset }: QuarantinedEntry): string {
  return `${table}/${partition}/${offset}`
}
