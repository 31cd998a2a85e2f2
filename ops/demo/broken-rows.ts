/**
 * Rows that break their contract on purpose, one rule each.
 *
 * Postgres takes them all: a contract promises more than a schema does. Their keys are fixed, and lie where neither the generator
 * nor the live traffic goes, so a check can name them. The valid rows beside them are never touched by them.
 */
import type { CopyRow, CopyValue } from './copy-text.ts'
import { SHOP_COLUMNS, type ShopTable } from './tables.ts'
import type { World } from './world.ts'

/** The contract rule that a row breaks, in the words of the contract. */
export type BrokenRule =
  | 'pattern'
  | 'minimum'
  | 'maximum'
  | 'exclusiveMinimum'
  | 'validValues'
  | 'not_finite'
  | 'required'
  | 'maxLength'

/** One broken row. */
export type BrokenRow = {
  readonly dataset: ShopTable
  readonly tenant: string
  /** Primary key by column. */
  readonly key: Readonly<Record<string, string | number>>
  readonly column: string
  readonly rule: BrokenRule
  /** What is wrong, for people; never the value. */
  readonly why: string
}

/** Numbers from here on belong to broken rows. */
export const BROKEN_NUMBERS = 900_000_001
/** The uuids of broken rows start so. */
export const BROKEN_UUIDS = '00000000-0000-4000-8000-'

type Template = BrokenRow & { readonly value: CopyValue }

const numbered = (
  dataset: ShopTable,
  tenant: string,
  n: number,
  column: string,
  rule: BrokenRule,
  value: CopyValue,
  why: string,
): Template => ({
  dataset,
  tenant,
  key: { tenant_id: tenant, id: BROKEN_NUMBERS + n },
  column,
  rule,
  why,
  value,
})

const uuided = (
  dataset: ShopTable,
  tenant: string,
  n: number,
  column: string,
  rule: BrokenRule,
  value: CopyValue,
  why: string,
): Template => ({
  dataset,
  tenant,
  key: { id: `${BROKEN_UUIDS}${String(n + 1).padStart(12, '0')}` },
  column,
  rule,
  why,
  value,
})

const TEMPLATES: readonly Template[] = [
  numbered('customers', 'acme', 0, 'email', 'pattern', 'nobody.at.nowhere', 'an e-mail address without @'),
  numbered('customers', 'globex', 1, 'full_name', 'required', null, 'no name, which the contract requires'),
  numbered('customers', 'acme', 2, 'loyalty_points', 'minimum', -40, 'a negative number of points'),
  uuided('products', 'acme', 0, 'price', 'not_finite', 'NaN', 'a price that is not a number'),
  uuided(
    'products',
    'globex',
    1,
    'sku',
    'maxLength',
    'TOY-00000-00000-00000-00000-00000',
    'a SKU longer than 24 characters',
  ),
  numbered('orders', 'acme', 0, 'placed_on', 'maximum', '2999-12-31', 'a date far in the future'),
  numbered(
    'orders',
    'globex',
    1,
    'status',
    'validValues',
    'on_hold',
    'a status that the contract does not know',
  ),
  numbered('order_items', 'acme', 0, 'quantity', 'minimum', -3, 'a negative quantity'),
  uuided('payments', 'globex', 2, 'amount', 'exclusiveMinimum', '0.00', 'a payment of nothing'),
  numbered(
    'support_tickets',
    'acme',
    0,
    'status',
    'validValues',
    'limbo',
    'a status that the contract does not know',
  ),
  numbered('support_tickets', 'globex', 1, 'priority', 'maximum', 9, 'a priority above 5'),
]

/** The broken rows of every seeded database. */
export const BROKEN_ROWS: readonly BrokenRow[] = TEMPLATES.map(({ value: _value, ...row }) => row)

const NOW = '2026-06-01T08:30:00.123456Z'

/** A row of each table that keeps its contract, but for its key. */
function soundRow(table: ShopTable, world: World, tenantId: string): Readonly<Record<string, CopyValue>> {
  const tenant = world.tenants.find((t) => t.id === tenantId)!
  const { currency, country } = tenant.locale
  const common = { tenant_id: tenantId, currency, country, updated_at: NOW, created_at: NOW }
  const rows: Readonly<Record<ShopTable, Readonly<Record<string, CopyValue>>>> = {
    tenants: {},
    customers: {
      external_ref: '00000000-0000-4000-9000-000000000001',
      full_name: 'Broken Record',
      email: 'broken.record@mail.example',
      marketing_opt_in: false,
      loyalty_points: 0,
      loyalty_tier: 0,
    },
    products: {
      sku: 'TOY-90000',
      name: 'Broken Toy',
      category: 'toys',
      price: '9.90',
      stock: 1,
      available: false,
    },
    orders: {
      customer_id: 1,
      status: 'pending',
      item_count: 1,
      total: '9.90',
      gift: false,
      placed_on: '2026-06-01',
      placed_at: NOW,
    },
    order_items: { order_id: 1, product_id: tenant.products[0]!.id, quantity: 1, unit_price: '9.90' },
    payments: { order_id: 1, method: 'invoice', status: 'authorized', amount: '9.90', provider_txn: 1 },
    support_tickets: {
      contact_email: 'broken.record@mail.example',
      topic: 'other',
      channel: 'web',
      status: 'open',
      priority: 3,
      opened_at: NOW,
    },
  }
  return { ...common, ...rows[table] }
}

/** The broken rows of one table, ready for COPY. */
export function brokenRowsOf(table: ShopTable, world: World): readonly CopyRow[] {
  return TEMPLATES.filter((template) => template.dataset === table).map((template) => {
    const row = {
      ...soundRow(table, world, template.tenant),
      ...template.key,
      [template.column]: template.value,
    }
    return SHOP_COLUMNS[table].map((column) => (row as Record<string, CopyValue>)[column] ?? null)
  })
}
