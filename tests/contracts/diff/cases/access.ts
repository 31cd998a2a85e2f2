/** Cases: tenants, roles, row filters. */

import { custom, dataset, type Fragment, inDataset, role } from '../fragments.ts'
import { both, type DiffCase, none, same } from './diff-case.ts'

const TENANT = '{name: tenant_id, logicalType: string}'
const filter = (text: string): Fragment => role(custom('rowFilter', text))
const seen = (text: string): Fragment => ({
  ...role(custom('columns', text)),
  datasets: [dataset(['{name: amount}', '{name: note}'])],
})
const FILTERED = 'DIFF_ROW_FILTER_CHANGED changes error error'

/** The cases. */
export const ACCESS: readonly DiffCase[] = [
  same(
    'another tenant column',
    inDataset(custom('tenant', '{column: id}')),
    inDataset(custom('tenant', '{column: amount}')),
    'DIFF_TENANT_CHANGED changes error error orders',
  ),
  same(
    'the tenant is no longer said',
    inDataset(custom('tenant', '{value: main}')),
    inDataset('customProperties: []'),
    'DIFF_TENANT_CHANGED changes error error orders',
  ),
  both(
    'the tenant column is renamed',
    {
      datasets: [
        dataset([`{name: shop, physicalName: s, logicalType: string}`], custom('tenant', '{column: shop}')),
      ],
    },
    {
      datasets: [
        dataset([`{name: store, physicalName: s, logicalType: string}`], custom('tenant', '{column: store}')),
      ],
    },
    'DIFF_COLUMN_RENAMED changes error error orders.store',
    'DIFF_COLUMN_RENAMED changes error error orders.shop',
  ),
  both(
    'a role is added or removed',
    { more: '' },
    role('access: read'),
    'DIFF_ROLE_ADDED loosens info warning',
    'DIFF_ROLE_REMOVED tightens error info',
  ),
  same(
    'a role may write',
    role('access: read'),
    role('access: write'),
    'DIFF_ROLE_ACCESS_CHANGED changes error error',
  ),
  both(
    'a role sees fewer columns',
    seen('{exclude: [note]}'),
    seen('{exclude: [note, amount]}'),
    'DIFF_ROLE_COLUMNS_NARROWED tightens error info',
    'DIFF_ROLE_COLUMNS_WIDENED loosens info warning',
  ),
  none(
    'the columns of a role are said the other way round',
    seen('{exclude: [note]}'),
    seen('{include: [id, amount]}'),
  ),
  none(
    'a column of a role by the name of its token',
    seen('{exclude: [note]}'),
    seen('{exclude: [note_token]}'),
  ),
  same(
    'the columns of a role cannot be read',
    seen('{exclude: [note]}'),
    seen('most'),
    'DIFF_ROLE_COLUMNS_CHANGED changes error warning',
  ),
  same(
    'a role sees all rows',
    filter('[{column: id, operator: "=", principal: tenant}]'),
    filter('all'),
    FILTERED,
  ),
  same(
    'another operator of a row filter',
    filter('[{column: id, operator: "=", principal: tenant}]'),
    filter('[{column: id, operator: in, principal: tenant}]'),
    FILTERED,
  ),
  none(
    'another order in a row filter',
    filter('[{column: id, operator: "=", principal: tenant}, {column: amount, operator: isNull}]'),
    filter('[{column: amount, operator: isNull}, {operator: "=", principal: tenant, column: id}]'),
  ),
  none(
    'other brackets in a row filter',
    filter('[{any: [{column: id, operator: in, value: [b, a]}, {column: amount, operator: isNull}]}]'),
    filter(
      '[{all: [{any: [{column: amount, operator: isNull}, {any: [{column: id, operator: in, value: [a, b]}]}]}]}]',
    ),
  ),
  same(
    'and is not or',
    filter('[{all: [{column: id, operator: isNull}, {column: amount, operator: isNull}]}]'),
    filter('[{any: [{column: id, operator: isNull}, {column: amount, operator: isNull}]}]'),
    FILTERED,
  ),
  none(
    'a column beside the tenant',
    { datasets: [dataset([TENANT])] },
    { datasets: [dataset([TENANT], 'tags: []')] },
  ),
  same(
    'a role reads across tenants',
    filter('all'),
    role('customProperties: [{property: rowFilter, value: all}, {property: crossTenant, value: true}]'),
    FILTERED,
  ),
  same(
    'a custom property of a role',
    role(custom('costCentre', 'a')),
    role(custom('costCentre', 'b')),
    'DIFF_CUSTOM_PROPERTY_CHANGED changes info info',
  ),
  same(
    'an unknown key of a role',
    role('x-a: 1'),
    role('x-a: 2'),
    'DIFF_UNKNOWN_KEY_CHANGED changes info info',
  ),
  same(
    'approvers of a role',
    role('firstLevelApprovers: a'),
    role('firstLevelApprovers: b'),
    'DIFF_METADATA_CHANGED changes info info',
  ),
  both(
    'the case of the name of a role',
    { more: 'roles: [{role: analyst}]' },
    { more: 'roles: [{role: Analyst}]' },
    ['DIFF_ROLE_REMOVED tightens error info', 'DIFF_ROLE_ADDED loosens info warning'],
    ['DIFF_ROLE_REMOVED tightens error info', 'DIFF_ROLE_ADDED loosens info warning'],
  ),
]
