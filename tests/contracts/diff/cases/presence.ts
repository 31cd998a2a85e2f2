/** Cases: presence and keys. */

import { amount, columns, type Fragment } from '../fragments.ts'
import { AT, both, type DiffCase, same } from './diff-case.ts'

const KEY = (first: string, second: string): Fragment =>
  columns(`{name: a, ${first}}`, `{name: b, ${second}}`)

/** The cases. */
export const PRESENCE: readonly DiffCase[] = [
  both(
    'required or optional',
    amount('required: true'),
    amount('required: false'),
    `DIFF_REQUIRED_REMOVED loosens error info ${AT}`,
    `DIFF_REQUIRED_ADDED tightens info error ${AT}`,
  ),
  both(
    'required by the list of its object',
    amount('logicalType: object, logicalTypeOptions: {required: [net]}, properties: [{name: net}]'),
    amount('logicalType: object, properties: [{name: net}]'),
    'DIFF_REQUIRED_REMOVED loosens error info orders.amount.net',
    'DIFF_REQUIRED_ADDED tightens info error orders.amount.net',
  ),
  both(
    'unique or not',
    amount('unique: true'),
    amount(''),
    `DIFF_UNIQUE_REMOVED loosens error info ${AT}`,
    `DIFF_UNIQUE_ADDED tightens info error ${AT}`,
  ),
  both(
    'a primary key or none',
    KEY('primaryKey: true, primaryKeyPosition: 1', 'tags: []'),
    KEY('tags: []', 'tags: []'),
    'DIFF_PRIMARY_KEY_REMOVED loosens error info orders',
    'DIFF_PRIMARY_KEY_ADDED tightens info error orders',
  ),
  same(
    'another member of the primary key',
    KEY('primaryKey: true, primaryKeyPosition: 1', 'tags: []'),
    KEY('primaryKey: true, primaryKeyPosition: 1', 'primaryKey: true, primaryKeyPosition: 2'),
    'DIFF_PRIMARY_KEY_CHANGED changes error error orders',
  ),
  same(
    'another order of the primary key',
    KEY('primaryKey: true, primaryKeyPosition: 1', 'primaryKey: true, primaryKeyPosition: 2'),
    KEY('primaryKey: true, primaryKeyPosition: 2', 'primaryKey: true, primaryKeyPosition: 1'),
    'DIFF_PRIMARY_KEY_ORDER_CHANGED changes warning warning orders',
  ),
  both(
    'a renamed member of the primary key is the same member',
    columns('{name: a, physicalName: x, primaryKey: true, primaryKeyPosition: 1}'),
    columns('{name: c, physicalName: x, primaryKey: true, primaryKeyPosition: 1}'),
    'DIFF_COLUMN_RENAMED changes error error orders.c',
    'DIFF_COLUMN_RENAMED changes error error orders.a',
  ),
  same(
    'partitions',
    amount('partitioned: true, partitionKeyPosition: 1'),
    amount(''),
    'DIFF_PARTITIONING_CHANGED changes warning warning orders',
  ),
  both(
    'a column of the key is required without saying it',
    KEY('tags: []', 'tags: []'),
    KEY('primaryKey: true', 'tags: []'),
    'DIFF_PRIMARY_KEY_ADDED tightens info error orders',
    'DIFF_PRIMARY_KEY_REMOVED loosens error info orders',
  ),
  both(
    'a column of the key goes, or comes',
    columns('{name: a, primaryKey: true}', '{name: b, primaryKey: true}'),
    columns('{name: a, primaryKey: true}'),
    [
      'DIFF_PRIMARY_KEY_CHANGED changes error error orders',
      'DIFF_COLUMN_REMOVED loosens error warning orders.b',
    ],
    [
      'DIFF_PRIMARY_KEY_CHANGED changes error error orders',
      'DIFF_REQUIRED_COLUMN_ADDED tightens info error orders.b',
    ],
  ),
  same(
    'columns of a key without places stand in another order',
    columns('{name: a, primaryKey: true}', '{name: b, primaryKey: true}'),
    columns('{name: b, primaryKey: true}', '{name: a, primaryKey: true}'),
    'DIFF_ORDER_CHANGED changes info info orders',
  ),
  same(
    'another order of the partitions',
    KEY('partitioned: true, partitionKeyPosition: 1', 'partitioned: true, partitionKeyPosition: 2'),
    KEY('partitioned: true, partitionKeyPosition: 2', 'partitioned: true, partitionKeyPosition: 1'),
    'DIFF_PARTITIONING_CHANGED changes warning warning orders',
  ),
]
