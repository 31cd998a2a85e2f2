/** Rows of the shop: each column is reckoned from the number of the row, so that a test can say what it holds. */
import { createTableStatement, quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { SOUTH_MARKER, SOUTH_NUMBER, type Tenants } from './tenants.ts'

type Admin = Tenants['admin']

/** Orders of each tenant. */
export const ORDERS = 400
/** Customers of each tenant; some orders are of one that there is not. */
export const CUSTOMERS = 15

/** Columns of an order as expressions of `n`. */
const ORDER: Readonly<Record<string, string>> = {
  id: 'n',
  customer_id: 'if(n % 7 = 0, NULL, n % 20)',
  gift_for_id: 'if(n % 3 = 0, n % 20, NULL)',
  hidden_for_id: '1',
  status: "['new', 'paid', 'shipped', 'on hold, really'][n % 4 + 1]",
  state: "['new', 'a ] b', 'done'][n % 3 + 1]",
  total: "CAST(concat(toString(n), '.25') AS Decimal(12, 2))",
  exact:
    "if(n % 6 = 0, NULL, CAST(concat(toString(n % 5), '234567890123456789012345.', '000000000', toString(n % 10)) AS Decimal(38, 10)))",
  score: '[NULL, nan, -inf, inf, -0., 0., 1.5, n / 3][n % 8 + 1]',
  weight: 'toFloat32(n / 3)',
  small: 'if(n % 9 = 0, NULL, n % 11 - 5)',
  number: 'n - 200',
  u64: "toUInt64('18446744073709551615') - n",
  i128: "toInt128('-170141183460469231731687303715884105728') + n",
  u256: "toUInt256('115792089237316195423570985008687907853269984665640564039457584007913129639935') - n",
  flag: '[NULL, true, false][n % 3 + 1]',
  ref: "toUUID(concat('00000000-0000-4000-8000-', leftPad(lower(hex(n)), 12, '0')))",
  day: "if(n % 5 = 0, NULL, toDate32('1950-01-01') + n)",
  plain_day: "toDate('2020-01-01') + n",
  at: "toDateTime64('1969-12-31 23:59:59.999990', 6, 'UTC') + toIntervalMicrosecond(n)",
  second: "toDateTime('2026-01-01 00:00:00', 'UTC') + n",
  nano: "toDateTime64('2000-01-01 00:00:00.000000001', 9, 'UTC') + toIntervalNanosecond(n)",
  note: "[NULL, '', 'it\\'s', 'a%b_c\\\\d', unhex('FF00C3'), 'Ünï cödé', 'line\\nbreak\\ttab', '*star*'][n % 8 + 1]",
  tags: "[['vip', NULL], [], ['new', 'vip'], ['it\\'s', 'a,b']][n % 4 + 1]",
  numbers: '[toInt32(n % 3), NULL, toInt32(n)]',
  doc: '\'{"a":1}\'',
  code: 'toString(n)',
  email_token: "concat('h1_', toString(n % 10))",
  secret_note: "'hush'",
  phone_token: "'tel'",
}

/** Columns of an event: few different values, any bytes, every kind of float. */
const EVENT: Readonly<Record<string, string>> = {
  id: 'n',
  small: 'if(h % 50 = 0, NULL, toInt16(h % 200) - 100)',
  score: '[NULL, nan, inf, -inf, -0., 0., (h % 1000) / 7][least(h % 20 + 1, 7)]',
  amount: "CAST(concat(toString(h % 300), '.', leftPad(toString(h % 7), 10, '0')) AS Decimal(38, 10))",
  at: "toDateTime64('2026-01-01 00:00:00.000000', 6, 'UTC') + toIntervalMicrosecond(h % 2000)",
  name: 'if(h % 30 = 0, NULL, unhex(hex(toUInt16(h % 3000))))',
  u64: "toUInt64('18446744073709551615') - h % 5000",
  flag: '[NULL, true, false][h % 3 + 1]',
}

/** Inserts rows `from` … `from + count`. A later version replaces an earlier one; `deleted` marks them as gone. */
export async function insertRows(
  admin: Admin,
  table: 'orders' | 'events' | 'customers',
  rows: {
    readonly tenant: string
    readonly from: number
    readonly count: number
    readonly version?: number
    readonly deleted?: boolean
    readonly columns?: Readonly<Record<string, string>>
  },
): Promise<void> {
  const { tenant, from, count, version = 1, deleted = false } = rows
  const usual = table === 'orders' ? ORDER : table === 'events' ? EVENT : CUSTOMER
  const columns: Readonly<Record<string, string>> = {
    tenant_id: `'${tenant}'`,
    ...usual,
    ...rows.columns,
    _version: String(version),
    _deleted: deleted ? '1' : '0',
    _committed_at: 'now64(3)',
  }
  const names = Object.keys(columns).map(quoteIdentifier).join(', ')
  // The numbers are an own subquery, so that a column of the table is never taken for one of them.
  await admin(
    `INSERT INTO analytics.${table} (${names}) SELECT ${Object.values(columns).join(', ')} FROM (SELECT toInt64(number + ${from}) AS n, cityHash64(n) AS h FROM numbers(${count}))`,
  )
}

const CUSTOMER: Readonly<Record<string, string>> = {
  id: 'n',
  name_token: "concat('h1_customer_', toString(n))",
  country: "['DE', 'FR', 'XX', NULL][n % 4 + 1]",
  tier: 'n % 3',
  secret_note: "'hush'",
  phone_token: "'tel'",
}

/** Makes and fills the tables. `events` are those of north; south has more, so that both together are many. */
export const fillShop =
  (events: number) =>
  async (admin: Admin, datasets: readonly CompiledDataset[], database: string): Promise<void> => {
    for (const dataset of datasets) await admin(createTableStatement(dataset, database))
    const marked = { note: `'${SOUTH_MARKER}'`, total: String(SOUTH_NUMBER) }
    await insertRows(admin, 'orders', { tenant: 'north', from: 0, count: ORDERS })
    await insertRows(admin, 'orders', { tenant: 'south', from: 0, count: ORDERS, columns: marked })
    await insertRows(admin, 'customers', { tenant: 'north', from: 0, count: CUSTOMERS })
    const southern = { name_token: `'${SOUTH_MARKER}'`, country: "'FR'" }
    await insertRows(admin, 'customers', {
      tenant: 'south',
      from: 0,
      count: CUSTOMERS + 5,
      columns: southern,
    })
    await insertRows(admin, 'events', { tenant: 'north', from: 0, count: events })
    await insertRows(admin, 'events', {
      tenant: 'south',
      from: 0,
      count: 120_000,
      columns: { name: `'${SOUTH_MARKER}'` },
    })
    await admin(
      `INSERT INTO analytics.countries (code, continent, _tenant, _version, _deleted, _committed_at) SELECT ['DE', 'FR'][number + 1], ['Europe', 'Europe too'][number + 1], 'shared', 1, 0, now64(3) FROM numbers(2)`,
    )
  }
