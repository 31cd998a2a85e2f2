/**
 * Allowed values (`enum` of 3.2) of another type than the property's, that its other rules refuse, or that stand twice. Of a list or a mapping
 * nobody can say which are allowed: that belongs to what is in it.
 */

import type { DocumentPath } from '../../fault.ts'
import type { ContractProperty } from '../../model/contract.ts'
import { createAllowedValueFault } from '../allowed-value-fault.ts'
import { eachProperty, type LintContext } from '../lint-rule.ts'

/** Is a value of the logical type? Types that are not listed take any. */
const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  date: (value) => typeof value === 'string',
  timestamp: (value) => typeof value === 'string',
  time: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => typeof value === 'number' && Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
}
const WORDS: Readonly<Record<string, string>> = {
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
}
/** Types whose values are no single ones, and where allowed values belong. */
const MANY: Readonly<Record<string, string>> = {
  array: 'put the allowed values on its items',
  object: 'put the allowed values on its properties',
  map: 'put the allowed values on its key or value',
  vector: 'a vector has no allowed values',
}

/** See the header. */
export function enumValues(context: LintContext): void {
  eachProperty(context.contract, (property, path) => {
    if (!property.enum) return
    const { logicalType = '' } = property
    const many = Object.hasOwn(MANY, logicalType) ? MANY[logicalType] : undefined
    if (many === undefined) checkValues(context, property, property.enum, [...path, 'enum'])
    else
      context.say(
        [...path, 'enum'],
        'CONTRACT_ENUM',
        `${nameOf(property)} is of logical type ${logicalType}, which has no single values; ${many}`,
        { suggestion: many },
      )
  })
}

function checkValues(
  { say }: LintContext,
  property: ContractProperty,
  values: readonly unknown[],
  path: DocumentPath,
): void {
  const { logicalType = '' } = property
  const fits = Object.hasOwn(FITS, logicalType) ? FITS[logicalType] : undefined
  const brokenRule = createAllowedValueFault(property)
  const seen = new Set<string>()
  for (const [index, value] of values.entries()) {
    const at = [...path, index, 'value']
    if (value === undefined || typeof value === 'object') {
      if (value === null && property.required)
        say(at, 'CONTRACT_ENUM', `${nameOf(property)} is required and allows the empty value`, {
          severity: 'warning',
        })
      continue
    }
    const isFit = !fits || fits(value)
    if (!isFit)
      say(
        at,
        'CONTRACT_ENUM',
        `an allowed value of ${nameOf(property)} is not of its logical type ${logicalType}`,
        { expected: WORDS[logicalType] ?? 'a text' },
      )
    const broken = isFit ? brokenRule(value) : undefined
    if (broken !== undefined) say(at, 'CONTRACT_ENUM', `an allowed value of ${nameOf(property)} ${broken}`)
    const form = `${typeof value} ${String(value)}`
    if (seen.has(form)) say(at, 'CONTRACT_ENUM', `an allowed value of ${nameOf(property)} stands twice`)
    seen.add(form)
  }
}

function nameOf({ name }: ContractProperty): string {
  return name || 'an element'
}
