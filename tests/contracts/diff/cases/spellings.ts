/** Cases in which only the writing differs: nothing is found. */

import {
  amount,
  columns,
  custom,
  dataset,
  type Fragment,
  inDataset,
  level,
  role,
  rule,
  typed,
} from '../fragments.ts'
import { type DiffCase, none, same } from './diff-case.ts'

const physical = (type: string): Fragment => amount(`physicalType: "${type}"`)
const team = (text: string): Fragment => ({ more: `team: ${text}` })
const LINKED = '{name: people, id: people_obj, properties: [{name: id, id: id_prop}]}'
const linked = (to: string): Fragment => ({
  datasets: [dataset([`{name: amount, relationships: [{to: ${to}}]}`]), LINKED],
})

/** The cases. */
export const SPELLINGS: readonly DiffCase[] = [
  // --- types
  none('int4 is int', physical('int4'), physical('int')),
  none('varchar is character varying', physical('varchar(10)'), physical('character varying( 10 )')),
  none('decimal is numeric', physical('DECIMAL(10, 2)'), physical('numeric(10,2)')),
  none('a numeric without digits behind the point', physical('numeric(10)'), physical('numeric(10,0)')),
  none('timestamptz', physical('timestamptz(3)'), physical('timestamp(3)  with time zone')),
  none('bool is boolean', physical('bool'), physical('BOOLEAN')),
  none('an array by its name in Postgres', physical('int4[]'), physical('_int4')),
  none(
    'a logical type that the physical one has',
    physical('int4'),
    amount('logicalType: integer, physicalType: int4'),
  ),
  none(
    'a logical number that the physical type has',
    physical('numeric(10,2)'),
    amount('logicalType: number, physicalType: "numeric(10,2)"'),
  ),
  none('the usual width of integers', typed('integer', ''), typed('integer', 'format: i32')),
  none(
    'the usual type in the store',
    physical('bigint'),
    amount(`physicalType: bigint, ${custom('targetType', 'Int64')}`),
  ),
  none('bytes are base64', physical('bytea'), amount(`physicalType: bytea, ${custom('bytesAs', 'base64')}`)),
  none('no time zone', typed('timestamp', ''), typed('timestamp', 'timezone: false')),
  none('the usual time zone', typed('timestamp', ''), typed('timestamp', 'defaultTimezone: Etc/UTC')),
  // --- defaults
  none(
    'flags that are false',
    amount(''),
    amount(
      'required: false, unique: false, primaryKey: false, partitioned: false, criticalDataElement: false, deprecated: false',
    ),
  ),
  none(
    'lists that are empty',
    amount(''),
    amount(
      'tags: [], customProperties: [], quality: [], relationships: [], authoritativeDefinitions: [], examples: [], synonyms: []',
    ),
  ),
  none('a dataset is an object', inDataset('tags: []'), inDataset('logicalType: object')),
  none(
    'a column of the key is required',
    columns('{name: a, primaryKey: true}'),
    columns('{name: a, primaryKey: true, required: true}'),
  ),
  none(
    'a key of one column is unique',
    columns('{name: a, primaryKey: true}'),
    columns('{name: a, primaryKey: true, unique: true}'),
  ),
  none(
    'a key of one column has the place 1',
    columns('{name: a, primaryKey: true}'),
    columns('{name: a, primaryKey: true, primaryKeyPosition: 1}'),
  ),
  none(
    'places of a key in the same order',
    columns(
      '{name: a, primaryKey: true, primaryKeyPosition: 1}',
      '{name: b, primaryKey: true, primaryKeyPosition: 2}',
    ),
    columns(
      '{name: a, primaryKey: true, primaryKeyPosition: 10}',
      '{name: b, primaryKey: true, primaryKeyPosition: 20}',
    ),
  ),
  none(
    'items may repeat, and be none',
    typed('array', ''),
    typed('array', 'uniqueItems: false, minItems: 0'),
  ),
  none('every integer is a multiple of 1', typed('integer', ''), typed('integer', 'multipleOf: 1')),
  none(
    'the length of a varchar',
    amount('logicalType: string, physicalType: "varchar(10)"'),
    amount('logicalType: string, physicalType: "varchar(10)", logicalTypeOptions: {maxLength: 10}'),
  ),
  none('roles read', role('access: read'), role('customProperties: []')),
  none('a role sees all columns', role(custom('columns', '{exclude: []}')), role('access: read')),
  none(
    'a role stays in its tenant',
    role(custom('rowFilter', 'all')),
    role('customProperties: [{property: rowFilter, value: all}, {property: crossTenant, value: false}]'),
  ),
  none(
    'rules are of the library, and errors',
    rule('metric: nullValues, mustBe: 0'),
    rule('type: library, metric: nullValues, mustBe: 0, severity: ERROR'),
  ),
  none(
    'relationships are foreign keys',
    amount('relationships: [{to: c.id}]'),
    amount('relationships: [{to: [c.id], type: foreignKey}]'),
  ),
  // --- bounds
  none(
    'an exclusive bound as a flag',
    typed('number', 'minimum: 5, exclusiveMinimum: true'),
    typed('number', 'exclusiveMinimum: 5'),
  ),
  none(
    'an upper bound of integers',
    typed('integer', 'maximum: 10'),
    typed('integer', 'exclusiveMaximum: 11'),
  ),
  none(
    'a bound that another makes needless',
    typed('number', 'minimum: 5'),
    typed('number', 'minimum: 5, exclusiveMinimum: 3'),
  ),
  none(
    'a range of one number',
    rule('name: r, metric: rowCount, mustBeBetween: [5, 5]'),
    rule('name: r, metric: rowCount, mustBe: 5'),
  ),
  none('allowed values are texts', amount('enum: [{value: 1}]'), amount('enum: [{value: "1"}]')),
  // --- order
  none(
    'allowed values in another order',
    amount('enum: [{value: a}, {value: b}]'),
    amount('enum: [{value: b}, {value: a}]'),
  ),
  none(
    'valid values of a rule in another order',
    rule('metric: invalidValues, arguments: {validValues: [a, b]}, mustBe: 0'),
    rule('metric: invalidValues, arguments: {validValues: [b, a]}, mustBe: 0'),
  ),
  none(
    'rules in another order',
    amount('quality: [{metric: nullValues, mustBe: 0}, {metric: duplicateValues, mustBe: 0}]'),
    amount('quality: [{metric: duplicateValues, mustBe: 0}, {metric: nullValues, mustBe: 0}]'),
  ),
  none(
    'relationships in another order',
    amount('relationships: [{to: c.id}, {to: d.id}]'),
    amount('relationships: [{to: d.id}, {to: c.id}]'),
  ),
  none(
    'roles in another order',
    { more: 'roles: [{role: a}, {role: b}]' },
    { more: 'roles: [{role: b}, {role: a}]' },
  ),
  none(
    'columns of a role in another order',
    role(custom('columns', '{include: [id, amount]}')),
    role(custom('columns', '{include: [amount, id]}')),
  ),
  none(
    'servers in another order',
    { more: 'servers: [{server: a, type: kafka, host: h}, {server: b, type: kafka, host: i}]' },
    { more: 'servers: [{server: b, type: kafka, host: i}, {server: a, type: kafka, host: h}]' },
  ),
  none(
    'channels of support in another order',
    { more: 'support: [{channel: a}, {channel: b}]' },
    { more: 'support: [{channel: b}, {channel: a}]' },
  ),
  none(
    'a team in another order',
    team('[{username: a}, {username: b}]'),
    team('[{username: b}, {username: a}]'),
  ),
  none(
    'custom properties in another order',
    amount('customProperties: [{property: a, value: 1}, {property: b, value: 1}]'),
    amount('customProperties: [{property: b, value: 1}, {value: 1, property: a}]'),
  ),
  none(
    'synonyms and examples in another order',
    amount('synonyms: [{synonym: a}, {synonym: b}], examples: [1, 2]'),
    amount('synonyms: [{synonym: b}, {synonym: a}], examples: [2, 1]'),
  ),
  none(
    'service levels in another order',
    {
      more: 'slaProperties: [{property: latency, value: 1, unit: h}, {property: retention, value: 1, unit: y}]',
    },
    {
      more: 'slaProperties: [{property: retention, value: 1, unit: y}, {property: latency, value: 1, unit: h}]',
    },
  ),
  none(
    'elements of a service level in another order',
    level('latency', 'value: 1, unit: h, element: "orders.id, orders.amount"'),
    level('latency', 'value: 1, unit: h, element: "orders.amount,orders.id"'),
  ),
  // --- words and names
  none('blanks in a description', amount('description: "a b"'), amount('description: "a  b "')),
  none(
    'blanks in how a value is made',
    amount('transformLogic: "a +  b"'),
    amount('transformLogic: "a + b"'),
  ),
  none('the case of a classification', amount('classification: PII'), amount('classification: " pii"')),
  none('the case of a status', { head: 'status: active' }, { head: 'status: Active' }),
  none(
    'a service level of the element that is usual',
    { more: 'slaDefaultElement: orders.id\nslaProperties: [{property: latency, value: 1, unit: h}]' },
    level('latency', 'value: 1, unit: h, element: orders.id'),
  ),
  none(
    'a service level by its short name',
    level('ly', 'value: 1, unit: h'),
    level('latency', 'value: 1, unit: h'),
  ),
  none('a reference by identifiers', linked('people.id'), linked('schema/people_obj/properties/id_prop')),
  none(
    'a relationship of a dataset without its name',
    inDataset('relationships: [{from: amount, to: c.id}]'),
    inDataset('relationships: [{from: orders.amount, to: c.id}]'),
  ),
  same(
    'version 3.0 of the standard becomes 3.2',
    {
      head: 'apiVersion: v3.0.2',
      datasets: [dataset(['{name: amount, quality: [{type: library, rule: nullValues, mustBe: 0}]}'])],
      more: 'team: [{username: a, role: owner}]',
    },
    {
      head: 'apiVersion: v3.2.0',
      datasets: [dataset(['{name: amount, quality: [{type: library, metric: nullValues, mustBe: 0}]}'])],
      more: 'team: {members: [{username: a, role: owner}]}',
    },
    'DIFF_API_VERSION_CHANGED changes info info',
  ),
]
