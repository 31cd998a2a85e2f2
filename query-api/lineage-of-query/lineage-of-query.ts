/**
 * A resolved query -> which columns it reads, and which of them each result column comes from.
 *
 * A result column has DIRECT sources (their values are in it) and the query has INDIRECT ones (they decide which rows are there:
 * filter, join, group, sort, window, condition), which count for every result column. Sources are followed through subqueries,
 * CTEs, unions and array joins down to tables. What cannot be followed gives the column `unknown`: it is shown, never left out.
 *
 * All of it is what the engine resolved, read from the text of EXPLAIN QUERY TREE.
 */
import type { LineageEdge } from '#contracts/events/lineage-edge.ts'
import { columnOf, field, lines, section, type TreeLine, typeOf } from './query-tree.ts'

type Subtype = LineageEdge['subtype']

/** A column of a table as the engine names it: `database.table`. */
export type SourceColumn = { readonly table: string; readonly column: string }

/** One source of a result column. */
export type ColumnSource = SourceColumn & {
  readonly type: LineageEdge['type']
  readonly subtype: Subtype
  /** The outermost aggregate or window function on the way; empty if there is none. */
  readonly via: string
}

/** What a query reads and gives. */
export type QueryLineage = {
  /** `database.table` of every table, in order of appearance. */
  readonly tables: readonly string[]
  /** Every column of a table that appears anywhere in the query. */
  readonly reads: readonly SourceColumn[]
  readonly results: readonly { readonly name: string; readonly sources: readonly ColumnSource[] }[]
  /** Types of the result columns; `undefined` where branches of a union differ. */
  readonly types: readonly (string | undefined)[]
  /** Sources that count for every result column. */
  readonly indirect: readonly ColumnSource[]
}

/** Column name of an origin that could not be resolved, and of "the rows as such" (count()). */
export const UNKNOWN_COLUMN = 'unknown'
export const ALL_ROWS = '*'

const DEEPEST = 400
const MOST_STEPS = 200_000

/** Reads the lineage off a tree. Never throws: a tree of another shape gives `unknown`. */
export function lineageOfQuery(root: TreeLine): QueryLineage {
  const definitions = new Map<string, TreeLine>()
  const columns = new Map<string, SourceColumn>()
  const tables: string[] = []
  for (const line of lines(root)) {
    if (!DEFINITIONS.has(line.kind)) continue
    const id = field(line, 'id')
    if (id !== undefined && !definitions.has(id)) definitions.set(id, line)
    const table = line.kind === 'TABLE' ? field(line, 'table_name') : undefined
    if (table !== undefined && table !== 'system.one' && !tables.includes(table)) tables.push(table)
  }
  for (const line of lines(root)) {
    if (line.kind !== 'COLUMN') continue
    const source = definitions.get(field(line, 'source_id') ?? '')
    const table = source?.kind === 'TABLE' ? field(source, 'table_name') : undefined
    const column = columnOf(line)?.name
    if (table !== undefined && column !== undefined) columns.set(`${table}\0${column}`, { table, column })
  }
  const resolver = createResolver(definitions, tables)
  const results = resolver.results(root)
  const types = resultTypes(root)
  return { tables, reads: [...columns.values()], results, types, indirect: resolver.indirect() }
}

const DEFINITIONS = new Set([
  'TABLE',
  'QUERY',
  'UNION',
  'ARRAY_JOIN',
  'JOIN',
  'CROSS JOIN',
  'LAMBDA',
  'TABLE_FUNCTION',
])

/** Sections of a query whose columns decide about rows. */
const CLAUSES: readonly (readonly [string, Subtype])[] = [
  ['PREWHERE', 'FILTER'],
  ['WHERE', 'FILTER'],
  ['HAVING', 'FILTER'],
  ['QUALIFY', 'FILTER'],
  ['LIMIT BY', 'FILTER'],
  ['GROUP BY', 'GROUP_BY'],
  ['ORDER BY', 'SORT'],
  ['INTERPOLATE', 'SORT'],
]

type Way = { readonly subtype: Subtype; readonly via: string; readonly indirect: boolean }
const PLAIN: Way = { subtype: 'IDENTITY', via: '', indirect: false }

