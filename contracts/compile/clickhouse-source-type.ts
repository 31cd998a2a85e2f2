/**
 * A type of ClickHouse -> the type of Postgres with the same values: contracts of tables that are in ClickHouse already name their types so. Names
 * are case-sensitive there, which tells `Int8` (one byte) from `int8` (eight).
 */

const TYPES: ReadonlyMap<string, string> = new Map([
  ['Int8', 'smallint'],
  ['Int16', 'smallint'],
  ['Int32', 'integer'],
  ['Int64', 'bigint'],
  ['Int128', 'numeric(39,0)'],
  ['UInt8', 'smallint'],
  ['UInt16', 'integer'],
  ['UInt32', 'bigint'],
  ['UInt64', 'numeric(20,0)'],
  ['UInt128', 'numeric(39,0)'],
  ['Int256', 'numeric'],
  ['UInt256', 'numeric'],
  ['Float32', 'real'],
  ['Float64', 'double precision'],
  ['Bool', 'boolean'],
  ['UUID', 'uuid'],
  ['Date', 'date'],
  ['Date32', 'date'],
  ['DateTime', 'timestamptz'],
  ['DateTime64', 'timestamptz'],
  ['String', 'text'],
  ['FixedString', 'text'],
  ['Enum8', 'text'],
  ['Enum16', 'text'],
  ['Map', 'object'],
  ['Tuple', 'object'],
  ['JSON', 'object'],
  ['Nested', 'array'],
])
const DIGITS: Readonly<Record<string, number>> = { '32': 9, '64': 18, '128': 38, '256': 76 }
const MAX_WRAPPERS = 10

/** The type of Postgres; undefined if it is no type of ClickHouse. */
export function clickhouseSourceType(text: string): string | undefined {
  let type = text.trim()
  for (let count = 0; count < MAX_WRAPPERS; count++) {
    const inner = /^(?:Nullable|LowCardinality)\((.*)\)$/s.exec(type)?.[1]
    if (inner === undefined) break
    type = inner
  }
  const element = /^Array\((.*)\)$/s.exec(type)?.[1]
  if (element !== undefined) {
    const inner = element.startsWith('Array(') ? undefined : clickhouseSourceType(element)
    return inner === undefined || inner === 'object' || inner === 'array' ? 'array' : `${inner}[]`
  }
  const decimal = /^Decimal(32|64|128|256)\((\d+)\)$/.exec(type)
  if (decimal) return `numeric(${DIGITS[decimal[1] ?? '']},${decimal[2]})`
  const name = /^([A-Z][A-Za-z0-9]*)(?:\(.*\))?$/s.exec(type)?.[1]
  return name === undefined ? undefined : TYPES.get(name)
}
