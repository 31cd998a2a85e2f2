import { describe, expect, test } from 'vitest'
import { parseContract } from '#contracts/parse.ts'

const HEAD: Readonly<Record<string, string>> = {
  apiVersion: 'v3.1.0',
  kind: 'DataContract',
  id: 'a',
  version: '"1.0.0"',
  status: 'active',
}

/** Faults of a contract with other or more keys; `null` leaves one out. */
function faultsOf(keys: Readonly<Record<string, string | null>>) {
  const lines = Object.entries({ ...HEAD, ...keys }).filter(([, value]) => value !== null)
  return parseContract(lines.map(([key, value]) => `${key}: ${value}`).join('\n')).faults
}

type Case = readonly [
  keys: Readonly<Record<string, string | null>>,
  code: string,
  path: string,
  message: string,
  suggestion?: string,
]
const property = (text: string, apiVersion = 'v3.1.0') => ({
  apiVersion,
  schema: `[{name: a, properties: [{${text}}]}]`,
})
const IN = 'schema[0].properties[0]'

const cases: readonly Case[] = [
  [{ id: null }, 'CONTRACT_MISSING', 'id', 'id is missing'],
  [{ status: null }, 'CONTRACT_MISSING', 'status', 'status is missing'],
  [{ version: '1.0' }, 'CONTRACT_SHAPE', 'version', 'version must be a text, not a number; put it in quotes'],
  [{ version: '1' }, 'CONTRACT_SHAPE', 'version', 'put it in quotes', 'put it in quotes'],
  [{ id: 'true' }, 'CONTRACT_SHAPE', 'id', 'id must be a text, not true or false; put it in quotes'],
  [{ id: '' }, 'CONTRACT_SHAPE', 'id', 'id must be a text, not empty'],
  [{ kind: 'datacontract' }, 'CONTRACT_VALUE', 'kind', 'kind must be DataContract'],
  [
    { shema: '[]' },
    'CONTRACT_UNKNOWN_KEY',
    'shema',
    'shema is no key of a contract; did you mean schema?',
    'schema',
  ],
  [{ models: '[]' }, 'CONTRACT_UNKNOWN_KEY', 'models', 'did you mean schema?', 'schema'],
  [
    { xyzzy: '1' },
    'CONTRACT_UNKNOWN_KEY',
    'xyzzy',
    'what the standard does not know belongs in customProperties',
  ],
  [{ context: 'words' }, 'CONTRACT_UNKNOWN_KEY', 'context', 'it is new in version 3.2', 'apiVersion: v3.2.0'],
  [{ tags: 'a' }, 'CONTRACT_SHAPE', 'tags', 'tags must be a list, not a text; begin it with a dash'],
  [{ tags: '[a, 1]' }, 'CONTRACT_SHAPE', 'tags[1]', 'element 2 of tags must be a text, not a number'],
  [{ schema: '{a: 1}' }, 'CONTRACT_SHAPE', 'schema', 'schema must be a list, not a mapping'],
  [{ schema: '[{properties: []}]' }, 'CONTRACT_MISSING', 'schema[0].name', 'name is missing'],
  [{ contractCreatedTs: 'today' }, 'CONTRACT_VALUE', 'contractCreatedTs', 'a date and time with its zone'],
  [{ contractCreatedTs: '"2026-02-30T10:00:00Z"' }, 'CONTRACT_VALUE', 'contractCreatedTs', 'a date and time'],
  [
    { team: '{members: [{username: a, dateIn: "2026-13-01"}]}' },
    'CONTRACT_VALUE',
    'team.members[0].dateIn',
    'a date such as',
  ],
  [{ slaProperties: '[{property: a}]' }, 'CONTRACT_MISSING', 'slaProperties[0].value', 'value is missing'],
  [
    { slaProperties: '[{property: a, value: [1]}]' },
    'CONTRACT_VALUE',
    'slaProperties[0].value',
    'no list and no mapping',
  ],
  [
    { customProperties: '[{property: a}]' },
    'CONTRACT_MISSING',
    'customProperties[0].value',
    'value is missing',
  ],
  [{ price: '{priceAmount: "9"}' }, 'CONTRACT_SHAPE', 'price.priceAmount', 'write it without quotes'],

  [property('nmae: x'), 'CONTRACT_MISSING', `${IN}.name`, 'name is missing'],
  [
    property('name: x, requird: true'),
    'CONTRACT_UNKNOWN_KEY',
    `${IN}.requird`,
    'did you mean required?',
    'required',
  ],
  [
    property('name: x, nullable: true'),
    'CONTRACT_UNKNOWN_KEY',
    `${IN}.nullable`,
    'did you mean required?',
    'required',
  ],
  [
    property('name: x, required: yes'),
    'CONTRACT_SHAPE',
    `${IN}.required`,
    'true or false, not a text; write true',
  ],
  [
    property('name: x, logicalType: varchar'),
    'CONTRACT_VALUE',
    `${IN}.logicalType`,
    'did you mean string?',
    'string',
  ],
  [
    property('name: x, logicalType: intger'),
    'CONTRACT_VALUE',
    `${IN}.logicalType`,
    'did you mean integer?',
    'integer',
  ],
  [
    property('name: x, logicalType: map'),
    'CONTRACT_VALUE',
    `${IN}.logicalType`,
    'must be one of: string, date',
  ],
  [property('name: x, logicalType: map', 'v3.2.0'), 'CONTRACT_MISSING', `${IN}.map`, 'map is missing'],
  [
    property('name: x, logicalType: map, map: {key: {}}', 'v3.2.0'),
    'CONTRACT_MISSING',
    `${IN}.map.value`,
    'value is missing',
  ],
  [
    property('name: x, logicalType: vector, logicalTypeOptions: {}', 'v3.2.0'),
    'CONTRACT_MISSING',
    `${IN}.logicalTypeOptions.dimensions`,
    'dimensions is missing',
  ],
  [property('name: x, enum: []', 'v3.2.0'), 'CONTRACT_VALUE', `${IN}.enum`, 'a list of at least 1'],
  [
    property('name: x, enum: [{value: 1}, {value: 1}]', 'v3.2.0'),
    'CONTRACT_VALUE',
    `${IN}.enum`,
    'without the same element twice',
  ],
  [
    property('name: x, deprecated: use y', 'v3.2.0'),
    'CONTRACT_SHAPE',
    `${IN}.deprecated`,
    'true or false, not a text',
  ],
  [
    property('name: x, logicalTypeOptions: {minLength: 1}'),
    'CONTRACT_VALUE',
    `${IN}.logicalTypeOptions`,
    'options belong to a type',
  ],
  [
    property('name: x, logicalType: string, logicalTypeOptions: {minimum: 1}'),
    'CONTRACT_UNKNOWN_KEY',
    `${IN}.logicalTypeOptions.minimum`,
    'minimum is no key of the options of the logical type string',
  ],
  [
    property('name: x, logicalType: string, logicalTypeOptions: {minLength: -1}'),
    'CONTRACT_VALUE',
    `${IN}.logicalTypeOptions.minLength`,
    'a whole number, zero or more',
  ],
  [
    property('name: x, logicalType: integer, logicalTypeOptions: {format: int64}'),
    'CONTRACT_VALUE',
    `${IN}.logicalTypeOptions.format`,
    'must be one of: i8',
    'i64',
  ],
  [
    property('name: x, logicalType: number, logicalTypeOptions: {multipleOf: 0}'),
    'CONTRACT_VALUE',
    `${IN}.logicalTypeOptions.multipleOf`,
    'a number above zero',
  ],
  [
    property('name: x, logicalType: date, logicalTypeOptions: {minimum: 2020}'),
    'CONTRACT_SHAPE',
    `${IN}.logicalTypeOptions.minimum`,
    'put it in quotes',
  ],
  [
    property('name: x, logicalType: string, properties: []'),
    'CONTRACT_UNKNOWN_KEY',
    `${IN}.properties`,
    'properties is no key of a property of logical type string',
  ],
  [
    property('name: x, logicalType: string, items: {}'),
    'CONTRACT_UNKNOWN_KEY',
    `${IN}.items`,
    'items is no key',
  ],
  [
    property('name: x, relationships: [{to: a}]'),
    'CONTRACT_VALUE',
    `${IN}.relationships[0].to`,
    'a reference such as dataset.column',
  ],
  [
    property('name: x, relationships: [{from: a.b, to: a.b}]'),
    'CONTRACT_UNKNOWN_KEY',
    `${IN}.relationships[0].from`,
    'from is no key of a relationship of a property',
  ],
  [
    { schema: '[{name: a, relationships: [{from: a.b, to: [a.b]}]}]' },
    'CONTRACT_SHAPE',
    'schema[0].relationships[0].from',
    'must be a list',
  ],
  [
    { schema: '[{name: a, relationships: [{to: a.b}]}]' },
    'CONTRACT_MISSING',
    'schema[0].relationships[0].from',
    'from is missing',
  ],

  [
    property('name: x, quality: [{metric: nullValue, mustBe: 0}]'),
    'CONTRACT_VALUE',
    `${IN}.quality[0].metric`,
    'did you mean nullValues?',
    'nullValues',
  ],
  [
    property('name: x, quality: [{metric: nullValues}]'),
    'CONTRACT_VALUE',
    `${IN}.quality[0]`,
    'one operator to compare with: mustBe,',
  ],
  [
    property('name: x, quality: [{metric: nullValues, mustBe: 0, mustNotBe: 1}]'),
    'CONTRACT_VALUE',
    `${IN}.quality[0]`,
    'one operator only, not mustBe and mustNotBe',
  ],
  [
    property('name: x, quality: [{metric: nullValues, mustBeBetween: [1]}]'),
    'CONTRACT_VALUE',
    `${IN}.quality[0].mustBeBetween`,
    'a list of two different numbers',
  ],
  [
    property('name: x, quality: [{type: sql, mustBe: 0}]'),
    'CONTRACT_MISSING',
    `${IN}.quality[0].query`,
    'query is missing',
  ],
  [
    property('name: x, quality: [{type: sql, sql: a, query: b, mustBe: 0}]'),
    'CONTRACT_UNKNOWN_KEY',
    `${IN}.quality[0].sql`,
    'did you mean query?',
    'query',
  ],
  [
    property('name: x, quality: [{type: custom, engine: soda}]'),
    'CONTRACT_MISSING',
    `${IN}.quality[0].implementation`,
    'implementation is missing',
  ],
  [
    property('name: x, quality: [{type: text, mustBe: 0}]'),
    'CONTRACT_UNKNOWN_KEY',
    `${IN}.quality[0].mustBe`,
    'mustBe is no key of a quality rule of type text',
  ],
  [
    property('name: x, quality: [{type: librry, metric: rowCount, mustBe: 0}]'),
    'CONTRACT_VALUE',
    `${IN}.quality[0].type`,
    'did you mean library?',
    'library',
  ],

  [
    { servers: '[{server: a, type: postgress}]' },
    'CONTRACT_VALUE',
    'servers[0].type',
    'did you mean postgres?',
    'postgres',
  ],
  [{ servers: '[{server: a, type: kafka}]' }, 'CONTRACT_MISSING', 'servers[0].host', 'host is missing'],
  [
    { servers: '[{server: a, type: kafka, host: h, hots: x}]' },
    'CONTRACT_UNKNOWN_KEY',
    'servers[0].hots',
    'hots is no key of a server of type kafka; did you mean host?',
    'host',
  ],
  [
    { servers: '[{server: a, type: api, location: nowhere}]' },
    'CONTRACT_VALUE',
    'servers[0].location',
    'an address with its scheme',
  ],
  [
    { servers: '[{server: a, type: sftp, location: "ftp://x"}]' },
    'CONTRACT_VALUE',
    'servers[0].location',
    'an address sftp://',
  ],
  [
    { servers: '[{server: a, type: hana, host: h}]' },
    'CONTRACT_VALUE',
    'servers[0].type',
    'must be one of: api',
  ],
]