function createResolver(definitions: ReadonlyMap<string, TreeLine>, tables: readonly string[]) {
  const indirect = new Map<string, ColumnSource>()
  const visited = new Set<string>()
  /** Tables of the query whose expression is being resolved. */
  let here: readonly string[] = tables
  let steps = 0
  return { results, indirect: () => [...indirect.values()] }

  function results(query: TreeLine): QueryLineage['results'] {
    const first = query.kind === 'UNION' ? branches(query)[0] : query
    const names = first ? projectionNames(first) : []
    return names.map((name, index) => {
      const found = new Map<string, ColumnSource>()
      resolveIndex(query, index, PLAIN, found, 0)
      return { name, sources: [...found.values()] }
    })
  }

  function resolveIndex(
    query: TreeLine,
    index: number,
    way: Way,
    into: Map<string, ColumnSource>,
    depth: number,
  ): void {
    if (query.kind === 'UNION') {
      visitClauses(query, depth)
      for (const branch of branches(query)) resolveIndex(branch, index, way, into, depth + 1)
      return
    }
    if (query.kind !== 'QUERY') {
      unknown(way, into)
      return
    }
    visitClauses(query, depth)
    const expression = projection(query)[index]
    if (expression) within(query, () => resolve(expression, way, into, depth + 1))
    else unknown(way, into)
  }

  function within(query: TreeLine, work: () => void): void {
    const outer = here
    here = tablesOf(query)
    work()
    here = outer
  }

  function resolve(line: TreeLine, way: Way, into: Map<string, ColumnSource>, depth: number): void {
    steps++
    if (depth > DEEPEST || steps > MOST_STEPS) {
      unknown(way, into)
      return
    }
    switch (line.kind) {
      case 'COLUMN':
        resolveColumn(line, way, into, depth)
        return
      case 'CONSTANT': {
        // A constant may be the result of a scalar subquery: then its EXPRESSION tells where it comes from.
        for (const inner of section(line, 'EXPRESSION')) resolve(inner, way, into, depth + 1)
        return
      }
      case 'FUNCTION':
        resolveFunction(line, way, into, depth)
        return
      case 'QUERY':
      case 'UNION':
        resolveIndex(line, 0, transformed(way), into, depth + 1)
        return
      case 'LAMBDA':
        for (const inner of section(line, 'EXPRESSION')) resolve(inner, transformed(way), into, depth + 1)
        return
      case 'LIST':
      case 'SORT':
      case 'WINDOW':
      case 'INTERPOLATE':
        for (const inner of line.children) resolve(inner, way, into, depth + 1)
        return
      default:
        // Names of sections (ARGUMENTS, EXPRESSION total, …) are passed through; an unknown node is not.
        if (/ id: \d+/.test(line.text)) {
          unknown(way, into)
          return
        }
        for (const inner of line.children) resolve(inner, way, into, depth + 1)
    }
  }

  function resolveColumn(line: TreeLine, way: Way, into: Map<string, ColumnSource>, depth: number): void {
    const own = section(line, 'EXPRESSION')
    const source = definitions.get(field(line, 'source_id') ?? '')
    const name = columnOf(line)?.name
    if (own.length > 0) {
      for (const inner of own) resolve(inner, way, into, depth + 1)
      if (source && source.kind !== 'TABLE') return
    }
    if (source === undefined || name === undefined) {
      unknown(way, into)
      return
    }
    switch (source.kind) {
      case 'TABLE':
        add({ table: field(source, 'table_name') ?? UNKNOWN_COLUMN, column: name }, way, into)
        return
      case 'LAMBDA':
        return // An argument of a lambda: its values come from the other arguments, which are resolved beside it.
      case 'QUERY':
      case 'UNION': {
        const first = source.kind === 'UNION' ? branches(source)[0] : source
        const index = first ? projectionNames(first).indexOf(name) : -1
        if (index < 0) unknown(way, into)
        else resolveIndex(source, index, way, into, depth + 1)
        return
      }
      case 'ARRAY_JOIN': {
        const joined = section(source, 'JOIN EXPRESSIONS')
          .flatMap(({ children }) => children)
          .find((candidate) => columnOf(candidate)?.name === name)
        const inner = joined && section(joined, 'EXPRESSION')
        if (!inner || inner.length === 0) {
          unknown(way, into)
          return
        }
        for (const expression of inner) resolve(expression, transformed(way), into, depth + 1)
        return
      }
      default:
        unknown(way, into)
        return
    }
  }

  function resolveFunction(line: TreeLine, way: Way, into: Map<string, ColumnSource>, depth: number): void {
    const name = field(line, 'function_name') ?? ''
    const type = field(line, 'function_type')
    const counted = type === 'aggregate' || type === 'window'
    const subtype = way.indirect ? way.subtype : type === 'aggregate' ? 'AGGREGATION' : 'WINDOW'
    const next: Way = counted ? { ...way, subtype, via: way.via || name } : transformed(way)
    const args = section(line, 'ARGUMENTS').flatMap(({ children }) => children)
    const before = into.size
    for (const [index, argument] of args.entries()) {
      if (isCondition(name, index, args.length)) resolve(argument, CONDITION, indirect, depth + 1)
      else resolve(argument, next, into, depth + 1)
    }
    for (const window of section(line, 'WINDOW')) resolve(window, WINDOWED, indirect, depth + 1)
    // count() and row_number() take nothing in: what they tell is how many rows there are.
    if (counted && into.size === before && args.length === 0)
      for (const table of here) add({ table, column: ALL_ROWS }, next, into)
  }

  /** Clauses and joins of a query count once, however often its columns are used. */
  function visitClauses(query: TreeLine, depth: number): void {
    const id = field(query, 'id') ?? ''
    if (visited.has(id) || depth > DEEPEST) return
    visited.add(id)
    for (const [clause, subtype] of CLAUSES)
      for (const line of section(query, clause))
        within(query, () => resolve(line, { ...FILTER, subtype }, indirect, depth + 1))
    for (const line of section(query, 'JOIN TREE')) visitJoin(line, depth + 1)
    if (query.kind === 'UNION') for (const branch of branches(query)) visitClauses(branch, depth + 1)
  }

  function visitJoin(line: TreeLine, depth: number): void {
    if (depth > DEEPEST) return
    if (line.kind === 'QUERY' || line.kind === 'UNION') {
      visitClauses(line, depth)
      return
    }
    for (const child of line.children) {
      if (child.text === 'JOIN EXPRESSION' && line.kind !== 'ARRAY_JOIN')
        for (const expression of child.children) resolve(expression, JOINED, indirect, depth + 1)
      else if (child.text.endsWith('TABLE EXPRESSION'))
        for (const inner of child.children) visitJoin(inner, depth + 1)
    }
  }

  function unknown(way: Way, into: Map<string, ColumnSource>): void {
    const [only] = tables
    const table = tables.length === 1 && only !== undefined ? only : UNKNOWN_COLUMN
    add({ table, column: UNKNOWN_COLUMN }, { ...way, subtype: 'UNKNOWN' }, into)
  }

  function add(source: SourceColumn, way: Way, into: Map<string, ColumnSource>): void {
    const { subtype, via } = way
    const type = way.indirect || into === indirect ? 'INDIRECT' : 'DIRECT'
    const key = [source.table, source.column, type, subtype, via].join('\0')
    if (!into.has(key)) into.set(key, { ...source, type, subtype, via })
  }
}

