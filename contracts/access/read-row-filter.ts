/**
 * A row filter as it is written -> predicates, or what is wrong with them: shape only, columns are looked at by `resolve-row-filter.ts`.
 *
 * Read by hand and not by a schema library: a filter is untrusted, may hold itself through aliases, and its faults should say which part is
 * meant. Depth and size are bounded.
 */
import { shortKey } from '../fault.ts'
import { nearest } from '../nearest.ts'
import {
  MANY_VALUES,
  NO_VALUE,
  ONE_VALUE,
  type RowFilter,
  type RowOperator,
  type RowPredicate,
  type ValueOperator,
} from './row-filter.ts'

/** Deepest nesting of `any`, `all` and `not`. */
const MAX_DEPTH = 8
/** Most predicates of one filter. */
const MAX_PREDICATES = 200
/** Most values of one list. */
const MAX_VALUES = 1_000
/** Longest value, characters. */
const MAX_TEXT = 1_000

const OPERATORS: readonly string[] = [...ONE_VALUE, ...MANY_VALUES, ...NO_VALUE]
const KEYS = ['column', 'operator', 'principal', 'value', 'any', 'all', 'not']
/** What people write instead. */
const ALIASES: ReadonlyMap<string, RowOperator> = new Map<string, RowOperator>([
  ['==', '='],
  ['eq', '='],
  ['<>', '!='],
  ['ne', '!='],
  ['not in', 'notIn'],
  ['not_in', 'notIn'],
  ['is null', 'isNull'],
  ['is not null', 'isNotNull'],
])

/** A fault of a filter; the path is relative to the filter. */
export type FilterFault = {
  readonly path: readonly (string | number)[]
  readonly message: string
  /** What was probably meant. */
  readonly suggestion?: string
}

type Path = readonly (string | number)[]
type Raw = Readonly<Record<string, unknown>>

/** Reads a filter. With a fault there is none. */
export function readRowFilter(written: unknown): {
  readonly filter: RowFilter | undefined
  readonly faults: readonly FilterFault[]
} {
  if (written === 'all') return { filter: 'all', faults: [] }
  const reader = new FilterReader()
  if (!Array.isArray(written) || written.length === 0) {
    const message = 'expected all, or a list of {column, operator, principal} or {column, operator, value}'
    return { filter: undefined, faults: [{ path: [], message }] }
  }
  const filter = reader.list(written, [], 0)
  return { filter: reader.faults.length === 0 ? filter : undefined, faults: reader.faults }
}

class FilterReader {
  readonly faults: FilterFault[] = []
  #left = MAX_PREDICATES

  list(written: readonly unknown[], path: Path, depth: number): RowPredicate[] {
    const read: RowPredicate[] = []
    for (const [index, item] of written.entries()) {
      if (this.#left < 0) break
      const predicate = this.#predicate(item, [...path, index], depth)
      if (predicate) read.push(predicate)
    }
    return read
  }

  #predicate(written: unknown, path: Path, depth: number): RowPredicate | undefined {
    this.#left--
    if (this.#left < 0) {
      if (this.#left === -1) this.#fault(path, `more than ${MAX_PREDICATES} predicates`)
      return undefined
    }
    if (depth > MAX_DEPTH) return this.#fault(path, `nested more than ${MAX_DEPTH} deep`)
    if (typeof written !== 'object' || written === null || Array.isArray(written))
      return this.#fault(path, 'expected a predicate such as {column, operator, principal}')
    const raw = written as Raw
    const keys = Object.keys(raw)
    for (const key of keys.filter((one) => !KEYS.includes(one))) {
      const near = nearest(key, KEYS)
      this.#fault([...path, key], `a predicate has no ${shortKey(key)}`, near)
    }
    const joins = (['any', 'all', 'not'] as const).filter((key) => keys.includes(key))
    const [join] = joins
    if (join === undefined) return this.#column(raw, path)
    if (keys.length > 1) return this.#fault(path, `${join} stands alone in its predicate`)
    if (join === 'not') {
      const inner = this.#predicate(raw['not'], [...path, 'not'], depth + 1)
      return inner && { not: inner }
    }
    const items = raw[join]
    if (!Array.isArray(items) || items.length === 0)
      return this.#fault([...path, join], `${join} is a list of predicates`)
    const inner = this.list(items, [...path, join], depth + 1)
    return join === 'any' ? { any: inner } : { all: inner }
  }

  #column(raw: Raw, path: Path): RowPredicate | undefined {
    const column = raw['column']
    if (typeof column !== 'string' || column === '')
      return this.#fault(path, 'a predicate names a column (or is any, all or not)')
    const operator = raw['operator']
    if (typeof operator !== 'string' || !isOperator(operator)) return this.#unknownOperator(operator, path)
    const hasPrincipal = Object.hasOwn(raw, 'principal')
    const hasValue = Object.hasOwn(raw, 'value')
    if (operator === 'isNull' || operator === 'isNotNull') {
      if (hasPrincipal || hasValue) return this.#fault(path, `${operator} compares with nothing`)
      return { column, operator }
    }
    if (hasPrincipal === hasValue)
      return this.#fault(
        path,
        `${operator} compares with one of principal (an attribute of the caller) and value`,
      )
    if (hasValue) {
      const value = this.#value(raw['value'], operator, [...path, 'value'])
      return value === undefined ? undefined : { column, operator, value }
    }
    const principal = raw['principal']
    if (typeof principal !== 'string' || principal === '')
      return this.#fault([...path, 'principal'], 'principal is the name of an attribute')
    return { column, operator, principal }
  }

  #value(written: unknown, operator: ValueOperator, path: Path): string | readonly string[] | undefined {
    if (operator !== 'in' && operator !== 'notIn') return this.#text(written, path)
    if (!Array.isArray(written) || written.length === 0)
      return this.#fault(path, `${operator} compares with a list of values`)
    if (written.length > MAX_VALUES) return this.#fault(path, `more than ${MAX_VALUES} values`)
    const texts = written.map((item, index) => this.#text(item, [...path, index]))
    return texts.every((text) => text !== undefined) ? texts : undefined
  }

  #text(written: unknown, path: Path): string | undefined {
    if (typeof written === 'boolean') return String(written)
    if (typeof written === 'number') {
      const exact = Number.isFinite(written) && (!Number.isInteger(written) || Number.isSafeInteger(written))
      return exact
        ? String(written)
        : this.#fault(path, 'YAML has lost digits of this number; write it in quotes')
    }
    if (typeof written !== 'string')
      return this.#fault(
        path,
        written === null ? 'to ask for NULL, use isNull' : 'a value is a text, a number or a boolean',
      )
    if (written.length > MAX_TEXT || !written.isWellFormed())
      return this.#fault(path, `a value is valid text of at most ${MAX_TEXT} characters`)
    return written
  }

  #unknownOperator(operator: unknown, path: Path): undefined {
    const known = typeof operator === 'string' ? operator.trim().toLowerCase() : ''
    const near = ALIASES.get(known) ?? nearest(known, OPERATORS)
    return this.#fault(
      [...path, 'operator'],
      `an operator is one of ${OPERATORS.join(' ')}`,
      known === '' ? undefined : near,
    )
  }

  #fault(path: Path, message: string, suggestion?: string): undefined {
    this.faults.push({ path, message, ...(suggestion !== undefined && { suggestion }) })
  }
}

function isOperator(text: string): text is RowOperator {
  return OPERATORS.includes(text)
}
