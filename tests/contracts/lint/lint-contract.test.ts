import { describe, expect, test } from 'vitest'
import { checkContract } from '#contracts/check-contract.ts'
import type { ContractFault } from '#contracts/fault.ts'
import { lintContract } from '#contracts/lint/lint-contract.ts'
import { parseContract } from '#contracts/parse.ts'

const HEAD =
  'kind: DataContract\nid: urn:test\nversion: 1.0.0\nstatus: active\ndescription: {purpose: A test.}\n'

/** Lints a contract of the given parts. */
function lint(parts: string, apiVersion = 'v3.1.0'): readonly ContractFault[] {
  const parsed = parseContract(`apiVersion: ${apiVersion}\n${HEAD}${parts}`)
  return lintContract(parsed, { purpose: 'document' })
}
/** Datasets `orders` (id, at, and what is given) and `people` (id), of governed rows or not. */
const orders = (properties: string, more = ''): string =>
  `schema:\n  - {name: people, id: people_obj, properties: [{name: id, id: id_prop}]}\n  - {name: orders, id: orders_obj${more}, properties: [{name: id}, {name: at, physicalName: placed_at}${properties}]}\n`
const governed = ', customProperties: [{property: tenant, value: {value: main}}]'
const rule = (quality: string): string => orders(`, {name: a, quality: [${quality}]}`)
const options = (type: string, given: string): string =>
  orders(`, {name: a, logicalType: ${type}, logicalTypeOptions: {${given}}}`)

type Case = readonly [
  name: string,
  parts: string,
  said: readonly (readonly [severity: string, code: string, path: string, message: string])[],
  apiVersion?: string,
]

const AT = 'schema[1].properties[2]'

