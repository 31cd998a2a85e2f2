/**
 * The query string of GET /v1/datasets/{name}/rows -> what is asked for. Names are not looked up and values not typed here.
 *
 * Some names belong to the route (`select`, `sort`, `limit`, …), every other one is a column with a filter. A column may have such a name:
 * what has the form of a filter is one (`total=gt.100`), but for `sort`, `role` and `purpose`, whose own values may look like it; there a
 * group helps: `and=(role.eq.admin)`. A filter may be given several times: all must hold.
 */
import { MogoError } from '#contracts/errors.ts'
import { createFilterReader, type Filter, GROUP_PARAMETERS, isFilterText } from './filter-grammar.ts'
import { faultOfParameter } from './parameter-fault.ts'
import {
  type Aggregate,
  readAggregate,
  readGroup,
  readSelect,
  readSort,
  type Selected,
  type SortTerm,
} from './result-grammar.ts'

/** How exactly the rows of all pages are counted. */
export const TOTALS = ['none', 'estimate', 'exact'] as const

/** What is asked for. */
export type RowsRequest = {
  readonly select: readonly Selected[] | undefined
  readonly filters: readonly Filter[]
  readonly sort: readonly SortTerm[]
  readonly group: readonly string[] | undefined
  readonly aggregates: readonly Aggregate[] | undefined
  readonly limit: number
  readonly cursor: string | undefined
  readonly total: (typeof TOTALS)[number]
}

/** As whom and why is asked, and whether rows are counted first. */
export type RowsAsker = {
  readonly role: string | undefined
  readonly purpose: string
  readonly total: RowsRequest['total']
}

/** Rows of a page, if nothing is said. */
export const DEFAULT_LIMIT = 100
/** Most rows of a page. */
export const LARGEST_LIMIT = 10_000
/** Longest query string without the cursor, characters: with two cursors it comes back in the Link header. */
export const LONGEST_QUERY = 4_000

/** Longest role and purpose, as POST /v1/query takes them. */
const LONGEST_TEXT = 200

/** Parameters of the route that are given once. */
const SINGLE = [
  ...['select', 'sort', 'group', 'aggregate', 'limit', 'cursor', 'total', 'role', 'purpose'],
] as const

type Single = (typeof SINGLE)[number]

/** Those whose values may look like a filter. */
const FREE: ReadonlySet<string> = new Set<Single>(['sort', 'role', 'purpose'])

/**
 * Reads what must be known before there is a scope. A total that is none of the words is refused with everything else.
 *
 * @throws MogoError MOGO_ROWS_PARAMETER
 */
export function readAsker(query: string): RowsAsker {
  const parameters = new URLSearchParams(query)
  const text = (name: Single): string | undefined => {
    const [value, ...more] = parameters.getAll(name)
    if (more.length > 0) throw faultOfParameter(name)('it is given more than once')
    if (value !== undefined && value.length > LONGEST_TEXT)
      throw faultOfParameter(name)(`it is longer than ${LONGEST_TEXT} characters`)
    return value
  }
  const role = text('role')
  if (role === '') throw faultOfParameter('role')('it is empty')
  const total = TOTALS.find((known) => parameters.getAll('total').includes(known)) ?? 'none'
  return { role, purpose: text('purpose') ?? '', total }
}

/** Reads a query string, without the `?`. @throws MogoError MOGO_ROWS_PARAMETER, MOGO_ROWS_QUERY_LONG */
export function readRowsRequest(query: string, mostRows: number): RowsRequest {
  const reader = createFilterReader()
  const singles = new Map<Single, string>()
  const filters: Filter[] = []
  for (const [name, value] of new URLSearchParams(query)) {
    const single = FREE.has(name) || !isFilterText(value) ? SINGLE.find((known) => known === name) : undefined
    const group = GROUP_PARAMETERS.find((known) => known === name)
    if (single === undefined)
      filters.push(group === undefined ? reader.test(name, value) : reader.group(group, value))
    else if (singles.has(single)) throw faultOfParameter(name)('it is given more than once')
    else singles.set(single, value)
  }
  const cursor = singles.get('cursor')
  if (query.length - (cursor?.length ?? 0) > LONGEST_QUERY)
    throw new MogoError('MOGO_ROWS_QUERY_LONG', { limit: LONGEST_QUERY })
  const read = <T>(name: Single, reading: (text: string) => T): T | undefined => {
    const text = singles.get(name)
    return text === undefined ? undefined : reading(text)
  }
  return {
    filters,
    cursor,
    select: read('select', readSelect),
    sort: read('sort', readSort) ?? [],
    group: read('group', readGroup),
    aggregates: read('aggregate', readAggregate),
    limit: read('limit', (text) => readLimit(text, mostRows)) ?? Math.min(DEFAULT_LIMIT, mostRows),
    total: read('total', readTotal) ?? 'none',
  }
}

function readLimit(text: string, mostRows: number): number {
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > mostRows)
    throw faultOfParameter('limit')(`it is a whole number from 1 to ${mostRows}`)
  return limit
}

function readTotal(text: string): RowsRequest['total'] {
  const total = TOTALS.find((known) => known === text)
  if (total === undefined) throw faultOfParameter('total')(`it is one of ${TOTALS.join(', ')}`)
  return total
}
