/**
 * One batch, step by step: resolve what Postgres did not send, note the pending range, quarantine what is bad, insert, truncate, count,
 * commit. Every step waits until its dependency is there; the batch is done, or it is not committed.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { jsonRow } from '#transforms/json-row.ts'
import type { Outcome, QuarantinedRow, RawRecord } from '#transforms/record.ts'
import { insertColumns } from '#transforms/to-row.ts'
import type { Batch, BatchRow } from './batcher.ts'
import { isSnapshotRead } from './freshness.ts'
import type { Patience } from './patience.ts'
import type { BatchCounts } from './pipeline-stats.ts'
import type { InsertResult, Lane, Position, QuarantinedRecord, QuarantineSink, RowSink } from './ports.ts'
import { keyCells, resolveUnchanged } from './resolve-unchanged.ts'

/** What loading needs. */
export type LoadDeps = {
  readonly dataset: CompiledDataset
  readonly lane: Lane
  readonly sink: RowSink
  readonly quarantine: QuarantineSink
  readonly transform: (record: RawRecord) => Outcome
  readonly commit: (position: Position) => Promise<boolean>
  readonly patience: { readonly clickhouse: Patience; readonly kafka: Patience }
  readonly now: () => number
}

/** Code of the fault: the engine refused the row. */
export const ENGINE_REFUSED = 'engine_refused'

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

  const [resolved, ours] = await Promise.all([
    storing(() =>
      resolveUnchanged(batch, {
        stored: (wanted) => sink.lookup(dataset, wanted),
        quarantined: async (keys) =>
          (await quarantine.ofRows(dataset, keys)).flatMap((record) => rowsOf(deps.transform(record))),
        columnNames: sourceNames(dataset),
        versionCell: insertColumns(dataset).indexOf(INTERNAL_COLUMNS.version),
      }),
    ),
    batch.rows.length === 0 || keep({ next: batch.first, pendingLast: batch.last }),
  ])
  if (!ours) return null
  const refused = await insertRows(resolved.rows, tokenOf(batch, deps.lane))
  const bad = [...batch.quarantined, ...resolved.unknown, ...refused]
  if (bad.length > 0) {
    const inOrder = bad.toSorted((a, b) => Number(a.record.offset - b.record.offset))
    const sealed = quarantine.seal(dataset, inOrder)
    await patience.kafka(() => quarantine.publish(sealed), signal)
    await storing(() => quarantine.store(sealed))
  }
  const visible = now()
  const { truncate } = batch
  if (truncate !== null) await storing(() => sink.truncate(dataset, truncate))

  const counts = count(batch, resolved.rows, [...resolved.unknown, ...refused], visible)
  if (!(await keep({ next: batch.next, pendingLast: null }))) return null
  return { ...counts, seconds: (now() - started) / 1000 }

  /** Inserts; if the engine refuses the rows, halves find the bad ones. Tokens follow from the range, so a replay is the same. */
  async function insertRows(rows: readonly BatchRow[], token: string): Promise<readonly QuarantinedRecord[]> {
    if (rows.length === 0) return []
    const lines = await encode(rows)
    // Of one lane the last row has the highest version of its key: no merge within the block has dropped it.
    const last = rows.at(-1)?.row
    let repeated = batch.repeated
    const result = await storing(async (): Promise<InsertResult> => {
      const probe = repeated && last ? { key: keyCells(last.key), version: last.version } : null
      if (probe && (await sink.holds(dataset, probe))) return { kind: 'stored' }
      repeated = true
      return sink.insert(dataset, lines, token)
    })
    if (result.kind === 'stored') return []
    const [only] = rows
    if (rows.length === 1 && only) {
      const code = `${ENGINE_REFUSED}_${result.engineCode}`
      // Which of the values it refuses is not known, so none of them counts as known later.
      const row = { ...only.row, cells: only.row.cells.map(() => null) }
      return [{ record: only.record, faults: [{ code, column: '' }], row }]
    }
    const middle = rows.length >> 1
    return [
      ...(await insertRows(rows.slice(0, middle), `${token}.0`)),
      ...(await insertRows(rows.slice(middle), `${token}.1`)),
    ]
  }

  function count(
    whole: Batch,
    rows: readonly BatchRow[],
    late: readonly QuarantinedRecord[],
    at: number,
  ): Omit<BatchCounts, 'seconds'> {
    const lateRecords = new Set(late.map(({ record }) => record))
    const stored = whole.stored - lateRecords.size
    const quarantined = reasons(whole.quarantined)
    for (const { faults } of distinct(late)) bump(quarantined, faults[0]?.code ?? '')
    const total = stored + sum(quarantined) + sum(whole.filtered)
    if (total !== whole.records)
      throw new MogoError('MOGO_COUNTS_BROKEN', { topic: deps.lane.topic, partition: deps.lane.partition })
    const freshness = rows
      .filter(({ row, record }) => row.committedAt > 0 && !isSnapshotRead(record))
      .map(({ row }) => Math.max(0, at - row.committedAt))
    return {
      dataset: dataset.name,
      records: whole.records,
      stored,
      rows: rows.length,
      bytes: whole.bytes,
      quarantined,
      filtered: whole.filtered,
      freshness,
    }
  }
}

const ENCODE_CHUNK = 2000

/** Encodes rows without holding up heartbeats and other lanes for long. */
async function encode(rows: readonly BatchRow[]): Promise<Buffer> {
  const parts: Buffer[] = []
  for (let start = 0; start < rows.length; start += ENCODE_CHUNK) {
    if (start > 0) await yieldToLoop()
    let text = ''
    for (const { row } of rows.slice(start, start + ENCODE_CHUNK)) text += jsonRow(row)
    parts.push(Buffer.from(text, 'utf8'))
  }
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
}

/**
 * The deduplication token. The version of the first row is in it, because a topic that was made anew starts at offset 0 again.
 */
function tokenOf(batch: Batch, lane: Lane): string {
  return `${lane.topic}:${lane.partition}:${batch.first}-${batch.last}:${batch.rows[0]?.row.version ?? ''}`
}

/** What a quarantined record says of its row; the contract may have been mended since, and take it now. */
function rowsOf(outcome: Outcome): readonly QuarantinedRow[] {
  if (outcome.kind === 'rows') return outcome.rows.filter((row) => !row.deleted)
  return outcome.kind === 'quarantine' && outcome.row ? [outcome.row] : []
}

function sourceNames(dataset: CompiledDataset): readonly string[] {
  return dataset.columns.filter((column) => column.target !== null).map((column) => column.source)
}

function reasons(records: readonly QuarantinedRecord[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { faults } of records) bump(counts, faults[0]?.code ?? '')
  return counts
}

function distinct(records: readonly QuarantinedRecord[]): readonly QuarantinedRecord[] {
  return [...new Map(records.map((entry) => [entry.record, entry])).values()]
}

function bump(counts: Map<string, number>, reason: string): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1)
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0
  for (const value of counts.values()) total += value
  return total
}