const cases: readonly Case[] = [
  // names
  [
    'a dataset twice',
    'schema: [{name: a, properties: [{name: b}]}, {name: a, properties: [{name: b}]}]',
    [['error', 'CONTRACT_DUPLICATE_NAME', 'schema[1]', 'the dataset a stands twice']],
  ],
  [
    'properties that differ only in case',
    orders(', {name: ID}'),
    [['error', 'CONTRACT_DUPLICATE_NAME', AT, 'the property ID differs from id only in case']],
  ],
  [
    'a nested property twice',
    orders(', {name: a, logicalType: object, properties: [{name: b}, {name: b}]}'),
    [['error', 'CONTRACT_DUPLICATE_NAME', `${AT}.properties[1]`, 'the property b stands twice']],
  ],
  [
    'properties of items twice',
    orders(
      ', {name: a, logicalType: array, items: {logicalType: object, properties: [{name: b}, {name: B}]}}',
    ),
    [['error', 'CONTRACT_DUPLICATE_NAME', `${AT}.items.properties[1]`, 'differs from b only in case']],
  ],
  [
    'an id twice',
    orders(', {name: a, id: x}, {name: b, id: x}'),
    [['error', 'CONTRACT_DUPLICATE_ID', 'schema[1].properties[3].id', 'the property x stands twice']],
  ],
  [
    'a role twice',
    'roles: [{role: a}, {role: a}]\nschema: [{name: a, properties: [{name: b}]}]',
    [['error', 'CONTRACT_ROLE_TWICE', 'roles[1].role', 'the role a stands twice']],
  ],
  [
    'a server twice',
    `servers: [{server: a, type: local, path: x, format: csv}, {server: a, type: local, path: y, format: csv}]\n${orders('')}`,
    [['error', 'CONTRACT_DUPLICATE_NAME', 'servers[1].server', 'the server a stands twice']],
  ],
  [
    'a quality rule twice',
    rule('{id: q, description: a}, {id: q, description: b}'),
    [['error', 'CONTRACT_DUPLICATE_ID', `${AT}.quality[1].id`, 'the quality rule q stands twice']],
  ],
  [
    'a custom property twice',
    orders(', {name: a, customProperties: [{property: x, value: 1}, {property: x, value: 2}]}'),
    [
      [
        'error',
        'CONTRACT_DUPLICATE_CUSTOM',
        `${AT}.customProperties[1].property`,
        'the custom property x stands twice',
      ],
    ],
  ],
  ['an empty name', orders(', {name: " "}'), [['error', 'CONTRACT_EMPTY_NAME', `${AT}.name`, 'is empty']]],

  // relationships
  [
    'a reference to an unknown column',
    orders(', {name: a, relationships: [{to: people.idd}]}'),
    [
      [
        'error',
        'CONTRACT_REFERENCE_DANGLING',
        `${AT}.relationships[0].to`,
        'the dataset people has no column idd; did you mean id?',
      ],
    ],
  ],
  [
    'a reference to a slip of a dataset',
    orders(', {name: a, relationships: [{to: peple.id}]}'),
    [['error', 'CONTRACT_REFERENCE_DANGLING', `${AT}.relationships[0].to`, 'did you mean people?']],
  ],
  [
    'a reference to a dataset that may be under another contract',
    orders(', {name: a, relationships: [{to: warehouses.id}]}'),
    [
      [
        'warning',
        'CONTRACT_REFERENCE_DANGLING',
        `${AT}.relationships[0].to`,
        'there is no dataset warehouses here',
      ],
    ],
  ],
  ['a reference that is right', orders(', {name: a, relationships: [{to: people.id}]}'), []],
  [
    'a reference to itself',
    orders(', {name: a, relationships: [{to: orders.a}, {to: people.id}]}'),
    [['warning', 'CONTRACT_REFERENCE_SELF', `${AT}.relationships[0].to`, 'a refers to itself']],
  ],
  ['a reference by physical name', orders(', {name: a, relationships: [{to: orders.placed_at}]}'), []],
  [
    'a reference by ids',
    orders(', {name: a, relationships: [{to: schema/people_obj/properties/id_prop}]}'),
    [],
  ],
  [
    'a reference by an unknown id of a dataset',
    orders(', {name: a, relationships: [{to: schema/people_ob/properties/id_prop}]}'),
    [
      [
        'error',
        'CONTRACT_REFERENCE_DANGLING',
        `${AT}.relationships[0].to`,
        'there is no dataset with the id people_ob; did you mean people_obj?',
      ],
    ],
  ],
  [
    'a reference by an unknown id of a property',
    orders(', {name: a, relationships: [{to: /schema/people_obj/properties/nothing}]}'),
    [
      [
        'error',
        'CONTRACT_REFERENCE_DANGLING',
        `${AT}.relationships[0].to`,
        'there is no property with the id nothing',
      ],
    ],
  ],
  [
    'a reference into another file, which is not followed',
    orders(', {name: a, relationships: [{to: "other.yaml#schema/x/properties/y"}]}'),
    [],
  ],
  [
    'a composite key of different lengths',
    orders('', ', relationships: [{from: [orders.id, orders.at], to: [people.id]}]'),
    [
      [
        'error',
        'CONTRACT_REFERENCE_LENGTH',
        'schema[1].relationships[0]',
        'has 2 column(s) in from and 1 in to',
      ],
    ],
  ],
  [
    'a composite key that begins at another dataset',
    orders('', ', relationships: [{from: [people.id], to: [people.id]}]'),
    [
      [
        'error',
        'CONTRACT_REFERENCE_OWNER',
        'schema[1].relationships[0].from[0]',
        'a relationship of orders cannot begin at people.id',
      ],
    ],
  ],
  [
    'a composite key with an unknown column of its own',
    orders('', ', relationships: [{from: orders.idx, to: people.id}]'),
    [
      [
        'error',
        'CONTRACT_REFERENCE_DANGLING',
        'schema[1].relationships[0].from',
        'the dataset orders has no column idx',
      ],
    ],
  ],
  [
    'one column that refers to two',
    orders(', {name: a, relationships: [{to: [people.id, orders.id]}]}'),
    [['error', 'CONTRACT_REFERENCE_LENGTH', `${AT}.relationships[0].to`, 'a is one column and refers to 2']],
  ],

  // service levels
  [
    'a service level of an unknown column',
    `${orders('')}slaProperties: [{property: latency, value: 1, unit: d, element: "orders.at, orders.att"}]`,
    [['error', 'CONTRACT_SLA_ELEMENT', 'slaProperties[0].element', 'has no column att; did you mean at?']],
  ],
  [
    'a service level of an unknown dataset, as the examples of the standard have them',
    `${orders('')}slaDefaultElement: tab1.x\nslaProperties: [{property: latency, value: 1, unit: d, element: tab1}]`,
    [
      ['warning', 'CONTRACT_SLA_ELEMENT', 'slaDefaultElement', 'there is no dataset tab1 here'],
      ['warning', 'CONTRACT_SLA_ELEMENT', 'slaProperties[0].element', 'there is no dataset tab1 here'],
    ],
  ],
  [
    'the same in a contract that is governed',
    `${orders('', governed)}slaProperties: [{property: latency, value: 1, unit: d, element: tab1}]`,
    [['error', 'CONTRACT_SLA_ELEMENT', 'slaProperties[0].element', 'there is no dataset tab1 here']],
  ],

  // keys
  [
    'two columns at one position of the key',
    orders(
      ', {name: a, primaryKey: true, primaryKeyPosition: 1}, {name: b, primaryKey: true, primaryKeyPosition: 1}',
    ),
    [
      ['warning', 'CONTRACT_KEY_POSITION', AT, 'should be 1 to 2, each once'],
      [
        'error',
        'CONTRACT_KEY_POSITION',
        'schema[1].properties[3].primaryKeyPosition',
        'b and a have the same position in the primary key',
      ],
    ],
  ],
  [
    'a gap in the key',
    orders(
      ', {name: a, primaryKey: true, primaryKeyPosition: 1}, {name: b, primaryKey: true, primaryKeyPosition: 3}',
    ),
    [['warning', 'CONTRACT_KEY_POSITION', AT, 'positions in the primary key of orders should be 1 to 2']],
  ],
  [
    'a position of a column that is not in the key',
    orders(', {name: a, primaryKeyPosition: 1}'),
    [['warning', 'CONTRACT_KEY_POSITION', `${AT}.primaryKeyPosition`, 'a has a position in the primary key']],
  ],
  [
    'two columns at one position of the partition key',
    orders(
      ', {name: a, partitioned: true, partitionKeyPosition: 1}, {name: b, partitioned: true, partitionKeyPosition: 1}',
    ),
    [
      ['warning', 'CONTRACT_KEY_POSITION', AT, 'positions in the partition key'],
      ['error', 'CONTRACT_KEY_POSITION', 'schema[1].properties[3].partitionKeyPosition', 'same position'],
    ],
  ],
  ['a key that does not say whether it is required', orders(', {name: a, primaryKey: true}'), []],
  [
    'a key that is said to be optional',
    orders(', {name: a, primaryKey: true, required: false}'),
    [
      [
        'warning',
        'CONTRACT_KEY_NULLABLE',
        `${AT}.required`,
        'a is in the primary key and cannot be optional',
      ],
    ],
  ],
  [
    'the same of a governed dataset',
    orders(', {name: a, primaryKey: true, required: false}', governed),
    [['error', 'CONTRACT_KEY_NULLABLE', `${AT}.required`, 'cannot be optional']],
  ],
  [
    'objects that should be unique',
    orders(', {name: a, logicalType: object, unique: true}'),
    [['warning', 'CONTRACT_UNIQUE_TYPE', `${AT}.unique`, 'a is of logical type object']],
  ],
  [
    'a nested key',
    orders(', {name: a, logicalType: object, properties: [{name: b, primaryKey: true}]}'),
    [['warning', 'CONTRACT_KEY_NESTED', `${AT}.properties[0].primaryKey`, 'b is nested']],
  ],

  // options
  ...(
    [
      ['string', 'minLength: 3, maxLength: 2', 'minLength'],
      ['integer', 'minimum: 3, maximum: 2', 'minimum'],
      ['integer', 'minimum: 9223372036854775807, maximum: 9223372036854775806', 'minimum'],
      ['number', 'exclusiveMinimum: 2, maximum: 2', 'exclusiveMinimum'],
      ['number', 'minimum: 2, exclusiveMaximum: 2', 'minimum'],
      ['array', 'minItems: 2, maxItems: 1', 'minItems'],
      ['object', 'minProperties: 2, maxProperties: 1', 'minProperties'],
      ['date', 'minimum: "2026-01-02", maximum: "2026-01-01"', 'minimum'],
      ['timestamp', 'minimum: "2026-01-01T12:00:00+02:00", maximum: "2026-01-01T09:00:00Z"', 'minimum'],
      ['time', 'minimum: "10:00", maximum: "09:00:00"', 'minimum'],
    ] as const
  ).map(
    ([type, given, at]): Case => [
      `${type} {${given}}`,
      options(type, given),
      [['error', 'CONTRACT_OPTIONS', `${AT}.logicalTypeOptions.${at}`, 'no value of a can keep both']],
    ],
  ),
  ['bounds that are equal', options('number', 'minimum: 2, maximum: 2'), []],
  [
    'bounds of a format of its own',
    options('date', 'minimum: 31.12.2026, maximum: 01.01.2026, format: dd.MM.yyyy'),
    [],
  ],
  [
    'a bound twice',
    options('integer', 'minimum: 1, exclusiveMinimum: 0'),
    [
      [
        'warning',
        'CONTRACT_OPTIONS',
        `${AT}.logicalTypeOptions.exclusiveMinimum`,
        'one of them says nothing',
      ],
    ],
  ],
  [
    'a required property that is none',
    orders(
      ', {name: a, logicalType: object, logicalTypeOptions: {required: [bb, c]}, properties: [{name: bbb}, {name: c}]}',
    ),
    [
      [
        'error',
        'CONTRACT_OPTIONS',
        `${AT}.logicalTypeOptions.required[0]`,
        'a requires bb, which is none of its properties; did you mean bbb?',
      ],
    ],
  ],
  [
    'a time zone that is none',
    options('timestamp', 'defaultTimezone: Europe/Bern'),
    [['warning', 'CONTRACT_OPTIONS', `${AT}.logicalTypeOptions.defaultTimezone`, 'is no time zone']],
  ],
  [
    'flags of 3.0 without the bounds that they are about',
    options('integer', 'exclusiveMinimum: true, maximum: 5, exclusiveMaximum: true'),
    [['warning', 'CONTRACT_OPTIONS', `${AT}.logicalTypeOptions.exclusiveMinimum`, 'it says nothing']],
    'v3.0.2',
  ],
  [
    'options of a boolean',
    options('boolean', 'maxLength: 1'),
    [['warning', 'CONTRACT_OPTIONS', `${AT}.logicalTypeOptions.maxLength`, 'a is true or false']],
  ],
  [
    'a vector without dimensions',
    orders(', {name: a, logicalType: vector}'),
    [['error', 'CONTRACT_OPTIONS', AT, 'a is a vector and does not say its dimensions']],
    'v3.2.0',
  ],

  // allowed values
  [
    'allowed values of another type',
    orders(
      ', {name: a, logicalType: integer, enum: [{value: 1}, {value: 1.5}, {value: "2"}, {value: null}]}',
    ),
    [
      ['error', 'CONTRACT_ENUM', `${AT}.enum[1].value`, 'is not of its logical type integer'],
      ['error', 'CONTRACT_ENUM', `${AT}.enum[2].value`, 'is not of its logical type integer'],
    ],
    'v3.2.0',
  ],
  [
    'allowed values that the other rules refuse',
    orders(
      ', {name: a, logicalType: string, logicalTypeOptions: {minLength: 2, maxLength: 3, pattern: "^[a-z]+$"}, enum: [{value: abc}, {value: a}, {value: äöüß}, {value: äöü}]}',
    ),
    [
      ['error', 'CONTRACT_ENUM', `${AT}.enum[1].value`, 'is shorter than minLength'],
      ['error', 'CONTRACT_ENUM', `${AT}.enum[2].value`, 'is longer than maxLength'],
      ['error', 'CONTRACT_ENUM', `${AT}.enum[3].value`, 'does not match the pattern'],
    ],
    'v3.2.0',
  ],
  [
    'allowed numbers outside of the bounds',
    orders(
      ', {name: a, logicalType: number, logicalTypeOptions: {exclusiveMinimum: 1, maximum: 2.5}, enum: [{value: 1}, {value: 1.5}, {value: 2.5}, {value: 2.51}]}',
    ),
    [
      ['error', 'CONTRACT_ENUM', `${AT}.enum[0].value`, 'is not above exclusiveMinimum'],
      ['error', 'CONTRACT_ENUM', `${AT}.enum[3].value`, 'is above the maximum'],
    ],
    'v3.2.0',
  ],
  [
    'allowed days outside of the bounds',
    orders(
      ', {name: a, logicalType: date, logicalTypeOptions: {minimum: "2026-01-01", exclusiveMaximum: "2027-01-01"}, enum: [{value: "2025-12-31"}, {value: "2026-01-01"}, {value: "2027-01-01"}]}',
    ),
    [
      ['error', 'CONTRACT_ENUM', `${AT}.enum[0].value`, 'is below the minimum'],
      ['error', 'CONTRACT_ENUM', `${AT}.enum[2].value`, 'is not below exclusiveMaximum'],
    ],
    'v3.2.0',
  ],
  ...['array', 'object', 'map'].map(
    (type): Case => [
      `allowed values of a property of type ${type}`,
      orders(
        `, {name: a, logicalType: ${type}, enum: [{value: 1}]${type === 'map' ? ', map: {key: {logicalType: string}, value: {logicalType: string}}' : ''}}`,
      ),
      [['error', 'CONTRACT_ENUM', `${AT}.enum`, 'which has no single values; put the allowed values on its']],
      'v3.2.0',
    ],
  ),
  [
    'keys of a map that cannot be compared',
    orders(
      ', {name: a, logicalType: map, map: {key: {logicalType: object}, value: {logicalType: object}}}, {name: b, logicalType: map, map: {key: {logicalType: integer}, value: {logicalType: array}}}',
    ),
    [['error', 'CONTRACT_MAP_KEY', `${AT}.map.key.logicalType`, 'the keys of a are of logical type object']],
    'v3.2.0',
  ],
  [
    'an allowed value twice, under two labels',
    orders(', {name: a, logicalType: string, enum: [{value: x, label: a}, {value: x, label: b}]}'),
    [['error', 'CONTRACT_ENUM', `${AT}.enum[1].value`, 'an allowed value of a stands twice']],
    'v3.2.0',
  ],

  // names that deceive
  [
    'characters that nobody sees',
    orders(', {name: "a\u202eb"}, {name: " c"}, {name: "d\u200b", physicalName: "d\u200b"}'),
    [
      ['warning', 'CONTRACT_HIDDEN', `${AT}.name`, 'has characters that cannot be seen'],
      ['warning', 'CONTRACT_HIDDEN', 'schema[1].properties[3].name', 'has characters that cannot be seen'],
      ['warning', 'CONTRACT_HIDDEN', 'schema[1].properties[4].name', 'has characters that cannot be seen'],
    ],
  ],
  [
    'half of a character, and a whole one',
    `${orders('')}domain: "\\ud83d"\ntenant: "\\ud83d\\ude00"`,
    [['error', 'CONTRACT_HALF_CHARACTER', 'domain', 'half of a character']],
  ],

  // facts
  [
    'what cannot be',
    `${orders('')}servers: [{server: a, type: postgres, host: " ", port: 65536, database: d, schema: s}, {server: b, type: postgres, host: h, port: 65535, database: d, schema: s}]\nprice: {priceAmount: -1, priceCurrency: Euro}\nteam: {members: [{username: a, dateIn: "2026-02-01", dateOut: "2026-01-31"}, {username: b, dateIn: "2026-02-01", dateOut: "2026-02-01"}]}`,
    [
      ['error', 'CONTRACT_HOST', 'servers[0].port', 'ports are 1 to 65535'],
      ['warning', 'CONTRACT_HOST', 'servers[0].host', 'the host is empty'],
      ['warning', 'CONTRACT_PRICE', 'price.priceAmount', 'cannot be less than zero'],
      ['warning', 'CONTRACT_PRICE', 'price.priceCurrency', 'no code of ISO 4217'],
      ['warning', 'CONTRACT_TEAM', 'team.members[0].dateOut', 'dateOut is before dateIn'],
    ],
  ],
  [
    'a member of a list of 3.0 who left before coming',
    `${orders('')}team: [{username: a, dateIn: "2026-02-01", dateOut: "2026-01-31"}]`,
    [['warning', 'CONTRACT_TEAM', 'team[0].dateOut', 'dateOut is before dateIn']],
  ],

  // patterns
  ['a pattern that goes back without end in other engines', options('string', "pattern: '^(a+)+$'"), []],
  [
    'a pattern of too many states',
    options('string', "pattern: '(a{40}b?){40}'"),
    [
      [
        'error',
        'CONTRACT_PATTERN',
        `${AT}.logicalTypeOptions.pattern`,
        'make 1,680 states, 1,000 are allowed',
      ],
    ],
  ],
  [
    'such a pattern in the items of a list',
    orders(
      ", {name: a, logicalType: array, items: {logicalType: string, logicalTypeOptions: {pattern: '(a{40}b?){40}'}}}",
    ),
    [['error', 'CONTRACT_PATTERN', `${AT}.items.logicalTypeOptions.pattern`, 'make 1,680 states']],
  ],
  [
    'such a pattern in a quality rule',
    rule("{metric: invalidValues, mustBe: 0, arguments: {pattern: '(a{40}b?){40}'}}"),
    [['error', 'CONTRACT_PATTERN', `${AT}.quality[0].arguments.pattern`, 'make 1,680 states']],
  ],
  [
    'look-around',
    options('string', "pattern: '^(?!a)b'"),
    [['error', 'CONTRACT_PATTERN', `${AT}.logicalTypeOptions.pattern`, 'look-around is not allowed']],
  ],
  [
    'a pattern of another engine',
    options('string', "pattern: '(?i)^[a-z_\\-]+$'"),
    [['warning', 'CONTRACT_PATTERN', `${AT}.logicalTypeOptions.pattern`, 'not a regular expression']],
  ],
  [
    'what is no pattern anywhere',
    options('string', "pattern: '(['"),
    [['error', 'CONTRACT_PATTERN', `${AT}.logicalTypeOptions.pattern`, 'not a regular expression']],
  ],

  // quality
  [
    'a query that writes',
    rule('{type: sql, query: "drop table orders", mustBe: 0}'),
    [['error', 'CONTRACT_SQL', `${AT}.quality[0].query`, 'must begin with SELECT or WITH']],
  ],
  [
    'numbers the wrong way round',
    rule('{metric: rowCount, mustBeBetween: [5, 1]}'),
    [['error', 'CONTRACT_QUALITY', `${AT}.quality[0].mustBeBetween`, 'must be the lesser one']],
  ],
  [
    'more than all',
    rule('{metric: nullValues, unit: percent, mustBeLessThan: 101}'),
    [['error', 'CONTRACT_QUALITY', `${AT}.quality[0].mustBeLessThan`, 'not within 0 and 100']],
  ],
  [
    'an unknown unit',
    rule('{metric: nullValues, unit: apples, mustBeLessThan: 1}'),
    [['warning', 'CONTRACT_QUALITY', `${AT}.quality[0].unit`, 'rows or percent']],
  ],
  [
    'a column that is not there',
    orders(
      '',
      ', quality: [{metric: duplicateValues, mustBe: 0, arguments: {properties: [id, placed_at, ad]}}]',
    ),
    [
      [
        'error',
        'CONTRACT_QUALITY',
        'schema[1].quality[0].arguments.properties[2]',
        'orders has no column ad; did you mean id?',
      ],
    ],
  ],
  [
    'a rule without words',
    rule('{type: text}'),
    [['warning', 'CONTRACT_QUALITY', `${AT}.quality[0]`, 'needs a description']],
  ],
  [
    'a schedule that is none of cron',
    rule(
      '{metric: nullValues, mustBe: 0, scheduler: cron, schedule: every day}, {metric: nullValues, mustBe: 1, scheduler: cron, schedule: "0 6 * * MON-FRI"}, {metric: nullValues, mustBe: 2, scheduler: cron, schedule: "@daily"}',
    ),
    [['warning', 'CONTRACT_QUALITY', `${AT}.quality[0].schedule`, 'has five fields']],
  ],
  [
    'a metric of 3.0 that is compared with nothing',
    rule('{rule: nullCheck}, {rule: nullCheck, mustBe: 0}'),
    [['warning', 'CONTRACT_QUALITY', `${AT}.quality[0]`, 'nothing says what the metric is compared with']],
    'v3.0.2',
  ],
  [
    'invalid values without saying which are valid',
    rule('{metric: invalidValues, mustBe: 0}'),
    [['warning', 'CONTRACT_QUALITY', `${AT}.quality[0]`, 'needs arguments']],
  ],

  // credentials and hosts
  ...(
    [
      ['servers: [{server: a, type: kafka, host: "user:hunter2@broker:9092"}]', 'servers[0].host'],
      [
        'servers: [{server: a, type: api, location: "https://user:hunter2@example.com/x"}]',
        'servers[0].location',
      ],
      [
        'servers: [{server: a, type: azure, format: csv, location: "https://x.net/c?sv=1&sig=hunter2"}]',
        'servers[0].location',
      ],
      [
        'servers: [{server: a, type: local, path: x, format: csv, customProperties: [{property: dbPassword, value: hunter2}]}]',
        'servers[0].customProperties[0].value',
      ],
      [
        'customProperties: [{property: connection, value: {api_key: hunter2}}]',
        'customProperties[0].value.api_key',
      ],
      ['support: [{channel: a, url: "https://user:hunter2@example.com"}]', 'support[0].url'],
    ] as const
  ).map(
    ([parts, at]): Case => [
      `a credential at ${at}`,
      `${orders('')}${parts}`,
      [['error', 'CONTRACT_CREDENTIAL', at, '']],
    ],
  ),
  [
    'what only looks like a credential',
    `${orders(', {name: password, customProperties: [{property: passwordPolicy, value: strict}]}')}servers: [{server: a, type: api, location: "https://example.com/?page=1", customProperties: [{property: secret, value: "\${DB_SECRET}"}, {property: password, value: "vault:kv/db"}]}]`,
    [],
  ],
  ...(
    [
      ['type: api, location: "http://data.example.com"', 'location', 'is not encrypted'],
      ['type: api, location: "http://169.254.169.254/latest"', 'location', 'metadata service'],
      ['type: kafka, host: "metadata.google.internal:80"', 'host', 'metadata service'],
      ['type: kafka, environment: prod, host: "localhost:9092"', 'host', 'is this machine itself'],
      ['type: kafka, host: "bröker.example.com"', 'host', 'look like others'],
    ] as const
  ).map(
    ([server, at, message]): Case => [
      `a server {${server}}`,
      `${orders('')}servers: [{server: a, ${server}}]`,
      [['warning', 'CONTRACT_HOST', `servers[0].${at}`, message]],
    ],
  ),
  [
    'hosts that are as they should be',
    `${orders('')}servers: [{server: a, type: kafka, host: "localhost:9092"}, {server: b, type: api, location: "http://localhost:8080"}, {server: c, type: s3, location: "s3://bucket/a"}]`,
    [],
  ],

  // variables
  [
    'variables that are none',
    `${orders('')}domain: "\${DOMAIN:-sales} \${1X}"\ntenant: "\${OPEN"\ndataProduct: "\${A.B}"`,
    [
      ['error', 'CONTRACT_VARIABLE', 'domain', 'letters, digits and _'],
      ['error', 'CONTRACT_VARIABLE', 'tenant', 'a variable that is not closed'],
    ],
    'v3.2.0',
  ],
  ['no variables before 3.2', `${orders('')}domain: "\${1X}"`, []],

  // the whole
  ['no dataset', 'schema: []', [['info', 'CONTRACT_EMPTY', 'schema', 'the contract has no datasets']]],
  [
    'a dataset without properties',
    'schema: [{name: a}]',
    [['info', 'CONTRACT_EMPTY', 'schema[0]', 'a has no properties']],
  ],
  [
    'deprecation without a word',
    orders(
      ', {name: a, logicalType: string, deprecated: true}, {name: b, logicalType: string, deprecated: true, description: Use a.}',
    ),
    [['info', 'CONTRACT_DEPRECATED', `${AT}.deprecated`, 'a is deprecated']],
    'v3.2.0',
  ],
]

