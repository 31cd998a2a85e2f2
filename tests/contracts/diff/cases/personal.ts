/** Cases: classifications and PII plans. */

import { amount, columns, custom, type Fragment } from '../fragments.ts'
import { AT, both, type DiffCase, none, same } from './diff-case.ts'

const pii = (plan: string): Fragment => amount(custom('piiPlan', plan))
const DROPPED = custom('piiPlan', '{method: drop}')
const PLAN = 'method: hmac, domain: email'
const planChange = (name: string, code: string, older: string, newer: string): DiffCase =>
  same(
    `PII plan: ${name}`,
    pii(`{${older}}`),
    pii(`{${newer}}`),
    `DIFF_PII_${code} changes error ${code === 'OPTIONS_CHANGED' ? 'info' : 'error'} ${AT}`,
  )

/** The cases. */
export const PERSONAL: readonly DiffCase[] = [
  both(
    'a classification is raised or lowered',
    amount('classification: internal'),
    amount('classification: personal'),
    `DIFF_CLASSIFICATION_RAISED tightens warning warning ${AT}`,
    `DIFF_CLASSIFICATION_LOWERED loosens warning warning ${AT}`,
  ),
  same(
    'classifications without an order',
    amount('classification: green'),
    amount('classification: blue'),
    `DIFF_CLASSIFICATION_CHANGED changes warning warning ${AT}`,
  ),
  both(
    'a PII plan is added or removed',
    amount(''),
    pii(`{${PLAN}}`),
    `DIFF_PII_PLAN_ADDED tightens error info ${AT}`,
    `DIFF_PII_PLAN_REMOVED loosens error error ${AT}`,
  ),
  planChange('method', 'METHOD_CHANGED', PLAN, 'method: siv, domain: email'),
  planChange('domain', 'DOMAIN_CHANGED', PLAN, 'method: hmac, domain: mail'),
  planChange('key', 'KEY_CHANGED', `${PLAN}, keyRef: k1`, `${PLAN}, keyRef: k2`),
  planChange('normal form', 'NORMALIZE_CHANGED', PLAN, `${PLAN}, normalize: lower`),
  planChange('options', 'OPTIONS_CHANGED', 'method: mask, keepFirst: 1', 'method: mask, keepFirst: 2'),
  none(
    'PII plan: a default is written out',
    pii(`{${PLAN}}`),
    pii(`{${PLAN}, normalize: none, onNull: keep}`),
  ),
  same(
    'PII plan: subject',
    pii(`{${PLAN}, subject: id}`),
    pii(`{${PLAN}}`),
    `DIFF_PII_SUBJECT_CHANGED changes warning warning ${AT}`,
  ),
  same(
    'PII plan: NULL',
    pii(`{${PLAN}}`),
    pii(`{${PLAN}, onNull: token}`),
    `DIFF_PII_ON_NULL_CHANGED changes warning warning ${AT}`,
  ),
  both(
    'PII plan: what was dropped is stored',
    pii('{method: drop}'),
    pii(`{${PLAN}, keyRef: k, subject: id}`),
    `DIFF_PII_STORED tightens info info ${AT}`,
    `DIFF_PII_DROPPED loosens error info ${AT}`,
  ),
  both(
    'PII plan: what was dropped is masked',
    pii('{method: drop, subject: id}'),
    pii('{method: mask, keepFirst: 2}'),
    `DIFF_PII_STORED tightens info info ${AT}`,
    `DIFF_PII_DROPPED loosens error info ${AT}`,
  ),
  both(
    'PII plan: a column is dropped, or stored in clear',
    amount(''),
    pii('{method: drop}'),
    `DIFF_PII_PLAN_ADDED tightens error info ${AT}`,
    `DIFF_PII_PLAN_REMOVED loosens error error ${AT}`,
  ),
  same(
    'PII plan: options of what is dropped',
    pii('{method: drop}'),
    pii('{method: drop, subject: id}'),
    `DIFF_METADATA_CHANGED changes info info ${AT}`,
  ),
  same(
    'PII plan: a method that has no domain and no key',
    pii(`{${PLAN}, keyRef: k, normalize: lower}`),
    pii('{method: mask, keepFirst: 2, normalize: lower}'),
    `DIFF_PII_METHOD_CHANGED changes error error ${AT}`,
  ),
  same(
    'PII plan: a method that has no key',
    pii(`{${PLAN}, keyRef: k, subject: id}`),
    pii('{method: vault, domain: email, subject: id}'),
    `DIFF_PII_METHOD_CHANGED changes error error ${AT}`,
  ),
  same(
    'PII plan: another method, and another domain too',
    pii(`{${PLAN}}`),
    pii('{method: siv, domain: mail}'),
    [
      `DIFF_PII_METHOD_CHANGED changes error error ${AT}`,
      `DIFF_PII_DOMAIN_CHANGED changes error error ${AT}`,
    ],
  ),
  same(
    'a dropped column gets another type: no reader sees it',
    amount(`logicalType: integer, ${DROPPED}`),
    amount(`logicalType: string, ${DROPPED}`),
    `DIFF_TYPE_CHANGED changes info error ${AT}`,
  ),
  both(
    'a dropped column goes or comes: no reader sees it',
    columns('{name: amount}', `{name: phone, ${DROPPED}}`),
    columns('{name: amount}'),
    'DIFF_COLUMN_REMOVED loosens info warning orders.phone',
    'DIFF_COLUMN_ADDED tightens info info orders.phone',
  ),
]
