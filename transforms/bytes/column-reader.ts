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
import { textArrayAsJsonReader, textArrayReader } from './array-reader.ts'
import type { CellReader } from './cell-reader.ts'
import { hmacReader } from './hmac-reader.ts'
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

/** Makes the reader of a column. */
export function columnReader(column: CompiledColumn, deps: ReaderDeps): CellReader {
  if (column.target === null) return droppedReader(column, deps)
  const make = createMakeCell(column, deps.ring)
  return usualReader(column, deps) ?? anyReader(column, make, deps.isUnchanged)
}

/** What is not stored has to keep its rules all the same. */
function droppedReader(column: CompiledColumn, deps: ReaderDeps): CellReader {
  const isFree =
    column.nullable && column.kind === 'text' && column.rules.length === 0 && wireFormOf(column) === 'plain'
  return isFree ? (bytes, at, end) => afterValue(bytes, at, end) : anyReader(column, null, deps.isUnchanged)
}

/** Only of values that come as they are stored: those of another form are made Postgres' text first. */
function usualReader(column: CompiledColumn, deps: ReaderDeps): CellReader | undefined {
  return wireFormOf(column) === 'plain' ? fastReader(column, deps) : undefined
}

function fastReader(column: CompiledColumn, deps: ReaderDeps): CellReader | undefined {
  const { rules, pii } = column
  const type = bareType(column.targetType)
  const usualType = mapPostgresType(column.sourceType).type
  const nullable = column.targetType.includes('Nullable(') && column.nullable
  if (pii) {
    const test = column.kind === 'text' ? textTest(rules) : undefined
    if (pii.method !== 'hmac' || !test) return undefined
    const read = hmacReader({ plan: pii, nullable, test, ...deps })
    if (pii.onNull !== 'token') return read
    // NULL has a token of its own.
    const readNull = anyReader(column, createMakeCell(column, deps.ring), deps.isUnchanged)
    return (bytes, at, ...rest) => (bytes[at] === 0x6e ? readNull : read)(bytes, at, ...rest)
  }
  switch (column.kind) {
    case 'text':
    case 'json': {
      const test = textTest(rules)
      return test && type === 'String' && copiesText(column)
        ? textReader({ nullable, test, isPlaceholder: deps.isPlaceholder })
        : undefined
    }
    case 'integer':
    case 'bigint':
      return type === usualType ? wholeReader(type, nullable, rules) : undefined
    case 'decimal': {
      const [, precision, scale] = /^Decimal\((\d+), (\d+)\)$/.exec(type) ?? []
      // Of a numeric without bounds every digit that fits may come.
      if (precision === undefined || (usualType !== type && usualType !== 'String')) return undefined
      return decimalReader({ nullable, precision: Number(precision), scale: Number(scale), rules })
    }
    case 'float':
      if (type !== usualType || (type !== 'Float32' && type !== 'Float64')) return undefined
      return floatReader({ nullable, isSingle: type === 'Float32', rules })
    case 'array':
      return arrayReader(column, deps.isPlaceholder)
    default:
      return hasRules(rules) ? undefined : ruleless(column.kind, type, nullable)
  }
}

function hasRules(rules: readonly Rule[]): boolean {
  return rules.some(({ rule }) => rule !== 'required')
}

function wholeReader(type: string, nullable: boolean, rules: readonly Rule[]): CellReader | undefined {
  const width = ({ Int16: 2, Int32: 4, Int64: 8 } as const)[type]
  return width === undefined ? undefined : integerReader({ nullable, width, rules })
}

function ruleless(kind: CompiledColumn['kind'], type: string, nullable: boolean): CellReader | undefined {
  if (kind === 'boolean' && type === 'Bool') return booleanReader(nullable)
  if (kind === 'uuid' && type === 'UUID') return uuidReader(nullable)
  if (kind === 'date' && type === 'Date32') return dateReader(nullable)
  if (kind === 'timestamp' && type.startsWith('DateTime64(6')) return timestampReader(nullable)
  return undefined
}

function arrayReader(column: CompiledColumn, isPlaceholder: PlaceholderTest): CellReader | undefined {
  const element = arrayElement(column.sourceType)
  if (hasRules(column.rules) || element === undefined) return undefined
  if (mapPostgresType(element).kind !== 'text' || !copiesText({ kind: 'text', sourceType: element }))
    return undefined
  if (column.targetType === 'Array(Nullable(String))') return textArrayReader(isPlaceholder)
  return column.targetType === 'Nullable(String)' ? textArrayAsJsonReader(isPlaceholder) : undefined
}
