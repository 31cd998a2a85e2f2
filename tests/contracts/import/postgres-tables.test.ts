import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkContract } from '#contracts/check-contract.ts'
import { postgresStatements } from '#contracts/export/postgres-ddl.ts'
import { draftContracts } from '#contracts/import/draft-contract.ts'
import type { ImportedColumn, ImportedTable } from '#contracts/import/imported-table.ts'
import { type Catalog, readCatalog } from '#contracts/import/postgres-catalog.ts'
import { samplePostgres } from '#contracts/import/postgres-sample.ts'
import { postgresTables } from '#contracts/import/postgres-tables.ts'
import { parseContract } from '#contracts/parse.ts'
import { LONG_NAME } from './source-schema.ts'

/** The answers of Postgres 18 to the catalog's statements, over the schema of source-schema.ts; NULLs left out. */
const recorded = JSON.parse(
  readFileSync(new URL('recorded-catalog.json', import.meta.url), 'utf8'),
) as readonly (readonly Record<string, unknown>[])[]

const asked: (readonly unknown[])[] = []
const catalog: Catalog = await readCatalog(
  async (_sql, parameters) => recorded[asked.push(parameters) - 1] ?? [],
  { tables: ['a.b'], schemas: ['s'] },
)
const { tables, refused } = postgresTables(catalog, false)
const tableOf = (name: string): ImportedTable => tables.find((table) => table.name === name) as ImportedTable
const columnOf = (table: string, name: string): ImportedColumn =>
  tableOf(table).columns.find((column) => column.name === name) as ImportedColumn

test('the catalog is asked a handful of statements, whatever the number of tables', () => {
  expect(asked).toHaveLength(5)
  expect(asked[0]).toEqual([['s'], ['a.b']])
  expect(asked[1]).toEqual([catalog.tables.map(({ oid }) => oid)])
})

describe('tables', () => {
  test('that have no log are refused with the reason; partitions are passed over', () => {
    expect(refused.map(({ name, reason }) => [name, reason.split(':')[0]])).toEqual([
      ['forgotten', 'it is unlogged'],
      ['seen', 'it is a view'],
      ['stored', 'it is a materialized view'],
    ])
    expect(tables.map(({ name }) => name)).not.toContain('measured_2025')
    expect(postgresTables(catalog, true).refused.map(({ name }) => name)).toContain('measured_2025')
  })

  test('have their primary key in its order, or a unique index instead', () => {
    const keyOf = (name: string) =>
      tableOf(name)
        .columns.filter(({ keyPosition }) => keyPosition !== undefined)
        .map(({ name: column, keyPosition }) => [column, keyPosition])
    expect(keyOf('order_line')).toEqual([
      ['tenant_id', 1],
      ['order_id', 2],
      ['line', 3],
    ])
    expect(keyOf('indexed')).toEqual([['no', 1]])
    expect(tableOf('indexed').keyFrom).toBe('the unique index indexed_no')
    expect(tableOf('indexed').uniqueKeys).toEqual([['name', 'no']])
    expect(tableOf('indexed').rules).toEqual([
      "Unique: CREATE UNIQUE INDEX indexed_partial ON public.indexed USING btree (other) WHERE (other <> ''::text)",
    ])
    expect(keyOf('keyless')).toEqual([])
  })

  test('have foreign keys of one and of several columns, into other schemas and to themselves', () => {
    expect(tableOf('orders').foreignKeys).toEqual([
      { columns: ['customer_id'], to: { schema: 'shop', name: 'customer' }, toColumns: ['id'] },
      {
        columns: ['parent_tenant', 'parent_id'],
        to: { schema: 'shop', name: 'orders' },
        toColumns: ['tenant_id', 'id'],
      },
    ])
    expect(tableOf('clash').foreignKeys[0]?.to).toEqual({ schema: 'public', name: 'Clash' })
  })

  test('have their partition columns', () => {
    expect(columnOf('measured', 'at')).toMatchObject({ partitionPosition: 1, keyPosition: 2 })
    expect(tableOf('measured').custom).toEqual({ partitionStrategy: 'range' })
    expect(tableOf('by_region').custom).toEqual({ partitionStrategy: 'list' })
  })

  test('say what is left out', () => {
    expect(tableOf('orders').notes).toEqual([
      'Left out: the column total_with_tax, which is generated; logical replication does not carry it.',
    ])
    expect(columnOf('orders', 'total_with_tax')).toBeUndefined()
  })
})

