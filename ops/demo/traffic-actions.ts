/**
 * What happens in a shop: small units of work, each a few row changes of one transaction.
 *
 * Among the everyday ones are those that pipelines get wrong: an update that leaves a large text as it was, a correction that
 * names no key, a delete with its children, a row deleted and put back under the same key, a row that comes and goes
 * within one transaction.
 */
import { BROKEN_NUMBERS, BROKEN_UUIDS } from './broken-rows.ts'
import type { CopyRow } from './copy-text.ts'
import { drawLines, paymentValues, totalOf } from './order-rows.ts'
import { customerValues, drawPerson } from './people-rows.ts'
import type { Pools } from './pools.ts'
import type { ShopParameter, ShopResult, ShopSession } from './postgres-shop.ts'
import type { Random } from './random.ts'
import { SHOP_COLUMNS, type ShopTable } from './tables.ts'
import { addressText, dateText, moneyText, timestampText } from './text-values.ts'
import { ticketValues } from './ticket-rows.ts'
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

async function change(
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

const placeOrder: Action = async (context) => {
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

const moveOrder: Action = async (context) => {
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
const capturePayment: Action = async (context) => {
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

/** Leaves the description as it is; a third of them lie out of line. */
const correctPrice: Action = async ({ shop, random, ...rest }) => {
  if (shop.products.length === 0) return
  await change(
    { shop, random, ...rest },
    'products',
    'update',
    /*sql*/ `update products set price = greatest(0.99, round(price * $3::numeric, 2)), updated_at = now()
             where id = $1 and tenant_id = $2 and price < 100000`,
    [random.pick(shop.products).id, shop.tenant, random.pick(['0.90', '0.95', '1.05', '1.10'])],
  )
}

const countStock: Action = async ({ shop, random, ...rest }) => {
  if (shop.products.length === 0) return
  await change(
    { shop, random, ...rest },
    'products',
    'update',
    /*sql*/ 'update products set stock = $3, available = $3 > 0, updated_at = now() where id = $1 and tenant_id = $2',
    [random.pick(shop.products).id, shop.tenant, random.int(-5, 4000)],
  )
}

const openAccount: Action = async (context) => {
  const { shop, random, pools, now, newUuid } = context
  const person = drawPerson({ pools }, shop.locale, `t${newUuid().slice(0, 8)}`, random)
  const values = customerValues({ pools }, shop.locale, person, now, now, random)
  const { rows } = await insertRows(context, 'customers', [[shop.tenant, newUuid(), ...values]])
  const customer = { id: rows[0]!.id, fullName: person.fullName, email: person.email }
  const keep = random.chance(0.8)
  context.after(() => (keep ? shop.customers : shop.own.customers).add(customer))
}

/** The account and all its tickets take the new address. */
const changeEmail: Action = async (context) => {
  const { shop, random, pools, newUuid } = context
  const customer = shop.customers.take(random)
  if (!customer) return
  const email = drawPerson({ pools }, shop.locale, `n${newUuid().slice(0, 8)}`, random).email
  await change(
    context,
    'customers',
    'update',
    /*sql*/ 'update customers set email = $3, updated_at = now() where tenant_id = $1 and id = $2',
    [shop.tenant, customer.id, email],
  )
  await change(
    context,
    'support_tickets',
    'update',
    /*sql*/ `update support_tickets set contact_email = $3, updated_at = now() where tenant_id = $1 and customer_id = $2`,
    [shop.tenant, customer.id, email],
  )
  context.after(() => shop.customers.add({ ...customer, email }))
}

const openTicket: Action = async (context) => {
  const { shop, random, pools, now } = context
  const customer = shop.customers.pick(random)
  if (!customer) return
  const person = { ...customer, street: '', city: '' }
  const values = ticketValues({ pools }, person, now, 'open', random)
  const { rows } = await insertRows(context, 'support_tickets', [[shop.tenant, customer.id, ...values]])
  const ticket = { id: rows[0]!.id }
  const keep = random.chance(0.6)
  context.after(() => (keep ? shop.tickets : shop.own.tickets).add(ticket))
}

/** Most leave the transcript as it is; some add to it. */
const answerTicket: Action = async (context) => {
  const { shop, random, pools } = context
  const ticket = shop.tickets.pick(random)
  if (!ticket) return openTicket(context)
  if (random.chance(0.2)) {
    await change(
      context,
      'support_tickets',
      'update',
      /*sql*/ `update support_tickets set transcript = left(coalesce(transcript, '') || $3, 90000), updated_at = now()
               where tenant_id = $1 and id = $2`,
      [shop.tenant, ticket.id, `\n${random.pick(pools.sentences)}`],
    )
    return
  }
  await change(
    context,
    'support_tickets',
    'update',
    /*sql*/ `update support_tickets set status = $3, priority = $4, updated_at = now(),
               closed_at = case when $3 in ('solved', 'closed') then now() end
             where tenant_id = $1 and id = $2`,
    [shop.tenant, ticket.id, random.pick(['open', 'pending', 'solved', 'closed']), random.int(1, 5)],
  )
}

/** All lines of an order at once, by no key of theirs. */
const discountLines: Action = async (context) => {
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
const replaceLine: Action = async (context) => {
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

/** A ticket that comes and goes within one transaction: it must never be seen. */
const spamTicket: Action = async (context) => {
  const { shop, random, pools, now } = context
  const person = { ...drawPerson({ pools }, shop.locale, 'spam', random) }
  const values = ticketValues({ pools }, person, now, 'open', random)
  const { rows } = await insertRows(context, 'support_tickets', [[shop.tenant, null, ...values]])
  await deleteTicketById(context, rows[0]!.id)
}

async function deleteTicketById(context: ActionContext, id: string): Promise<void> {
  await change(
    context,
    'support_tickets',
    'delete',
    /*sql*/ 'delete from support_tickets where tenant_id = $1 and id = $2',
    [context.shop.tenant, id],
  )
}

const deleteTicket: Action = async (context) => {
  const ticket = context.shop.own.tickets.take(context.random)
  if (ticket) await deleteTicketById(context, ticket.id)
}

const deleteCustomer: Action = async (context) => {
  const customer = context.shop.own.customers.take(context.random)
  if (!customer) return
  await change(
    context,
    'customers',
    'delete',
    /*sql*/ 'delete from customers where tenant_id = $1 and id = $2',
    [context.shop.tenant, customer.id],
  )
}

/** An order with its lines and payments. The tenant of a payment is not in its key: the delete must reach it all the same. */
const deleteOrder: Action = async (context) => {
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

const WEIGHTS: readonly (readonly [number, Action])[] = [
  [12, placeOrder],
  [25, moveOrder],
  [10, capturePayment],
  [12, correctPrice],
  [10, countStock],
  [6, openAccount],
  [4, changeEmail],
  [5, openTicket],
  [8, answerTicket],
  [5, discountLines],
  [2, replaceLine],
  [1, spamTicket],
  [3, deleteTicket],
  [1, deleteCustomer],
  [2, deleteOrder],
]

const TOTAL = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0)

/** Draws what happens next. */
export function drawAction(random: Random): Action {
  let left = random.next() * TOTAL
  for (const [weight, action] of WEIGHTS) {
    left -= weight
    if (left < 0) return action
  }
  return moveOrder
}
