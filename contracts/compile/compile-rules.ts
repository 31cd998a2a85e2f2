/** Rules of a property: what a value must keep before it is stored. */
import { type ContractProperty, customValue, type LogicalTypeOptions } from '../model/contract.ts'
import { patternFault } from '../pattern/pattern-fault.ts'
import { compileSizes, holdsItems } from './compile-sizes.ts'
import type { ItemKind, Rule, ValueKind } from './compiled-dataset.ts'
import type { Report } from './report.ts'
import { sourceTypeOf } from './source-type.ts'
import { arrayElement, mapPostgresType } from './type-mapping.ts'

const BOUNDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const

/** Bounds that the enforcement understands: a plain decimal number, or an ISO date or timestamp in UTC. */
const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d{1,4})?$/
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?$/

/** Compiles the rules; reports those that cannot be. */
export function compileRules(
  property: ContractProperty,
  kind: ValueKind,
  required: boolean,
  here: readonly (string | number)[],
  report: Report,
): readonly Rule[] {
  const rules: Rule[] = []
  if (required) rules.push({ rule: 'required' })
  const options: Partial<LogicalTypeOptions> = property.logicalTypeOptions ?? {}
  if (options.minLength !== undefined) rules.push({ rule: 'minLength', bound: options.minLength })
  if (options.maxLength !== undefined) rules.push({ rule: 'maxLength', bound: options.maxLength })
  if (options.pattern !== undefined) {
    const fault = patternFault(options.pattern)
    if (fault)
      report(
        [...here, 'logicalTypeOptions', 'pattern'],
        'CONTRACT_PATTERN',
        `pattern of ${property.name}: ${fault}`,
      )
    else rules.push({ rule: 'pattern', pattern: options.pattern })
  }
  for (const name of BOUNDS) {
    const bound = options[name]
    if (bound === undefined) continue
    const fault = boundFault(bound, kind)
    if (fault)
      report(
        [...here, 'logicalTypeOptions', name],
        'CONTRACT_BOUND',
        `${name} of ${property.name}: ${fault}`,
        'readiness',
      )
    else rules.push({ rule: name, bound: String(bound) })
  }
  compileMultipleOf(property, kind, here, report, rules)
  rules.push(...compileSizes(property, kind))
  if (property.enum !== undefined) {
    if (property.enum.length > 0 && property.enum.every(isScalar))
      rules.push({ rule: 'validValues', values: property.enum.map(String) })
    else
      report(
        [...here, 'enum'],
        'CONTRACT_VALID_VALUES',
        `enum of ${property.name}: only texts, numbers and booleans can be compared`,
        'readiness',
      )
  }
  const values = customValue(property, 'validValues')
  if (values !== undefined) {
    if (Array.isArray(values) && values.length > 0 && values.every(isScalar))
      rules.push({ rule: 'validValues', values: values.map(String) })
    else
      report(
        [...here, 'customProperties'],
        'CONTRACT_VALID_VALUES',
        `validValues of ${property.name} must be a list of texts, numbers or booleans`,
      )
  }
  rules.push(...compileItems(property, kind, here, report))
  return rules
}

/** Only of numbers: of anything else every value would keep it. */
function compileMultipleOf(
  property: ContractProperty,
  kind: ValueKind,
  here: readonly (string | number)[],
  report: Report,
  rules: Rule[],
): void {
  const bound = property.logicalTypeOptions?.multipleOf
  if (bound === undefined) return
  const isNumber = kind === 'integer' || kind === 'bigint' || kind === 'decimal' || kind === 'float'
  if (isNumber && bound > 0 && boundFault(bound, kind) === undefined)
    rules.push({ rule: 'multipleOf', bound: String(bound) })
  else
    report(
      [...here, 'logicalTypeOptions', 'multipleOf'],
      'CONTRACT_BOUND',
      `multipleOf of ${property.name}: expected a number above 0, of a column of numbers`,
      'readiness',
    )
}

/** What each item keeps; of one array only, not of arrays in arrays. */
function compileItems(
  property: ContractProperty,
  kind: ValueKind,
  here: readonly (string | number)[],
  report: Report,
): readonly Rule[] {
  const { items } = property
  if (!items || !holdsItems(property, kind)) return []
  const ofItems = itemKind(property, items)
  const named = { ...items, name: `the items of ${property.name}` }
  const rules = compileRules(named, ofItems, items.required, [...here, 'items'], report)
  const own = rules.filter(({ rule }) => rule !== 'items')
  return own.length === 0 ? [] : [{ rule: 'items', kind: ofItems, rules: own }]
}

/** The type of the column says more than that of its items, where it says one. */
function itemKind(property: ContractProperty, items: ContractProperty): ItemKind {
  const { kind } = mapPostgresType(arrayElement(sourceTypeOf(property)) ?? sourceTypeOf(items))
  return kind === 'array' ? 'json' : kind
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

/** A bound that cannot be compared would be kept by every value, and nobody would notice. */
function boundFault(bound: string | number, kind: ValueKind): string | undefined {
  if (kind === 'date' || kind === 'timestamp')
    return MOMENT.test(String(bound)) ? undefined : 'expected an ISO date, or date and time in UTC (…Z)'
  if (typeof bound === 'number' && Number.isInteger(bound) && !Number.isSafeInteger(bound))
    return 'YAML has lost digits of this number; write it in quotes'
  return NUMBER.test(String(bound)) ? undefined : 'expected a number'
}
