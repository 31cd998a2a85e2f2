/**
 * Import -> export -> import says the same again: what the importers read, the exports write, and the other way round. For Postgres and
 * ClickHouse on their servers see ../import.it.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { checkContract } from '#contracts/check-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { avroSchema } from '#contracts/export/avro.ts'
import { dbtSources } from '#contracts/export/dbt.ts'
import { jsonSchema } from '#contracts/export/json-schema.ts'
import { avroTables } from '#contracts/import/avro-tables.ts'
import { dbtTables } from '#contracts/import/dbt-tables.ts'
import { draftContracts } from '#contracts/import/draft-contract.ts'
import type { Imported, ImportedTable } from '#contracts/import/imported-table.ts'
import { jsonSchemaTables } from '#contracts/import/json-schema-tables.ts'
import { parseContract } from '#contracts/parse.ts'

/** Drafts and compiles; the key is named by hand, as with `--key id`, where the source has none. */
function contractsOf(imported: Imported): {
  readonly values: readonly unknown[]
  readonly datasets: readonly CompiledDataset[]
} {
  const tables = imported.tables.map((table): ImportedTable => {
    if (table.columns.some(({ keyPosition }) => keyPosition !== undefined)) return table
    const columns = table.columns.map((column) =>
      column.name === 'id' ? { ...column, keyPosition: 1, required: true } : column,
    )
    return { ...table, columns }
  })
  const drafts = draftContracts(tables, { tenant: { column: 'tenant_id', constant: 'main' } })
  const checked = drafts.map(({ text }) => checkContract(text))
  const faults = checked
    .flatMap(({ faults: found }) => found)
    .filter(({ code }) => code !== 'CONTRACT_REFERENCE_DANGLING')
  if (faults.length > 0) throw new Error(JSON.stringify(faults))
  return {
    values: drafts.map(({ text }) => withoutGuesses(parseContract(text).value)),
    datasets: checked.flatMap(({ datasets }) => datasets),
  }
}

/** A plan that comes with the file is no guess any more; that is the one difference. */
function withoutGuesses(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, part: unknown) => {
    if (key !== 'customProperties' || !Array.isArray(part)) return part
    const kept = part.filter(
      (custom: { property?: unknown }) => custom.property !== 'guessed' && custom.property !== 'keyFrom',
    )
    return kept.length > 0 ? kept : undefined
  })
}

const ORDER = {
  title: 'order',
  description: 'What was bought.',
  type: 'object',
  required: ['id', 'tenant_id', 'status', 'lines'],
  properties: {
    id: { type: 'integer', description: 'Number.' },
    tenant_id: { type: 'string' },
    status: { type: 'string', enum: ['new', 'paid'] },
    email: { type: 'string', format: 'email', maxLength: 200 },
    small: { type: 'integer', minimum: -32768, maximum: 32767 },
    total: { type: 'number', minimum: 0 },
    share: { type: 'number', exclusiveMaximum: 1 },
    code: { type: 'string', pattern: '^[A-Z]{3}$' },
    at: { type: 'string', format: 'date-time' },
    day: { type: ['string', 'null'], format: 'date' },
    hour: { type: 'string', format: 'time' },
    external: { type: 'string', format: 'uuid' },
    is_gift: { type: 'boolean' },
    anything: {},
    tags: { type: 'array', items: { type: 'string' }, maxItems: 9 },
    lines: {
      type: 'array',
      items: {
        type: 'object',
        properties: { product: { type: 'string' }, quantity: { type: 'integer' } },
        required: ['product'],
      },
    },
    ship: { type: 'object', properties: { country: { type: 'string', description: 'ISO.' } } },
  },
}

const RECORD = {
  type: 'record',
  name: 'order',
  namespace: 'shop.sales',
  doc: 'What was bought.',
  fields: [
    { name: 'id', type: 'long', doc: 'Number.' },
    { name: 'tenant_id', type: 'string' },
    { name: 'email', type: ['null', 'string'] },
    { name: 'count', type: 'int' },
    { name: 'ratio', type: 'float' },
    { name: 'weight', type: ['null', 'double'] },
    { name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
    { name: 'external', type: { type: 'string', logicalType: 'uuid' } },
    { name: 'day', type: { type: 'int', logicalType: 'date' } },
    { name: 'hour', type: { type: 'long', logicalType: 'time-micros' } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'local', type: ['null', { type: 'long', logicalType: 'local-timestamp-micros' }] },
    { name: 'is_gift', type: 'boolean' },
    { name: 'tags', type: { type: 'array', items: ['null', 'string'] } },
    {
      name: 'lines',
      type: {
        type: 'array',
        items: [
          'null',
          {
            type: 'record',
            name: 'line',
            fields: [
              { name: 'product', type: 'string' },
              { name: 'quantity', type: ['null', 'int'] },
            ],
          },
        ],
      },
    },
  ],
}

const SOURCES = `
version: 2
sources:
  - name: shop
    schema: shop
    tables:
      - name: orders
        description: What was bought.
        columns:
          - {name: id, data_type: bigint, description: Number., tests: [not_null, unique]}
          - {name: tenant_id, data_type: text, tests: [not_null]}
          - {name: status, data_type: character varying(10), tests: [{accepted_values: {values: [new, paid]}}]}
          - {name: email, data_type: text}
          - {name: total, data_type: "numeric(12,2)"}
          - {name: at, data_type: timestamp with time zone}
          - {name: tags, data_type: "text[]"}
          - {name: code, data_type: text, tests: [unique]}
          - name: customer_id
            data_type: bigint
            tests: [{relationships: {to: "source('shop', 'customers')", field: id}}]
      - name: customers
        columns:
          - {name: id, data_type: bigint, tests: [not_null, unique]}
`

const cases: readonly (readonly [string, Imported, (datasets: readonly CompiledDataset[]) => Imported])[] = [
  [
    'JSON Schema',
    jsonSchemaTables('order.json', JSON.stringify(ORDER), 'order'),
    (datasets) => jsonSchemaTables('x.json', jsonSchema(datasets[0] as CompiledDataset, 'source'), 'x'),
  ],
  [
    'Avro',
    avroTables('order.avsc', JSON.stringify(RECORD)),
    (datasets) => avroTables('x.avsc', avroSchema(datasets[0] as CompiledDataset, 'source')),
  ],
  [
    'dbt',
    dbtTables('sources.yml', SOURCES, []),
    (datasets) => dbtTables('sources.yml', dbtSources(datasets, 'source', 'analytics'), []),
  ],
]

describe('import, export, import', () => {
  test.each(cases)('of %s is the same again', (_what, imported, again) => {
    const first = contractsOf(imported)
    const second = contractsOf(again(first.datasets))
    expect(second.values).toEqual(first.values)
    const third = contractsOf(again(second.datasets))
    expect(third.values).toEqual(second.values)
  })
})
