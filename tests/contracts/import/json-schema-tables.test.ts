import { describe, expect, test } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import type { ImportedColumn } from '#contracts/import/imported-table.ts'
import { jsonSchemaTables } from '#contracts/import/json-schema-tables.ts'

const read = (schema: unknown) => jsonSchemaTables('order.json', JSON.stringify(schema), 'order').tables
const columnsOf = (schema: object) => read({ title: 'order', type: 'object', ...schema })[0]?.columns ?? []
const typeOf = (schema: unknown, more: object = {}) => {
  const [column] = columnsOf({ properties: { a: schema }, ...more })
  const { name: _name, required: _required, ...type } = column as ImportedColumn
  return type
}
const codeOf = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return isMogoError(error) ? `${error.code} ${error.message}` : error
  }
  return undefined
}

describe('a type of JSON Schema', () => {
  const cases: readonly (readonly [string, unknown, object])[] = [
    ['text', { type: 'string' }, { logicalType: 'string' }],
    [
      'a limited text',
      { type: 'string', minLength: 1, maxLength: 5, pattern: '^a' },
      { logicalType: 'string', options: { minLength: 1, maxLength: 5, pattern: '^a' } },
    ],
    [
      'a pattern that cannot be run on every record',
      { type: 'string', pattern: '^(?!a)' },
      { logicalType: 'string', rules: ['Pattern: ^(?!a)'] },
    ],
    [
      'a moment',
      { type: 'string', format: 'date-time' },
      { logicalType: 'timestamp', options: { timezone: true } },
    ],
    ['a day', { type: 'string', format: 'date' }, { logicalType: 'date' }],
    ['a time', { type: 'string', format: 'time' }, { logicalType: 'time' }],
    [
      'an e-mail address',
      { type: 'string', format: 'email' },
      { logicalType: 'string', options: { format: 'email' } },
    ],
    [
      'another format',
      { type: 'string', format: 'duration' },
      { logicalType: 'string', rules: ['Format: duration'] },
    ],
    [
      'a UUID',
      { type: 'string', format: 'uuid' },
      { physicalType: 'uuid', logicalType: 'string', options: { format: 'uuid' } },
    ],
    ['a whole number', { type: 'integer' }, { logicalType: 'integer', options: { format: 'i64' } }],
    [
      'a small one',
      { type: 'integer', minimum: -32768, maximum: 32767 },
      { logicalType: 'integer', options: { format: 'i16' } },
    ],
    [
      'a bounded one',
      { type: 'integer', minimum: 1 },
      { logicalType: 'integer', options: { minimum: 1, format: 'i64' } },
    ],
    [
      'a bound of draft 4',
      { type: 'number', minimum: 0, exclusiveMinimum: true },
      { logicalType: 'number', options: { exclusiveMinimum: 0 } },
    ],
    [
      'a bound of later drafts',
      { type: 'number', exclusiveMaximum: 9 },
      { logicalType: 'number', options: { exclusiveMaximum: 9 } },
    ],
    [
      'a whole one by its steps',
      { type: 'number', multipleOf: 1 },
      { logicalType: 'integer', options: { format: 'i64' } },
    ],
    ['yes or no', { type: 'boolean' }, { logicalType: 'boolean' }],
    ['a list of values', { enum: ['a', 'b'] }, { logicalType: 'string', values: ['a', 'b'] }],
    [
      'numbers as values',
      { enum: [1, 2] },
      { logicalType: 'integer', values: [1, 2], options: { format: 'i64' } },
    ],
    ['one value', { const: 'x' }, { logicalType: 'string', values: ['x'] }],
    [
      'alternatives of one value',
      { oneOf: [{ const: 'x' }, { const: 'y' }] },
      { logicalType: 'string', values: ['x', 'y'] },
    ],
    [
      'values that are objects',
      { enum: [{ a: 1 }] },
      { logicalType: 'object', rules: ['JSON Schema: enum of values that are no scalars'] },
    ],
    ['a number or a text', { type: ['number', 'string'] }, { logicalType: 'number' }],
    ['anything', {}, { logicalType: 'object' }],
    ['anything, in short', true, { logicalType: 'object' }],
    [
      'a list',
      { type: 'array', items: { type: 'string' }, uniqueItems: true, maxItems: 3 },
      { logicalType: 'array', items: { logicalType: 'string' }, options: { maxItems: 3, uniqueItems: true } },
    ],
    ['a tuple', { type: 'array', items: [{ type: 'string' }] }, { logicalType: 'array' }],
    ['a map', { type: 'object', additionalProperties: { type: 'string' } }, { logicalType: 'object' }],
    [
      'a condition',
      { type: 'string', not: { const: 'x' } },
      { logicalType: 'string', rules: ['JSON Schema: not'] },
    ],
    [
      'all of several',
      {
        allOf: [
          { type: 'integer', minimum: 1 },
          { minimum: 2, maximum: 9 },
        ],
      },
      { logicalType: 'integer', options: { minimum: 2, maximum: 9, format: 'i64' } },
    ],
    [
      'one of several objects',
      {
        oneOf: [
          { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
          { type: 'object', properties: { b: { type: 'boolean' } } },
        ],
      },
      {
        logicalType: 'object',
        rules: ['One of 2 forms.'],
        properties: [
          { name: 'a', required: false, logicalType: 'string' },
          { name: 'b', required: false, logicalType: 'boolean' },
        ],
      },
    ],
  ]
  test.each(cases)('%s', (_what, schema, expected) => expect(typeOf(schema)).toEqual(expected))

  test.each([
    ['required', { type: 'string' }, true],
    ['or null', { type: ['string', 'null'] }, false],
    ['or null, of OpenAPI', { type: 'string', nullable: true }, false],
    ['an alternative of null', { anyOf: [{ type: 'string' }, { type: 'null' }] }, false],
    ['an alternative of null, by reference', { anyOf: [{ $ref: '#/$defs/t' }, { type: 'null' }] }, false],
    ['values with null', { enum: ['a', null] }, false],
    ['values without', { enum: ['a'] }, true],
  ])('%s', (_what, schema, required) => {
    const [column] = columnsOf({
      properties: { a: schema },
      required: ['a'],
      $defs: { t: { type: 'string' } },
    })
    expect(column?.required).toBe(required)
    expect(column?.logicalType).toBe('string')
  })
})

describe('references', () => {
  const defs = {
    $id: 'https://example.org/order.json',
    $defs: {
      code: { $anchor: 'code', type: 'string', maxLength: 3 },
      'a/b ~': { type: 'boolean' },
      node: { type: 'object', properties: { name: { type: 'string' }, next: { $ref: '#/$defs/node' } } },
    },
    definitions: { old: { $id: '#old', type: 'integer' } },
  }
  test.each([
    ['#/$defs/code', { logicalType: 'string', options: { maxLength: 3 } }],
    ['#code', { logicalType: 'string', options: { maxLength: 3 } }],
    ['https://example.org/order.json#/$defs/code', { logicalType: 'string', options: { maxLength: 3 } }],
    ['order.json#/$defs/code', { logicalType: 'string', options: { maxLength: 3 } }],
    ['#/$defs/a~1b%20~0', { logicalType: 'boolean' }],
    ['#old', { logicalType: 'integer', options: { format: 'i64' } }],
  ])('%s is followed', (ref, expected) => expect(typeOf({ $ref: ref }, defs)).toEqual(expected))

  test('that go in circles end where they come back', () => {
    const node = typeOf({ $ref: '#/$defs/node' }, defs)
    expect(node.properties?.map(({ name, logicalType, custom }) => [name, logicalType, custom])).toEqual([
      ['name', 'string', undefined],
      ['next', 'object', { recursive: true }],
    ])
    expect(typeOf({ $ref: '#' }).custom).toEqual({ recursive: true })
  })

  test.each([
    ['https://example.com/other.json', 'another document'],
    ['other.json#/a', 'another document'],
    ['file:///etc/passwd', 'another document'],
    ['#/$defs/none', 'leads nowhere'],
    ['#none', 'leads nowhere'],
    ['#/$defs/constructor', 'leads nowhere'],
    ['#/__proto__', 'leads nowhere'],
  ])('%s is refused', (ref, words) => {
    const said = codeOf(() => typeOf({ $ref: ref }, defs))
    expect(said).toContain('MOGO_IMPORT_REFUSED order.json at $ref')
    expect(said).toContain(words)
  })

  test('that unfold into too much are refused', () => {
    const level = (n: number) => ({
      type: 'object',
      properties: { a: { $ref: `#/$defs/l${n}` }, b: { $ref: `#/$defs/l${n}` } },
    })
    const bomb = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`l${n}`, level(n + 1)]))
    const started = performance.now()
    const said = codeOf(() => typeOf({ $ref: '#/$defs/l0' }, { $defs: { ...bomb, l30: { type: 'string' } } }))
    expect(said).toContain('MOGO_IMPORT_TOO_LARGE')
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe('tables', () => {
  const row = { type: 'object', properties: { id: { type: 'integer' } } }
  test.each([
    ['the root', { title: 'Order', ...row }, ['Order']],
    ['the root without a title', row, ['order']],
    ['the elements of a list', { type: 'array', title: 'Orders', items: row }, ['Orders']],
    [
      'definitions',
      { $defs: { a: row, b: { type: 'string' } }, definitions: { c: { ...row, title: 'C' } } },
      ['C', 'a'],
    ],
    ['a list of schemas', [{ ...row, title: 'a' }, row], ['a', 'order_2']],
  ])('are %s', (_what, schema, names) => expect(read(schema).map(({ name }) => name)).toEqual(names))

  test('of our own exports have their key, classification and plan', () => {
    const [table] = read({
      title: 'orders',
      type: 'object',
      'x-contract': { id: 'urn:x', primaryKey: ['tenant', 'id'] },
      properties: {
        id: { type: 'integer' },
        tenant: { type: 'string' },
        email: {
          type: 'string',
          'x-classification': 'personal',
          'x-pii': { method: 'drop', storedAs: null, meaning: 'x' },
        },
        phone: { type: 'string', 'x-classification': 'internal' },
      },
    })
    expect(
      table?.columns.map(({ name, keyPosition, classification, plan, notPersonal }) => [
        name,
        keyPosition,
        classification,
        plan,
        notPersonal,
      ]),
    ).toEqual([
      ['id', 2, undefined, undefined, true],
      ['tenant', 1, undefined, undefined, true],
      ['email', undefined, 'personal', { method: 'drop' }, undefined],
      ['phone', undefined, 'internal', undefined, true],
    ])
  })

  test('names that objects have by birth are names like others', () => {
    const text =
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"boolean"}},"required":["__proto__"]}'
    expect(
      jsonSchemaTables('x', text, 'x').tables[0]?.columns.map(({ name, logicalType, required }) => [
        name,
        logicalType,
        required,
      ]),
    ).toEqual([
      ['__proto__', 'string', true],
      ['constructor', 'boolean', false],
    ])
  })
})

test.each([
  ['nothing', '', 'MOGO_IMPORT_SYNTAX x is not JSON Schema: no valid JSON'],
  ['broken', '{\n  "a": secret\n}', 'MOGO_IMPORT_SYNTAX x is not JSON Schema: no valid JSON.'],
  [
    'half right',
    '{\n  "a": 1,\n}',
    'MOGO_IMPORT_SYNTAX x is not JSON Schema: no valid JSON at line 3, column 1.',
  ],
  ['a number', '3', 'MOGO_IMPORT_SYNTAX x is not JSON Schema: a schema is an object'],
  ['no object', '{"type":"string"}', 'MOGO_IMPORT_EMPTY There is nothing to import in x'],
  ['too deep', `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`, 'MOGO_IMPORT_TOO_LARGE x is too large'],
  ['too long', `"${'x'.repeat(9_000_000)}"`, 'MOGO_IMPORT_TOO_LARGE x is too large'],
])('a file that is %s is refused in words that do not quote it', (_what, text, expected) => {
  const said = codeOf(() => jsonSchemaTables('x', text, 'x'))
  expect(said).toContain(expected)
  expect(said).not.toContain('secret')
})
