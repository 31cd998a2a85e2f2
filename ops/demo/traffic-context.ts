/** What the actions of live traffic have in common: their context, and statements whose row changes are noted. */
import type { CopyRow } from './copy-text.ts'
import type { Pools } from './pools.ts'
import type { ShopParameter, ShopResult, ShopSession } from './postgres-shop.ts'
import type { Random } from './random.ts'
import { SHOP_COLUMNS, type ShopTable } from './tables.ts'
import type { TrafficShop } from './traffic-shop.ts'
import type { ChangeKind } from './traffic-stats.ts'

/** What an action works with. */
export type ActionContext = {
  readonly session: ShopSession
  readonly shop: TrafficShop
  readonly random: Random
  readonly pools: Pools
  /** Wall clock, milliseconds. */
  readonly now: number
  /** Ids that must not repeat between runs, so not from the seed. */
  readonly newUuid: () => string
  /** Notes row changes; they count when the transaction commits. */
  readonly did: (table: ShopTable, kind: ChangeKind, count: number) => void
  /** Runs after the commit. */
  readonly after: (run: () => void) => void
}

/** A unit of work. */
export type Action = (context: ActionContext) => Promise<void>

const inserts = new Map<string, string>()

function insertText(table: ShopTable, columns: readonly string[], rows: number): string {
  const name = `${table}/${columns.length}/${rows}`
  let text = inserts.get(name)
  if (text === undefined) {
    const width = columns.length
    const places = Array.from(
      { length: rows },
      (_, r) => `(${columns.map((_, c) => `$${r * width + c + 1}`).join(', ')})`,
    )
    text = /*sql*/ `insert into ${table} (${columns.join(', ')}) values ${places.join(', ')} returning id::text`
    inserts.set(name, text)
  }
  return text
}

/** Inserts rows given in the order of the table's columns, without its `id` unless `withId`. */
export async function insertRows(
  context: ActionContext,
  table: ShopTable,
  rows: readonly CopyRow[],
  withId = false,
): Promise<ShopResult<{ id: string }>> {
  const columns = SHOP_COLUMNS[table].filter((column) => withId || column !== 'id')
  const done = await context.session.query<{ id: string }>(
    insertText(table, columns, rows.length),
    rows.flat(),
  )
  context.did(table, 'insert', done.count)
  return done
}

/** Runs an update or a delete and notes the rows that it touched. */
export async function change(
  context: ActionContext,
  table: ShopTable,
  kind: 'update' | 'delete',
  text: string,
  values: readonly ShopParameter[],
): Promise<number> {
  const { count } = await context.session.query(text, values)
  if (count > 0) context.did(table, kind, count)
  return count
}
