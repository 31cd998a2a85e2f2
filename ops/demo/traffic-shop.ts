/**
 * What live traffic knows of one shop: some customers, products, orders and tickets to act on. It is read once at the start and
 * then kept up with what the traffic itself does; lists are bounded, the oldest entry makes room.
 *
 * Broken rows are left out, those of earlier runs included: what is built on them would be broken as well.
 *
 * Each shop belongs to one connection only, so two connections never wait for each other's rows.
 */
import { BROKEN_NUMBERS, BROKEN_UUIDS } from './broken-rows.ts'
import type { LocalePool } from './pools.ts'
import type { ShopSession } from './postgres-shop.ts'
import type { Random } from './random.ts'
import type { ProductPlan } from './world.ts'

/** A bounded list from which entries are picked at random. */
export type Sample<T> = {
  readonly size: () => number
  readonly add: (item: T) => void
  readonly pick: (random: Random) => T | undefined
  /** Picks an entry and takes it out. */
  readonly take: (random: Random) => T | undefined
}

/** A sample of at most `limit` entries. */
export function createSample<T>(items: readonly T[], limit: number): Sample<T> {
  const list = items.slice(0, limit)
  let oldest = 0
  return {
    size: () => list.length,
    add(item) {
      if (list.length < limit) list.push(item)
      else {
        list[oldest % limit] = item
        oldest += 1
      }
    },
    pick: (random) => (list.length === 0 ? undefined : random.pick(list)),
    take(random) {
      if (list.length === 0) return undefined
      const at = random.int(0, list.length - 1)
      const item = list[at]!
      const end = list.pop()!
      if (at < list.length) list[at] = end
      return item
    },
  }
}

/** An order that can still move on. */
export type OpenOrder = { readonly id: string; readonly status: string }
/** A customer. */
export type KnownCustomer = { readonly id: string; readonly fullName: string; readonly email: string }

/** One shop as traffic sees it. Numbers are text: they come from bigint columns. */
export type TrafficShop = {
  readonly tenant: string
  readonly locale: LocalePool
  readonly products: readonly ProductPlan[]
  readonly customers: Sample<KnownCustomer>
  readonly orders: Sample<OpenOrder>
  readonly tickets: Sample<{ readonly id: string }>
  /** Orders, tickets and customers that this traffic made itself, and may delete. */
  readonly own: {
    readonly orders: Sample<OpenOrder>
    readonly tickets: Sample<{ readonly id: string }>
    readonly customers: Sample<KnownCustomer>
  }
}

/** Reads what there is of one shop. */
export async function readShop(
  session: ShopSession,
  tenant: string,
  locale: LocalePool,
): Promise<TrafficShop> {
  const products = await session.query<{ id: string; cents: number }>(
    /*sql*/ `select id::text, (price * 100)::int as cents from products
             where tenant_id = $1 and price between 0.01 and 100000 and id::text not like $2 order by id limit 500`,
    [tenant, `${BROKEN_UUIDS}%`],
  )
  const customers = await session.query<KnownCustomer>(
    /*sql*/ `select id::text, full_name as "fullName", email from customers
             where tenant_id = $1 and id < $2 and full_name is not null and email like '%@%' and loyalty_points >= 0
             order by id desc limit 1000`,
    [tenant, BROKEN_NUMBERS],
  )
  const orders = await session.query<OpenOrder>(
    /*sql*/ `select id::text, status::text from orders
             where tenant_id = $1 and id < $2 and status in ('pending', 'paid', 'packed', 'shipped')
             order by id desc limit 2000`,
    [tenant, BROKEN_NUMBERS],
  )
  const tickets = await session.query<{ id: string }>(
    /*sql*/ `select id::text from support_tickets
             where tenant_id = $1 and id < $2 and priority <= 5 and status in ('open', 'pending', 'solved', 'closed')
             order by id desc limit 1000`,
    [tenant, BROKEN_NUMBERS],
  )
  return {
    tenant,
    locale,
    products: products.rows.map(({ id, cents }) => ({ id, priceCents: cents })),
    customers: createSample(customers.rows, 2000),
    orders: createSample(orders.rows, 4000),
    tickets: createSample(tickets.rows, 2000),
    own: {
      orders: createSample<OpenOrder>([], 500),
      tickets: createSample<{ id: string }>([], 500),
      customers: createSample<KnownCustomer>([], 500),
    },
  }
}