describe('columns', () => {
  const cases: readonly (readonly [string, string, object])[] = [
    ['customer', 'id', { physicalType: 'bigint', custom: { identity: 'always' } }],
    ['customer', 'contact', { comment: 'How to reach them.' }],
    ['customer', 'is_active', { logicalType: 'boolean', required: true, custom: { default: 'true' } }],
    [
      'customer',
      'address',
      {
        logicalType: 'object',
        properties: [
          { name: 'street', required: false, physicalType: 'text', logicalType: 'string' },
          {
            name: 'zip',
            required: false,
            physicalType: 'character varying(10)',
            logicalType: 'string',
            options: { maxLength: 10 },
          },
          { name: 'no', required: false, physicalType: 'integer', logicalType: 'integer' },
        ],
      },
    ],
    [
      'product',
      'code',
      {
        physicalType: 'character varying(12)',
        options: { maxLength: 12, pattern: '^[A-Z]{2}\\d+$' },
        custom: { domain: 'shop.code' },
      },
    ],
    [
      'product',
      'title',
      { required: true, unique: true, options: { maxLength: 40 }, custom: { domain: '"Short Text"' } },
    ],
    ['product', 'price', { required: true, options: { exclusiveMinimum: 0 } }],
    ['product', 'weight', { options: { exclusiveMinimum: 0, exclusiveMaximum: 1000.5 } }],
    ['product', 'rating', { options: { minimum: 1, maximum: 5 } }],
    ['product', 'size', { values: ['S', 'M', 'L'] }],
    ['product', 'color', { values: ['red', 'green'] }],
    ['product', 'grade', { values: ['a', 'b'] }],
    ['product', 'ean', { options: { minLength: 13, maxLength: 13 } }],
    ['product', 'slug', { options: { pattern: '^[a-z0-9-]+$', minLength: 3 } }],
    ['product', 'mail', { options: { pattern: '^[\\s\\S]+@[\\s\\S]+$' } }],
    ['product', 'since', { options: { minimum: '2000-01-01' } }],
    ['product', 'seen', { options: { timezone: true, exclusiveMinimum: '2001-02-03T02:05:06Z' } }],
    ['product', 'anything', { rules: ["Check: anything ~* 'abc'::text"] }],
    ['product', 'word', { rules: ["Check: word ~ '^\\w+$'::text"] }],
    ['product', 'low', { rules: ['Check: (low % 2) = 1'] }],
    [
      'orders',
      'status',
      {
        logicalType: 'string',
        physicalType: 'shop.status',
        values: ['new', 'paid', "it's", 'yes', 'null', '1'],
      },
    ],
    [
      'orders',
      'moods',
      { logicalType: 'array', items: { physicalType: '"Mood"', logicalType: 'string', values: ['ok', 'ü'] } },
    ],
    ['every_type', 'id', { custom: { identity: 'serial' } }],
    ['every_type', 'a_char_n', { physicalType: 'character(3)', options: { maxLength: 3 } }],
    ['every_type', 'a_timestamp_3', { logicalType: 'timestamp', options: { timezone: false } }],
    ['every_type', 'a_uuid', { logicalType: 'string', options: { format: 'uuid' } }],
    [
      'every_type',
      'matrix',
      { physicalType: 'integer[]', items: { physicalType: 'integer', logicalType: 'integer' } },
    ],
    ['every_type', 'statuses', { physicalType: 'shop.status[]' }],
  ]
  test.each(cases)('%s.%s', (table, name, expected) => expect(columnOf(table, name)).toMatchObject(expected))

  test('a check over two columns is a rule of the table', () => {
    expect(tableOf('product').rules).toEqual(['Check: low < high'])
  })
})

