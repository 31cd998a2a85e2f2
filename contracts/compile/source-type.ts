/**
 * The type that a property has in the source. Where the contract gives no physical type, it follows from the logical one and its
 * options; names that Postgres does not have (`string`, `number`, `object`, `array`, `map`) then stand for any type of that kind.
 */
import type { ContractProperty } from '../model/contract.ts'
import { clickhouseSourceType } from './clickhouse-source-type.ts'

/** Integers that no bigint holds are exact as numeric. */
const INTEGERS: ReadonlyMap<string, string> = new Map([
  ['i8', 'smallint'],
  ['u8', 'smallint'],
  ['i16', 'smallint'],
  ['u16', 'integer'],
  ['i32', 'integer'],
  ['u32', 'bigint'],
  ['i64', 'bigint'],
  ['u64', 'numeric(20,0)'],
  ['i128', 'numeric(39,0)'],
  ['u128', 'numeric(39,0)'],
])
const FLOATS: ReadonlyMap<string, string> = new Map([
  ['f32', 'real'],
  ['f64', 'double precision'],
])

/** The type, as {@link mapPostgresType} reads it. */
export function sourceTypeOf(property: ContractProperty): string {
  if (property.physicalType !== undefined && property.physicalType.trim() !== '')
    return clickhouseSourceType(property.physicalType) ?? property.physicalType
  const format = property.logicalTypeOptions?.format ?? ''
  switch (property.logicalType) {
    case undefined:
      return 'text'
    case 'integer':
      return INTEGERS.get(format) ?? 'integer'
    case 'number':
      return FLOATS.get(format) ?? 'number'
    case 'timestamp':
      return property.logicalTypeOptions?.timezone === true ? 'timestamptz' : 'timestamp'
    case 'array':
      return elementType(property.items)
    default:
      return property.logicalType
  }
}

/** An array of scalars is typed; one of objects, arrays or of what is not said is not. */
function elementType(items: ContractProperty | undefined): string {
  const logical = items?.logicalType
  if (!items || (logical === undefined && items.physicalType === undefined)) return 'array'
  if (logical === 'object' || logical === 'array' || logical === 'map' || logical === 'vector') return 'array'
  return `${sourceTypeOf(items)}[]`
}
