/**
 * One batch, step by step: resolve what Postgres did not send, note the pending range, quarantine what is bad, insert, quarantine what the engine
 * refuses, truncate, count, commit. Every step waits until its dependency is there; the batch is done, or it is not committed.
 *
 * Quarantine comes first: whoever repeats the batch may have another contract, by which a bad record is a good one, and finds the rows stored already.
 */
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { insertColumns } from '#transforms/to-row.ts'
import { positionOfVersion } from '#transforms/version.ts'
import type { ClaimHolder } from '../clickhouse/claim-holder.ts'
import { insertBatch, tokenOf } from '../clickhouse/insert-batch.ts'
import type { Lane, Position, QuarantinedRecord, QuarantineSink, RowSink } from '../ports.ts'
import { claimsReplay } from '../quarantine/replayed-record.ts'
import type { Batch, BatchRow } from './batcher.ts'
import { datedAt } from './freshness.ts'
import { plainRows, type RowMaker } from './make-rows.ts'
import type { Patience } from './patience.ts'
import type { BatchCounts } from './pipeline-stats.ts'
import { resolveReplayed } from './resolve-replayed.ts'
import { keyCells, type Resolved } from './resolve-unchanged.ts'

/** What loading needs. */
export type LoadDeps = {
  readonly dataset: CompiledDataset
  readonly lane: Lane
  /** Everything of the table comes in this lane. */
  readonly isAlone: boolean
  readonly sink: RowSink
  readonly quarantine: QuarantineSink
  readonly maker: RowMaker
  readonly claim: ClaimHolder
  readonly commit: (position: Position) => Promise<boolean>
  readonly patience: { readonly clickhouse: Patience; readonly kafka: Patience }
  readonly now: () => number
}

/** Rows of a batch whose freshness is noted. */
const MOST_SAMPLES = 200

const NOTHING: Resolved = { rows: [], unknown: [] }

/** Loads a batch. Resolves to null if the lane was lost meanwhile: whoever has it loads the range again. */
export async function loadBatch(
  batch: Batch,
  deps: LoadDeps,
  signal: AbortSignal,
): Promise<BatchCounts | null> {
  const { dataset, sink, quarantine, patience, now } = deps
  const started = now()
  const storing = <T>(work: () => Promise<T>) => patience.clickhouse(work, signal)
  const keep = (position: Position) => patience.kafka(() => deps.commit(position), signal)
  await batch.block.whole()
  const hasRows = batch.block.count + batch.loose.length > 0

  const [found, ours] = await Promise.all([
    batch.loose.length === 0 ? NOTHING : storing(() => resolveLoose(batch, deps)),
    !hasRows || keep({ next: batch.first, pendingLast: batch.last }),
  ])
  if (!ours) return null
  const resolved = batch.repeated ? await storing(() => withoutStored(found, batch, deps)) : found
  const pending = { next: batch.first, pendingLast: batch.last }
  await putAside([...batch.quarantined, ...resolved.unknown])
  const refused = hasRows ? await insertBatch(batch, resolved.rows, deps, storing, () => keep(pending)) : []
  if (refused === null) return null
  if (hasRows && !deps.isAlone) await storing(() => removeAgain(batch, resolved.rows, deps))
  await putAside(refused)
  const late = [...resolved.unknown, ...refused]
  if (batch.replays.length > 0) {
    const failed = new Set(late.map(({ record }) => record.offset))
    const settled = batch.replays.filter(({ offset }) => !failed.has(offset))
    await storing(() => quarantine.resolved(dataset, settled))
  }
  const visible = now()
  const { truncate } = batch
  if (truncate !== null) await storing(() => sink.truncate(dataset, truncate))

  const counts = count(batch, resolved.rows, late, refused.length, visible)
  if (!(await keep({ next: batch.next, pendingLast: null }))) return null
  return { ...counts, seconds: (now() - started) / 1000 }

  async function putAside(bad: readonly QuarantinedRecord[]): Promise<void> {
    if (bad.length === 0) return
    const inOrder = bad.toSorted((a, b) => Number(a.record.offset - b.record.offset))
    const sealed = quarantine.seal(dataset, inOrder)
    await patience.kafka(() => quarantine.publish(sealed), signal)
    await storing(() => quarantine.store(sealed))
  }

  function count(
    whole: Batch,
    rows: readonly BatchRow[],
    notStored: readonly QuarantinedRecord[],
    notInserted: number,
    at: number,
  ): Omit<BatchCounts, 'seconds'> {
    const lateRecords = distinct(notStored)
    const stored = whole.stored - lateRecords.length
    const quarantined = reasons([...whole.quarantined, ...lateRecords])
    const total = stored + sum(quarantined) + sum(whole.filtered)
    if (total !== whole.records)
      throw new MogoError('MOGO_COUNTS_BROKEN', { topic: deps.lane.topic, partition: deps.lane.partition })
    return {
      dataset: dataset.name,
      records: whole.records,
      stored,
      rows: whole.block.count + rows.length - notInserted,
      bytes: whole.bytes,
      quarantined,
      filtered: whole.filtered,
      judged: judged(whole, lateRecords),
      position: positionOfVersion(lastVersion(whole, rows)),
      freshness: [...whole.block.freshness(at, MOST_SAMPLES), ...freshnessOf(rows, at)],
    }
  }
}

