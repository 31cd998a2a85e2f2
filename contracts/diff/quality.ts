/**
 * Quality rules. A rule is the same one by its id, else its name, else by what it computes. What it compares with is taken as a set of
 * numbers, so that it can be said whether the newer set lies in the older one; and a rule that no longer is an error counts for less.
 */
import type { QualityRule } from '../model/contract.ts'
import { blanksAside, canonicalText, orderlessText, sameValue } from './canonical-text.ts'
import { relateOperators } from './operators.ts'
import { type KeyOf, pairByKeys } from './pair-by-keys.ts'
import type { Report } from './report.ts'
import { restOf } from './unknown-keys.ts'

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
  const values = relateValues(was, is)
  if (values === 'tighter' || values === 'looser')
    report(
      values === 'tighter' ? 'DIFF_QUALITY_TIGHTENED' : 'DIFF_QUALITY_LOOSENED',
      `${title(is)} takes ${values === 'tighter' ? 'fewer' : 'more'} values for valid`,
      [...inside, 'arguments'],
    )
  if (values === 'other')
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
const KEYS: readonly [KeyOf<QualityRule>, ...KeyOf<QualityRule>[]] = [
  // Names may stand twice: what did not change is itself.
  ({ raw }) => orderlessText(raw),
  (rule) => rule.id,
  (rule) => rule.name,
  (rule) => canonicalText([computation(rule), rule.operators]),
  computation,
  // What is left of one metric is the same rule, changed.
  (rule) => (rule.metric === undefined ? undefined : canonicalText([rule.type, rule.metric])),
]

/**
 * What is computed: `same`, `other`, or, where a list of valid values is all that changed, whether it is longer or shorter. The order of
 * that list says nothing.
 */
function relateValues(was: QualityRule, is: QualityRule): 'same' | 'tighter' | 'looser' | 'other' {
  if (computation(was) === computation(is)) return 'same'
  const [before, after] = [validValues(was), validValues(is)]
  const others = (rule: QualityRule): string =>
    computation({ ...rule, arguments: { ...rule.arguments, validValues: null } })
  if (was.metric !== 'invalidValues' || !before || !after || others(was) !== others(is)) return 'other'
  const [fewer, more] = [
    after.every((value) => before.includes(value)),
    before.every((value) => after.includes(value)),
  ]
  return fewer ? 'tighter' : more ? 'looser' : 'other'
}

function validValues(rule: QualityRule): readonly string[] | undefined {
  const list = rule.arguments?.['validValues']
  return Array.isArray(list) ? list.map((value: unknown) => canonicalText(value)).sort() : undefined
}

/** What a rule computes, blanks in SQL aside. */
function computation(rule: QualityRule): string {
  const values = validValues(rule)
  return canonicalText([
    rule.type,
    rule.metric,
    blanksAside(rule.query),
    rule.engine,
    rule.implementation,
    values ? { ...rule.arguments, validValues: values } : rule.arguments,
    rule.unit,
    rule.type === 'text' ? rule.description : undefined,
  ])
}

/** What is said of a rule beside that. Where both `metric` and `rule` stand, the latter (the name of 3.0 for it) says nothing. */
function words({ type, metric, severity = 'error', raw }: QualityRule): unknown {
  const { rule, ...rest } = restOf(raw, COMPUTED)
  return {
    ...rest,
    ...(rule === metric ? {} : { rule }),
    ...(type === 'text' ? { description: null } : {}),
    ...(WEIGHTS.has(severity.toLowerCase()) ? {} : { severity }),
  }
}

/** What is compared by what it means. */
const COMPUTED = new Set([
  ...['type', 'metric', 'query', 'engine', 'implementation', 'arguments', 'unit', 'severity'],
  ...['mustBe', 'mustNotBe', 'mustBeGreaterThan', 'mustBeGreaterOrEqualTo', 'mustBeLessThan'],
  ...['mustBeLessOrEqualTo', 'mustBeBetween', 'mustNotBeBetween'],
])

function title(rule: QualityRule): string {
  return `quality rule ${rule.name ?? rule.metric ?? rule.id ?? `of type ${rule.type}`}`
}

/** A rule is an error unless it says something milder. */
function weight(rule: QualityRule): number {
  return WEIGHTS.get(rule.severity?.toLowerCase() ?? '') ?? 2
}

const WEIGHTS: ReadonlyMap<string, number> = new Map([
  ['info', 0],
  ['warn', 1],
  ['warning', 1],
  ['error', 2],
])
