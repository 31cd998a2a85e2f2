/**
 * The reader of every column that has none of its own: the value is parsed, checked, and made a cell by the very functions of the plain
 * path. Slower than the others, but the rest of the row stays fast.
 */
import type { CompiledColumn } from '#contracts/compile/compiled-dataset.ts'
import { createColumnCheck } from '#contracts/validator/column-check.ts'
import type { RowFault, RowValue } from '#contracts/validator/row.ts'
import { createIsClamped } from '../convert.ts'
import { createPostgresText } from '../postgres-text.ts'
import { createCellEncoder } from '../rowbinary/cell-encoder.ts'
import type { MakeCell } from '../to-row.ts'
import type { CellReader } from './cell-reader.ts'
import { afterValue, BAIL } from './scan.ts'

/** A number of so many digits may be more than a double holds; see decode.ts. Texts may hold as many as they like. */
const LONG_NUMBER = /^(?!").*?(?:^|[:[,])-?\d{16}/s

/** Makes the reader. `make` is null for a column that is not stored. */
export function anyReader(
  column: CompiledColumn,
  make: MakeCell | null,
  isUnchanged: (value: RowValue | undefined) => boolean,
): CellReader {
  const textOf = createPostgresText(column)
  const isClamped = createIsClamped(column)
  const check = createColumnCheck(column)
  const encode = make === null ? null : createCellEncoder(column.targetType)
  const needsTenant = make !== null && column.pii !== null
  return function readAny(bytes, at, end, writer, { tenant }) {
    const after = afterValue(bytes, at, end)
    if (after < 0 || (needsTenant && !tenant.current)) return BAIL
    const sent = parse(bytes.toString('utf8', at, after))
    if (sent === undefined || isUnchanged(sent)) return BAIL
    const value = textOf ? textOf(sent) : sent
    if (value === undefined) return BAIL
    if (value === null) {
      if (!column.nullable) return BAIL
    } else {
      const faults: RowFault[] = []
      check(value, faults)
      if (faults.length > 0 || isClamped?.(value)) return BAIL
    }
    if (make === null || encode === null) return after
    const cell = make(tenant.current?.id ?? '', value)
    if (typeof cell !== 'string') return BAIL
    encode(cell, writer)
    return after
  }
}

/** Undefined for what is no JSON, or holds a long number. */
function parse(text: string): RowValue | undefined {
  if (LONG_NUMBER.test(text)) return undefined
  try {
    return JSON.parse(text) as RowValue
  } catch {
    return undefined
  }
}
