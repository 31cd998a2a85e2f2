/** The rows of a planned world, table by table, as lazy sequences: nothing is kept, nothing is drawn before it is asked for. */
import { brokenRowsOf } from './broken-rows.ts'
import type { CopyRow } from './copy-text.ts'
import { orderItemRows, orderRows, paymentRows } from './order-rows.ts'
import { customerRows, tenantRows } from './people-rows.ts'
import { productRows } from './product-rows.ts'
import type { ShopTable } from './tables.ts'
import { ticketRows } from './ticket-rows.ts'
import type { World } from './world.ts'

const ROWS: Readonly<Record<ShopTable, (world: World) => Generator<CopyRow>>> = {
  tenants: tenantRows,
  customers: customerRows,
  products: productRows,
  orders: orderRows,
  order_items: orderItemRows,
  payments: paymentRows,
  support_tickets: ticketRows,
}

/** The rows of a table that keep their contract. */
export function soundRows(table: ShopTable, world: World): Generator<CopyRow> {
  return ROWS[table](world)
}

/** All rows of a table, the broken ones last. */
export function* allRows(table: ShopTable, world: World): Generator<CopyRow> {
  yield* ROWS[table](world)
  yield* brokenRowsOf(table, world)
}
