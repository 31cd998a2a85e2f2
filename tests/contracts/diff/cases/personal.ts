/** Cases: classifications and PII plans. */

import { amount, custom, type Fragment } from '../fragments.ts'
import { AT, both, type DiffCase, none, same } from './diff-case.ts'

const pii = (plan: string): Fragment => amount(custom('piiPlan', plan))
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
]
