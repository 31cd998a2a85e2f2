/**
 * Quality rules. A rule is the same one by its id, else its name, else by what it computes. What it compares with is taken as a set of
 * numbers, so that it can be said whether the newer set lies in the older one; and a rule that no longer is an error counts for less.
 */
import type { QualityRule } from '../model/contract.ts'
import { canonicalText, sameValue } from './canonical-text.ts'
import { relateOperators } from './operators.ts'
import { pairByKeys } from './pair-by-keys.ts'
import type { Report } from './report.ts'

/** Compares the rules of a dataset or a column. */
export function diffQuality(
  older: readonly QualityRule[],
  newer: readonly QualityRule[],
  report: Report,
): void {
  const { pairs, removed, added } = pairByKeys(older, newer, KEYS)
  const place = new Map(newer.map((rule, index) => [rule, index]))
  for (const rule of removed)
    report(
      rule.type === 'text' ? 'DIFF_QUALITY_TEXT_CHANGED' : 'DIFF_QUALITY_REMOVED',
      `${title(rule)} is gone`,
      ['quality'],
    )
  for (const rule of added)
    report(
      rule.type === 'text' ? 'DIFF_QUALITY_TEXT_CHANGED' : 'DIFF_QUALITY_ADDED',
      `${title(rule)} is new`,
      ['quality', place.get(rule) ?? 0],
    )
  for (const [was, is] of pairs) diffRule(was, is, report, ['quality', place.get(is) ?? 0])
}

function diffRule(
  was: QualityRule,
  is: QualityRule,
  report: Report,
  inside: readonly (string | number)[],
): void {
  if (computation(was) !== computation(is))
    report(
      was.type === 'text' && is.type === 'text' ? 'DIFF_QUALITY_TEXT_CHANGED' : 'DIFF_QUALITY_CHANGED',
      `${title(is)} computes something else`,
      inside,
    )
  if (!sameValue(was.operators, is.operators)) {
    const relation = relateOperators(was.operators, is.operators)
    const code =
      relation === 'tighter'
        ? 'DIFF_QUALITY_TIGHTENED'
        : relation === 'looser'
          ? 'DIFF_QUALITY_LOOSENED'
          : 'DIFF_QUALITY_CHANGED'
    if (relation !== 'same')
      report(
        code,
        `${title(is)} compares with something else${relation === 'other' ? '' : `: ${relation}`}`,
        inside,
      )
  }
  const [from, to] = [weight(was), weight(is)]
  if (from !== to)
    report(
      to > from ? 'DIFF_QUALITY_TIGHTENED' : 'DIFF_QUALITY_LOOSENED',
      `${title(is)} counts for ${to > from ? 'more' : 'less'}`,
      [...inside, 'severity'],
    )
  if (!sameValue(words(was), words(is)))
    report('DIFF_QUALITY_TEXT_CHANGED', `${title(is)}: its words or its schedule changed`, inside)
}

/** What tells that two rules are one, the strongest first. */
const KEYS: readonly ((rule: QualityRule) => string | undefined)[] = [
  (rule) => rule.id,
  (rule) => rule.name,
  (rule) => canonicalText([computation(rule), rule.operators]),
  computation,
  // What is left of one metric is the same rule, changed.
  (rule) => (rule.metric === undefined ? undefined : canonicalText([rule.type, rule.metric])),
]

/** What a rule computes, blanks in SQL aside. */
function computation(rule: QualityRule): string {
  return canonicalText([
    rule.type,
    rule.metric,
    rule.query?.replaceAll(/\s+/g, ' ').trim(),
    rule.engine,
    rule.implementation,
    rule.arguments,
    rule.unit,
    rule.type === 'text' ? rule.description : undefined,
  ])
}

function words(rule: QualityRule): unknown {
  return [
    rule.type === 'text' ? undefined : rule.description,
    rule.name,
    rule.dimension,
    rule.businessImpact,
    rule.schedule,
    rule.scheduler,
    rule.customProperties,
  ]
}

function title(rule: QualityRule): string {
  return `quality rule ${rule.name ?? rule.metric ?? rule.id ?? `of type ${rule.type}`}`
}

/** A rule is an error unless it says something milder. */
function weight(rule: QualityRule): number {
  const severity = rule.severity?.toLowerCase() ?? 'error'
  return severity === 'info' ? 0 : severity.startsWith('warn') ? 1 : 2
}
