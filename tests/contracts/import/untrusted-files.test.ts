/** Files of other people's: whatever is in them, an importer yields tables or a fault with a code, and soon. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkContract } from '#contracts/check-contract.ts'
import { isMogoError } from '#contracts/errors.ts'
import { avroTables } from '#contracts/import/avro-tables.ts'
import { dbtTables } from '#contracts/import/dbt-tables.ts'
import { draftContracts } from '#contracts/import/draft-contract.ts'
import type { Imported } from '#contracts/import/imported-table.ts'
import { jsonSchemaTables } from '#contracts/import/json-schema-tables.ts'

/** Keys and values that the formats know, so that most of what is made up is nearly right. */
const key = fc.constantFrom(
  ...[
    'type',
    'properties',
    'items',
    '$ref',
    'allOf',
    'anyOf',
    'enum',
    'const',
    'required',
    '$defs',
    'title',
    'format',
    'pattern',
    'minimum',
  ],
  ...[
    'fields',
    'name',
    'symbols',
    'values',
    'logicalType',
    'namespace',
    'size',
    'doc',
    'pii',
    'x-pii',
    'x-contract',
    'x-classification',
  ],
  ...[
    'nodes',
    'sources',
    'columns',
    'metadata',
    'dbt_schema_version',
    'resource_type',
    'test_metadata',
    'kwargs',
    'attached_node',
    'meta',
  ],
  ...['a', '__proto__', 'constructor', '', 'email'],
)
const leaf = fc.constantFrom<unknown>(
  ...[
    'object',
    'array',
    'string',
    'integer',
    'number',
    'null',
    'record',
    'enum',
    'int',
    'map',
    'decimal',
    'test',
    'model',
    '#',
    '#/$defs/a',
  ],
  ...[
    'x/v12.json',
    'not_null',
    '(a+)+',
    '\ud800',
    '\0',
    'email',
    'date-time',
    'hmac',
    'personal',
    null,
    true,
    0,
    -1,
    1e308,
    '',
  ],
)
const { document } = fc.letrec<{ document: unknown; value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
  document: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 6 })
    .map((entries) => Object.fromEntries([['type', 'object'], ['name', 'x'], ...entries])),
}))

const importers: readonly (readonly [string, (text: string) => Imported])[] = [
  ['JSON Schema', (text) => jsonSchemaTables('x', text, 'x')],
  ['Avro', (text) => avroTables('x', text)],
  ['Avro, a record', (text) => avroTables('x', text.replace('"type":"object"', '"type":"record"'))],
  ['dbt', (text) => dbtTables('x', text, [])],
  ['a properties file of dbt', (text) => dbtTables('x.yml', text, [])],
]

describe.each(importers)('%s', (_what, read) => {
  const outcome = (text: string): Imported | undefined => {
    try {
      return read(text)
    } catch (error) {
      if (isMogoError(error) && error.code.startsWith('MOGO_IMPORT_')) return undefined
      throw error
    }
  }

  test('yields tables whose drafts are contracts, or a fault with a code', () => {
    fc.assert(
      fc.property(document, (value) => {
        const imported = outcome(JSON.stringify(value))
        for (const { text } of draftContracts(imported?.tables ?? [], {
          tenant: { column: 'a', constant: 'main' },
        })) {
          const { parsed } = checkContract(text, { purpose: 'document' })
          expect(parsed.faults).toEqual([])
        }
      }),
      { numRuns: 1_500 },
    )
  })

  test('does the same with any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        outcome(text)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['brackets', '['.repeat(500_000)],
    ['objects', '{"a":'.repeat(300_000)],
    [
      'properties',
      `{"type":"object","name":"x","properties":{${Array.from({ length: 30_000 }, (_, n) => `"p${n}":{}`).join(',')}}}`,
    ],
    [
      'alternatives',
      `{"type":"object","properties":{"a":{"anyOf":[${'{"anyOf":[{"type":"null"},{}]},'.repeat(9_000)}{}]}}}`,
    ],
  ])('is soon done with very many %s', (_many, text) => {
    const started = performance.now()
    outcome(text)
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})