describe('the linter', () => {
  for (const [name, parts, said, apiVersion] of cases)
    test(name, () => {
      const faults = lint(parts, apiVersion)
      expect(faults.map(({ severity, code, path }) => [severity, code, path]).sort()).toEqual(
        said.map(([severity, code, path]) => [severity, code, path]).sort(),
      )
      for (const [, code, path, message] of said)
        expect(faults.find((fault) => fault.code === code && fault.path === path)?.message).toContain(message)
      expect(JSON.stringify(faults)).not.toContain('hunter2')
    })

  test.each([
    ['1.0', 'warning'],
    ['1.2.3', undefined],
    ['1.2.3-beta.1+build', undefined],
    ['v1.2.3', 'warning'],
    ['01.2.3', 'warning'],
  ])('version %s: %s', (version, severity) => {
    const parsed = parseContract(`apiVersion: v3.1.0\n${HEAD.replace('1.0.0', `"${version}"`)}${orders('')}`)
    expect(lintContract(parsed, { purpose: 'document' })[0]?.severity).toBe(severity)
    const strict = lintContract(parsed, { purpose: 'pipeline' })[0]
    expect(strict?.severity).toBe(version === '1.2.3' ? undefined : 'error')
  })

  test.each([
    ['active', undefined],
    ['actve', 'active'],
    ['in development', undefined],
  ])('status %s: did you mean %s', (status, near) => {
    const parsed = parseContract(`apiVersion: v3.1.0\n${HEAD.replace('active', status)}${orders('')}`)
    const faults = lintContract(parsed, { purpose: 'document' })
    expect(faults.map(({ code }) => code)).toEqual(status === 'active' ? [] : ['CONTRACT_STATUS'])
    expect(faults[0]?.suggestion).toBe(near)
  })

  test('knows the datasets of the contracts beside it', () => {
    const parsed = parseContract(
      `apiVersion: v3.1.0\n${HEAD}${orders(', {name: a, relationships: [{to: shops.id}, {to: shops.idd}]}')}`,
    )
    const faults = lintContract(parsed, {
      purpose: 'document',
      neighbours: new Map([['shops', new Set(['id'])]]),
    })
    expect(faults.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      'error: the dataset shops has no column idd; did you mean id?',
    ])
  })

  test('says nothing of what could not be read', () => {
    expect(lintContract(parseContract('- a'), { purpose: 'pipeline' })).toEqual([])
    expect(lintContract(parseContract('a: ['), { purpose: 'pipeline' })).toEqual([])
  })
})

