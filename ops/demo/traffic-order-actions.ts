/** Live traffic in orders, their lines and payments. */
import { BROKEN_NUMBERS, BROKEN_UUIDS } from './broken-rows.ts'
import { drawLines, paymentValues, totalOf } from './order-rows.ts'
import type { ShopParameter } from './postgres-shop.ts'
import { addressText, dateText, moneyText, timestampText } from './text-values.ts'
import { type Action, change, insertRows } from './traffic-context.ts'
import { openAccount } from './traffic-people-actions.ts'

/** A new order with its lines and, if it costs anything, its payment. */
export const placeOrder: Action = async (context) => {
  const { shop, random, pools, now, newUuid } = context
  const customer = shop.customers.pick(random)
  if (!customer || shop.products.length === 0) return openAccount(context)
  const { tenant, locale } = shop
  const lines = drawLines(shop.products, random)
  const cents = totalOf(lines)
  const at = timestampText(now, random)
  const order = await insertRows(context, 'orders', [
    [
      tenant,
      customer.id,
      'pending',
      locale.currency,
      lines.length,
      moneyText(cents),
      random.chance(0.1) ? '5.00' : null,
      random.chance(0.1),
      customer.fullName,
      random.pick(locale.streets),
      random.pick(locale.cities),
      locale.country,
      addressText(random),
      null,
      JSON.stringify({ utm: random.pick(['mail', 'search', 'social']), word: random.pick(pools.words) }),
      dateText(now),
      at,
      null,
      at,
    ],
  ])
  const id = order.rows[0]!.id
  const items = lines.map((line) => [
    tenant,
    id,
    line.product.id,
    line.quantity,
    moneyText(line.product.priceCents),
    line.discountCents > 0 ? moneyText(line.discountCents) : null,
    null,
    null,
    at,
  ])
  await insertRows(context, 'order_items', items)
  if (cents > 0) {
    const values = paymentValues('authorized', cents, locale.currency, customer.email, now, random)
    await insertRows(context, 'payments', [[newUuid(), tenant, id, ...values]], true)
  }
  context.after(() => {
    shop.orders.add({ id, status: 'pending' })
    if (random.chance(0.2)) shop.own.orders.add({ id, status: 'pending' })
  })
}

const NEXT: Readonly<Record<string, string>> = {
  pending: 'paid',
  paid: 'packed',
  packed: 'shipped',
  shipped: 'delivered',
}

/** An order goes one step on; a tenth of the pending ones are called off. */
export const moveOrder: Action = async (context) => {
  const { shop, random } = context
  const order = shop.orders.take(random)
  if (!order) return placeOrder(context)
  const next =
    order.status === 'pending' && random.chance(0.1) ? 'cancelled' : (NEXT[order.status] ?? 'delivered')
  const count = await change(
    context,
    'orders',
    'update',
    /*sql*/ `update orders set status = $3::order_status, updated_at = now(),
               shipped_at = case when $3 = 'shipped' then now() else shipped_at end
             where tenant_id = $1 and id = $2`,
    [shop.tenant, order.id, next],
  )
  if (count > 0 && next in NEXT) context.after(() => shop.orders.add({ id: order.id, status: next }))
}

/** A correction that names the order, not the payment's key. */
export const capturePayment: Action = async (context) => {
  const order = context.shop.orders.pick(context.random)
  if (!order) return placeOrder(context)
  await change(
    context,
    'payments',
    'update',
    /*sql*/ `update payments set status = 'captured', paid_at = now(), updated_at = now()
             where tenant_id = $1 and order_id = $2 and status = 'authorized' and id::text not like $3`,
    [context.shop.tenant, order.id, `${BROKEN_UUIDS}%`],
  )
}

/** All lines of an order at once, by no key of theirs. */
export const discountLines: Action = async (context) => {
  const order = context.shop.orders.pick(context.random)
  if (!order) return
  await change(
    context,
    'order_items',
    'update',
    /*sql*/ `update order_items set discount = round(unit_price * quantity * 0.05, 2), updated_at = now()
             where tenant_id = $1 and order_id = $2 and id < $3`,
    [context.shop.tenant, order.id, BROKEN_NUMBERS],
  )
}

/** Deletes a line and puts it back under the same key with another quantity, in one transaction. */
export const replaceLine: Action = async (context) => {
  const { shop, random } = context
  const order = shop.orders.pick(random)
  if (!order) return
  const { rows } = await context.session.query<Record<string, ShopParameter>>(
    /*sql*/ `delete from order_items where tenant_id = $1
               and id = (select min(id) from order_items where tenant_id = $1 and order_id = $2)
             returning id::text, product_id::text, unit_price::text`,
    [shop.tenant, order.id],
  )
  const line = rows[0]
  if (!line) return
  context.did('order_items', 'delete', 1)
  const at = timestampText(context.now, random)
  const { id = null, product_id = null, unit_price = null } = line
  const row = [shop.tenant, id, order.id, product_id, random.int(1, 9), unit_price, null, true, null, at]
  await insertRows(context, 'order_items', [row], true)
}

/** An order with its lines and payments. The tenant of a payment is not in its key: the delete must reach it all the same. */
export const deleteOrder: Action = async (context) => {
  const order = context.shop.own.orders.take(context.random)
  if (!order) return
  const values = [context.shop.tenant, order.id]
  for (const table of ['payments', 'order_items'] as const) {
    const text = /*sql*/ `delete from ${table} where tenant_id = $1 and order_id = $2`
    await change(context, table, 'delete', text, values)
  }
  const text = /*sql*/ 'delete from orders where tenant_id = $1 and id = $2'
  await change(context, 'orders', 'delete', text, values)
}
