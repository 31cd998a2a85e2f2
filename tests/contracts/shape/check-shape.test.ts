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

/** Documents of 3.0 with what came later, or is otherwise there: errors where its schema refuses it, else warnings. */
const of30 = (keys: Readonly<Record<string, string>>) =>
  faultsOf({ apiVersion: 'v3.0.2', ...keys }).map(({ severity, code, path }) => `${severity} ${code} ${path}`)
const property30 = (text: string) => of30({ schema: `[{name: a, properties: [{${text}}]}]` })
const server30 = (text: string) => of30({ servers: `[{server: a, ${text}}]` })

describe('a document of 3.0', () => {
  test.each<readonly [name: string, said: readonly string[], expected: readonly string[]]>([
    [
      'relationships of a property',
      property30('name: x, relationships: [{to: a.x}]'),
      [`error CONTRACT_UNKNOWN_KEY ${IN}.relationships`],
    ],
    [
      'relationships of a dataset',
      of30({ schema: '[{name: a, relationships: []}]' }),
      ['error CONTRACT_UNKNOWN_KEY schema[0].relationships'],
    ],
    ['an id of a property', property30('name: x, id: x'), [`error CONTRACT_UNKNOWN_KEY ${IN}.id`]],
    [
      'another key of a property',
      property30('name: x, requird: true'),
      [`error CONTRACT_UNKNOWN_KEY ${IN}.requird`],
    ],
    [
      'a timestamp and a time',
      [...property30('name: x, logicalType: timestamp'), ...property30('name: x, logicalType: time')],
      [`warning CONTRACT_NEWER ${IN}.logicalType`, `warning CONTRACT_NEWER ${IN}.logicalType`],
    ],
    ['a map', property30('name: x, logicalType: map'), [`error CONTRACT_VALUE ${IN}.logicalType`]],
    [
      'a flag for an exclusive bound',
      property30('name: x, logicalType: integer, logicalTypeOptions: {minimum: 1, exclusiveMinimum: true}'),
      [],
    ],
    [
      'an exclusive bound',
      property30('name: x, logicalType: date, logicalTypeOptions: {exclusiveMaximum: "2026-01-01"}'),
      [`warning CONTRACT_NEWER ${IN}.logicalTypeOptions.exclusiveMaximum`],
    ],
    [
      'an exclusive bound of another type',
      property30('name: x, logicalType: integer, logicalTypeOptions: {exclusiveMaximum: "1"}'),
      [
        `error CONTRACT_SHAPE ${IN}.logicalTypeOptions.exclusiveMaximum`,
        `warning CONTRACT_NEWER ${IN}.logicalTypeOptions.exclusiveMaximum`,
      ],
    ],
    ['a rule', property30('name: x, quality: [{rule: nullCheck}]'), []],
    [
      'a metric',
      property30('name: x, quality: [{metric: nullValues, mustBe: 0}]'),
      [`warning CONTRACT_NEWER ${IN}.quality[0].metric`],
    ],
    [
      'arguments of a metric',
      property30('name: x, quality: [{metric: rowCount, mustBe: 0, arguments: {}}]'),
      [
        `warning CONTRACT_UNKNOWN_KEY ${IN}.quality[0].arguments`,
        `warning CONTRACT_NEWER ${IN}.quality[0].metric`,
      ],
    ],
    [
      'a rule that says nothing',
      property30('name: x, quality: [{description: y}]'),
      [`error CONTRACT_MISSING ${IN}.quality[0].rule`],
    ],
    [
      'other keys of a rule',
      property30('name: x, quality: [{type: text, foo: 1}]'),
      [`warning CONTRACT_UNKNOWN_KEY ${IN}.quality[0].foo`],
    ],
    ['the team as a mapping', of30({ team: '{members: [{username: x}]}' }), ['warning CONTRACT_NEWER team']],
    [
      'other keys of a member',
      of30({ team: '[{username: x, tags: [y]}]' }),
      ['warning CONTRACT_UNKNOWN_KEY team[0].tags'],
    ],
    ['support without url', of30({ support: '[{channel: x}]' }), ['error CONTRACT_MISSING support[0].url']],
    ['a server of a newer type', server30('type: impala, host: x'), ['error CONTRACT_VALUE servers[0].type']],
    [
      'other keys of a server',
      server30('type: kafka, host: x, id: y, stream: z'),
      ['warning CONTRACT_UNKNOWN_KEY servers[0].id', 'warning CONTRACT_UNKNOWN_KEY servers[0].stream'],
    ],
    [
      'a format of files',
      server30('type: s3, location: "s3://x", format: avro'),
      ['error CONTRACT_VALUE servers[0].format'],
    ],
    [
      'a description of a custom property',
      of30({ customProperties: '[{property: x, value: 1, description: y}]' }),
      ['warning CONTRACT_UNKNOWN_KEY customProperties[0].description'],
    ],
    ['another key of the document', of30({ foo: '1' }), ['error CONTRACT_UNKNOWN_KEY foo']],
    [
      'keys of roles, prices, definitions',
      of30({
        roles: '[{role: x, id: y}]',
        price: '{id: y}',
        authoritativeDefinitions: '[{url: x, type: y, id: z}]',
      }),
      [
        'warning CONTRACT_UNKNOWN_KEY price.id',
        'warning CONTRACT_UNKNOWN_KEY roles[0].id',
        'warning CONTRACT_UNKNOWN_KEY authoritativeDefinitions[0].id',
      ],
    ],
  ])('%s', (_name, said, expected) => expect([...said].sort()).toEqual([...expected].sort()))

  test('says which version has what it uses', () => {
    const [newer] = faultsOf(property('name: x, logicalType: time', 'v3.0.0'))
    expect(newer).toMatchObject({
      message: 'the logical type time is new in version 3.1 of the standard; the document says an older one',
      suggestion: 'apiVersion: v3.1.0, or date',
    })
    const [unknown] = faultsOf({ apiVersion: 'v3.0.0', schema: '[{name: a, relationships: []}]' })
    expect(unknown).toMatchObject({ suggestion: 'apiVersion: v3.1.0' })
    expect(unknown?.message).toContain('it is new in version 3.1 of the standard')
  })

  test('makes a flag for an exclusive bound that bound', () => {
    const text = (options: string) =>
      `apiVersion: v3.0.2\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\nschema: [{name: a, properties: [{name: x, logicalType: integer, logicalTypeOptions: {${options}}}]}]`
    const optionsOf = (options: string) =>
      parseContract(text(options)).contract?.schema[0]?.properties[0]?.logicalTypeOptions
    const { raw: _raw, ...options } =
      optionsOf('minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false') ?? {}
    expect(options).toEqual({ exclusiveMinimum: 1, maximum: 9 })
    expect(optionsOf('maximum: 9, exclusiveMaximum: true')?.exclusiveMaximum).toBe(9)
  })
})

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
    ['v4.0.0', 'error', 'a later version of the standard than is known here', '3.1'],
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

  test('says a thousand faults at most, and how many more there are', () => {
    const faults = faultsOf({ tags: `[${'1,'.repeat(5_000)}]` })
    expect(faults).toHaveLength(1_001)
    expect(faults.at(-1)).toEqual({
      severity: 'error',
      code: 'CONTRACT_MORE_FAULTS',
      path: '',
      message: '4000 more faults of shape are not said; mend those above first',
      line: 6,
      column: 2_008,
    })
    // So many that zod itself may give up.
    const many = faultsOf({ tags: `[${'1,'.repeat(140_000)}]` })
    expect(many.length).toBeGreaterThan(0)
    expect(many.length).toBeLessThanOrEqual(1_001)
  })

  test('counts the unknown keys that it does not say', () => {
    const keys = Array.from({ length: 1_500 }, (_, index) => `k${index}: 1`)
    const faults = faultsOf({ price: `{${keys.join(', ')}}`, id: '1' })
    expect(faults).toHaveLength(1_001)
    expect(faults.at(-1)?.message).toMatch(/^50[0-2] more faults of shape are not said/)
  })
})
