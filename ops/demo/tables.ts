/** The tables of the demo source and the columns that the generator writes, parents before children. */

/** A table of the demo source. */
export type ShopTable =
  | 'tenants'
  | 'customers'
  | 'products'
  | 'orders'
  | 'order_items'
  | 'payments'
  | 'support_tickets'

/** Tables in an order in which every foreign key finds its parent. */
export const SHOP_TABLES: readonly ShopTable[] = [
  'tenants',
  'customers',
  'products',
  'orders',
  'order_items',
  'payments',
  'support_tickets',
]

const list = (names: string): readonly string[] => names.trim().split(/\s+/)

/** Column names per table, in the order of a generated row. */
export const SHOP_COLUMNS: Readonly<Record<ShopTable, readonly string[]>> = {
  tenants: list(`id name plan country currency contact_name billing_email active seats features settings
    created_on updated_at`),
  customers: list(`tenant_id id external_ref full_name email phone birth_date street city postal_code country
    language signup_ip marketing_opt_in loyalty_points loyalty_tier credit_limit tags attributes created_at updated_at`),
  products:
    list(`id tenant_id sku name description category price currency stock weight_kg rating available tags
    attributes released_on created_at updated_at`),
  orders: list(`tenant_id id customer_id status currency item_count total discount_pct gift shipping_name
    shipping_street shipping_city shipping_country client_ip coupon_codes metadata placed_on placed_at shipped_at updated_at`),
  order_items: list(
    'tenant_id id order_id product_id quantity unit_price discount gift_wrap options updated_at',
  ),
  payments: list(`id tenant_id order_id method status amount fee currency payer_email card_fingerprint iban
    provider_txn risk_score provider_response paid_at updated_at`),
  support_tickets:
    list(`tenant_id id customer_id contact_email contact_name topic channel status priority subject
    transcript client_ip satisfaction tags opened_at closed_at updated_at`),
}

/** Tables whose `id` comes from an identity column. */
export const IDENTITY_TABLES: readonly ShopTable[] = ['customers', 'orders', 'order_items', 'support_tickets']