const indirectWay = (subtype: Subtype): Way => ({ subtype, via: '', indirect: true })
const FILTER = indirectWay('FILTER')
const JOINED = indirectWay('JOIN')
const WINDOWED = indirectWay('WINDOW')
const CONDITION = indirectWay('CONDITIONAL')

/** Passing a function changes a value that was plain; what is aggregated, or indirect, stays so. */
function transformed(way: Way): Way {
  return way.subtype === 'IDENTITY' ? { ...way, subtype: 'TRANSFORMATION' } : way
}

/** Conditions of `if` and `multiIf` only choose between values. */
function isCondition(name: string, index: number, count: number): boolean {
  if (name === 'if') return index === 0 && count === 3
  return name === 'multiIf' && index % 2 === 0 && index < count - 1
}

/** Tables that a query reads from, its subqueries in FROM included. */
function tablesOf(query: TreeLine): readonly string[] {
  const found = new Set<string>()
  for (const line of section(query, 'JOIN TREE').flatMap((tree) => [...lines(tree)])) {
    const table = line.kind === 'TABLE' ? field(line, 'table_name') : undefined
    if (table !== undefined && table !== 'system.one') found.add(table)
  }
  return [...found]
}

const branches = (union: TreeLine): readonly TreeLine[] =>
  section(union, 'QUERIES').flatMap((list) => (list.kind === 'LIST' ? list.children : [list]))

const projection = (query: TreeLine): readonly TreeLine[] =>
  section(query, 'PROJECTION').flatMap(({ children }) => children)

function resultTypes(root: TreeLine): readonly (string | undefined)[] {
  const lists = (root.kind === 'UNION' ? branches(root) : [root]).map((query) =>
    projection(query).map((line) => typeOf(line)),
  )
  return (lists[0] ?? []).map((type, index) =>
    lists.every((list) => list[index] === type) ? type : undefined,
  )
}

/** Names of a query's columns: the lines hold `name type`, and the type is known from the expression. */
function projectionNames(query: TreeLine): readonly string[] {
  if (query.kind !== 'QUERY') return []
  const expressions = projection(query)
  return section(query, 'PROJECTION COLUMNS').map(({ text }, index) => {
    const expression = expressions[index]
    const type = expression && typeOf(expression)
    if (type !== undefined && text.endsWith(` ${type}`)) return text.slice(0, -type.length - 1)
    return text.slice(0, Math.max(0, text.lastIndexOf(' '))) || text
  })
}
