import { describe, expect, test } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { dbtTables } from '#contracts/import/dbt-tables.ts'
import { sqlType } from '#contracts/import/sql-type.ts'

const test_ = (name: string, on: string, column: string | null, kwargs: object, more: object = {}) => ({
  resource_type: 'test',
  column_name: column,
  attached_node: on.startsWith('model') ? on : null,
  depends_on: { nodes: [on] },
  test_metadata: {
    name,
    namespace: null,
    kwargs: { column_name: column, model: '{{ get_where_subquery(x) }}', ...kwargs },
  },
  config: { severity: 'ERROR', enabled: true },
  ...more,
})
const ORDERS = 'source.shop.raw.orders'
const MODEL = 'model.shop.customers'

const manifest = {
  metadata: { dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json' },
  sources: {
    [ORDERS]: {
      resource_type: 'source',
      source_name: 'raw',
      name: 'orders',
      identifier: 'Orders',
      schema: 'shop',
      description: 'What was bought.',
      columns: {
        id: { name: 'id', data_type: 'bigint', description: 'Number.' },
        status: { name: 'status', data_type: 'varchar(10)' },
        customer_id: { name: 'customer_id', data_type: 'NUMBER(38,0)' },
        email: { name: 'email', meta: { pii: true } },
        note: { name: 'note', config: { meta: { classification: 'confidential' } } },
      },
    },
  },
  nodes: {
    [MODEL]: {
      resource_type: 'model',
      name: 'customers',
      alias: 'dim_customers',
      schema: 'marts',
      columns: {
        customer_id: { name: 'customer_id', constraints: [{ type: 'primary_key' }] },
        region: { name: 'region' },
      },
    },
    'model.shop.bare': { resource_type: 'model', name: 'bare', schema: 'marts', columns: {} },
    t1: test_('not_null', ORDERS, 'id', {}),
    t2: test_('unique', ORDERS, 'id', {}),
    t3: test_('accepted_values', ORDERS, 'status', { values: ['new', 'paid'] }),
    t4: test_('not_null', ORDERS, 'status', {}, { config: { severity: 'warn' } }),
    t5: test_(
      'relationships',
      ORDERS,
      'customer_id',
      { to: "ref('customers')", field: 'customer_id' },
      { depends_on: { nodes: [MODEL, ORDERS] } },
    ),
    t6: test_('accepted_values', MODEL, 'region', { arguments: { values: ['eu', 'us'] } }),
    t7: {
      ...test_('unique_combination_of_columns', ORDERS, null, {}),
      test_metadata: {
        name: 'unique_combination_of_columns',
        namespace: 'dbt_utils',
        kwargs: { combination_of_columns: ['id', 'status'] },
      },
    },
    t8: {
      ...test_('accepted_range', ORDERS, 'customer_id', {}),
      test_metadata: {
        name: 'accepted_range',
        namespace: 'dbt_utils',
        kwargs: { column_name: 'customer_id', min_value: 0 },
      },
    },
  },
}
const read = (value: unknown, select: readonly string[] = []) =>
  dbtTables('manifest.json', JSON.stringify(value), select)
const saidBy = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return isMogoError(error) ? `${error.code} ${error.message}` : String(error)
  }
  return ''
}

