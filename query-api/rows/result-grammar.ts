/**
 * What a request wants to have, as it is written: `select`, `sort`, `group`, `aggregate`. Names are not looked up here.
 *
 *     select=id,total,customers(name_token,country)     sort=total.desc.nullsfirst,id
 *     group=status,country                              aggregate=count(),sum(total)
 */
import { faultOfParameter } from './parameter-fault.ts'
import { createScanner } from './scanner.ts'

/** `*`, a column, or columns of a related dataset. */
export type Selected =
  | { readonly kind: 'all' }
  | { readonly kind: 'column'; readonly column: string }
  | {
      readonly kind: 'related'
      readonly dataset: string
      /** The reference that leads there, by its column here: `customers!buyer_id(…)`. */
      readonly by: string | undefined
      /** `undefined`: every one. */
      readonly columns: readonly string[] | undefined
    }

/** One part of the order. */
export type SortTerm = {
  readonly name: string
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** Aggregates that can be asked for. */
export const AGGREGATES = ['count', 'sum', 'avg', 'min', 'max', 'uniq'] as const

/** One aggregate; only count() is of no column. */
export type Aggregate = {
  readonly name: (typeof AGGREGATES)[number]
  readonly column: string | undefined
}

/** Most things in a list. */
export const MOST_ITEMS = 100

/** Reads `select`. @throws MogoError MOGO_ROWS_PARAMETER */
export function readSelect(text: string): readonly Selected[] {
  const fault = faultOfParameter('select')
  const scanner = createScanner(text, fault)
  const selected = (): Selected => {
    const name = scanner.name().text
    if (name === '*') return { kind: 'all' }
    const by = scanner.takes('!') ? scanner.name().text : undefined
    if (by === undefined && !scanner.sees('(')) return { kind: 'column', column: name }
    const columns = scanner.list(() => scanner.name().text)
    if (columns.length > MOST_ITEMS) throw fault(`more than ${MOST_ITEMS} columns of one dataset`)
    const all = columns.length === 1 && columns[0] === '*'
    return { kind: 'related', dataset: name, by, columns: all ? undefined : columns }
  }
  return separated('select', scanner, selected)
}

/** Reads `sort`. Values come before NULL and NaN, unless `nullsfirst` is said. @throws MogoError MOGO_ROWS_PARAMETER */
export function readSort(text: string): readonly SortTerm[] {
  const fault = faultOfParameter('sort')
  const scanner = createScanner(text, fault)
  const term = (): SortTerm => {
    const name = scanner.name().text
    let descending = false
    let nullsFirst = false
    const words: string[] = []
    while (scanner.takes('.')) words.push(scanner.name().text)
    if (words[0] === 'asc' || words[0] === 'desc') descending = words.shift() === 'desc'
    if (words[0] === 'nullsfirst' || words[0] === 'nullslast') nullsFirst = words.shift() === 'nullsfirst'
    if (words.length > 0)
      throw fault('behind a name may stand .asc or .desc, and then .nullsfirst or .nullslast')
    return { name, descending, nullsFirst }
  }
  return separated('sort', scanner, term)
}

/** Reads `group`. @throws MogoError MOGO_ROWS_PARAMETER */
export function readGroup(text: string): readonly string[] {
  const scanner = createScanner(text, faultOfParameter('group'))
  return separated('group', scanner, () => scanner.name().text)
}

/** Reads `aggregate`. @throws MogoError MOGO_ROWS_PARAMETER */
export function readAggregate(text: string): readonly Aggregate[] {
  const fault = faultOfParameter('aggregate')
  const scanner = createScanner(text, fault)
  const aggregate = (): Aggregate => {
    const word = scanner.name().text
    const name = AGGREGATES.find((known) => known === word)
    if (name === undefined) throw fault(`an aggregate is one of ${AGGREGATES.join(', ')}, such as sum(total)`)
    scanner.expect('(')
    const column = scanner.sees(')') ? undefined : scanner.name().text
    scanner.expect(')')
    if ((name === 'count') !== (column === undefined))
      throw fault('count() is of no column, every other aggregate of one')
    return { name, column }
  }
  return separated('aggregate', scanner, aggregate)
}

function separated<T>(
  parameter: string,
  scanner: ReturnType<typeof createScanner>,
  item: () => T,
): readonly T[] {
  const items = [item()]
  while (scanner.takes(',')) items.push(item())
  scanner.end()
  if (items.length > MOST_ITEMS) throw faultOfParameter(parameter)(`more than ${MOST_ITEMS} things in it`)
  return items
}
