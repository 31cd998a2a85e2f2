import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { datasetName, draftContract, draftObstacle } from '#contracts/import/draft-contract.ts'
import { guessPersonal } from '#contracts/import/guess-personal.ts'
import { type CatalogColumn, type CatalogTable, readCatalog } from '#contracts/import/postgres-catalog.ts'
import { parseContract } from '#contracts/parse.ts'

const column = (name: string, type = 'text', more: Partial<CatalogColumn> = {}): CatalogColumn => ({
  name,
  type,
  required: false,
  comment: null,
  keyPosition: null,
  enumLabels: null,
  ...more,
})
const key = (name: string, type = 'bigint', position = 1): CatalogColumn =>
  column(name, type, { required: true, keyPosition: position })
const table = (columns: readonly CatalogColumn[], more: Partial<CatalogTable> = {}): CatalogTable => ({
  schema: 'public',
  table: 'things',
  comment: null,
  columns,
  foreignKeys: [],
  ...more,
})
const tenant = { column: 'tenant_id', constant: 'main' }

/** Compiles the draft; throws with its faults if it has any, warnings too. */
function drafted(of: CatalogTable, whose = tenant): CompiledDataset {
  const { datasets, faults } = compileContract(parseContract(draftContract(of, whose)))
  const dataset = datasets[0]
  if (faults.length > 0 || !dataset) throw new Error(JSON.stringify(faults))
  return dataset
}

describe('a draft', () => {
  test('lints clean, and has the columns, key and types of the table', () => {
    const dataset = drafted(
      table([
        column('tenant_id', 'text', { required: true, keyPosition: 1 }),
        key('id', 'bigint', 2),
        column('status', 'order_status', { required: true, enumLabels: ['new', 'yes', '1', 'null', "it's"] }),
        column('tags', 'text[]'),
        column('code', 'character varying(12)'),
        column('total', 'numeric(12,2)'),
      ]),
    )
    expect(dataset.key).toEqual(['tenant_id', 'id'])
    expect(dataset.tenant).toEqual({ kind: 'column', source: 'tenant_id' })
    expect(dataset.columns.map((one) => [one.target, one.targetType])).toEqual([
      ['tenant_id', 'String'],
      ['id', 'Int64'],
      ['status', 'String'],
      ['tags', 'Nullable(String)'],
      ['code', 'Nullable(String)'],
      ['total', 'Nullable(Decimal(12, 2))'],
    ])
    expect(dataset.columns[2]?.rules).toContainEqual({
      rule: 'validValues',
      values: ['new', 'yes', '1', 'null', "it's"],
    })
    expect(dataset.columns[4]?.rules).toEqual([{ rule: 'maxLength', bound: 12 }])
  })

  test('gives analysts the rows of their own tenant, by column or by constant', () => {
    expect(
      drafted(table([key('id'), column('tenant_id', 'text', { required: true })])).roles[0],
    ).toMatchObject({
      role: 'analyst',
      rowFilter: [{ column: 'tenant_id', operator: '=', principal: 'tenant' }],
    })
    const constant = drafted(table([key('id'), column('tenant_id')]))
    expect(constant.tenant).toEqual({ kind: 'constant', value: 'main' })
    expect(constant.roles[0]?.rowFilter).toEqual([{ column: '_tenant', operator: '=', principal: 'tenant' }])
  })

  test('protects what looks personal, and says that it guessed', () => {
    const text = draftContract(table([key('id'), column('email'), column('password')]), tenant)
    const { datasets } = compileContract(parseContract(text))
    expect(datasets[0]?.columns.map((one) => one.target)).toEqual(['id', 'email_token', null])
    expect(text.match(/property: guessed/g)).toHaveLength(2)
  })

  test('gives names that a dataset cannot have another one, and keeps the source', () => {
    const dataset = drafted(
      table([
        key('_id'),
        column('Email'),
        column('email'),
        column('email_token'),
        column('__'),
        column('_tenant'),
        column('tenant'),
        column('id'),
      ]),
    )
    expect(dataset.columns.map((one) => [one.source, one.target])).toEqual([
      ['_id', 'id_2'],
      ['Email', 'Email_token'],
      ['email', 'email_2_token'],
      ['email_token', 'email_token_2_token'],
      ['__', 'column'],
      ['_tenant', 'tenant_2'],
      ['tenant', 'tenant'],
      ['id', 'id'],
    ])
  })

  test('filters on the tenant column, even if another column has taken its name', () => {
    const org = column('_org', 'text', { required: true })
    const dataset = drafted(table([key('id'), column('org'), org]), { column: '_org', constant: 'main' })
    expect(dataset.tenantColumn).toBe('org_2')
    expect(dataset.roles[0]?.rowFilter).toEqual([{ column: 'org_2', operator: '=', principal: 'tenant' }])
  })

  test('names the tables that foreign keys lead to', () => {
    const dataset = drafted(
      table([key('id'), column('customer_id', 'bigint')], {
        foreignKeys: [{ column: 'customer_id', table: 'Customer Base', toColumn: 'id' }],
      }),
    )
    expect(dataset.references).toEqual([{ column: 'customer_id', to: 'customer_base.id' }])
  })

  test('is refused for a table without a primary key', () => {
    expect(draftObstacle(table([column('a')]))).toContain('no primary key')
    expect(draftObstacle(table([key('a')]))).toBeUndefined()
  })

  test('lints clean for any names, types, comments and labels that Postgres allows', () => {
    const word = fc.constantFrom(
      'id',
      'email',
      'Email',
      'email_token',
      '_id',
      '__',
      'Tenant_ID',
      'tenant_id',
      'phone',
      'select',
      'a b',
      '"',
      "'",
      'ü',
      '日本',
      'constructor',
      '__proto__',
      'toString',
      'null',
      'yes',
      '1',
      '~',
      '- x',
      '# x',
      ': ',
      '{a}',
      '%',
      '*a',
      '&a',
      '!x',
      '\n',
      '\t',
      '\u0085',
      '\u2028',
      ' ',
    )
    const name = fc.oneof(
      word,
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    )
    const type = fc.oneof(
      fc.constantFrom(
        'text',
        'bigint',
        'text[]',
        'numeric(12,2)',
        'timestamp with time zone',
        'uuid',
        '"Order Status"',
        'character varying(7)',
        'jsonb',
        'date',
        'constructor',
      ),
      name,
    )
    const anyColumn = fc.record({
      name,
      type,
      required: fc.boolean(),
      comment: fc.option(name),
      keyPosition: fc.constant(null),
      enumLabels: fc.option(fc.array(name, { maxLength: 3 })),
    })
    const anyTable = fc.record({
      schema: name,
      table: name,
      comment: fc.option(name),
      columns: fc
        .uniqueArray(anyColumn, { selector: (one) => one.name, minLength: 1, maxLength: 8 })
        .map(([first, ...others]) => [
          { ...(first as CatalogColumn), keyPosition: 1, required: true },
          ...others,
        ]),
      foreignKeys: fc.array(fc.record({ column: name, table: name, toColumn: name }), { maxLength: 2 }),
    })
    fc.assert(
      fc.property(anyTable, name, (of, tenantColumn) => {
        const dataset = drafted(of, { column: tenantColumn, constant: 'main' })
        expect(dataset.source).toEqual({ schema: of.schema, table: of.table })
        expect(dataset.columns.map((one) => one.source)).toEqual(of.columns.map((one) => one.name))
        expect(dataset.columns.map((one) => one.sourceType)).toEqual(of.columns.map((one) => one.type))
      }),
      { numRuns: 150 },
    )
  })
})