describe('a manifest', () => {
  test('gives sources and models, with what their tests say', () => {
    const { tables, refused } = read(manifest)
    expect(refused).toEqual([{ schema: 'marts', name: 'bare', reason: 'dbt knows none of its columns' }])
    expect(
      tables.map(({ schema, name, physicalType, keyFrom }) => [schema, name, physicalType, keyFrom]),
    ).toEqual([
      ['shop', 'Orders', 'table', 'guessed from the tests unique and not_null'],
      ['marts', 'dim_customers', 'model', undefined],
    ])
    const [orders, customers] = tables
    expect(orders?.columns).toEqual([
      {
        name: 'id',
        physicalType: 'bigint',
        logicalType: 'integer',
        required: true,
        comment: 'Number.',
        keyPosition: 1,
      },
      {
        name: 'status',
        physicalType: 'varchar(10)',
        logicalType: 'string',
        options: { maxLength: 10 },
        required: false,
        values: ['new', 'paid'],
        rules: ['dbt test (a warning, or with a condition): not_null'],
      },
      {
        name: 'customer_id',
        physicalType: 'NUMBER(38,0)',
        logicalType: 'number',
        required: false,
        rules: ['dbt test: dbt_utils.accepted_range {"min_value":0}'],
      },
      { name: 'email', required: false, classification: 'personal' },
      { name: 'note', required: false, classification: 'confidential' },
    ])
    expect(orders?.foreignKeys).toEqual([
      {
        columns: ['customer_id'],
        to: { schema: 'marts', name: 'dim_customers' },
        toColumns: ['customer_id'],
      },
    ])
    expect(orders?.uniqueKeys).toEqual([['id', 'status']])
    expect(customers?.columns).toEqual([
      { name: 'customer_id', required: true, keyPosition: 1 },
      { name: 'region', required: false, values: ['eu', 'us'] },
    ])
  })

  test.each([['orders'], ['raw.orders'], ['Orders'], [ORDERS]])('is asked for %s alone', (name) => {
    expect(read(manifest, [name]).tables.map(({ name: found }) => found)).toEqual(['Orders'])
  })

  test.each([
    [
      'of version 9',
      { ...manifest, metadata: { dbt_schema_version: 'x/v9.json' } },
      [],
      'MOGO_IMPORT_REFUSED manifest.json at metadata',
    ],
    ['without a version', { nodes: {} }, [], 'MOGO_IMPORT_SYNTAX'],
    ['without tables', { ...manifest, sources: {}, nodes: {} }, [], 'MOGO_IMPORT_EMPTY'],
    [
      'without the table',
      manifest,
      ['nothing'],
      'MOGO_IMPORT_EMPTY There is nothing to import in manifest.json: it has no source or model nothing.',
    ],
    ['that is a list', [], [], 'MOGO_IMPORT_SYNTAX'],
  ])('%s is refused', (_what, value, select, expected) => {
    expect(saidBy(() => read(value, select))).toContain(expected)
  })
})

test('a properties file says the same', () => {
  const text = `
sources:
  - name: raw
    schema: shop
    tables:
      - name: orders
        columns:
          - {name: id, data_type: bigint, tests: [not_null, unique]}
          - name: customer_id
            data_tests:
              - relationships: {to: "source('raw', 'customers')", field: id}
      - name: customers
        columns: [{name: id, data_type: bigint, constraints: [{type: primary_key}]}]
`
  const { tables } = dbtTables('sources.yml', text, [])
  expect(tables.map(({ schema, name, foreignKeys }) => [schema, name, foreignKeys])).toEqual([
    [
      'shop',
      'orders',
      [{ columns: ['customer_id'], to: { schema: 'shop', name: 'customers' }, toColumns: ['id'] }],
    ],
    ['shop', 'customers', []],
  ])
  expect(tables.map(({ columns }) => columns[0]?.keyPosition)).toEqual([1, 1])
  expect(saidBy(() => dbtTables('sources.yml', 'a: [', []))).toContain('MOGO_IMPORT_SYNTAX')
})

describe('a type of some warehouse', () => {
  test.each([
    ['INT', 'integer', undefined],
    ['int64', 'integer', undefined],
    ['tinyint unsigned', 'integer', undefined],
    ['NUMBER(38, 0)', 'number', undefined],
    ['double precision', 'number', undefined],
    ['FLOAT8', 'number', undefined],
    ['VARCHAR(16777216)', 'string', { maxLength: 16777216 }],
    ['character varying(12)', 'string', { maxLength: 12 }],
    ['TIMESTAMP_NTZ(9)', 'timestamp', { timezone: false }],
    ['timestamp with time zone', 'timestamp', { timezone: true }],
    ['timestamptz', 'timestamp', { timezone: true }],
    ['DATE', 'date', undefined],
    ['time', 'time', undefined],
    ['BOOL', 'boolean', undefined],
    ['VARIANT', 'object', undefined],
    ['STRUCT<a INT64>', 'object', undefined],
    ['LowCardinality(Nullable(String))', 'string', undefined],
    ['UInt16', 'integer', { format: 'u16' }],
    ['geography', 'string', undefined],
  ])('%s is %s', (text, logicalType, options) => {
    expect(sqlType(text)).toMatchObject({ logicalType, ...(options ? { options } : {}) })
  })

  test('of elements has theirs', () => {
    expect(sqlType('ARRAY<INT64>')).toMatchObject({ logicalType: 'array', items: { logicalType: 'integer' } })
    expect(sqlType('text[]')).toMatchObject({ logicalType: 'array', items: { logicalType: 'string' } })
  })
})
