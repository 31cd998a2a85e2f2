/** The demo's contracts: they compile, fit the source schema, and protect what is personal. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadContracts } from '#contracts/load-contracts.ts'
import { SHOP_COLUMNS, SHOP_TABLES } from '#ops/demo/tables.ts'
import { customOf, readContracts } from './contract-check.ts'

const compiled = loadContracts(fileURLToPath(new URL('../../../ops/demo/contracts', import.meta.url)))
const contracts = readContracts()
const schema = readFileSync(new URL('../../../ops/demo/schema.sql', import.meta.url), 'utf8')

/** `column -> type` of a table, read from the SQL. */
function sqlColumns(table: string): ReadonlyMap<string, string> {
  const body = new RegExp(`create table ${table} \\(\\n([\\s\\S]*?)\\n\\);`).exec(schema)?.[1] ?? ''
  const lines = body.split('\n').map((line) => line.trim())
  return new Map(
    lines
      .filter((line) => !/^(primary|foreign) key/.test(line))
      .map((line) => {
        const [, name = '', type = ''] =
          /^(\w+)\s+(double precision|[\w[\]]+(?:\(\d+(?:,\d+)?\))?)/.exec(line) ?? []
        return [name, type]
      }),
  )
}

describe('the demo contracts', () => {
  it('compile without a fault, one per table', () => {
    expect(compiled.map((dataset) => dataset.name)).toEqual([...SHOP_TABLES].sort())
  })

  it.each(SHOP_TABLES)('%s has the columns and types of its table, in order', (table) => {
    const columns = contracts.get(table)!.schema[0]!.properties
    expect(columns.map((column) => [column.name, column.physicalType])).toEqual([...sqlColumns(table)])
    expect(SHOP_COLUMNS[table]).toEqual(columns.map((column) => column.name))
  })

  it.each(SHOP_TABLES)('%s: every personal column has a plan, and no example of its values', (table) => {
    for (const column of contracts.get(table)!.schema[0]!.properties) {
      const personal = column.classification === 'personal' || column.classification === 'sensitive'
      expect([column.name, customOf(column, 'piiPlan') !== undefined]).toEqual([column.name, personal])
      if (personal) expect(column).not.toHaveProperty('examples')
    }
  })

  it('keep the tenant in some keys and outside others', () => {
    const inKey = Object.fromEntries(compiled.map((dataset) => [dataset.name, dataset.tenantInKey]))
    expect(inKey).toEqual({
      customers: true,
      order_items: true,
      orders: true,
      payments: false,
      products: false,
      support_tickets: true,
      tenants: true,
    })
  })

  it('keep analysts from existing columns, and to the rows of their shop', () => {
    const refused = (name: string): readonly string[] => {
      const dataset = compiled.find((candidate) => candidate.name === name)!
      const analyst = dataset.roles.find((role) => role.role === 'analyst')!
      const filter = [{ column: dataset.tenantColumn, operator: '=', principal: 'tenant' }]
      expect(analyst.rowFilter).toEqual(filter)
      const targets = dataset.columns.flatMap((column) => column.target ?? [])
      return targets.filter((target) => !analyst.columns.includes(target))
    }
    expect(refused('payments')).toContain('card_fingerprint_token')
    expect(refused('customers')).toContain('birth_date')
    expect(refused('customers')).not.toContain('email_token')
    for (const table of SHOP_TABLES) refused(table)
  })

  it('put the same token domain on addresses that are to be joined', () => {
    const domainOf = (table: string, column: string): unknown =>
      compiled.find((d) => d.name === table)?.columns.find((c) => c.source === column)?.pii
    const plan = { method: 'hmac', domain: 'email', normalize: 'email' }
    expect(domainOf('customers', 'email')).toMatchObject(plan)
    expect(domainOf('support_tickets', 'contact_email')).toMatchObject(plan)
    expect(domainOf('payments', 'payer_email')).toMatchObject(plan)
  })
})
