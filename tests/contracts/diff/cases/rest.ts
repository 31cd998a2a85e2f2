/** Cases: the contract as a whole, words, and the rest. */

import { amount, custom, inDataset } from '../fragments.ts'
import { AT, both, type DiffCase, none, same } from './diff-case.ts'

/** The cases. */
export const REST: readonly DiffCase[] = [
  same(
    'the id of the contract',
    { head: 'id: a' },
    { head: 'id: b' },
    'DIFF_CONTRACT_ID_CHANGED changes error error',
  ),
  both(
    'deprecated, or active again',
    { head: 'status: active' },
    { head: 'status: deprecated' },
    'DIFF_STATUS_WITHDRAWN loosens warning warning',
    'DIFF_STATUS_REVIVED tightens info info',
  ),
  both(
    'retired, or deprecated again',
    { head: 'status: deprecated' },
    { head: 'status: retired' },
    'DIFF_STATUS_WITHDRAWN loosens warning warning',
    'DIFF_STATUS_REVIVED tightens info info',
  ),
  same(
    'another status',
    { head: 'status: draft' },
    { head: 'status: active' },
    'DIFF_STATUS_CHANGED changes info info',
  ),
  same(
    'another version of the standard',
    { head: 'apiVersion: v3.1.0' },
    { head: 'apiVersion: v3.2.0' },
    'DIFF_API_VERSION_CHANGED changes info info',
  ),
  both(
    'a column is deprecated or not',
    amount('deprecated: false'),
    amount('deprecated: Use total.'),
    `DIFF_DEPRECATED loosens warning warning ${AT}`,
    `DIFF_UNDEPRECATED tightens info info ${AT}`,
  ),
  both(
    'a dataset is deprecated or not',
    inDataset('tags: []'),
    inDataset('deprecated: true'),
    'DIFF_DEPRECATED loosens warning warning orders',
    'DIFF_UNDEPRECATED tightens info info orders',
  ),
  both(
    'a server is added or removed',
    { more: '' },
    { more: 'servers: [{server: prod, type: postgres, host: h, database: d, schema: s, port: 1}]' },
    'DIFF_SERVER_ADDED tightens info info',
    'DIFF_SERVER_REMOVED loosens info info',
  ),
  same(
    'a server has other settings',
    { more: 'servers: [{server: prod, type: postgres, host: h, database: d, schema: s, port: 1}]' },
    { more: 'servers: [{server: prod, type: postgres, host: h, database: d, schema: s, port: 2}]' },
    'DIFF_SERVER_CHANGED changes info info',
  ),
  same(
    'a description',
    amount('description: a'),
    amount('description: b'),
    `DIFF_DOCUMENTATION_CHANGED changes info info ${AT}`,
  ),
  same(
    'examples',
    amount('examples: [1]'),
    amount('examples: [2]'),
    `DIFF_DOCUMENTATION_CHANGED changes info info ${AT}`,
  ),
  same('tags', amount('tags: [a]'), amount('tags: [a, b]'), `DIFF_TAGS_CHANGED changes info info ${AT}`),
  none('tags in another order', amount('tags: [a, b]'), amount('tags: [b, a]')),
  same('the domain', { head: 'domain: a' }, { head: 'domain: b' }, 'DIFF_METADATA_CHANGED changes info info'),
  same(
    'support',
    { more: 'support: [{channel: a}]' },
    { more: 'support: [{channel: b}]' },
    'DIFF_METADATA_CHANGED changes info info',
  ),
  same(
    'the price',
    { more: 'price: {priceAmount: 1}' },
    { more: 'price: {priceAmount: 2}' },
    'DIFF_METADATA_CHANGED changes info info',
  ),
  same(
    'a custom property of somebody else',
    amount(custom('retentionClass', 'a')),
    amount(custom('retentionClass', 'b')),
    `DIFF_CUSTOM_PROPERTY_CHANGED changes info info ${AT}`,
  ),
  same(
    'an unknown key of the contract',
    { head: 'x-owner: a' },
    { head: 'x-owner: b' },
    'DIFF_UNKNOWN_KEY_CHANGED changes info info',
  ),
  same(
    'an unknown key of a column',
    amount('x-unit: m'),
    amount('x-unit: km'),
    `DIFF_UNKNOWN_KEY_CHANGED changes info info ${AT}`,
  ),
  both(
    'active, then retired',
    { head: 'status: active' },
    { head: 'status: retired' },
    'DIFF_STATUS_WITHDRAWN loosens warning warning',
    'DIFF_STATUS_REVIVED tightens info info',
  ),
  same(
    'why a column is deprecated',
    amount('deprecated: true'),
    amount('deprecated: Use total.'),
    `DIFF_DOCUMENTATION_CHANGED changes info info ${AT}`,
  ),
  same(
    'a member leaves the team',
    { more: 'team: [{username: a}]' },
    { more: 'team: [{username: a, dateOut: "2026-01-01"}]' },
    'DIFF_METADATA_CHANGED changes info info',
  ),
  same(
    'how a channel of support is joined',
    { more: 'support: [{channel: a}]' },
    { more: 'support: [{channel: a, invitationUrl: "https://a.example"}]' },
    'DIFF_METADATA_CHANGED changes info info',
  ),
  same(
    'words that the standard leaves to the writer',
    { more: 'description: {purpose: a, audience: b}' },
    { more: 'description: {purpose: a, audience: c}' },
    'DIFF_DOCUMENTATION_CHANGED changes info info',
  ),
  same(
    'what is said of an allowed value',
    amount('enum: [{value: a, label: A}]'),
    amount('enum: [{value: a, label: B}]'),
    `DIFF_DOCUMENTATION_CHANGED changes info info ${AT}`,
  ),
  same(
    'what is said of a custom property of ours',
    inDataset('customProperties: [{property: tenant, value: {column: id}, description: a}]'),
    inDataset(custom('tenant', '{column: id}')),
    'DIFF_CUSTOM_PROPERTY_CHANGED changes info info orders',
  ),
  same(
    'an unknown key of a dataset',
    inDataset('x-a: 1'),
    inDataset('x-a: 2'),
    'DIFF_UNKNOWN_KEY_CHANGED changes info info orders',
  ),
  same(
    'the context of a dataset',
    inDataset('context: a'),
    inDataset('context: b'),
    'DIFF_METADATA_CHANGED changes info info orders',
  ),
]
