/** Records and outcomes for tests of lanes and batches. */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { RowMaker } from '#pipelines/worker/make-rows.ts'
import type { Outcome, RawRecord, StoredRow } from '#transforms/record.ts'

/** A record whose value is its text. */
export function record(
  offset: number | bigint,
  value = 'row',
  headers: RawRecord['headers'] = {},
): RawRecord {
  return { topic: 't', partition: 0, offset: BigInt(offset), key: null, value: Buffer.from(value), headers }
}

/** A row whose cells are given; its key is the first cell. */
export function row(cells: readonly string[], rest: Partial<StoredRow> = {}): StoredRow {
  const key = cells[0] ?? '""'
  return {
    cells: [...cells],
    key,
    previousKey: key,
    version: '1',
    deleted: false,
    committedAt: 1000,
    unresolved: [],
    ...rest,
  }
}

const dataset = {} as CompiledDataset

/** Makes rows by the plain path alone: the first cell, then what ends every row; its version is the number in that cell. */
export function plainMaker(transform: (source: RawRecord) => Outcome): RowMaker {
  return {
    transform,
    encoder: {
      encode([cell = '""'], writer) {
        writer.text(cell)
        writer.integer(BigInt(cell.replaceAll('"', '')), 16)
        writer.raw(Buffer.alloc(9))
        return 0
      },
      hashOfKey: () => 0,
    },
    fast: null,
  }
}

/** The first cells of rows of {@link plainMaker}. */
export function firstCells(rows: Buffer): string[] {
  const cells: string[] = []
  for (let at = 0; at < rows.length; ) {
    const end = at + 1 + (rows[at] ?? 0)
    cells.push(rows.toString('utf8', at + 1, end))
    at = end + 25
  }
  return cells
}

/** What becomes of {@link record}: `row`, `bad`, `skip` or `truncate`, by its value. */
export function outcomeOf(source: RawRecord): Outcome {
  switch (source.value?.toString()) {
    case 'bad':
      return { kind: 'quarantine', dataset, faults: [{ code: 'pattern', column: 'email' }] }
    case 'skip':
      return { kind: 'filtered', reason: 'tombstone' }
    case 'truncate':
      return { kind: 'truncate', dataset, version: String(source.offset) }
    default:
      return {
        kind: 'rows',
        dataset,
        rows: [row([`"${source.offset}"`], { version: String(source.offset) })],
      }
  }
}
