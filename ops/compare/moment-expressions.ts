/**
 * Dates and moments as one text on both sides, in UTC. What the stored type cannot hold is what the contract makes of it: NULL, or the
 * nearest value; where it is quarantined, the source's own text stands for it, which no stored row has.
 */
import type { CompiledColumn } from '#contracts/compile/compiled-dataset.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { momentRange } from '#transforms/convert-moment.ts'

/** An expression over a column. */
export type Side = (column: string) => string

/** The same value as text, in Postgres and in ClickHouse; and what of the source is stored as NULL, beside NULL. */
export type Pair = { readonly source: Side; readonly target: Side; readonly isNull?: Side }

/** Digits of the second -> pattern of to_char behind the seconds. */
const FRACTIONS: ReadonlyMap<number, string> = new Map([
  [0, ''],
  [3, '.MS'],
  [6, '.US'],
  [9, '.US"000"'],
])

/** Makes the pair. `type` is the stored type, without Nullable. */
export function momentPair(
  { kind, sourceType, outOfRange }: Pick<CompiledColumn, 'kind' | 'sourceType' | 'outOfRange'>,
  type: string,
): Pair {
  const target: Side = (c) => `toString(assumeNotNull(${c}))`
  const range = momentRange(type)
  // Text is what Postgres prints.
  if (!range) return { source: (c) => `${c}::text`, target }
  const zone = typeName(sourceType).name === 'timestamp with time zone' ? '+00' : ''
  const pattern =
    kind === 'date' ? 'YYYY-MM-DD' : `YYYY-MM-DD HH24:MI:SS${FRACTIONS.get(range.digits) ?? '.US'}`
  const text = (c: string) => `to_char(${zone === '' ? c : `(${c} at time zone 'UTC')`}, '${pattern}')`
  const [below, above] = [
    (c: string) => `${c} < '${range.first}${zone}'`,
    (c: string) => `${c} > '${range.last}${zone}'`,
  ]
  const beyond = (c: string) => `(${below(c)} or ${above(c)})`
  if (outOfRange === 'clamp') {
    const end = (value: string) => `'${value}'`
    const [first, last] =
      range.digits === 9 ? [`${range.first}.000000000`, `${range.last}000`] : withDigits(range, kind)
    return {
      source: (c) =>
        `case when ${below(c)} then ${end(first)} when ${above(c)} then ${end(last)} else ${text(c)} end`,
      target,
    }
  }
  return {
    source: (c) => `case when ${beyond(c)} then ${c}::text else ${text(c)} end`,
    target,
    ...(outOfRange === 'null' ? { isNull: beyond } : {}),
  }
}

/** ClickHouse prints every digit that the type has. */
function withDigits(
  { first, last, digits }: { readonly first: string; readonly last: string; readonly digits: number },
  kind: CompiledColumn['kind'],
): readonly [string, string] {
  return [kind === 'date' || digits === 0 ? first : `${first}.${'0'.repeat(digits)}`, last]
}
