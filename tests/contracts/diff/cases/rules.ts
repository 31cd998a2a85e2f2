/** Cases: relationships and quality rules. */

import { amount, dataset, inDataset, rule } from '../fragments.ts'
import { AT, both, type DiffCase, none, same } from './diff-case.ts'

const link = (to: string): string => `relationships: [{to: ${to}}]`
const PEOPLE = (name: string): string => `{name: ${name}, properties: [{name: pid}, {name: town}]}`
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
  both(
    'a rule takes more values for valid',
    rule('metric: invalidValues, arguments: {validValues: [a, b]}, mustBe: 0'),
    rule('metric: invalidValues, arguments: {validValues: [b, a, c]}, mustBe: 0'),
    looser,
    tighter,
  ),
  same(
    'a rule takes other values for valid',
    rule('metric: invalidValues, arguments: {validValues: [a, b]}, mustBe: 0'),
    rule('metric: invalidValues, arguments: {validValues: [a, c]}, mustBe: 0'),
    `DIFF_QUALITY_CHANGED changes warning warning ${AT}`,
  ),
  both(
    'values are checked by a rule, and no longer one by one',
    amount('enum: [{value: a}]'),
    rule('metric: invalidValues, arguments: {validValues: [a]}, mustBe: 0'),
    [`DIFF_ENUM_REMOVED loosens error info ${AT}`, `DIFF_QUALITY_ADDED tightens info error ${AT}`],
    [`DIFF_ENUM_ADDED tightens info error ${AT}`, `DIFF_QUALITY_REMOVED loosens error info ${AT}`],
  ),
  same(
    'a rule of the same id has another name',
    rule(`id: q1, type: library, metric: nullValues, name: a, mustBe: 0`),
    rule(`id: q1, type: library, metric: nullValues, name: b, mustBe: 0`),
    `DIFF_QUALITY_TEXT_CHANGED changes info info ${AT}`,
  ),
  both(
    'a rule of the same id and another name allows more',
    rule('id: q1, name: a, metric: nullValues, mustBeLessThan: 5'),
    rule('id: q1, name: b, metric: nullValues, mustBeLessThan: 9'),
    [looser, `DIFF_QUALITY_TEXT_CHANGED changes info info ${AT}`],
    [tighter, `DIFF_QUALITY_TEXT_CHANGED changes info info ${AT}`],
  ),
  same(
    'a rule counts another unit',
    rule(`${NULLS}, mustBeLessThan: 5, unit: rows`),
    rule(`${NULLS}, mustBeLessThan: 5, unit: percent`),
    `DIFF_QUALITY_CHANGED changes warning warning ${AT}`,
  ),
  same(
    'tags of a rule',
    rule(`${NULLS}, mustBe: 0, tags: [a]`),
    rule(`${NULLS}, mustBe: 0`),
    `DIFF_QUALITY_TEXT_CHANGED changes info info ${AT}`,
  ),
  both(
    'a rule moves from the column to the dataset',
    rule('name: r, type: sql, query: select 1, mustBe: 0'),
    inDataset('quality: [{name: r, type: sql, query: select 1, mustBe: 0}]'),
    [`DIFF_QUALITY_REMOVED loosens error info ${AT}`, 'DIFF_QUALITY_ADDED tightens info error orders'],
    [`DIFF_QUALITY_ADDED tightens info error ${AT}`, 'DIFF_QUALITY_REMOVED loosens error info orders'],
  ),
  both(
    'a relationship leads to a dataset that is renamed',
    { datasets: [dataset(['{name: amount, relationships: [{to: people.pid}]}']), PEOPLE('people')] },
    { datasets: [dataset(['{name: amount, relationships: [{to: persons.pid}]}']), PEOPLE('persons')] },
    'DIFF_DATASET_RENAMED changes error error persons',
    'DIFF_DATASET_RENAMED changes error error people',
  ),
  same(
    'a relationship has another id',
    amount('relationships: [{id: a, to: c.id}]'),
    amount('relationships: [{id: b, to: c.id}]'),
    `DIFF_METADATA_CHANGED changes info info ${AT}`,
  ),
]
