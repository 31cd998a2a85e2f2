/** Column -> its reader: the fastest one that does just what the plain path does for this kind, these rules and this PII plan. */
import type { CompiledColumn, CompiledDataset, Rule } from '#contracts/compile/compiled-dataset.ts'
import { bareType } from '#contracts/compile/target-type.ts'
import { arrayElement, mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { wireFormOf } from '#contracts/compile/wire-form.ts'
import type { RowValue } from '#contracts/validator/row.ts'
import { copiesText } from '../convert.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { createMakeCell } from '../to-row.ts'
import { anyReader } from './any-reader.ts'
import { textArrayAsJsonReader, textArrayReader, textArrayRules } from './array-reader.ts'
import { type CellReader, orNull } from './cell-reader.ts'
import { hmacReader } from './hmac-reader.ts'
import { momentBounds } from './moment-bounds.ts'
import { decimalReader, floatReader, integerReader } from './number-readers.ts'
import { booleanReader, dateReader, timestampReader, uuidReader } from './plain-readers.ts'
import { afterValue } from './scan.ts'
import type { TenantState } from './tenant-state.ts'
import { type PlaceholderTest, textReader, textTest } from './text-reader.ts'

/** What readers are made from. */
export type ReaderDeps = {
  readonly dataset: CompiledDataset
  readonly ring: KeyRing
  readonly tenant: TenantState
  readonly isPlaceholder: PlaceholderTest
  readonly isUnchanged: (value: RowValue | undefined) => boolean
}

/** Makes the reader of a column. `isKey`: the row is known by it. */
export function columnReader(column: CompiledColumn, deps: ReaderDeps, isKey: boolean): CellReader {
  if (column.target === null) return droppedReader(column, deps)
  const make = createMakeCell(column, deps.ring)
  return usualReader(column, deps, isKey) ?? anyReader(column, make, deps.isUnchanged)
}

/** What is not stored has to keep its rules all the same. */
function droppedReader(column: CompiledColumn, deps: ReaderDeps): CellReader {
  const isFree =
    column.nullable && column.kind === 'text' && column.rules.length === 0 && wireFormOf(column) === 'plain'
  return isFree ? (bytes, at, end) => afterValue(bytes, at, end) : anyReader(column, null, deps.isUnchanged)
}

/** Only of values that come as they are stored: those of another form are made Postgres' text first. */
function usualReader(column: CompiledColumn, deps: ReaderDeps, isKey: boolean): CellReader | undefined {
  const read = wireFormOf(column) === 'plain' ? valueReader(column, deps, isKey) : undefined
  if (!read || !column.nullable || !IS_NULLABLE.test(column.targetType)) return read
  const { pii } = column
  // NULL may have a token of its own.
  return pii && 'onNull' in pii && pii.onNull === 'token'
    ? orNull(read, anyReader(column, createMakeCell(column, deps.ring), deps.isUnchanged))
    : orNull(read)
}

const IS_NULLABLE = /^(?:LowCardinality\()?Nullable\(/

/** The reader of values; NULL does not come here, and is none. */
function valueReader(column: CompiledColumn, deps: ReaderDeps, isKey: boolean): CellReader | undefined {
  const { rules, pii } = column
  const type = bareType(column.targetType)
  const usualType = mapPostgresType(column.sourceType).type
  if (pii) {
    const test = column.kind === 'text' ? textTest(column) : undefined
    if (pii.method !== 'hmac' || !test) return undefined
    return hmacReader({ plan: pii, test, ...deps, atOnce: isKey })
  }
  switch (column.kind) {
    case 'text':
    case 'json':
      return type === 'String' && copiesText(column)
        ? textReader({ test: textTest(column), isPlaceholder: deps.isPlaceholder })
        : undefined
    case 'integer':
    case 'bigint':
      return type === usualType ? wholeReader(type, rules) : undefined
    case 'decimal': {
      const [, precision, scale] = /^Decimal\((\d+), (\d+)\)$/.exec(type) ?? []
      // Of a numeric without bounds every digit that fits may come.
      if (precision === undefined || (usualType !== type && usualType !== 'String')) return undefined
      return decimalReader({ precision: Number(precision), scale: Number(scale), rules })
    }
    case 'float':
      if (type !== usualType || (type !== 'Float32' && type !== 'Float64')) return undefined
      return floatReader({ isSingle: type === 'Float32', rules })
    case 'array':
      return arrayReader(column, deps.isPlaceholder)
    case 'date':
    case 'timestamp':
      return momentReader(column.kind, type, rules)
    default:
      return hasRules(rules) ? undefined : ruleless(column.kind, type)
  }
}

function hasRules(rules: readonly Rule[]): boolean {
  return rules.some(({ rule }) => rule !== 'required')
}

function wholeReader(type: string, rules: readonly Rule[]): CellReader | undefined {
  const width = ({ Int16: 2, Int32: 4, Int64: 8 } as const)[type]
  return width === undefined ? undefined : integerReader({ width, rules })
}

function ruleless(kind: CompiledColumn['kind'], type: string): CellReader | undefined {
  if (kind === 'boolean' && type === 'Bool') return booleanReader
  if (kind === 'uuid' && type === 'UUID') return uuidReader
  return undefined
}

function momentReader(
  kind: 'date' | 'timestamp',
  type: string,
  rules: readonly Rule[],
): CellReader | undefined {
  const bounds = momentBounds(rules, kind)
  if (!bounds) return undefined
  if (kind === 'date') return type === 'Date32' ? dateReader(bounds) : undefined
  return type.startsWith('DateTime64(6') ? timestampReader(bounds) : undefined
}

function arrayReader(column: CompiledColumn, isPlaceholder: PlaceholderTest): CellReader | undefined {
  const element = arrayElement(column.sourceType)
  const rules = textArrayRules(column.rules)
  if (!rules || element === undefined) return undefined
  if (mapPostgresType(element).kind !== 'text' || !copiesText({ kind: 'text', sourceType: element }))
    return undefined
  if (column.targetType === 'Array(Nullable(String))') return textArrayReader(rules, isPlaceholder)
  return column.targetType === 'Nullable(String)' ? textArrayAsJsonReader(rules, isPlaceholder) : undefined
}
