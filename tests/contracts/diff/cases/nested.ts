/** Cases: what lies inside of a column. */

import { amount, type Fragment } from '../fragments.ts'
import { both, type DiffCase, same } from './diff-case.ts'

const object = (...list: readonly string[]): Fragment =>
  amount(`logicalType: object, properties: [${list.join(', ')}]`)
const items = (fields: string): Fragment => amount(`logicalType: array, items: {${fields}}`)
const mapOf = (key: string, value: string): Fragment =>
  amount(`logicalType: map, map: {key: {${key}}, value: {${value}}}`)
const UNKNOWN = 'DIFF_UNKNOWN_KEY_CHANGED changes info info'
const METADATA = 'DIFF_METADATA_CHANGED changes info info'

/** The cases. */
export const NESTED: readonly DiffCase[] = [
  both(
    'the type of a nested column',
    object('{name: net, logicalType: integer}'),
    object('{name: net, logicalType: number}'),
    'DIFF_TYPE_WIDENED loosens warning info orders.amount.net',
    'DIFF_TYPE_NARROWED tightens info error orders.amount.net',
  ),
  both(
    'a nested column is renamed',
    object('{name: net_price, logicalType: integer}'),
    object('{name: netPrice, logicalType: integer}'),
    'DIFF_COLUMN_RENAMED changes error error orders.amount.netPrice',
    'DIFF_COLUMN_RENAMED changes error error orders.amount.net_price',
  ),
  same(
    'nested columns change places',
    object('{name: a}', '{name: b}'),
    object('{name: b}', '{name: a}'),
    'DIFF_ORDER_CHANGED changes info info orders.amount',
  ),
  both(
    'a column of the items of an array is required',
    items('logicalType: object, properties: [{name: a, required: true}]'),
    items('logicalType: object, properties: [{name: a}]'),
    'DIFF_REQUIRED_REMOVED loosens error info orders.amount[].a',
    'DIFF_REQUIRED_ADDED tightens info error orders.amount[].a',
  ),
  both(
    'a column of the items of an array is removed or added',
    items('logicalType: object, properties: [{name: a}, {name: b}]'),
    items('logicalType: object, properties: [{name: a}]'),
    'DIFF_COLUMN_REMOVED loosens error warning orders.amount[].b',
    'DIFF_COLUMN_ADDED tightens info info orders.amount[].b',
  ),
  both(
    'values of the items of an array',
    items('logicalType: string, enum: [{value: a}]'),
    items('logicalType: string, enum: [{value: a}, {value: b}]'),
    'DIFF_ENUM_VALUE_ADDED loosens error info orders.amount[]',
    'DIFF_ENUM_VALUE_REMOVED tightens info error orders.amount[]',
  ),
  same(
    'keys of a map',
    mapOf('logicalType: string', 'logicalType: string'),
    mapOf('logicalType: date', 'logicalType: string'),
    'DIFF_TYPE_CHANGED changes error error orders.amount{key}',
  ),
  same(
    'an unknown key of a nested column',
    object('{name: net, x-unit: m}'),
    object('{name: net, x-unit: km}'),
    `${UNKNOWN} orders.amount.net`,
  ),
  same(
    'an unknown key of the items of an array',
    items('x-unit: m'),
    items('x-unit: km'),
    `${UNKNOWN} orders.amount[]`,
  ),
  same(
    'an unknown key of a column of the items of an array',
    items('logicalType: object, properties: [{name: a, x-unit: m}]'),
    items('logicalType: object, properties: [{name: a}]'),
    `${UNKNOWN} orders.amount[].a`,
  ),
  same(
    'an unknown key of the values of a map',
    mapOf('logicalType: string', 'logicalType: string, x-unit: m'),
    mapOf('logicalType: string', 'logicalType: string, x-unit: km'),
    `${UNKNOWN} orders.amount{value}`,
  ),
  same(
    'an unknown option of a type',
    amount('logicalType: boolean, logicalTypeOptions: {x: 1}'),
    amount('logicalType: boolean, logicalTypeOptions: {x: 2}'),
    `${UNKNOWN} orders.amount`,
  ),
  same(
    'a key inside of a column means nothing',
    object('{name: net, primaryKey: true, required: true}'),
    object('{name: net, required: true}'),
    `${METADATA} orders.amount.net`,
  ),
  same('the name of items', items('name: a'), items('name: b'), `${METADATA} orders.amount[]`),
]