test('drafts of all of them lint clean, hostile names too', () => {
  const drafts = draftContracts(tables, { tenant: { column: 'tenant_id', constant: 'main' } })
  const faults = drafts
    .filter(({ runnable }) => runnable)
    .flatMap(({ dataset, text }) => checkContract(text).faults.map(({ code }) => `${dataset}: ${code}`))
    // Other tables of the run are in other files.
    .filter((fault) => !fault.endsWith('CONTRACT_REFERENCE_DANGLING'))
  expect(faults).toEqual([])
  expect(drafts.filter(({ runnable }) => !runnable).map(({ dataset }) => dataset)).toEqual(['keyless'])
  const odd = drafts.find(({ table }) => table.name.startsWith('Ta.ble'))
  const dataset = checkContract(odd?.text ?? '').datasets[0]
  expect(dataset?.source).toEqual({ schema: 'Odd "Schema".x', table: "Ta.ble %s 'q' ü" })
  expect(dataset?.columns.map(({ source }) => source)).toEqual(odd?.table.columns.map(({ name }) => name))
  expect(dataset?.columns.map(({ source }) => source)).toContain(LONG_NAME)
})

test('DDL of the drafts quotes every name, and knows nothing of expressions that were kept in words', () => {
  const drafts = draftContracts(tables, { tenant: { column: 'tenant_id', constant: 'main' } })
  const statements = postgresStatements(drafts.flatMap(({ text }) => parseContract(text).contract ?? []))
  expect(statements).toContain('create schema if not exists "Odd ""Schema"".x"')
  expect(statements).toContain(
    `create type "shop"."status" as enum ('new', 'paid', 'it''s', 'yes', 'null', '1')`,
  )
  expect(statements).toContain('create domain "shop"."code" as character varying(12)')
  const product = statements.find((one) => one.startsWith('create table "shop"."product"')) ?? ''
  expect(product).toContain(`check ("code" ~ E'^[A-Z]{2}\\\\d+$')`)
  expect(product).toContain(`check ("size" in ('S', 'M', 'L'))`)
  expect(product).toContain('check (char_length("ean") = 13)')
  expect(product).not.toContain('abc')
  expect(statements).toContain(
    'alter table "shop"."order_line" add foreign key ("tenant_id", "order_id") references "shop"."orders" ("tenant_id", "id")',
  )
})

describe('samples', () => {
  const customer = tableOf('customer')

  test('are bounded, read only, and tell shares and no values', async () => {
    const statements: string[] = []
    const query = async (sql: string) => {
      statements.push(sql)
      if (!sql.startsWith('select')) return []
      const columns = [...sql.matchAll(/ as (c\d+)/g)].map((match) => match[1] ?? '')
      return Array.from({ length: 50 }, (_, n) =>
        Object.fromEntries(
          columns.map((name, index) => [name, index === 2 ? `secret${n}@example.org` : 'x']),
        ),
      )
    }
    const { tables: found, notes } = await samplePostgres(query, [customer], catalog.tables)
    expect(notes).toEqual([])
    expect(statements.map((sql) => sql.split(' ')[0])).toEqual(['begin', 'set', 'select', 'rollback'])
    expect(statements[0]).toBe('begin read only')
    expect(statements[2]).toMatch(/limit 200$/)
    expect(statements[2]).not.toContain('"birth_date"')
    const contact = found[0]?.columns.find(({ name }) => name === 'contact')
    expect(contact?.sampled).toEqual({ detected: 'email', share: 1 })
    expect(JSON.stringify(found)).not.toContain('secret')
  })

  test('of large tables are taken from all pages', async () => {
    const statements: string[] = []
    const query = async (sql: string) => {
      statements.push(sql)
      return []
    }
    const large = catalog.tables.map((table) => ({ ...table, rowEstimate: 10_000_000 }))
    await samplePostgres(query, [customer], large)
    expect(statements[2]).toContain('tablesample system (0.010000)')
    // Nothing came: the first rows then.
    expect(statements[3]).not.toContain('tablesample')
  })

  test('that may not be read are done without, and it is said', async () => {
    const refusing = async (sql: string) => {
      if (sql.startsWith('select')) throw Object.assign(new Error('no'), { code: '42501' })
      return []
    }
    const { tables: found, notes } = await samplePostgres(refusing, [customer], catalog.tables)
    expect(found).toEqual([customer])
    expect(notes).toEqual(['shop.customer could not be sampled; its guesses are from names only'])
    const broken = async (sql: string) => {
      if (sql.startsWith('select')) throw Object.assign(new Error('gone'), { code: '08006' })
      return []
    }
    await expect(samplePostgres(broken, [customer], catalog.tables)).rejects.toThrow('gone')
  })
})
