/**
 * Service levels: which value is better depends on what is promised. Less is better for a latency, more for a retention, later for
 * the end of support. Values with different units are compared in one unit.
 */
import { knownLevel } from '../lint/known-service-levels.ts'
import type { Contract, SlaProperty } from '../model/contract.ts'
import { canonicalText, orderlessText, sameValue } from './canonical-text.ts'
import type { Difference } from './change.ts'
import { compareSeconds, secondsOf } from './duration.ts'
import { orderOf } from './exact-order.ts'
import type { Names } from './names.ts'
import { type KeyOf, pairByKeys } from './pair-by-keys.ts'
import { reportTo, type Spot } from './report.ts'
import { restOf } from './unknown-keys.ts'

/** What is better, by the property's name without case and marks. */
const BETTER: ReadonlyMap<string, 'less' | 'more'> = new Map([
  ...['latency', 'freshness', 'delay', 'staleness', 'frequency', 'updatefrequency', 'interval'].map(
    (name) => [name, 'less'] as const,
  ),
  ...['timetodetect', 'timetonotify', 'timetorepair', 'timetorespond', 'errorrate', 'responsetime'].map(
    (name) => [name, 'less'] as const,
  ),
  ...['generalavailability', 'timeofavailability'].map((name) => [name, 'less'] as const),
  ...['retention', 'availability', 'uptime', 'throughput', 'completeness', 'accuracy'].map(
    (name) => [name, 'more'] as const,
  ),
  ...['endofsupport', 'endoflife'].map((name) => [name, 'more'] as const),
])

type Level = { readonly level: SlaProperty; readonly index: number; readonly elements: readonly string[] }

/** Compares the service levels. */
export function diffServiceLevels(
  older: Contract,
  newer: Contract,
  names: { readonly older: Names; readonly newer: Names },
  list: Difference[],
): void {
  const was = levels(older, names.older)
  const is = levels(newer, names.newer)
  const { pairs, removed, added } = pairByKeys(was, is, KEYS)
  for (const level of removed)
    reportTo(list, spot(level, level.index, null))(
      'DIFF_SERVICE_LEVEL_REMOVED',
      `${title(level)} is no longer promised`,
    )
  for (const level of added)
    reportTo(list, spot(level, null, level.index))('DIFF_SERVICE_LEVEL_ADDED', `${title(level)} is promised`)
  for (const [from, to] of pairs) diffLevel(from, to, list)
}

function diffLevel(older: Level, newer: Level, list: Difference[]): void {
  const report = reportTo(list, spot(newer, older.index, newer.index))
  const [was, is] = [older.level, newer.level]
  const better = betterOf(was, is)
  if (better === 'worse')
    report('DIFF_SERVICE_LEVEL_WORSENED', `${title(newer)}: less is promised`, ['value'])
  if (better === 'better')
    report('DIFF_SERVICE_LEVEL_IMPROVED', `${title(newer)}: more is promised`, ['value'])
  if (better === 'unknown') report('DIFF_SERVICE_LEVEL_CHANGED', `${title(newer)} changed`, ['value'])
  if (!sameValue(restOf(was.raw, PROMISE), restOf(is.raw, PROMISE)))
    report('DIFF_DOCUMENTATION_CHANGED', `${title(newer)}: its words, its driver or its schedule changed`)
}

/** What is compared by what it means. */
const PROMISE = new Set(['property', 'value', 'valueExt', 'unit', 'element'])

function betterOf(was: SlaProperty, is: SlaProperty): 'same' | 'better' | 'worse' | 'unknown' {
  const said = ({ value, valueExt, unit }: SlaProperty): unknown => [value, valueExt ?? null, unit ?? null]
  if (sameValue(said(was), said(is))) return 'same'
  const order = orderOfLevels(was, is)
  const direction = BETTER.get(plainName(was.property))
  // valueExt is the other end of what is promised: where it changed, which promise is better depends on both.
  if (order === undefined || !sameValue(was.valueExt, is.valueExt)) return 'unknown'
  if (order === 0) return 'same'
  if (direction === undefined) return 'unknown'
  // A frequency is an interval (every 2 h), unless its unit makes it a rate (2 per hour).
  const lessIsBetter =
    (direction === 'less') !== (isRate(was.unit) && plainName(was.property).startsWith('f'))
  return order < 0 === lessIsBetter ? 'better' : 'worse'
}

function isRate(unit: string | undefined): boolean {
  return /^(?:per\b|\/|hz$)|\bper\b|\//i.test(unit ?? '')
}

/** Negative where the newer value is less. */
function orderOfLevels(was: SlaProperty, is: SlaProperty): number | undefined {
  const [from, to] = [secondsOf(was.value, was.unit), secondsOf(is.value, is.unit)]
  if (from !== undefined && to !== undefined) return compareSeconds(to, from)
  if (!isBound(was.value) || !isBound(is.value)) return undefined
  const [left, right] = [percentless(was), percentless(is)]
  return left.unit === right.unit ? orderOf(right.value, left.value) : undefined
}

function isBound(value: unknown): value is number | string {
  return typeof value === 'number' || typeof value === 'string'
}

/** `99.9%` and `99.9` with the unit percent are the same. */
function percentless({ value, unit }: SlaProperty): { readonly value: string; readonly unit: string } {
  const text = String(value).trim()
  const plain = unit?.trim().toLowerCase() ?? ''
  if (text.endsWith('%')) return { value: text.slice(0, -1), unit: 'percent' }
  return { value: text, unit: plain === '%' ? 'percent' : plain }
}

/** What tells that two levels are one, the strongest first: property and elements always, driver and value if they can. */
const KEYS: readonly [KeyOf<Level>, ...KeyOf<Level>[]] = [
  (level) => orderlessText([aboutOf(level), level.level.raw]),
  (level) => canonicalText([aboutOf(level), level.level.driver, level.level.value, level.level.unit]),
  (level) => canonicalText([aboutOf(level), level.level.driver]),
  (level) => canonicalText(aboutOf(level)),
]

function aboutOf({ level, elements }: Level): unknown {
  return [plainName(level.property), elements.toSorted()]
}

function levels(contract: Contract, names: Names): readonly Level[] {
  const standard = contract.slaDefaultElement
  return contract.slaProperties.map((level, index) => ({
    level,
    index,
    elements: (level.elements.length > 0 || standard === undefined ? level.elements : [standard]).map(
      names.reference,
    ),
  }))
}

/** A level about columns of one dataset belongs to that dataset. */
function spot({ elements }: Level, older: number | null, newer: number | null): Spot {
  const datasets = new Set(elements.map((element) => element.split('.')[0] ?? ''))
  const [dataset] = datasets
  return {
    dataset: datasets.size === 1 && dataset !== undefined && dataset !== '' ? dataset : null,
    column: null,
    olderPath: older === null ? null : ['slaProperties', older],
    newerPath: newer === null ? null : ['slaProperties', newer],
    anchor: newer === null ? ['slaProperties'] : ['slaProperties', newer],
  }
}

function title({ level, elements }: Level): string {
  return `service level ${level.property}${elements.length > 0 ? ` of ${elements.join(', ')}` : ''}`
}

/** In full, without case and marks: `ly` is latency. */
function plainName(property: string): string {
  return (knownLevel(property)?.name ?? property).toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}
