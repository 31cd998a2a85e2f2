/**
 * The plan of a demo data set: which tenants there are, how large each is, and what it sells.
 *
 * It is small (a few thousand products at most) and is kept in memory; everything else is drawn from it row by row.
 * Numbers of customers, orders, lines and tickets start at 1 in *every* tenant, on purpose: two shops both have a
 * customer 1, so anything that forgets the tenant in a key shows at once.
 */
import { MogoError } from '#contracts/errors.ts'
import { createPools, type LocalePool, type Pools } from './pools.ts'
import { createRandom, entityUuid, mixSeed } from './random.ts'

/** How much to generate. */
export type WorldOptions = {
  readonly tenants: number
  /** Customers of all tenants together; about 13 rows of other tables come with each. */
  readonly customers: number
  readonly seed: number
}

/** What other tables need to know of a product. */
export type ProductPlan = { readonly id: string; readonly priceCents: number }

/** One shop. */
export type TenantPlan = {
  readonly index: number
  readonly id: string
  readonly locale: LocalePool
  readonly customers: number
  readonly products: readonly ProductPlan[]
}

/** The whole plan. */
export type World = {
  readonly seed: number
  readonly pools: Pools
  readonly tenants: readonly TenantPlan[]
}

/** Kinds of entity, as part of their seeds. */
export const KIND = {
  tenant: 1,
  customer: 2,
  person: 3,
  product: 4,
  order: 5,
  ticket: 6,
  orders: 7,
  tickets: 8,
  payment: 9,
} as const

/** History runs from here … */
export const HISTORY_START = Date.UTC(2024, 0, 1)
/** … to here. Fixed, so that a seed means the same rows on every day. */
export const HISTORY_END = Date.UTC(2026, 5, 30)

const NAMED = 'acme globex initech umbra lumen kestrel marigold tundra cobalt juniper saffron harbor'.split(
  ' ',
)
const FIRST =
  'amber bright calm deep early far green high iron kind low mild new open prime quick red silver true urban'
const SECOND =
  'anchor bridge corner delta elm field garden harvest island lane market nest orchard peak river shore tower vale'

/** The id of the n-th tenant: the first twelve are well known, the rest are composed. */
export function tenantId(index: number): string {
  const named = NAMED[index]
  if (named !== undefined) return named
  const first = FIRST.split(' ')
  const second = SECOND.split(' ')
  const n = index - NAMED.length
  const round = Math.floor(n / (first.length * second.length))
  const name = `${first[n % first.length]}-${second[Math.floor(n / first.length) % second.length]}`
  return round === 0 ? name : `${name}-${round + 1}`
}

/** Splits customers over tenants: large ones first (weight 1 / n^0.7), nobody without. */
export function shareCustomers(tenants: number, customers: number): readonly number[] {
  const weights = Array.from({ length: tenants }, (_, i) => 1 / (i + 1) ** 0.7)
  const sum = weights.reduce((a, b) => a + b, 0)
  const spare = customers - tenants
  const shares = weights.map((weight) => 1 + Math.floor((spare * weight) / sum))
  const rest = customers - shares.reduce((a, b) => a + b, 0)
  return shares.map((share, i) => (i < rest ? share + 1 : share))
}

const wholeNumber = (name: string, value: number, min: number, max: number): void => {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new MogoError('MOGO_USAGE', { detail: `${name} must be a whole number from ${min} to ${max}.` })
}

/**
 * Plans a data set.
 *
 * @throws MogoError MOGO_USAGE if a number is out of range: 2 to 5,000 tenants (two are needed to show that they are kept
 *   apart), at least as many customers, at most 20 million.
 */
export function planWorld(options: WorldOptions): World {
  const { tenants, customers, seed } = options
  wholeNumber('--tenants', tenants, 2, 5000)
  wholeNumber('--customers', customers, tenants, 20_000_000)
  wholeNumber('--seed', seed, 0, 2 ** 31 - 1)
  const pools = createPools(seed)
  const random = createRandom(0)
  const plans = shareCustomers(tenants, customers).map((share, index): TenantPlan => {
    const count = Math.min(400, 20 + Math.floor(share / 25))
    const products = Array.from({ length: count }, (_, n): ProductPlan => {
      random.reseed(mixSeed(seed, KIND.product, index, n))
      return {
        id: entityUuid(seed, KIND.product, index, n),
        priceCents: random.int(199, 999) * random.pick([1, 1, 1, 4, 10, 40]),
      }
    })
    const locale = pools.locales[index % pools.locales.length]!
    return { index, id: tenantId(index), locale, customers: share, products }
  })
  return { seed, pools, tenants: plans }
}
