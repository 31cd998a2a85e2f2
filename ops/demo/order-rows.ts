/**
 * Rows of `orders`, `order_items` and `payments`.
 *
 * An order is drawn whole, with its lines and payments, from its own seed; each of the three tables walks the orders anew
 * and writes its part. Walking thrice costs less than keeping millions of orders.
 */
import { arrayText, type CopyRow } from './copy-text.ts'
import { createPersonOf, joinedAt, type Person } from './people-rows.ts'
import { createRandom, entityUuid, mixSeed, type Random } from './random.ts'
import { addressText, dateText, moneyText, timestampText } from './text-values.ts'
import { HISTORY_END, KIND, type ProductPlan, type TenantPlan, type World } from './world.ts'

type Line = { readonly product: ProductPlan; readonly quantity: number; readonly discountCents: number }

/** An order as drawn, before it becomes rows. */
export type OrderDraft = {
  readonly tenant: TenantPlan
  readonly number: number
  readonly customer: number
  readonly person: Person
  readonly placedAt: number
  readonly status: string
  readonly lines: readonly Line[]
  readonly totalCents: number
  /** Number of the first line, unique within the tenant. */
  readonly firstLine: number
}

const STATUSES = [
  'delivered',
  'delivered',
  'delivered',
  'delivered',
  'shipped',
  'packed',
  'paid',
  'pending',
  'cancelled',
  'refunded',
]

/** Draws the lines of an order: 1 to 4, mostly one piece each. */
export function drawLines(products: readonly ProductPlan[], random: Random): readonly Line[] {
  return Array.from({ length: random.pick([1, 1, 2, 2, 3, 4]) }, () => {
    const product = random.pick(products)
    const quantity = random.chance(0.8) ? 1 : random.int(2, 6)
    const discountCents = random.chance(0.2) ? Math.floor((product.priceCents * quantity) / 10) : 0
    return { product, quantity, discountCents }
  })
}

/** Sum of lines after their discounts. */
export function totalOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.product.priceCents * line.quantity - line.discountCents, 0)
}

/** All orders, tenant by tenant, customer by customer; numbers count from 1 in each tenant. */
export function* eachOrder(world: World): Generator<OrderDraft> {
  const random = createRandom(0)
  const personOf = createPersonOf(world)
  for (const tenant of world.tenants) {
    let number = 0
    let firstLine = 1
    for (let customer = 1; customer <= tenant.customers; customer += 1) {
      // 0 to 6 orders, 3 on the mean; the first customer always has one, which the broken rows refer to.
      const count = Math.max(
        customer === 1 ? 1 : 0,
        mixSeed(world.seed, KIND.orders, tenant.index, customer) % 7,
      )
      if (count === 0) continue
      const person = personOf(tenant, customer)
      const since = joinedAt(world.seed, tenant.index, customer)
      for (let n = 0; n < count; n += 1) {
        number += 1
        random.reseed(mixSeed(world.seed, KIND.order, tenant.index, number))
        const lines = drawLines(tenant.products, random)
        const placedAt = since + Math.floor(random.next() * (HISTORY_END - since))
        const status = random.pick(STATUSES)
        const totalCents = totalOf(lines)
        yield { tenant, number, customer, person, placedAt, status, lines, totalCents, firstLine }
        firstLine += lines.length
      }
    }
  }
}

const DAY = 86_400_000

/** Rows of `orders`. */
export function* orderRows(world: World): Generator<CopyRow> {
  const random = createRandom(0)
  for (const order of eachOrder(world)) {
    const { tenant, person, placedAt } = order
    random.reseed(mixSeed(world.seed, KIND.order, tenant.index, order.number, 1))
    const sent = order.status === 'shipped' || order.status === 'delivered'
    const shippedAt = placedAt + random.int(DAY / 24, 4 * DAY)
    yield [
      tenant.id,
      order.number,
      order.customer,
      order.status,
      tenant.locale.currency,
      order.lines.length,
      moneyText(order.totalCents),
      random.chance(0.1) ? moneyText(random.int(1, 60) * 50) : null,
      random.chance(0.08),
      person.fullName,
      person.street,
      person.city,
      tenant.locale.country,
      random.chance(0.9) ? addressText(random) : null,
      random.chance(0.15) ? arrayText(['WELCOME10']) : null,
      random.chance(0.8)
        ? JSON.stringify({
            utm: random.pick(['mail', 'search', 'social']),
            device: random.pick(['phone', 'desktop']),
          })
        : null,
      dateText(placedAt),
      timestampText(placedAt, random),
      sent ? timestampText(shippedAt, random) : null,
      timestampText(sent ? shippedAt : placedAt, random),
    ]
  }
}

/** Rows of `order_items`. */
export function* orderItemRows(world: World): Generator<CopyRow> {
  const random = createRandom(0)
  for (const order of eachOrder(world)) {
    random.reseed(mixSeed(world.seed, KIND.order, order.tenant.index, order.number, 2))
    for (const [n, line] of order.lines.entries()) {
      yield [
        order.tenant.id,
        order.firstLine + n,
        order.number,
        line.product.id,
        line.quantity,
        moneyText(line.product.priceCents),
        line.discountCents > 0 ? moneyText(line.discountCents) : null,
        random.chance(0.7) ? random.chance(0.1) : null,
        random.chance(0.2) ? JSON.stringify({ size: random.pick(['S', 'M', 'L']) }) : null,
        timestampText(order.placedAt, random),
      ]
    }
  }
}

/** The values of a payment from `method` on; its uuid, the tenant and the order stand before them. */
export function paymentValues(
  status: string,
  totalCents: number,
  currency: string,
  email: string,
  at: number,
  random: Random,
): CopyRow {
  const method = random.pick(['card', 'card', 'card', 'sepa', 'paypal', 'invoice'])
  const paid = status === 'captured' || status === 'refunded'
  return [
    method,
    status,
    moneyText(totalCents),
    (totalCents * 0.00029).toFixed(6),
    currency,
    email,
    method === 'card' ? `fp_${random.hex(24)}` : null,
    method === 'sepa' ? `DE${random.digits(20)}` : null,
    // 19 digits below 2^63: a reader that takes it for a double gets it wrong.
    `4${random.digits(18)}`,
    random.chance(0.9) ? random.int(0, 100) : null,
    JSON.stringify({ payer: email, code: random.pick(['00', '05', '51']) }),
    paid ? timestampText(at + 60_000, random) : null,
    timestampText(at + 60_000, random),
  ]
}

const PAYMENT_OF: Readonly<Record<string, string>> = {
  pending: 'authorized',
  cancelled: 'failed',
  refunded: 'refunded',
}

/** Rows of `payments`: one for each order, and a failed attempt before it now and then. */
export function* paymentRows(world: World): Generator<CopyRow> {
  const random = createRandom(0)
  for (const order of eachOrder(world)) {
    const { tenant, totalCents, placedAt } = order
    random.reseed(mixSeed(world.seed, KIND.order, tenant.index, order.number, 3))
    const email = order.person.email
    const attempts = random.chance(0.06) ? ['failed'] : []
    for (const [n, status] of [...attempts, PAYMENT_OF[order.status] ?? 'captured'].entries()) {
      const values = paymentValues(status, totalCents, tenant.locale.currency, email, placedAt, random)
      yield [
        entityUuid(world.seed, KIND.payment, tenant.index, order.number, n),
        tenant.id,
        order.number,
        ...values,
      ]
    }
  }
}
