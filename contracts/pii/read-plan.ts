/** The plan of a property as it is written -> a typed plan, or what is wrong with it. */
import type { Report } from '../compile/report.ts'
import { type ContractProperty, customValue } from '../model/contract.ts'
import { nearest } from '../nearest.ts'
import { isPersonal } from './is-personal.ts'
import { PII_OPTIONS, type PiiPlan, piiPlanSchema } from './pii-plan.ts'

const METHODS = [...PII_OPTIONS.keys()]

/** Reads the plan of a column. `here` is the path of the property. A personal column without a plan is a fault. */
export function readPlan(
  property: ContractProperty,
  here: readonly (string | number)[],
  report: Report,
): PiiPlan | null {
  const written = customValue(property, 'piiPlan')
  if (written === undefined) {
    if (isPersonal(property.classification))
      report(
        here,
        'CONTRACT_PII_NO_PLAN',
        `${property.name} is classified ${property.classification} and has no piiPlan; say how it is protected (${METHODS.join(', ')})`,
      )
    return null
  }
  const at = planPath(property, here)
  const parsed = piiPlanSchema.safeParse(written)
  if (parsed.success) return parsed.data
  const method = methodOf(written)
  for (const issue of parsed.error.issues) {
    const path = issue.path.filter((part) => typeof part !== 'symbol')
    const name = path.join('.')
    if (path[0] === 'domain' && !has(written, 'domain'))
      report(
        at,
        'CONTRACT_PII_NO_DOMAIN',
        `piiPlan of ${property.name}: ${method} needs a domain (such as email)`,
      )
    else if (path[0] === 'subject' && !has(written, 'subject'))
      report(
        at,
        'CONTRACT_PII_NO_SUBJECT',
        `piiPlan of ${property.name}: ${method} needs a subject, the column that says whose the value is`,
      )
    else if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys)
        report(
          [...at, key],
          'CONTRACT_PII_PLAN',
          `piiPlan of ${property.name}: ${unknownOption(method, key)}`,
          'error',
          nearest(key, PII_OPTIONS.get(method) ?? []),
        )
    else if (path[0] === 'method' || path.length === 0)
      report(
        has(written, 'method') ? [...at, 'method'] : at,
        'CONTRACT_PII_PLAN',
        `piiPlan of ${property.name}: ${unknownMethod(written)}`,
        'error',
        nearMethod(written),
      )
    else
      report([...at, ...path], 'CONTRACT_PII_PLAN', `piiPlan of ${property.name}: ${name}: ${issue.message}`)
  }
  return null
}

/** Where the plan stands in the document. */
export function planPath(
  property: ContractProperty,
  here: readonly (string | number)[],
): (string | number)[] {
  const index = property.customProperties.findIndex((custom) => custom.property === 'piiPlan')
  return [...here, 'customProperties', Math.max(0, index), 'value']
}

function has(written: unknown, key: string): boolean {
  return typeof written === 'object' && written !== null && Object.hasOwn(written, key)
}

function methodOf(written: unknown): string {
  const method = has(written, 'method') ? (written as Record<string, unknown>)['method'] : undefined
  return typeof method === 'string' && PII_OPTIONS.has(method) ? method : ''
}

function unknownMethod(written: unknown): string {
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    return 'expected an object with a method'
  const method = (written as Record<string, unknown>)['method']
  const near = nearMethod(written)
  const hint = near === undefined ? '' : `; did you mean ${near}?`
  return `${method === undefined ? 'it has no method' : 'there is no such method'}; expected ${METHODS.join(', ')}${hint}`
}

function nearMethod(written: unknown): string | undefined {
  const method = has(written, 'method') ? (written as Record<string, unknown>)['method'] : undefined
  return typeof method === 'string' ? nearest(method, METHODS) : undefined
}

function unknownOption(method: string, option: string): string {
  const own = PII_OPTIONS.get(method) ?? []
  const near = nearest(option, own)
  if (near !== undefined) return `${method} has no option ${option}; did you mean ${near}?`
  const others = METHODS.filter((other) => PII_OPTIONS.get(other)?.includes(option))
  const belongs = others.length === 0 ? '' : ` (it is one of ${others.join(', ')})`
  return `${method} has no option ${option}${belongs}; expected ${own.join(', ')}`
}
