/**
 * Aggregates: what each is called in the answer, its SQL, and the type of its result.
 *
 * Nothing overflows without a word: sums and means of 64-bit numbers are reckoned in Decimal, where the engine alone would wrap. Sums of
 * floats differ in their last digits from run to run, so an answer cannot be sorted by them.
 */
import { type ColumnType, columnType, isScalar } from './column-type.ts'
import { faultOfParameter } from './parameter-fault.ts'
import type { ReadableColumn, ReadableColumns } from './readable-columns.ts'
import type { Aggregate } from './result-grammar.ts'

/** An aggregate of a request. */
export type Aggregated = {
  /** `count`, `sum_total`: what the result is called. */
  readonly name: string
  /** Renders it; `sqlOf` is how a column is written. */
  readonly sql: (sqlOf: (column: string) => string) => string
  readonly type: ColumnType
  readonly nullable: boolean
  /** The same rows give the same result, to the last digit. */
  readonly isExact: boolean
}

const COUNT = columnType('UInt64')
const MEAN = columnType('Float64')

/** Resolves an aggregate. `isWhole`: over all rows, which may be none. @throws MogoError MOGO_ROWS_COLUMN, MOGO_ROWS_PARAMETER */
export function resolveAggregate(
  aggregate: Aggregate,
  columns: ReadableColumns,
  isWhole: boolean,
): Aggregated {
  const { name } = aggregate
  if (aggregate.column === undefined)
    return { name, sql: () => 'count()', type: COUNT, nullable: false, isExact: true }
  const column = columns.of(aggregate.column)
  const { type, nullable } = column
  const called = `${name}_${column.name}`
  const isNumber = type.kind === 'integer' || type.kind === 'decimal' || type.kind === 'float'
  const isFit =
    name === 'uniq' ? isScalar(type) : name === 'sum' || name === 'avg' ? isNumber : isSorted(column)
  if (!isFit) throw faultOfParameter('aggregate')(`${name} cannot be taken of ${column.name} (${type.name})`)
  const made = (sql: Aggregated['sql'], result: ColumnType, isExact = true): Aggregated => ({
    ...{ name: called, sql, type: result, nullable: name !== 'uniq' && (nullable || isWhole), isExact },
  })
  // Of no rows at all the engine would give 0 as the least and the greatest.
  const orNull = isWhole ? 'OrNull' : ''
  switch (name) {
    case 'uniq':
      return made((sqlOf) => `uniq(${sqlOf(column.name)})`, COUNT)
    case 'sum':
      return made((sqlOf) => `sum${orNull}(${wide(sqlOf(column.name), type)})`, sumType(type), !isFloat(type))
    case 'avg':
      return made((sqlOf) => `avg${orNull}(${wide(sqlOf(column.name), type)})`, MEAN, !isFloat(type))
    default:
      return made((sqlOf) => `${name}${orNull}(${sqlOf(column.name)})`, type)
  }
}

const isFloat = (type: ColumnType): boolean => type.kind === 'float'

function isSorted({ type, abilities }: ReadableColumn): boolean {
  return abilities.has('order') || type.kind === 'enum'
}

/** An expression with room for the sum of many. */
function wide(sql: string, type: ColumnType): string {
  if (type.kind !== 'integer' || type.bits < 64 || type.bits > 128) return sql
  return type.bits === 64 ? `toDecimal128(${sql}, 0)` : `toDecimal256(${sql}, 0)`
}

function sumType(type: ColumnType): ColumnType {
  if (type.kind === 'decimal') return columnType(`Decimal(${type.precision > 38 ? 76 : 38}, ${type.scale})`)
  if (type.kind !== 'integer') return MEAN
  if (type.bits < 64) return columnType(type.signed ? 'Int64' : 'UInt64')
  if (type.bits > 128) return type
  return columnType(type.bits === 64 ? 'Decimal(38, 0)' : 'Decimal(76, 0)')
}
