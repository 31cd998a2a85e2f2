/**
 * Documents that are wrong, each in a way that people (or attackers) write, with what is to be said: place, severity, code and path of every fault. What
 * only the pipeline needs (a key, a tenant) is left out. The text `hunter2` must not be in any message.
 */

/** One document. The faults are written as `line:column severity code path`. */
export type NegativeDocument = readonly [
  name: string,
  text: string,
  said: readonly string[],
  syntax?: 'yaml' | 'json',
]

const HEAD = 'kind: DataContract\nid: urn:t\nversion: 1.0.0\nstatus: active\n'

/** A document with a body from line 6 on. */
function doc(body: string, apiVersion = 'v3.1.0'): string {
  return `apiVersion: ${apiVersion}\n${HEAD}${body}`
}

/** A document with a property at line 10. */
function prop(property: string, apiVersion = 'v3.1.0'): string {
  const id = '{name: id, logicalType: integer, primaryKey: true, required: true}'
  return doc(`schema:\n  - name: orders\n    properties:\n      - ${id}\n      - ${property}\n`, apiVersion)
}

/** A governed document with a column at line 11 and a custom property of a role at line 17. */
function role(custom: string, column = '{name: email, physicalType: text}'): string {
  const id = '{name: id, physicalType: bigint, primaryKey: true, required: true}'
  const dataset = `schema:\n  - name: orders\n    customProperties: [{property: tenant, value: {value: main}}]\n    properties:\n      - ${id}\n      - ${column}\n`
  return doc(
    `${dataset}roles:\n  - role: analyst\n    customProperties:\n      - property: rowFilter\n        value: all\n      - ${custom}\n`,
  )
}

/** A document with a service level at line 9. */
function sla(level: string): string {
  return doc(`schema:\n  - {name: orders, properties: [{name: id}]}\nslaProperties:\n  - ${level}\n`)
}