describe('checkContract', () => {
  const text = `apiVersion: v3.1.0\n${HEAD}${orders(', {name: AT, nmae: x, logicalType: integr}', governed)}`

  test('has the faults of shape, meaning and readiness in the order of the text, each once', () => {
    const { datasets, faults } = checkContract(text, { purpose: 'document' })
    expect(datasets).toEqual([])
    expect(faults.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'warning CONTRACT_NO_TENANT',
      'warning CONTRACT_NO_KEY',
      'error CONTRACT_NO_KEY',
      'error CONTRACT_DUPLICATE_NAME',
      'error CONTRACT_UNKNOWN_KEY',
      'error CONTRACT_VALUE',
    ])
  })

  test('asks of every dataset for what the pipeline needs, if it is to be run', () => {
    const { faults } = checkContract(text)
    expect(faults.filter(({ severity }) => severity === 'warning')).toEqual([])
  })

  test('does not compile what the linter refuses', () => {
    const sound = `apiVersion: v3.1.0\n${HEAD}schema:\n  - {name: a, customProperties: [{property: tenant, value: {value: x}}], properties: [{name: id, primaryKey: true}PLACE]}\n`
    expect(checkContract(sound.replace('PLACE', '')).datasets).toHaveLength(1)
    const refused = ', {name: b, quality: [{type: sql, query: "delete from a", mustBe: 1}]}'
    expect(checkContract(sound.replace('PLACE', refused)).datasets).toHaveLength(0)
  })
})
