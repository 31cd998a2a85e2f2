/** Classification of a column, and its PII plan: what is done to a personal value before it is stored. */
import { type ContractProperty, customValue } from '../model/contract.ts'
import { isRecord, type Raw } from '../model/raw-value.ts'
import { PII_OPTIONS } from '../pii/pii-plan.ts'
import { sameValue } from './canonical-text.ts'
import type { DiffCode } from './grades.ts'
import { customPath, type Report } from './report.ts'

/** Care that a classification asks for. Others have no order. */
const CARE: ReadonlyMap<string, number> = new Map([
  ['public', 0],
  ['open', 0],
  ['internal', 1],
  ['confidential', 2],
  ['private', 2],
  ['personal', 3],
  ['pii', 3],
  ['restricted', 3],
  ['restricted-personal', 4],
  ['sensitive', 4],
  ['secret', 4],
])

/** Parts of a plan that have a code of their own; all others are options of the method. */
const PARTS: readonly (readonly [keys: readonly string[], code: DiffCode, what: string])[] = [
  [['domain'], 'DIFF_PII_DOMAIN_CHANGED', 'domain'],
  [['key', 'keyRef'], 'DIFF_PII_KEY_CHANGED', 'key'],
  [['normalize'], 'DIFF_PII_NORMALIZE_CHANGED', 'normal form'],
  [['subject'], 'DIFF_PII_SUBJECT_CHANGED', 'subject'],
  [['onNull'], 'DIFF_PII_ON_NULL_CHANGED', 'treatment of NULL'],
]
const NAMED = new Set(['method', ...PARTS.flatMap(([keys]) => keys)])
/** What a plan means that does not say it. */
const UNSAID: Raw = { normalize: 'none', onNull: 'keep' }

/** Compares classification and plan. `nameOf` gives the newer name of a column that the older plan names as the subject. */
export function diffPersonalData(
  older: ContractProperty,
  newer: ContractProperty,
  nameOf: { readonly older: (column: string) => string; readonly newer: (column: string) => string },
  report: Report,
): void {
  diffClassification(older.classification, newer.classification, report)
  const was = customValue(older, 'piiPlan') ?? undefined
  const is = customValue(newer, 'piiPlan') ?? undefined
  if (was === undefined && is === undefined) return
  const say = (code: DiffCode, message: string): void =>
    report(code, message, customPath(newer, 'piiPlan'), customPath(older, 'piiPlan'))
  if (was === undefined) say('DIFF_PII_PLAN_ADDED', 'its values are protected now, or no longer stored')
  else if (is === undefined) say('DIFF_PII_PLAN_REMOVED', 'its values are no longer protected')
  else diffPlan(planOf(was, nameOf.older), planOf(is, nameOf.newer), say)
}

/** Is nothing of the column stored? */
export function isDropped(column: ContractProperty): boolean {
  const plan = customValue(column, 'piiPlan')
  return isRecord(plan) && plan['method'] === 'drop'
}

function diffClassification(older: string | undefined, newer: string | undefined, report: Report): void {
  if (older?.trim().toLowerCase() === newer?.trim().toLowerCase()) return
  const message = `classification: ${older ?? 'none'} -> ${newer ?? 'none'}`
  // Without one, data is treated like what is public, or with more care: to say any other is more.
  const [from, to] = [careOf(older), careOf(newer)]
  if (from === undefined || to === undefined || from === to)
    report('DIFF_CLASSIFICATION_CHANGED', message, ['classification'])
  else
    report(to > from ? 'DIFF_CLASSIFICATION_RAISED' : 'DIFF_CLASSIFICATION_LOWERED', message, [
      'classification',
    ])
}

function careOf(classification: string | undefined): number | undefined {
  return classification === undefined ? 0 : CARE.get(classification.trim().toLowerCase())
}

/** What is different between two plans. Of a dropped column nothing is stored: only whether it is dropped can be seen. */
function diffPlan(was: Raw, is: Raw, say: (code: DiffCode, message: string) => void): void {
  const [dropped, drops] = [was['method'] === 'drop', is['method'] === 'drop']
  if (dropped !== drops)
    say(
      drops ? 'DIFF_PII_DROPPED' : 'DIFF_PII_STORED',
      drops ? 'PII plan: its values are no longer stored' : 'PII plan: its values are stored now, protected',
    )
  else if (drops) {
    if (!sameValue(was, is))
      say('DIFF_METADATA_CHANGED', 'PII plan: other options, of values that are not stored')
  } else diffStored(was, is, say)
}

function diffStored(was: Raw, is: Raw, say: (code: DiffCode, message: string) => void): void {
  const sameMethod = sameValue(was['method'], is['method'])
  if (!sameMethod) say('DIFF_PII_METHOD_CHANGED', `PII plan: method ${methodOf(was)} -> ${methodOf(is)}`)
  for (const [keys, code, what] of PARTS) {
    const both = sameMethod || keys.some((key) => mayHave(was, key) && mayHave(is, key))
    if (both && keys.some((key) => !sameValue(was[key] ?? UNSAID[key], is[key] ?? UNSAID[key])))
      say(code, `PII plan: another ${what}`)
  }
  // Another method has other options: that goes without saying.
  if (sameMethod && !sameValue(options(was), options(is)))
    say('DIFF_PII_OPTIONS_CHANGED', 'PII plan: other options of the method')
}

/** Has the method of a plan such an option? One that is not known may have all. */
function mayHave(plan: Raw, key: string): boolean {
  return PII_OPTIONS.get(methodOf(plan))?.includes(key) ?? true
}

function methodOf({ method }: Raw): string {
  return typeof method === 'string' ? method : 'unknown'
}

/** A plan that is no object is one of unknown options. */
function planOf(value: unknown, nameOf: (column: string) => string): Raw {
  if (!isRecord(value)) return { written: value }
  const subject = value['subject']
  return typeof subject === 'string' ? { ...value, subject: nameOf(subject) } : value
}

function options(plan: Raw): Raw {
  return Object.fromEntries(Object.entries(plan).filter(([key]) => !NAMED.has(key)))
}
