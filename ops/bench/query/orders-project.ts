/** The project of the query benchmarks: orders of ten tenants, written straight into ClickHouse, and people of each tenant. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openClickHouse } from '#ops/cli/clickhouse-session.ts'
import { ROOT } from '#ops/cli/find-project.ts'
import { openPostgres } from '#ops/cli/postgres-session.ts'
import type { Settings } from '#ops/runtime/settings.ts'
import { makeTemporaryProject, type TemporaryProject } from '#ops/runtime/temporary-project.ts'

export const TENANTS = 10

/** Name of a tenant. No name is the beginning of another. */
export const tenantName = (index: number): string => `tenant-${index}`

/** The analyst of a tenant, and who keeps its API keys. */
export const analystOf = (index: number): string => `analyst-${index}`
export const keeperOf = (index: number): string => `keeper-${index}`

const SOURCE = /*sql*/ `
  create table public.orders (
    tenant_id text not null, id bigint not null, customer_id bigint not null, status text not null, country text not null,
    total numeric(12, 2) not null, quantity integer not null, placed_at timestamptz not null, primary key (tenant_id, id)
  )`

const COLUMNS = 'tenant_id, id, customer_id, status, country, total, quantity, placed_at'

/** Orders of all tenants in turn, as the worker would have written them; ids of each begin with 1. */
const fillStatement = (table: string, rows: number) => /*sql*/ `
  INSERT INTO ${table} (${COLUMNS}, _version, _deleted, _committed_at)
  SELECT 'tenant-' || toString(number % ${TENANTS}), intDiv(number, ${TENANTS}) + 1, cityHash64(number) % 50000,
    ['pending', 'paid', 'packed', 'shipped', 'delivered', 'cancelled', 'refunded'][1 + cityHash64(number, 1) % 7],
    ['DE', 'FR', 'IT', 'ES', 'PT', 'NL', 'AT', 'PL'][1 + cityHash64(number, 2) % 8],
    toDecimal64(cityHash64(number, 3) % 100000, 2) / 100, 1 + cityHash64(number, 4) % 9,
    toDateTime64('2025-01-01 00:00:00', 6, 'UTC') + toIntervalSecond(number * 3), number + 1, 0, now64(3)
  FROM numbers(${rows}) SETTINGS max_insert_threads = 2`

/** Makes the project; its servers are started by the caller. */
export function makeOrdersProject(name: string, settings = ''): TemporaryProject {
  const made = makeTemporaryProject({
    name,
    contracts: { orders: readFileSync(join(ROOT, 'ops', 'bench', 'query', 'orders.odcs.yaml'), 'utf8') },
    logLevel: 'warn',
    settings: `identity: { people: people.yaml }\n${settings}`,
  })
  const people = Array.from({ length: TENANTS }, (_, index) => [
    person(analystOf(index), index, 'analyst'),
    person(keeperOf(index), index, 'analyst, data_engineer'),
  ])
  writeFileSync(join(made.project.dir, 'people.yaml'), `people:\n${people.flat().join('')}`)
  return made
}

function person(username: string, tenant: number, roles: string): string {
  return `  - { username: ${username}, displayName: ${username}, tenant: ${tenantName(tenant)}, roles: [${roles}], attributes: {} }\n`
}

/** The empty table at the source. */
export async function makeSource(settings: Settings): Promise<void> {
  const postgres = await openPostgres(settings.postgres('app'))
  try {
    await postgres.query(SOURCE)
  } finally {
    await postgres.close()
  }
}

/** Writes the orders. The worker has made the table. */
export async function fillOrders(settings: Settings, rows: number): Promise<void> {
  const { database } = settings.project.config.clickhouse
  const clickhouse = openClickHouse(settings.clickhouse('admin'), database)
  try {
    await clickhouse.query(fillStatement(`${database}.orders`, rows))
    await clickhouse.query(/*sql*/ `OPTIMIZE TABLE ${database}.orders FINAL`)
  } finally {
    await clickhouse.close()
  }
}