/**
 * Another lane may have emptied the table while these rows were on their way: what was committed before a TRUNCATE is then removed once more. The
 * removal was noted before it was done, so that one of the two sees the rows of the other.
 */
async function removeAgain(
  batch: Batch,
  rows: readonly BatchRow[],
  { dataset, sink }: LoadDeps,
): Promise<void> {
  const below = await sink.removedBelow(dataset)
  if (below === null) return
  if (batch.block.hasBelow(below) || rows.some(({ row }) => BigInt(row.version) < below))
    await sink.removeBelow(dataset, below)
}

/** Fills the rows that lack a value. Rows of the block are looked at only where their key is one that is asked for. */
async function resolveLoose(batch: Batch, deps: LoadDeps): Promise<Resolved> {
  const { dataset, sink, quarantine, maker } = deps
  const earlier = rowsWithKeys(batch, keysAskedFor(batch), maker)
  const resolved = await resolveReplayed(
    { rows: inOrder([...batch.loose, ...earlier]), quarantined: batch.quarantined },
    {
      stored: (wanted) => sink.lookup(dataset, wanted),
      quarantined: (keys) => quarantine.knownRows(dataset, keys, maker.reread ?? maker.transform),
      columnNames: sourceNames(dataset),
      versionCell: insertColumns(dataset).indexOf(INTERNAL_COLUMNS.version),
    },
  )
  const known = new Set(earlier.map(({ record }) => record))
  return { ...resolved, rows: resolved.rows.filter(({ record }) => !known.has(record)) }
}

/**
 * When a batch is repeated, merges may have removed what its rows were filled from the first time. Those of them that are stored since then are not
 * unknown.
 */
async function withoutStored(found: Resolved, batch: Batch, deps: LoadDeps): Promise<Resolved> {
  if (found.unknown.length === 0) return found
  // From here on nobody else begins an insert.
  await deps.claim.current()
  const token = tokenOf(batch, deps.lane)
  const unknown: QuarantinedRecord[] = []
  for (const entry of found.unknown) {
    const { row, record } = entry
    const lookup = row && !claimsReplay(record) ? { key: keyCells(row.key), version: row.version } : null
    if (!lookup || !(await deps.sink.isStored(deps.dataset, lookup, token))) unknown.push(entry)
  }
  return { ...found, unknown }
}

/** Keys of rows that something is taken from, by rows that lack it or that come before these. */
function keysAskedFor({ loose, quarantined }: Batch): ReadonlySet<string> {
  return new Set([
    ...loose.flatMap(({ row }) => (row.unresolved.length > 0 ? [row.previousKey] : [])),
    ...quarantined.flatMap(({ row }) => (row ? [row.previousKey] : [])),
  ])
}

/** Rows of the block that may have one of the keys, made once more by the plain path. */
function rowsWithKeys({ block }: Batch, keys: ReadonlySet<string>, maker: RowMaker): readonly BatchRow[] {
  const hashes = new Set([...keys].map((key) => maker.encoder.hashOfKey(keyCells(key))))
  const made = new Map<bigint, readonly BatchRow[]>()
  for (const number of block.rowsOf(hashes)) {
    const record = block.record(number)
    if (record && !made.has(record.offset))
      made.set(
        record.offset,
        plainRows(maker, record).map((row) => ({ row, record })),
      )
  }
  return [...made.values()].flat()
}

function inOrder(rows: readonly BatchRow[]): readonly BatchRow[] {
  return rows.toSorted((a, b) => Number(a.record.offset - b.record.offset))
}

function freshnessOf(rows: readonly BatchRow[], at: number): readonly number[] {
  return rows
    .map(({ row, record }) => datedAt(record, row))
    .filter((committed) => !Number.isNaN(committed))
    .map((committed) => Math.max(0, at - committed))
}

/** The version of the last row that is known without looking for it: statistics need no more. */
function lastVersion({ block }: Batch, rows: readonly BatchRow[]): string {
  return block.count > 0 ? block.version(block.count - 1) : (rows.at(-1)?.row.version ?? '')
}

function sourceNames(dataset: CompiledDataset): readonly string[] {
  return dataset.columns.filter((column) => column.target !== null).map((column) => column.source)
}

function reasons(records: readonly QuarantinedRecord[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { faults } of records) {
    const reason = faults[0]?.code ?? ''
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return counts
}

/** Leaves out the replays, which somebody asked for, knowing that they were bad. */
function judged(whole: Batch, late: readonly QuarantinedRecord[]): BatchCounts['judged'] {
  const bad = [...whole.quarantined, ...late]
  const badReplays = whole.quarantined.filter(({ record }) => claimsReplay(record)).length
  const lateReplays = late.filter(({ record }) => claimsReplay(record)).length
  return {
    records: whole.records - whole.replays.length - badReplays,
    quarantined: bad.length - badReplays - lateReplays,
  }
}

/** One entry per record. */
function distinct(records: readonly QuarantinedRecord[]): readonly QuarantinedRecord[] {
  return [...new Map(records.map((entry) => [entry.record.offset, entry])).values()]
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0
  for (const value of counts.values()) total += value
  return total
}
