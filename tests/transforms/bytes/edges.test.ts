/** Every type with every rule, stored type and policy, on the values where one thing ends and the next begins: both paths agree. */
import { expect, test } from 'vitest'
import { mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { envelope } from '../records.ts'
import { BothPaths } from './support/both-paths.ts'
import { VALUES } from './support/column-values.ts'
import { datasetOfProperties, type Property, STORED_TYPES } from './support/random-dataset.ts'

type Options = Readonly<Record<string, unknown>>

const quoted = (values: readonly string[]): readonly string[] => values.map((value) => JSON.stringify(value))
const around = (values: readonly number[]): readonly number[] =>
  values.flatMap((value) => [value - 1, value, value + 1])

const WHOLES = [
  ...around([-(2 ** 31), -(2 ** 15), -1000, -5, 0, 5, 1000, 2 ** 15, 2 ** 16, 2 ** 31, 2 ** 32]).map(String),
  ...[
    '-0',
    '00',
    '01',
    '-01',
    '1.0',
    '1e2',
    '1E0',
    '.5',
    '1.',
    '-',
    '+1',
    '"5"',
    'NaN',
    '999999999999999',
    '-999999999999999',
  ],
  ...[
    '1000000000000000',
    '-1000000000000000',
    '9007199254740993',
    '9223372036854775807',
    '9223372036854775808',
  ],
]
const DECIMALS = quoted([
  ...[
    '0',
    '-0',
    '0.0',
    '0.00',
    '-0.00',
    '00',
    '01.5',
    '5',
    '5.0',
    '5.00',
    '5.000',
    '5.001',
    '-5',
    '-4.99',
    '-5.01',
    '-1.25',
    '-1.24',
  ],
  ...[
    '999',
    '999.99',
    '1000',
    '1000.0',
    '1000.00',
    '1000.01',
    '999.995',
    '0.01',
    '0.009',
    '0.25',
    '0.9999',
    '1',
    '0.99999',
    '-0.9999',
  ],
  ...[
    '9999999999',
    '9999999999.99',
    '10000000000',
    '99999999999.9',
    '-9999999999.99',
    '12345.12345',
    '9'.repeat(15),
    '9'.repeat(16),
  ],
  ...[
    '1e3',
    '1.5E-2',
    'NaN',
    'Infinity',
    '',
    '.',
    '.5',
    '5.',
    '-',
    '--1',
    '1.2.3',
    '1200',
    '99999',
    '+1',
    ' 1',
    '1 ',
  ],
])
const FLOATS = [
  ...WHOLES,
  ...[
    '-0.0',
    '1.5',
    '-4.999999999',
    '5.000000001',
    '1000.5',
    '999.9999999',
    '0.1',
    '3.4028235e38',
    '3.5e38',
    '1.8e308',
    '1e-400',
  ],
  ...[
    '5.0',
    '1e3',
    '5e0',
    '1000.0',
    '0.3',
    '0.30000000000000004',
    '"NaN"',
    '"-Infinity"',
    '1000000000000000000000',
    '16777217',
  ],
]
const DAYS = [
  '1899-12-31',
  '1900-01-01',
  '1900-02-28',
  '1900-02-29',
  '1900-03-01',
  '1949-12-31',
  '1950-06-14',
  '1950-06-15',
]
const LATER = [
  '1970-01-01',
  '1969-12-31',
  '2000-02-29',
  '2023-02-29',
  '2024-02-29',
  '2100-02-29',
  '2149-06-06',
  '2149-06-07',
]
const LAST = [
  '2200-12-31',
  '2201-01-01',
  '2254-12-31',
  '2255-01-01',
  '2299-12-31',
  '2300-01-01',
  '9999-12-31',
  '0001-01-01',
]
const WRONG = [
  '2024-00-10',
  '2024-13-01',
  '2024-04-31',
  '2024-01-32',
  '2024-01-00',
  '2024-1-01',
  '20240101',
  'infinity',
  '-infinity',
]
const DATES = [...DAYS, ...LATER, ...LAST, ...WRONG]
const TIMES = [
  '00:00:00',
  '23:59:59',
  '23:59:59.999999',
  '24:00:00',
  '12:60:00',
  '12:00:60',
  '10:00',
  '10:00:00.5',
  '10:00:00.1234567',
  '10:00:00.',
]
const TEXTS = [
  '',
  'a',
  'note',
  'abcd',
  'abcde',
  'é',
  'éééé',
  'ééééé',
  '😀😀😀😀',
  '😀😀😀😀😀',
  'a\n"b\\',
  '12',
  '\ud800',
  'aGk=',
  '[]',
  '[1,2]',
  '[1,2,3]',
  '{"a":1}',
  '{}',
]
/** The same texts with every character escaped, and as they are. */
const WRITTEN = TEXTS.flatMap((text) => [
  JSON.stringify(text),
  `"${[...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`,
])
const ODD = [
  'null',
  'true',
  'false',
  '{}',
  '[]',
  '[null]',
  '0',
  '"x"',
  '{"a":1}',
  '[1,[2]]',
  '["a"]',
  '["a","a"]',
  '["a","b","c"]',
  '[1,2,3]',
  '[1,1]',
]

const UUID = '6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d'
const UUIDS = quoted([
  ...[UUID, UUID.toUpperCase(), UUID.replaceAll('-', ''), UUID.slice(1), `${UUID}0`, `{${UUID}}`, ` ${UUID}`],
  ...['g', '/', ':', '@', '`', '-', '.'].flatMap((odd) => [
    `${odd}${UUID.slice(1)}`,
    `${UUID.slice(0, -1)}${odd}`,
  ]),
  ...[UUID.replace('-', '0'), UUID.replace('f-', 'f0'), UUID.replace('3-', '30'), UUID.replace('c-', 'c0')],
])

function edgesOf(type: string): readonly string[] {
  switch (mapPostgresType(type).kind) {
    case 'integer':
    case 'bigint':
      return WHOLES
    case 'decimal':
      return DECIMALS
    case 'float':
      return FLOATS
    case 'date':
      return quoted(DATES.flatMap((day) => [day, `${day}Z`]))
    case 'timestamp':
      return quoted([
        ...DATES.map((day) => `${day}T00:00:00Z`),
        ...TIMES.flatMap((time) => [
          `2024-02-29T${time}Z`,
          `2024-02-29T${time}`,
          `2024-02-29 ${time}+00`,
          `1969-12-31T${time}Z`,
        ]),
        '2254-12-31T23:59:59.999999Z',
        '2299-12-31T23:59:59.999999Z',
      ])
    case 'array':
      return [...WRITTEN.map((text) => `[${text}]`), ...WHOLES.map((value) => `[${value},null]`)]
    case 'uuid':
      return UUIDS
    default:
      return WRITTEN
  }
}

function rulesOf(type: string): readonly Options[] {
  switch (mapPostgresType(type).kind) {
    case 'integer':
    case 'bigint':
    case 'float':
    case 'decimal':
      return [
        ...[{ minimum: -5 }, { maximum: 1000 }, { exclusiveMinimum: -5 }, { exclusiveMaximum: 1000 }],
        ...[{ multipleOf: 5 }, { minimum: 0, exclusiveMaximum: 5, multipleOf: 1 }],
        ...[{ minimum: -1.25, maximum: 999.995 }, { multipleOf: 0.25 }, { minimum: '-9223372036854775808' }],
      ]
    case 'date':
    case 'timestamp':
      return [{ minimum: '1950-06-15' }, { maximum: '2200-12-31' }, { exclusiveMinimum: '1900-01-01' }]
    case 'array':
      return [{ minItems: 2 }, { maxItems: 2 }, { uniqueItems: true }]
    case 'boolean':
    case 'uuid':
      return []
    default:
      return [
        { minLength: 1 },
        { minLength: 4, maxLength: 4 },
        { maxLength: 0 },
        { maxLength: 4 },
        { pattern: '^[a-z]*$' },
      ]
  }
}

/** Each thing that a property may say, alone. */
function propertiesOf(type: string): readonly Omit<Property, 'name' | 'physicalName' | 'physicalType'>[] {
  const custom = (property: string, value: unknown) => ({ customProperties: [{ property, value }] })
  const plan = (value: Options) => ({
    classification: 'personal',
    ...custom('piiPlan', { domain: 'email', ...value }),
  })
  return [
    {},
    ...rulesOf(type).map((logicalTypeOptions) => ({ logicalTypeOptions })),
    ...(STORED_TYPES[mapPostgresType(type).kind] ?? []).map((stored) => custom('targetType', stored)),
    ...['null', 'clamp'].map((policy) => custom('outOfRange', policy)),
    custom('notFinite', 'null'),
    custom('bytesAs', 'hex'),
    custom('oneDimensional', true),
    custom('validValues', ['note', '5', '2024-02-29', true]),
    ...['none', 'lower', 'phone'].map((normalize) => plan({ method: 'hmac', normalize })),
    plan({ method: 'hmac', onNull: 'token' }),
    { classification: 'personal', ...custom('piiPlan', { method: 'drop' }) },
  ]
}

test.each(Object.keys(VALUES))('%s', (type) => {
  let taken = 0
  for (const property of propertiesOf(type))
    for (const required of [true, false]) {
      const column: Property = {
        ...property,
        required,
        name: 'value',
        physicalName: 'value',
        physicalType: type,
      }
      const key: Property = {
        name: 'id',
        physicalName: 'id',
        physicalType: 'bigint',
        primaryKey: true,
        primaryKeyPosition: 1,
      }
      const paths = new BothPaths(
        datasetOfProperties([key, column], [{ property: 'tenant', value: { value: 'main' } }]),
      )
      for (const [offset, value] of [...edgesOf(type), ...ODD].entries()) {
        const text = JSON.stringify(envelope({ after: { id: 1, value: '@' }, sequence: '["1","2"]' }))
        if (paths.take(Buffer.from(text.replace('"@"', () => value)), offset)) taken++
      }
    }
  expect(taken).toBeGreaterThan(10)
})