describe('the shape of a contract', () => {
  for (const [keys, code, path, message, suggestion] of cases)
    test(`${path}: ${message}`, () => {
      const fault = faultsOf(keys).find((one) => one.code === code && one.path === path)
      expect(fault?.message, JSON.stringify(faultsOf(keys))).toContain(message)
      expect(fault?.severity).toBe('error')
      if (suggestion !== undefined) expect(fault?.suggestion).toBe(suggestion)
    })

  for (const [keys, code, path, message] of cases)
    if (code !== 'CONTRACT_MISSING')
      test(`says one thing only: ${path}: ${message}`, () => {
        const others = faultsOf(keys).filter((one) => !(one.code === 'CONTRACT_MISSING' && one.path !== path))
        expect(others).toMatchObject([{ code, path }])
      })

  test('points at the value that is wrong, the key that is unknown, and the mapping that lacks one', () => {
    const { faults } = parseContract(
      'apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.5\nstatus: a\nschema:\n  - nmae: orders\n    tags: [a, 7]\n',
    )
    expect(faults.map(({ code, line, column }) => `${line}:${column} ${code}`).sort()).toEqual([
      '4:10 CONTRACT_SHAPE',
      '7:5 CONTRACT_MISSING',
      '7:5 CONTRACT_UNKNOWN_KEY',
      '8:15 CONTRACT_SHAPE',
    ])
  })

  test.each([
    [null, 'error', 'apiVersion is missing', '3.1'],
    ['3.1', 'error', 'apiVersion must be a text, not a number', '3.1'],
    ['v2.2.2', 'error', 'version 2 or older', '3.1'],
    ['1.0.0', 'error', 'version 2 or older', '3.1'],
    ['3.1.0', 'error', 'that is known here', '3.1'],
    ['v3.1', 'error', 'that is known here', '3.1'],
    ['v3.0.7', 'error', 'that is known here', '3.1'],
    ['v4.0.0', 'error', 'that is known here', '3.1'],
    ['latest', 'error', 'no version of the standard', '3.1'],
    ['v3.2.1', 'warning', 'is newer than what is known', '3.2'],
    ['v3.10.0', 'warning', 'is newer than what is known', '3.2'],
    ['v3.0.0', undefined, '', '3.0'],
    ['v3.0.1', undefined, '', '3.0'],
    ['v3.0.2', undefined, '', '3.0'],
    ['v3.1.0', undefined, '', '3.1'],
    ['v3.2.0', undefined, '', '3.2'],
  ])('apiVersion %s: %s', (apiVersion, severity, message, version) => {
    const faults = faultsOf({ apiVersion, context: 'words' })
    const fault = faults.find(({ code }) => code === 'CONTRACT_API_VERSION')
    expect(fault?.severity).toBe(severity)
    if (message !== '') expect(fault?.message).toContain(message)
    // `context` is known since 3.2.
    expect(faults.some(({ path }) => path === 'context')).toBe(version !== '3.2')
  })

  test('the suggestion for a version is the nearest one', () => {
    expect(faultsOf({ apiVersion: '3.1.0' })[0]?.suggestion).toBe('did you mean v3.1.0?')
    expect(faultsOf({ apiVersion: 'v2.2.2' })[0]?.suggestion).toContain('`columns` become `properties`')
  })

  test('a key is said fit for a terminal, and in short', () => {
    const faults = faultsOf({ '"\\u001b[31mred"': '1', [`"${'x'.repeat(900)}"`]: '1' })
    expect(faults[0]?.message).toContain('\\u{1b}[31mred is no key')
    expect(faults[1]?.message).toContain(`${'x'.repeat(60)}… is no key`)
  })

  test('no message holds a value of the document', () => {
    const faults = faultsOf({
      id: '[hunter2]',
      contractCreatedTs: 'hunter2',
      servers: '[{server: a, type: hunter2}, {server: b, type: api, location: hunter2}]',
      schema: '[{name: a, properties: [{name: a, logicalType: hunter2, relationships: [{to: hunter2}]}]}]',
    })
    expect(faults.length).toBeGreaterThan(5)
    expect(JSON.stringify(faults)).not.toContain('hunter2')
  })

  test('says a thousand faults at most', () => {
    expect(faultsOf({ tags: `[${'1,'.repeat(5_000)}]` })).toHaveLength(1_000)
    // So many that zod itself may give up.
    const many = faultsOf({ tags: `[${'1,'.repeat(140_000)}]` })
    expect(many.length).toBeGreaterThan(0)
    expect(many.length).toBeLessThanOrEqual(1_000)
  })
})