/** The documents. */
export const NEGATIVE_DOCUMENTS: readonly NegativeDocument[] = [
  [
    'relationships in 3.0',
    prop('{name: a, relationships: [{to: orders.id}]}', 'v3.0.2'),
    ['10:19 error CONTRACT_UNKNOWN_KEY schema[0].properties[1].relationships'],
  ],
  [
    'a timestamp in 3.0',
    prop('{name: a, logicalType: timestamp}', 'v3.0.2'),
    ['10:32 warning CONTRACT_NEWER schema[0].properties[1].logicalType'],
  ],
  [
    'a metric in 3.0',
    prop('{name: a, quality: [{metric: nullValues, mustBe: 0}]}', 'v3.0.2'),
    ['10:38 warning CONTRACT_NEWER schema[0].properties[1].quality[0].metric'],
  ],
  [
    'an id of a property in 3.0',
    prop('{name: a, id: x}', 'v3.0.1'),
    ['10:19 error CONTRACT_UNKNOWN_KEY schema[0].properties[1].id'],
  ],
  [
    'a type of server that came with 3.1',
    doc('servers: [{server: a, type: hive, host: h}]\n', 'v3.0.0'),
    ['6:29 error CONTRACT_VALUE servers[0].type'],
  ],
  [
    'other keys of a role in 3.0',
    doc('roles: [{role: a, id: x, foo: 1}]\n', 'v3.0.2'),
    ['6:19 warning CONTRACT_UNKNOWN_KEY roles[0].id', '6:26 warning CONTRACT_UNKNOWN_KEY roles[0].foo'],
  ],
  [
    'keys of a service level that came with 3.1',
    doc('slaProperties: [{property: latency, value: 1, unit: d, description: x, schedule: y}]\n', 'v3.0.2'),
    [
      '6:56 warning CONTRACT_UNKNOWN_KEY slaProperties[0].description',
      '6:72 warning CONTRACT_UNKNOWN_KEY slaProperties[0].schedule',
    ],
  ],
  [
    'the team as a mapping in 3.0',
    doc('team: {name: x, members: [{username: u}]}\n', 'v3.0.2'),
    ['6:7 warning CONTRACT_NEWER team'],
  ],
  [
    'a support channel without url in 3.0',
    doc('support: [{channel: a}]\n', 'v3.0.2'),
    ['6:11 error CONTRACT_MISSING support[0].url'],
  ],
  [
    'a flag of 3.0 without its bound',
    prop('{name: a, logicalType: integer, logicalTypeOptions: {exclusiveMinimum: true}}', 'v3.0.2'),
    ['10:80 warning CONTRACT_OPTIONS schema[0].properties[1].logicalTypeOptions.exclusiveMinimum'],
  ],
  [
    'a flag of 3.0 in 3.1',
    prop('{name: a, logicalType: integer, logicalTypeOptions: {minimum: 1, exclusiveMinimum: true}}'),
    ['10:92 error CONTRACT_SHAPE schema[0].properties[1].logicalTypeOptions.exclusiveMinimum'],
  ],
  [
    'a quality rule of 3.0 that checks nothing',
    prop('{name: a, quality: [{description: x}]}', 'v3.0.2'),
    ['10:29 error CONTRACT_MISSING schema[0].properties[1].quality[0].rule'],
  ],
  [
    'allowed values in 3.1',
    prop('{name: a, enum: [{value: x}]}'),
    ['10:19 error CONTRACT_UNKNOWN_KEY schema[0].properties[1].enum'],
  ],
  [
    'a map in 3.1',
    prop('{name: a, logicalType: map}'),
    ['10:32 error CONTRACT_VALUE schema[0].properties[1].logicalType'],
  ],
  [
    'a role with an unknown column',
    role('{property: columns, value: {include: [id, emial]}}'),
    ['17:51 error CONTRACT_ROLE_COLUMNS roles[0].customProperties[1].value.include[1]'],
  ],
  [
    'a role without an unknown column',
    role(
      '{property: columns, value: {exclude: [emial]}}',
      '{name: email, physicalType: text, classification: personal, customProperties: [{property: piiPlan, value: {method: hmac, domain: email}}]}',
    ),
    ['17:47 error CONTRACT_ROLE_COLUMNS roles[0].customProperties[1].value.exclude[0]'],
  ],
  [
    'a misspelt include',
    role('{property: columns, value: {inclde: [id]}}'),
    ['17:45 error CONTRACT_ROLE_COLUMNS roles[0].customProperties[1].value.inclde'],
  ],
  [
    'include and exclude',
    role('{property: columns, value: {include: [id], exclude: [email]}}'),
    ['17:36 error CONTRACT_ROLE_COLUMNS roles[0].customProperties[1].value'],
  ],
  [
    'a column of a role that is a number',
    role('{property: columns, value: {include: [id, 5]}}'),
    ['17:51 error CONTRACT_ROLE_COLUMNS roles[0].customProperties[1].value.include[1]'],
  ],
  [
    'columns of a role as a list',
    role('{property: columns, value: [id]}'),
    ['17:36 error CONTRACT_ROLE_COLUMNS roles[0].customProperties[1].value'],
  ],
  [
    'columns of a role that are empty',
    role('{property: columns, value: ~}'),
    ['17:36 error CONTRACT_ROLE_COLUMNS roles[0].customProperties[1].value'],
  ],
  [
    'predicates that are none',
    role('{property: x, value: 1}').replace(
      'value: all',
      'value: [{colum: id, operator: "=", value: 1}, {column: idd, operator: eq, principal: tenant}, {column: id, operator: in, value: 3}]',
    ),
    [
      '16:17 error CONTRACT_ROLE_ROW_FILTER roles[0].customProperties[0].value[0]',
      '16:25 error CONTRACT_ROLE_ROW_FILTER roles[0].customProperties[0].value[0].colum',
      '16:79 error CONTRACT_ROLE_ROW_FILTER roles[0].customProperties[0].value[1].operator',
      '16:137 error CONTRACT_ROLE_ROW_FILTER roles[0].customProperties[0].value[2].value',
    ],
  ],
  [
    'a predicate of an unknown column',
    role('{property: x, value: 1}').replace(
      'value: all',
      'value: [{column: emial, operator: "=", principal: tenant}]',
    ),
    [
      '16:16 warning CONTRACT_ROLE_CROSS_TENANT roles[0].customProperties[0].value',
      '16:26 error CONTRACT_ROLE_ROW_FILTER roles[0].customProperties[0].value[0].column',
    ],
  ],
  [
    'a row filter that is a word',
    role('{property: x, value: 1}').replace('value: all', 'value: everything'),
    ['16:16 error CONTRACT_ROLE_ROW_FILTER roles[0].customProperties[0].value'],
  ],
  [
    'a vault whose subject is the column itself',
    role(
      '{property: x, value: 1}',
      '{name: email, physicalType: text, classification: personal, customProperties: [{property: piiPlan, value: {method: vault, domain: email, subject: email}}]}',
    ),
    [
      '11:124 warning CONTRACT_PII_VAULT_ABSENT schema[0].properties[1].customProperties[0].value.method',
      '11:155 error CONTRACT_PII_SUBJECT schema[0].properties[1].customProperties[0].value.subject',
    ],
  ],
  [
    'an unknown method of a plan',
    role(
      '{property: x, value: 1}',
      '{name: email, physicalType: text, customProperties: [{property: piiPlan, value: {method: hash, domain: email}}]}',
    ),
    ['11:98 error CONTRACT_PII_PLAN schema[0].properties[1].customProperties[0].value.method'],
  ],
  [
    'a domain that is none',
    role(
      '{property: x, value: 1}',
      '{name: email, physicalType: text, customProperties: [{property: piiPlan, value: {method: hmac, domain: E-Mail}}]}',
    ),
    ['11:112 error CONTRACT_PII_PLAN schema[0].properties[1].customProperties[0].value.domain'],
  ],
  [
    'a plan that is a word',
    role(
      '{property: x, value: 1}',
      '{name: email, physicalType: text, customProperties: [{property: piiPlan, value: hmac}]}',
    ),
    ['11:89 error CONTRACT_PII_PLAN schema[0].properties[1].customProperties[0].value'],
  ],
  [
    'an unknown subject',
    role(
      '{property: x, value: 1}',
      '{name: email, physicalType: text, customProperties: [{property: piiPlan, value: {method: hmac, domain: e, subject: idd}}]}',
    ),
    ['11:124 error CONTRACT_PII_SUBJECT schema[0].properties[1].customProperties[0].value.subject'],
  ],
  [
    'personal data inside of a column',
    role(
      '{property: x, value: 1}',
      '{name: o, physicalType: jsonb, logicalType: object, properties: [{name: mail, classification: pii}]}',
    ),
    ['11:74 error CONTRACT_PII_NO_PLAN schema[0].properties[1].properties[0]'],
  ],
  [
    'a classification in German',
    role('{property: x, value: 1}', '{name: email, physicalType: text, classification: personenbezogen}'),
    ['11:9 error CONTRACT_PII_NO_PLAN schema[0].properties[1]'],
  ],
  [
    'a property twice',
    prop('{name: id, logicalType: integer}'),
    ['10:9 error CONTRACT_DUPLICATE_NAME schema[0].properties[1]'],
  ],
  [
    'a property that differs only in case',
    prop('{name: ID, logicalType: integer}'),
    ['10:9 error CONTRACT_DUPLICATE_NAME schema[0].properties[1]'],
  ],
  [
    'a property twice, once with a plan',
    role(
      '{property: x, value: 1}',
      '{name: ID, physicalType: text, classification: personal, customProperties: [{property: piiPlan, value: {method: hmac, domain: email}}]}',
    ),
    ['11:9 error CONTRACT_DUPLICATE_NAME schema[0].properties[1]'],
  ],
  [
    'an unknown tenant column',
    doc(
      'schema:\n  - name: orders\n    customProperties: [{property: x, value: 1}, {property: tenant, value: {column: idd}}]\n    properties: [{name: id, primaryKey: true, required: true}]\n',
    ),
    ['8:84 error CONTRACT_TENANT_UNKNOWN schema[0].customProperties[1].value.column'],
  ],
  [
    'allowed values that are too long, or do not match',
    prop(
      '{name: a, logicalType: string, logicalTypeOptions: {maxLength: 2, pattern: "^[a-z]+$"}, enum: [{value: abc}, {value: A1}, {value: ab}]}',
      'v3.2.0',
    ),
    [
      '10:112 error CONTRACT_ENUM schema[0].properties[1].enum[0].value',
      '10:126 error CONTRACT_ENUM schema[0].properties[1].enum[1].value',
    ],
  ],
  [
    'allowed values outside of the bounds',
    prop(
      '{name: a, logicalType: integer, logicalTypeOptions: {minimum: 2, exclusiveMaximum: 5}, enum: [{value: 1}, {value: 5}, {value: 3}]}',
      'v3.2.0',
    ),
    [
      '10:111 error CONTRACT_ENUM schema[0].properties[1].enum[0].value',
      '10:123 error CONTRACT_ENUM schema[0].properties[1].enum[1].value',
    ],
  ],
  [
    'allowed values of an array',
    prop('{name: a, logicalType: array, items: {logicalType: string}, enum: [{value: x}]}', 'v3.2.0'),
    ['10:75 error CONTRACT_ENUM schema[0].properties[1].enum'],
  ],
  [
    'allowed values without value',
    prop('{name: a, logicalType: string, enum: [x, y]}', 'v3.2.0'),
    [
      '10:47 error CONTRACT_SHAPE schema[0].properties[1].enum[0]',
      '10:50 error CONTRACT_SHAPE schema[0].properties[1].enum[1]',
    ],
  ],
  [
    'an object as the key of a map',
    prop(
      '{name: a, logicalType: map, map: {key: {logicalType: object}, value: {logicalType: string}}}',
      'v3.2.0',
    ),
    ['10:62 error CONTRACT_MAP_KEY schema[0].properties[1].map.key.logicalType'],
  ],
  [
    'deprecated as a text',
    prop('{name: a, logicalType: string, deprecated: "yes"}', 'v3.2.0'),
    ['10:52 error CONTRACT_SHAPE schema[0].properties[1].deprecated'],
  ],
  [
    'a vector of no dimensions',
    prop('{name: a, logicalType: vector, logicalTypeOptions: {dimensions: 0}}', 'v3.2.0'),
    ['10:73 error CONTRACT_VALUE schema[0].properties[1].logicalTypeOptions.dimensions'],
  ],
  [
    'a latency that is a word',
    sla('{property: latency, value: soon, unit: d}'),
    ['9:32 error CONTRACT_SLA_VALUE slaProperties[0].value'],
  ],
  [
    'a latency without a unit',
    sla('{property: latency, value: 4}'),
    ['9:5 warning CONTRACT_SLA_UNIT slaProperties[0]'],
  ],
  [
    'a misspelt unit',
    sla('{property: retention, value: 4, unit: yaers}'),
    ['9:43 warning CONTRACT_SLA_UNIT slaProperties[0].unit'],
  ],
  [
    'a latency below zero',
    sla('{property: ly, value: -4, unit: d}'),
    ['9:27 error CONTRACT_SLA_VALUE slaProperties[0].value'],
  ],
  [
    'a latency that is empty',
    sla('{property: latency, value: ~, unit: d}'),
    ['9:32 error CONTRACT_SLA_VALUE slaProperties[0].value'],
  ],
  [
    'a latency that is a list',
    sla('{property: latency, value: [1], unit: d}'),
    ['9:32 error CONTRACT_VALUE slaProperties[0].value'],
  ],
  [
    'a latency without end',
    sla('{property: latency, value: .inf, unit: d}'),
    ['9:32 error CONTRACT_SLA_VALUE slaProperties[0].value'],
  ],
  [
    'a date in words',
    sla('{property: generalAvailability, value: next year}'),
    ['9:44 error CONTRACT_SLA_VALUE slaProperties[0].value'],
  ],
  [
    'a day that is none',
    sla('{property: endOfLife, value: "2026-02-30"}'),
    ['9:34 error CONTRACT_SLA_VALUE slaProperties[0].value'],
  ],
  [
    'a year where a date is needed',
    sla('{property: endOfSupport, value: 2032}'),
    ['9:37 error CONTRACT_SLA_VALUE slaProperties[0].value'],
  ],
  [
    'a time of day in English',
    sla('{property: timeOfAvailability, value: 9am}'),
    ['9:43 error CONTRACT_SLA_VALUE slaProperties[0].value'],
  ],
  [
    'an availability above 100',
    sla('{property: availability, value: 120, unit: percent}'),
    ['9:37 error CONTRACT_SLA_VALUE slaProperties[0].value'],
  ],
  [
    'an availability in days',
    sla('{property: availability, value: 99, unit: days}'),
    ['9:47 warning CONTRACT_SLA_UNIT slaProperties[0].unit'],
  ],
  [
    'an error rate in words',
    sla('{property: errorRate, value: low}'),
    ['9:34 warning CONTRACT_SLA_VALUE slaProperties[0].value'],
  ],
  [
    'a promise twice, under its short name too',
    sla('{property: latency, value: 4, unit: d}\n  - {property: ly, value: 5, unit: d}'),
    ['10:16 warning CONTRACT_SLA_TWICE slaProperties[1].property'],
  ],
  [
    'a misspelt service level',
    sla('{property: latncy, value: 4, unit: d}'),
    ['9:16 warning CONTRACT_SLA_PROPERTY slaProperties[0].property'],
  ],
  [
    'an end of life before the end of support',
    sla('{property: endOfSupport, value: 2030-01-01}\n  - {property: endOfLife, value: 2029-01-01}'),
    ['10:34 warning CONTRACT_SLA_VALUE slaProperties[1].value'],
  ],
  [
    'a schedule of cron in words',
    sla('{property: latency, value: 1, unit: d, scheduler: cron, schedule: daily at nine}'),
    ['9:71 warning CONTRACT_SLA_VALUE slaProperties[0].schedule'],
  ],
  [
    'a misspelt driver',
    sla('{property: latency, value: 1, unit: d, driver: analytic}'),
    ['9:52 warning CONTRACT_SLA_VALUE slaProperties[0].driver'],
  ],
  [
    'a service level of an unknown column',
    sla('{property: latency, value: 1, unit: d, element: orders.idd}'),
    ['9:53 error CONTRACT_SLA_ELEMENT slaProperties[0].element'],
  ],
  [
    'a duration with its unit and a unit beside it',
    sla('{property: latency, value: PT15M, unit: min}'),
    ['9:45 warning CONTRACT_SLA_UNIT slaProperties[0].unit'],
  ],
  [
    'an extended value in words',
    sla('{property: frequency, value: 1, valueExt: often, unit: d}'),
    ['9:47 warning CONTRACT_SLA_VALUE slaProperties[0].valueExt'],
  ],
  [
    'a frequency of zero',
    sla('{property: frequency, value: 0, unit: d}'),
    ['9:34 error CONTRACT_SLA_VALUE slaProperties[0].value'],
  ],
  [
    'a default element that is not there',
    doc('slaDefaultElement: orders.idd\nschema: [{name: orders, properties: [{name: id}]}]\n'),
    ['6:20 error CONTRACT_SLA_ELEMENT slaDefaultElement'],
  ],
  [
    "a tag of one's own",
    prop('{name: a, description: !foo x}'),
    ['10:32 error CONTRACT_TAG schema[0].properties[1].description'],
  ],
  [
    'a tag for bytes',
    prop('{name: a, description: !!binary aGk=}'),
    ['10:32 error CONTRACT_TAG schema[0].properties[1].description'],
  ],
  [
    'a tag for an object of Python',
    doc('domain: !!python/object/apply:os.system ["ls"]\n'),
    ['6:9 error CONTRACT_TAG domain', '6:41 error CONTRACT_SHAPE domain'],
  ],
  ['two documents', doc('---\na: 1\n'), ['6:1 error CONTRACT_SYNTAX']],
  ['a list', '- apiVersion: v3.1.0\n', ['1:1 error CONTRACT_SHAPE']],
  ['a word', 'hello\n', ['1:1 error CONTRACT_SHAPE']],
  ['nothing', '', ['1:1 error CONTRACT_SHAPE']],
  ['a comment only', '# nothing\n', ['1:1 error CONTRACT_SHAPE']],
  [
    'a control character',
    'apiVersion: v3.1.0\nid: "a\u0000b"\n',
    [
      '1:1 error CONTRACT_MISSING kind',
      '1:1 error CONTRACT_MISSING version',
      '1:1 error CONTRACT_MISSING status',
      '2:5 warning CONTRACT_HIDDEN id',
      '2:7 error CONTRACT_SYNTAX',
    ],
  ],
  ['a key twice', doc('id: other\n'), ['6:1 error CONTRACT_DUPLICATE_KEY id']],
  ['an alias of itself', doc('tags: &a [*a]\n'), ['6:11 error CONTRACT_SYNTAX tags[0]']],
  ['an alias of nothing', doc('tags: [*b]\n'), ['6:8 error CONTRACT_SYNTAX tags[0]']],
  ['a list as a key', doc('? [a, b]\n: 1\n'), ['6:3 error CONTRACT_SYNTAX']],
  ['tabs', 'apiVersion: v3.1.0\n\tkind: DataContract\n', ['2:1 error CONTRACT_SYNTAX']],
  [
    'a key that is indented too far',
    'apiVersion: v3.1.0\n  kind: DataContract\n',
    ['1:13 error CONTRACT_SYNTAX', '1:13 error CONTRACT_SYNTAX'],
  ],
  [
    'lines that are indented unevenly',
    doc('schema:\n  - name: a\n   physicalName: b\n'),
    ['8:1 error CONTRACT_SYNTAX'],
  ],
  ['a quote that is not closed', doc('domain: "x\n'), ['7:1 error CONTRACT_SYNTAX']],
  ['a bracket that is not closed', doc('tags: [a, b\n'), ['7:1 error CONTRACT_SYNTAX']],
  ['a comma that is missing', doc('price: {priceAmount: 1 priceUnit: x}\n'), ['6:22 error CONTRACT_SYNTAX']],
  ['a colon in a text', doc('domain: a: b\n'), ['6:9 error CONTRACT_SYNTAX']],
  ['a text that begins with @', doc('domain: @sales\n'), ['6:9 error CONTRACT_SYNTAX']],
  ['a key that begins with %', doc('%sales: x\n'), ['6:1 error CONTRACT_SYNTAX']],
  ['an apostrophe in a text in single quotes', doc("domain: 'it's'\n"), ['6:13 error CONTRACT_SYNTAX']],
  ['an escape that is none', doc('domain: "a\\qb"\n'), ['6:11 error CONTRACT_SYNTAX']],
  ['line ends of Windows', doc('foo: 1\n').replaceAll('\n', '\r\n'), ['6:1 error CONTRACT_UNKNOWN_KEY foo']],
  ['line ends of old Macs', doc('foo: 1\n').replaceAll('\n', '\r'), ['6:1 error CONTRACT_UNKNOWN_KEY foo']],
  ['half of a character', doc('domain: "\\ud800"\n'), ['6:9 error CONTRACT_HALF_CHARACTER domain']],
  [
    'a name that is read from right to left',
    prop('{name: "a\u202eb", foo: 1}'),
    [
      '10:16 warning CONTRACT_HIDDEN schema[0].properties[1].name',
      '10:23 error CONTRACT_UNKNOWN_KEY schema[0].properties[1].foo',
    ],
  ],
  [
    'keys of JavaScript',
    doc('__proto__: {a: 1}\nconstructor: 1\n'),
    ['6:1 error CONTRACT_UNKNOWN_KEY __proto__', '7:1 error CONTRACT_UNKNOWN_KEY constructor'],
  ],
  ['datasets as a mapping', doc('schema: {orders: {}}\n'), ['6:9 error CONTRACT_SHAPE schema']],
  ['datasets that are empty', doc('schema:\n'), ['6:8 error CONTRACT_SHAPE schema']],
  [
    'a property that is empty',
    doc('schema:\n  - name: a\n    properties:\n      -\n      - {name: b}\n'),
    ['9:8 error CONTRACT_SHAPE schema[0].properties[0]'],
  ],
  [
    'a name that is empty',
    prop('{name: ""}'),
    ['10:16 error CONTRACT_EMPTY_NAME schema[0].properties[1].name'],
  ],
  ['a name that is a number', prop('{name: 5}'), ['10:16 error CONTRACT_SHAPE schema[0].properties[1].name']],
  [
    'required: "yes"',
    prop('{name: a, required: "yes"}'),
    ['10:29 error CONTRACT_SHAPE schema[0].properties[1].required'],
  ],
  [
    'a position in words',
    prop('{name: a, primaryKey: true, primaryKeyPosition: first}'),
    ['10:57 error CONTRACT_SHAPE schema[0].properties[1].primaryKeyPosition'],
  ],
  [
    'items of a string',
    prop('{name: a, logicalType: string, items: {logicalType: string}}'),
    ['10:40 error CONTRACT_UNKNOWN_KEY schema[0].properties[1].items'],
  ],
  [
    'options without a type',
    prop('{name: a, logicalTypeOptions: {maxLength: 5}}'),
    ['10:39 error CONTRACT_VALUE schema[0].properties[1].logicalTypeOptions'],
  ],
  [
    'options of a boolean',
    prop('{name: a, logicalType: boolean, logicalTypeOptions: {maxLength: 5}}'),
    ['10:62 warning CONTRACT_OPTIONS schema[0].properties[1].logicalTypeOptions.maxLength'],
  ],
  [
    'options of another type',
    prop('{name: a, logicalType: integer, logicalTypeOptions: {maxLength: 5}}'),
    ['10:62 error CONTRACT_UNKNOWN_KEY schema[0].properties[1].logicalTypeOptions.maxLength'],
  ],
  [
    'a length in quotes',
    prop('{name: a, logicalType: string, logicalTypeOptions: {minLength: "2"}}'),
    ['10:72 error CONTRACT_SHAPE schema[0].properties[1].logicalTypeOptions.minLength'],
  ],
  [
    'a length without end',
    prop('{name: a, logicalType: string, logicalTypeOptions: {minLength: .inf}}'),
    ['10:72 error CONTRACT_SHAPE schema[0].properties[1].logicalTypeOptions.minLength'],
  ],
  [
    'a length below zero',
    prop('{name: a, logicalType: string, logicalTypeOptions: {minLength: -1}}'),
    ['10:72 error CONTRACT_VALUE schema[0].properties[1].logicalTypeOptions.minLength'],
  ],
  [
    'a maximum that is no number',
    prop('{name: a, logicalType: number, logicalTypeOptions: {maximum: .nan}}'),
    ['10:70 error CONTRACT_SHAPE schema[0].properties[1].logicalTypeOptions.maximum'],
  ],
  [
    'bounds that exclude every value',
    prop('{name: a, logicalType: integer, logicalTypeOptions: {minimum: 9, maximum: 5}}'),
    ['10:71 error CONTRACT_OPTIONS schema[0].properties[1].logicalTypeOptions.minimum'],
  ],
  [
    'a pattern that is none',
    prop('{name: a, logicalType: string, logicalTypeOptions: {pattern: "("}}'),
    ['10:70 error CONTRACT_PATTERN schema[0].properties[1].logicalTypeOptions.pattern'],
  ],
  [
    'required properties that are not there',
    prop('{name: a, logicalType: object, logicalTypeOptions: {required: [x, x]}, properties: [{name: y}]}'),
    [
      '10:71 error CONTRACT_VALUE schema[0].properties[1].logicalTypeOptions.required',
      '10:72 error CONTRACT_OPTIONS schema[0].properties[1].logicalTypeOptions.required[0]',
      '10:75 error CONTRACT_OPTIONS schema[0].properties[1].logicalTypeOptions.required[1]',
    ],
  ],
  [
    'a reference to itself',
    prop('{name: a, relationships: [{to: orders.a}]}'),
    ['10:40 warning CONTRACT_REFERENCE_SELF schema[0].properties[1].relationships[0].to'],
  ],
  [
    'a reference to an unknown column',
    prop('{name: a, relationships: [{to: orders.idd}]}'),
    ['10:40 error CONTRACT_REFERENCE_DANGLING schema[0].properties[1].relationships[0].to'],
  ],
  [
    'an unknown type of reference',
    prop('{name: a, relationships: [{type: parent, to: orders.id}]}'),
    ['10:42 error CONTRACT_VALUE schema[0].properties[1].relationships[0].type'],
  ],
  [
    'an empty reference',
    prop('{name: a, relationships: [{to: ""}]}'),
    ['10:40 error CONTRACT_VALUE schema[0].properties[1].relationships[0].to'],
  ],
  [
    'one column that refers to two',
    prop('{name: a, relationships: [{to: [orders.id, orders.a]}]}'),
    ['10:40 error CONTRACT_REFERENCE_LENGTH schema[0].properties[1].relationships[0].to'],
  ],
  [
    'two operators',
    prop('{name: a, quality: [{metric: nullValues, mustBe: 0, mustBeLessThan: 1}]}'),
    ['10:29 error CONTRACT_VALUE schema[0].properties[1].quality[0]'],
  ],
  [
    'no operator',
    prop('{name: a, quality: [{metric: nullValues}]}'),
    ['10:29 error CONTRACT_VALUE schema[0].properties[1].quality[0]'],
  ],
  [
    'a misspelt metric',
    prop('{name: a, quality: [{metric: nulls, mustBe: 0}]}'),
    ['10:38 error CONTRACT_VALUE schema[0].properties[1].quality[0].metric'],
  ],
  [
    'a query that drops a table',
    prop('{name: a, quality: [{type: sql, query: "DROP TABLE x", mustBe: 0}]}'),
    ['10:48 error CONTRACT_SQL schema[0].properties[1].quality[0].query'],
  ],
  [
    'a rule without its engine',
    prop('{name: a, quality: [{type: custom, implementation: x}]}'),
    ['10:29 error CONTRACT_MISSING schema[0].properties[1].quality[0].engine'],
  ],
  [
    'a bound in quotes',
    prop('{name: a, quality: [{metric: nullValues, mustBeLessThan: "5"}]}'),
    ['10:66 error CONTRACT_SHAPE schema[0].properties[1].quality[0].mustBeLessThan'],
  ],
  [
    'a rule whose schedule is words',
    prop('{name: a, quality: [{metric: nullValues, mustBe: 0, scheduler: cron, schedule: sometimes}]}'),
    ['10:88 warning CONTRACT_QUALITY schema[0].properties[1].quality[0].schedule'],
  ],
  [
    'a misspelt type of server',
    doc('servers: [{server: a, type: postgress, host: h, port: 1, database: d, schema: s}]\n'),
    ['6:29 error CONTRACT_VALUE servers[0].type'],
  ],
  [
    'a port in quotes',
    doc('servers: [{server: a, type: postgres, host: h, port: "5432", database: d, schema: s}]\n'),
    ['6:54 error CONTRACT_SHAPE servers[0].port'],
  ],
  [
    'a port that no machine has',
    doc('servers: [{server: a, type: postgres, host: h, port: 99999, database: d, schema: s}]\n'),
    ['6:54 error CONTRACT_HOST servers[0].port'],
  ],
  [
    'a server without its address',
    doc('servers: [{server: a, type: postgres}]\n'),
    [
      '6:11 error CONTRACT_MISSING servers[0].host',
      '6:11 error CONTRACT_MISSING servers[0].port',
      '6:11 error CONTRACT_MISSING servers[0].database',
      '6:11 error CONTRACT_MISSING servers[0].schema',
    ],
  ],
  [
    'an empty host',
    doc('servers: [{server: a, type: kafka, host: ""}]\n'),
    ['6:42 warning CONTRACT_HOST servers[0].host'],
  ],
  [
    'a password of a server',
    doc('servers: [{server: a, type: kafka, host: h, password: hunter2}]\n'),
    [
      '6:45 error CONTRACT_UNKNOWN_KEY servers[0].password',
      '6:55 error CONTRACT_CREDENTIAL servers[0].password',
    ],
  ],
  [
    'somebody who left before coming',
    doc('team: {members: [{username: a, dateIn: "2026-05-01", dateOut: "2026-01-01"}]}\n'),
    ['6:63 warning CONTRACT_TEAM team.members[0].dateOut'],
  ],
  ['a price in words', doc('price: {priceAmount: free}\n'), ['6:22 error CONTRACT_SHAPE price.priceAmount']],
  [
    'a price below zero',
    doc('price: {priceAmount: -1, priceCurrency: Euros}\n'),
    ['6:22 warning CONTRACT_PRICE price.priceAmount', '6:41 warning CONTRACT_PRICE price.priceCurrency'],
  ],
  [
    'a moment without time',
    doc('contractCreatedTs: 2026-01-01\n'),
    ['6:20 error CONTRACT_VALUE contractCreatedTs'],
  ],
  [
    'custom properties that are none',
    doc('customProperties: [{property: a}, {value: 1}, x]\n'),
    [
      '6:20 error CONTRACT_MISSING customProperties[0].value',
      '6:35 error CONTRACT_MISSING customProperties[1].property',
      '6:47 error CONTRACT_SHAPE customProperties[2]',
    ],
  ],
  [
    'a definition without its type',
    doc('authoritativeDefinitions: [{url: x}]\n'),
    ['6:28 error CONTRACT_MISSING authoritativeDefinitions[0].type'],
  ],
  [
    'a type that is a number',
    prop('{name: a, physicalType: 5}'),
    ['10:33 error CONTRACT_SHAPE schema[0].properties[1].physicalType'],
  ],
  [
    'examples that are no list',
    prop('{name: a, examples: x}'),
    ['10:29 error CONTRACT_SHAPE schema[0].properties[1].examples'],
  ],
  ['a version that is a number', `apiVersion: 3.1\n${HEAD}`, ['1:13 error CONTRACT_API_VERSION apiVersion']],
  ['version 2', `apiVersion: v2.2.2\n${HEAD}`, ['1:13 error CONTRACT_API_VERSION apiVersion']],
  ['a version without v', `apiVersion: 3.1.0\n${HEAD}`, ['1:13 error CONTRACT_API_VERSION apiVersion']],
  ['version 4', `apiVersion: v4.0.0\n${HEAD}`, ['1:13 error CONTRACT_API_VERSION apiVersion']],
  ['version 3.3', `apiVersion: v3.3.0\n${HEAD}`, ['1:13 warning CONTRACT_API_VERSION apiVersion']],
  [
    'a misspelt kind',
    'apiVersion: v3.1.0\nkind: dataContract\nid: x\nversion: 1.0.0\nstatus: active\n',
    ['2:7 error CONTRACT_VALUE kind'],
  ],
  [
    'a status that is a list',
    'apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: [active]\n',
    ['5:9 error CONTRACT_SHAPE status'],
  ],
  [
    'an empty id',
    'apiVersion: v3.1.0\nkind: DataContract\nid: ""\nversion: 1.0.0\nstatus: active\n',
    ['3:5 error CONTRACT_EMPTY_NAME id'],
  ],
  [
    'another format',
    'dataContractSpecification: 1.1.0\nid: x\ninfo: {title: x}\nmodels: {}\n',
    [
      '1:1 error CONTRACT_API_VERSION apiVersion',
      '1:1 error CONTRACT_MISSING kind',
      '1:1 error CONTRACT_MISSING version',
      '1:1 error CONTRACT_MISSING status',
      '1:1 error CONTRACT_UNKNOWN_KEY dataContractSpecification',
      '3:1 error CONTRACT_UNKNOWN_KEY info',
      '4:1 error CONTRACT_UNKNOWN_KEY models',
    ],
  ],
  [
    'JSON with a comma at the end',
    '{"apiVersion":"v3.1.0","kind":"DataContract","id":"x","version":"1.0.0","status":"active","schema":[],}',
    ['1:102 error CONTRACT_SYNTAX'],
    'json',
  ],
  [
    'JSON with a key twice',
    '{"apiVersion":"v3.1.0","kind":"DataContract","id":"x","id":"y","version":"1.0.0","status":"active"}',
    ['1:55 error CONTRACT_DUPLICATE_KEY id'],
    'json',
  ],
  ['YAML that is called JSON', doc(''), ['1:1 error CONTRACT_SYNTAX'], 'json'],
  [
    'JSON with a byte order mark',
    '\ufeff{"apiVersion":"v3.1.0",\n "kind":"DataContrac"}',
    [
      '1:1 error CONTRACT_MISSING id',
      '1:1 error CONTRACT_MISSING version',
      '1:1 error CONTRACT_MISSING status',
      '2:9 error CONTRACT_VALUE kind',
    ],
    'json',
  ],
  [
    'JSON with half of a character',
    '{"apiVersion":"v3.1.0","kind":"DataContract","id":"\\ud800","version":"1.0.0","status":"active"}',
    ['1:51 error CONTRACT_HALF_CHARACTER id'],
    'json',
  ],
  [
    'JSON with a comment',
    '{\n  // the standard\n  "apiVersion": "v3.1.0",\n  "kind": "DataContract", "id": "x", "version": "1.0.0", "status": "active"\n}\n',
    ['2:3 error CONTRACT_SYNTAX'],
    'json',
  ],
  [
    'JSON with single quotes',
    '{"apiVersion": "v3.1.0", "kind": \'DataContract\', "id": "x", "version": "1.0.0", "status": "active"}',
    ['1:34 error CONTRACT_SYNTAX kind'],
    'json',
  ],
  [
    'JSON with a zero before a number',
    '{"apiVersion": "v3.1.0", "kind": "DataContract", "id": "x", "version": "1.0.0", "status": "active", "price": {"priceAmount": 01}}',
    ['1:126 error CONTRACT_SYNTAX price.priceAmount'],
    'json',
  ],
  [
    'JSON without a comma',
    '{"apiVersion": "v3.1.0"\n "kind": "DataContract"}',
    ['2:2 error CONTRACT_SYNTAX'],
    'json',
  ],
  ['JSON that ends too early', '{"apiVersion": "v3.1.0",', ['1:25 error CONTRACT_SYNTAX'], 'json'],
  [
    'two documents of JSON',
    '{"apiVersion": "v3.1.0"}\n{"kind": "DataContract"}',
    ['2:1 error CONTRACT_SYNTAX'],
    'json',
  ],
]
