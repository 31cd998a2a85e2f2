/** Cases: relationships and quality rules. */

import { amount, dataset, inDataset, rule } from '../fragments.ts'
import { AT, both, type DiffCase, none, same } from './diff-case.ts'

const link = (to: string): string => `relationships: [{to: ${to}}]`
const NULLS = 'type: library, metric: nullValues, name: nulls'
const looser = `DIFF_QUALITY_LOOSENED loosens error info ${AT}`
const tighter = `DIFF_QUALITY_TIGHTENED tightens info error ${AT}`

/** The cases. */
export const RULES: readonly DiffCase[] = [
  both(
    'a relationship is added or removed',
    amount(''),
    amount(link('customers.id')),
    `DIFF_RELATIONSHIP_ADDED tightens info warning ${AT}`,
    `DIFF_RELATIONSHIP_REMOVED loosens warning info ${AT}`,
  ),
  same(
    'a relationship leads elsewhere',
    amount(link('customers.id')),
    amount(link('people.id')),
    `DIFF_RELATIONSHIP_CHANGED changes error warning ${AT}`,
  ),
  none('a relationship moves from the column to the dataset', amount(link('customers.id')), {
    datasets: [dataset(undefined, 'relationships: [{from: orders.amount, to: customers.id}]')],
  }),
  none(
    'a composite key in another order',
    inDataset('relationships: [{from: [orders.id, orders.amount], to: [x.a, x.b]}]'),
    inDataset('relationships: [{from: [orders.amount, orders.id], to: [x.b, x.a]}]'),
  ),
  both(
    'a quality rule is added or removed',
    amount(''),
    rule(`${NULLS}, mustBe: 0`),
    `DIFF_QUALITY_ADDED tightens info error ${AT}`,
    `DIFF_QUALITY_REMOVED loosens error info ${AT}`,
  ),
  both(
    'a rule allows more',
    rule(`${NULLS}, mustBeLessThan: 5`),
    rule(`${NULLS}, mustBeLessThan: 10`),
    looser,
    tighter,
  ),
  both(
    'a rule allows its bound',
    rule(`${NULLS}, mustBeLessThan: 5`),
    rule(`${NULLS}, mustBeLessOrEqualTo: 5`),
    looser,
    tighter,
  ),
  both(
    'a rule takes a range',
    rule(`${NULLS}, mustBe: 3`),
    rule(`${NULLS}, mustBeBetween: [1, 5]`),
    looser,
    tighter,
  ),
  both(
    'a rule excludes less',
    rule(`${NULLS}, mustNotBeBetween: [1, 5]`),
    rule(`${NULLS}, mustNotBe: 3`),
    looser,
    tighter,
  ),
  same(
    'a rule compares with something else',
    rule(`${NULLS}, mustBeLessThan: 5`),
    rule(`${NULLS}, mustBeGreaterThan: 7`),
    `DIFF_QUALITY_CHANGED changes warning warning ${AT}`,
  ),
  both(
    'a rule counts for less',
    rule(`${NULLS}, mustBe: 0, severity: error`),
    rule(`${NULLS}, mustBe: 0, severity: warning`),
    looser,
    tighter,
  ),
  same(
    'a rule computes something else',
    rule('type: sql, name: q, query: "select count(*) from t", mustBe: 0'),
    rule('type: sql, name: q, query: "select sum(a) from t", mustBe: 0'),
    `DIFF_QUALITY_CHANGED changes warning warning ${AT}`,
  ),
  none(
    'blanks in the query of a rule',
    rule('type: sql, name: q, query: "select  count(*)  from t", mustBe: 0'),
    rule('type: sql, name: q, query: "select count(*) from t ", mustBe: 0'),
  ),
  same(
    'a rule in prose',
    rule('type: text, description: No gaps.'),
    rule('type: text, description: No gaps at all.'),
    [
      `DIFF_QUALITY_TEXT_CHANGED changes info info ${AT}`,
      `DIFF_QUALITY_TEXT_CHANGED changes info info ${AT}`,
    ],
  ),
]
