/**
 * A plan -> SQL. Every identifier is a column or table of a compiled dataset, or one of a few fixed aliases; every value is a typed
 * parameter.
 *
 *     SELECT […] AS position, page.c0 AS `id`, related0.`name` AS `customers.name`
 *     FROM (SELECT source.`total` AS o0, source.`id` AS c0 FROM orders AS source
 *           WHERE filters AND behind the cursor ORDER BY … LIMIT …) AS page
 *     LEFT JOIN customers AS related0 ON … ORDER BY page.o0, …
 *
 * The page is cut before anything is joined. Backwards the inside is in reverse order, and the outside turns it round again.
 */
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import type { EngineParameters } from '../ports.ts'
import { columnType } from './column-type.ts'
import { type Bound, behindSql, orderSql, positionSql, reversed } from './position.ts'
import type { RowsPlan } from './rows-plan.ts'
import { aliasesOf, sourceOf, tableSql, whereSql } from './rows-source.ts'
import { createSqlParameters } from './sql-parameters.ts'

/** A statement and its values. */
export type RowsStatement = { readonly sql: string; readonly parameters: EngineParameters }

/** Which rows of a plan. */
export type RowsRange = {
  /** Towards the beginning of the order; the answer is in its order all the same. */
  readonly backward: boolean
  /** Only rows behind this position, in the direction of the range. */
  readonly from?: Bound | undefined
  /** Only rows up to this position, and the one that is there. */
  readonly upTo?: Bound['position'] | undefined
  readonly limit?: number | undefined
  /** What is given: positions, columns, or both, the position first. */
  readonly give: 'positions' | 'columns' | 'both'
}

const LIMIT = columnType('UInt64')

/** Rows of a plan. */
export function rowsStatement(plan: RowsPlan, range: RowsRange, database: string): RowsStatement {
  const parameters = createSqlParameters()
  const names = aliasesOf(plan)
  const { order, what } = plan
  const source = sourceOf(plan, names, parameters, database)
  const sqlOf = (index: number) => source.sqlOf(order[index]?.name ?? '')
  const inOrder = range.backward ? reversed(order) : order
  const where = [...source.where]
  if (range.from) where.push(behindSql(inOrder, range.from, sqlOf, parameters))
  if (range.upTo)
    where.push(behindSql(reversed(inOrder), { position: range.upTo, inclusive: true }, sqlOf, parameters))
  const results = range.give === 'positions' ? [] : resultsOf(plan)
  const joins = what.kind === 'rows' && range.give !== 'positions' ? what.relations : []
  const inner = [
    ...order.map((_term, index) => `${sqlOf(index)} AS o${index}`),
    ...results.flatMap(({ own }, index) => (own === undefined ? [] : [`${source.sqlOf(own)} AS c${index}`])),
    ...joins.flatMap(({ on }, place) =>
      on.map((pair, index) => `${source.sqlOf(pair.own)} AS j${place}x${index}`),
    ),
  ]
  const limit = range.limit === undefined ? '' : ` LIMIT ${parameters.add(String(range.limit), LIMIT)}`
  const page = `SELECT ${inner.join(', ') || '1'} FROM ${source.from}${whereSql(where)}${orderSql(inOrder, sqlOf)}${limit}`
  const ofPage = (index: number) => `${names.page}.o${index}`
  const outer = [
    ...(range.give === 'columns' ? [] : [`${positionSql(order, ofPage)} AS ${names.position}`]),
    ...results.map(({ name, own, relation, column }, index) => {
      const from =
        own === undefined
          ? `${names.related(relation ?? 0)}.${quoteIdentifier(column)}`
          : `${names.page}.c${index}`
      return `${from} AS ${quoteIdentifier(name)}`
    }),
  ]
  const joined = joins.map(({ access, on }, place) => {
    const here = names.related(place)
    const equal = on.map(
      (pair, index) => `${here}.${quoteIdentifier(pair.other)} = ${names.page}.j${place}x${index}`,
    )
    return ` LEFT JOIN ${tableSql(access, database)} AS ${here} ON ${equal.join(' AND ')}`
  })
  const sql = `SELECT ${outer.join(', ')} FROM (${page}) AS ${names.page}${joined.join('')}${orderSql(order, ofPage)}`
  return { sql, parameters: parameters.all() }
}

type Result = {
  readonly name: string
  /** Name in the source; undefined for a column of a related dataset. */
  readonly own: string | undefined
  readonly relation: number | undefined
  readonly column: string
}

function resultsOf({ what }: RowsPlan): readonly Result[] {
  if (what.kind === 'rows')
    return what.columns.map(({ name, column, relation }) => ({
      ...{ name, column, relation, own: relation === undefined ? column : undefined },
    }))
  return [...what.group, ...what.aggregates].map(({ name }) => ({
    ...{ name, own: name, relation: undefined, column: name },
  }))
}
