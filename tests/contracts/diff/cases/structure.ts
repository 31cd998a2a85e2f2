/** Cases: datasets and columns: there, gone, renamed, moved. */

import { amount, columns, dataset, inDataset } from '../fragments.ts'
import { AT, both, type DiffCase, none, same } from './diff-case.ts'

const widened = `DIFF_TYPE_WIDENED loosens warning info ${AT}`

/** The cases. */
export const STRUCTURE: readonly DiffCase[] = [
  both(
    'a dataset is removed or added',
    { datasets: [dataset(), dataset(['{name: note}'], '', 'notes')] },
    { datasets: [dataset()] },
    'DIFF_DATASET_REMOVED loosens error warning notes',
    'DIFF_DATASET_ADDED tightens info info notes',
  ),
  both(
    'a dataset is renamed, and keeps its columns',
    { datasets: [dataset(['{name: total}', '{name: note}'], '', 'orders')] },
    { datasets: [dataset(['{name: total}', '{name: note}'], '', 'purchases')] },
    'DIFF_DATASET_RENAMED changes error error purchases',
    'DIFF_DATASET_RENAMED changes error error orders',
  ),
  both(
    'a dataset is renamed over the same physical name',
    { datasets: [dataset(['{name: total}'], 'physicalName: t1', 'orders')] },
    { datasets: [dataset(['{name: other}'], 'physicalName: t1', 'sales')] },
    [
      'DIFF_DATASET_RENAMED changes error error sales',
      'DIFF_COLUMN_REMOVED loosens error warning sales.total',
      'DIFF_COLUMN_ADDED tightens info info sales.other',
    ],
    [
      'DIFF_DATASET_RENAMED changes error error orders',
      'DIFF_COLUMN_REMOVED loosens error warning orders.other',
      'DIFF_COLUMN_ADDED tightens info info orders.total',
    ],
  ),
  same(
    'the table of a dataset has another name',
    inDataset('physicalName: public.orders'),
    inDataset('physicalName: public.orders_v2'),
    'DIFF_DATASET_PHYSICAL_NAME_CHANGED changes error error orders',
  ),
  none('the physical name is written out', inDataset('tags: []'), inDataset('physicalName: orders')),
  same(
    'a table becomes a view',
    inDataset('physicalType: table'),
    inDataset('physicalType: view'),
    'DIFF_DATASET_KIND_CHANGED changes warning warning orders',
  ),
  same(
    'what one row stands for changes',
    inDataset('dataGranularityDescription: one row for each order'),
    inDataset('dataGranularityDescription: one row for each line'),
    'DIFF_GRANULARITY_CHANGED changes warning warning orders',
  ),
  same(
    'the id of a dataset changes',
    inDataset('id: a'),
    inDataset('id: b'),
    'DIFF_ELEMENT_ID_CHANGED changes warning warning orders',
  ),
  both(
    'a column is removed or added',
    columns('{name: amount}', '{name: note, logicalType: string}'),
    columns('{name: amount}'),
    'DIFF_COLUMN_REMOVED loosens error warning orders.note',
    'DIFF_COLUMN_ADDED tightens info info orders.note',
  ),
  both(
    'a required column is removed or added',
    columns('{name: amount}', '{name: note, logicalType: string, required: true}'),
    columns('{name: amount}'),
    'DIFF_COLUMN_REMOVED loosens error warning orders.note',
    'DIFF_REQUIRED_COLUMN_ADDED tightens info error orders.note',
  ),
  both(
    'a column is renamed over the same physical name',
    columns('{name: amount, physicalName: amt}'),
    columns('{name: total, physicalName: amt}'),
    'DIFF_COLUMN_RENAMED changes error error orders.total',
    'DIFF_COLUMN_RENAMED changes error error orders.amount',
  ),
  both(
    'a column is renamed under the same id',
    columns('{name: amount, id: a1, logicalType: number}'),
    columns('{name: grand_sum, id: a1, logicalType: integer}'),
    [
      'DIFF_COLUMN_RENAMED changes error error orders.grand_sum',
      'DIFF_TYPE_NARROWED tightens info error orders.grand_sum',
    ],
    ['DIFF_COLUMN_RENAMED changes error error orders.amount', widened],
  ),
  both(
    'a column is renamed, and is known by type, place and description',
    columns('{name: amount, logicalType: number, description: What the customer pays for it.}'),
    columns('{name: price, logicalType: number, description: What the customer pays for it.}'),
    'DIFF_COLUMN_RENAMED changes error error orders.price',
    'DIFF_COLUMN_RENAMED changes error error orders.amount',
  ),
  both(
    'the case of a name changes',
    columns('{name: amount}'),
    columns('{name: Amount}'),
    'DIFF_COLUMN_RENAMED changes error error orders.Amount',
    'DIFF_COLUMN_RENAMED changes error error orders.amount',
  ),
  both(
    'another column at the same place is no rename',
    columns('{name: amount, logicalType: number}'),
    columns('{name: weight, logicalType: number}'),
    [
      'DIFF_COLUMN_REMOVED loosens error warning orders.amount',
      'DIFF_COLUMN_ADDED tightens info info orders.weight',
    ],
    [
      'DIFF_COLUMN_REMOVED loosens error warning orders.weight',
      'DIFF_COLUMN_ADDED tightens info info orders.amount',
    ],
  ),
  same(
    'the physical name of a column changes',
    amount('physicalName: amt'),
    amount('physicalName: amount_cents'),
    `DIFF_COLUMN_PHYSICAL_NAME_CHANGED changes error error ${AT}`,
  ),
  same(
    'columns change places',
    columns('{name: amount}', '{name: note}'),
    columns('{name: note}', '{name: amount}'),
    'DIFF_ORDER_CHANGED changes info info orders',
  ),
  both(
    'a nested column is removed or added',
    amount('logicalType: object, properties: [{name: net}, {name: gross}]'),
    amount('logicalType: object, properties: [{name: net}]'),
    'DIFF_COLUMN_REMOVED loosens error warning orders.amount.gross',
    'DIFF_COLUMN_ADDED tightens info info orders.amount.gross',
  ),
  both(
    'the case of the name of a dataset changes',
    { datasets: [dataset(['{name: a}'], '', 'orders')] },
    { datasets: [dataset(['{name: a}'], '', 'Orders')] },
    'DIFF_DATASET_RENAMED changes error error Orders',
    'DIFF_DATASET_RENAMED changes error error orders',
  ),
  both(
    'two datasets that could be either of two: no rename',
    { datasets: [dataset(undefined, '', 'a1'), dataset(undefined, '', 'a2')] },
    { datasets: [dataset(undefined, '', 'b1'), dataset(undefined, '', 'b2')] },
    [
      'DIFF_DATASET_REMOVED loosens error warning a1',
      'DIFF_DATASET_REMOVED loosens error warning a2',
      'DIFF_DATASET_ADDED tightens info info b1',
      'DIFF_DATASET_ADDED tightens info info b2',
    ],
    [
      'DIFF_DATASET_REMOVED loosens error warning b1',
      'DIFF_DATASET_REMOVED loosens error warning b2',
      'DIFF_DATASET_ADDED tightens info info a1',
      'DIFF_DATASET_ADDED tightens info info a2',
    ],
  ),
  same(
    'datasets change places',
    { datasets: [dataset(undefined, '', 'a1'), dataset(undefined, '', 'a2')] },
    { datasets: [dataset(undefined, '', 'a2'), dataset(undefined, '', 'a1')] },
    'DIFF_ORDER_CHANGED changes info info',
  ),
  both(
    'a column is renamed to another way of writing names',
    columns('{name: amount}', '{name: customer_id, logicalType: integer}'),
    columns('{name: amount}', '{name: customerId, logicalType: integer}'),
    'DIFF_COLUMN_RENAMED changes error error orders.customerId',
    'DIFF_COLUMN_RENAMED changes error error orders.customer_id',
  ),
  same(
    'two columns take the names of each other: readers use the names',
    columns('{name: a, id: x1, logicalType: string}', '{name: b, id: x2, logicalType: integer}'),
    columns('{name: a, id: x2, logicalType: integer}', '{name: b, id: x1, logicalType: string}'),
    [
      'DIFF_TYPE_CHANGED changes error error orders.a',
      'DIFF_TYPE_CHANGED changes error error orders.b',
      'DIFF_ELEMENT_ID_CHANGED changes warning warning orders.a',
      'DIFF_ELEMENT_ID_CHANGED changes warning warning orders.b',
    ],
  ),
]