describe('the name of a dataset', () => {
  test.each([
    ['public', 'orders', 'orders'],
    ['public', 'OrderItems', 'orderitems'],
    ['shop', 'orders', 'shop_orders'],
    ['public', 'Order Items', 'order_items'],
    ['public', '2fa', 't_2fa'],
    ['public', 'x'.repeat(80), 'x'.repeat(63)],
  ])('of %s.%s is %s', (schema, name, dataset) => expect(datasetName({ schema, table: name })).toBe(dataset))

  test('of tables in another script are apart', () => {
    const names = ['日本', '中国', 'Ελλάδα'].map((name) => datasetName({ schema: 'public', table: name }))
    expect(new Set(names).size).toBe(3)
    for (const name of names) expect(name).toMatch(/^t_[0-9a-f]{8}$/)
  })
})

describe('guesses', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['email', 'hmac'],
    ['billing_e_mail', 'hmac'],
    ['contactEmail', 'hmac'],
    ['email_verified', undefined],
    ['phone', 'hmac'],
    ['Telephone', 'hmac'],
    ['mobile', 'hmac'],
    ['fax', 'hmac'],
    ['automobile_id', undefined],
    ['first_name', 'hmac'],
    ['LastName', 'hmac'],
    ['username', 'hmac'],
    ['product_name', undefined],
    ['name', undefined],
    ['ssn', 'hmac'],
    ['iban', 'hmac'],
    ['pan', 'hmac'],
    ['panel_width', undefined],
    ['company', undefined],
    ['street', 'redact'],
    ['address', 'redact'],
    ['address_id', undefined],
    ['birth_date', 'redact'],
    ['dob', 'redact'],
    ['signup_ip', 'hmac'],
    ['ship_date', undefined],
    ['password_hash', 'drop'],
    ['api_key', 'drop'],
    ['total', undefined],
  ]
  test.each(cases)('%s -> %s', (name, method) => expect(guessPersonal(name, false)?.plan.method).toBe(method))

  test('never mask a key: rows must stay apart', () => {
    for (const name of ['address', 'password', 'email', 'dob'])
      expect(guessPersonal(name, true)?.plan.method).toBe('hmac')
  })
})

test('the catalog is read into tables', async () => {
  const asked: unknown[][] = []
  const answers = [
    [{ oid: '17', schema: 'public', name: 'orders', comment: null }],
    [
      { name: 'id', type: 'bigint', required: true, comment: 'No.', key_position: '1', labels: null },
      { name: 'state', type: 'st', required: false, comment: null, key_position: null, labels: ['a', 'b'] },
    ],
    [{ column: 'id', table: 'others', to_column: 'id' }],
  ]
  const tables = await readCatalog(
    async (_sql, parameters) => {
      asked.push([...parameters])
      return answers[asked.length - 1] ?? []
    },
    ['public.orders'],
  )
  expect(asked).toEqual([[['public.orders']], ['17'], ['17']])
  expect(tables).toEqual([
    table(
      [
        column('id', 'bigint', { required: true, comment: 'No.', keyPosition: 1 }),
        column('state', 'st', { enumLabels: ['a', 'b'] }),
      ],
      { table: 'orders', foreignKeys: [{ column: 'id', table: 'others', toColumn: 'id' }] },
    ),
  ])
})
