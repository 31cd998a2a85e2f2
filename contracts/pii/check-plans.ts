/**
 * What a plan means for its column, and the columns for each other: what the shape of one plan cannot tell.
 *
 * A fault here is a plan that would not protect (a format-preserving token that can be guessed), would not keep its word (a bucket of a type
 * that it does not fit), or a value that nobody protects (personal data inside of a column that has no plan).
 */
import type { ValueKind } from '../compile/compiled-dataset.ts'
import type { Report } from '../compile/report.ts'
import { type Contract, type ContractObject, type ContractProperty, customValue } from '../model/contract.ts'
import { nearest } from '../nearest.ts'
import { ff1Faults } from './ff1-faults.ts'
import { isPersonal } from './is-personal.ts'
import { type PiiPlan, type PlanOf, piiPlanSchema } from './pii-plan.ts'
import { planPath } from './read-plan.ts'

/** A column as the checks need it; in the order of the object's properties. */
export type PlannedColumn = { readonly kind: ValueKind; readonly pii: PiiPlan | null }

type Path = readonly (string | number)[]

/** Most names that are searched for near misses: a contract may be hostile. */
const MAX_SUGGESTIONS = 20

/** Checks the plans of an object. */
export function checkPlans(
  contract: Contract,
  object: ContractObject,
  columns: readonly PlannedColumn[],
  report: Report,
): void {
  const names = new Set(object.properties.flatMap(({ name, physicalName }) => [name, physicalName ?? name]))
  let suggestions = MAX_SUGGESTIONS
  for (const [index, property] of object.properties.entries()) {
    const here = ['properties', index]
    const { kind = 'text', pii = null } = columns[index] ?? {}
    checkNested(property, here, property, pii !== null, report)
    if (pii === null) continue
    const at = planPath(property, here)
    const say = (path: Path, code: string, message: string, severity?: 'warning', near?: string): void =>
      report([...at, ...path], code, `piiPlan of ${property.name}: ${message}`, severity, near)
    if (pii.subject !== undefined && !names.has(pii.subject)) {
      const near = suggestions-- > 0 ? nearest(pii.subject, [...names]) : undefined
      say(
        ['subject'],
        'CONTRACT_PII_SUBJECT',
        `the subject ${pii.subject} is not a property of ${object.name}${near ? `; did you mean ${near}?` : ''}`,
        undefined,
        near,
      )
    }
    // The value would lie under a key that is found by the value.
    if (pii.method === 'vault' && [property.name, property.physicalName].includes(pii.subject))
      say(
        ['subject'],
        'CONTRACT_PII_SUBJECT',
        'the subject is the column itself; name the column that says whose the value is, such as an id',
      )
    if (pii.method === 'ff1')
      for (const fault of ff1Faults(pii, property, kind)) say(fault.path, fault.code, fault.message)
    if (pii.method === 'bucket') {
      const fault = bucketFault(pii, property, kind)
      if (fault) say([], 'CONTRACT_PII_BUCKET', fault)
    }
    if (pii.method === 'mask') {
      const fault = maskFault(pii, property)
      if (fault) say([], 'CONTRACT_PII_MASK', fault, 'warning')
    }
    if (pii.method === 'vault')
      say(
        ['method'],
        'CONTRACT_PII_VAULT_ABSENT',
        'the token vault is not part of this version; use siv (reversible) or hmac',
        'warning',
      )
    const other = otherUse(contract, pii)
    if (other !== undefined)
      say(
        ['domain'],
        'CONTRACT_PII_DOMAIN_MIXED',
        `${other} makes tokens of the same domain in another way; the two columns would never join`,
        'warning',
      )
  }
}

/** Only whole columns are protected. What is personal inside of one that is not protected would be stored in clear. */
function checkNested(
  property: ContractProperty,
  here: Path,
  column: ContractProperty,
  isProtected: boolean,
  report: Report,
): void {
  const inner: (readonly [ContractProperty | undefined, Path])[] = [
    ...property.properties.map((nested, index) => [nested, ['properties', index]] as const),
    [property.items, ['items']],
    [property.map?.key, ['map', 'key']],
    [property.map?.value, ['map', 'value']],
  ]
  for (const [nested, path] of inner) {
    if (nested === undefined) continue
    const at = [...here, ...path]
    const named = nested.name === '' ? `what ${property.name} holds` : nested.name
    if (!isProtected && isPersonal(nested.classification))
      report(
        at,
        'CONTRACT_PII_NO_PLAN',
        `${named} is classified ${nested.classification} and lies in the column ${column.name}, which has no piiPlan; only whole columns are protected`,
      )
    if (customValue(nested, 'piiPlan') !== undefined)
      report(
        at,
        'CONTRACT_PII_NESTED',
        `the piiPlan of ${named} is not applied: only whole columns are protected; put it on ${column.name}`,
        isProtected ? 'warning' : 'error',
      )
    checkNested(nested, at, column, isProtected, report)
  }
}

/** Options of a bucket by the kind of the values. */
const FITTING: ReadonlyMap<ValueKind, readonly string[]> = new Map<ValueKind, readonly string[]>([
  ['date', ['unit']],
  ['timestamp', ['unit']],
  ['integer', ['width', 'boundaries']],
  ['bigint', ['width', 'boundaries']],
  ['decimal', ['width', 'boundaries']],
  ['float', ['width', 'boundaries']],
  ['text', ['keep']],
])

/** A type of the user's, or of another database, is a text to us; what it means is said by the logical type. */
const LOGICAL_KINDS: ReadonlyMap<string, ValueKind> = new Map<string, ValueKind>([
  ['integer', 'bigint'],
  ['number', 'decimal'],
  ['date', 'date'],
  ['timestamp', 'timestamp'],
])

function bucketFault(
  plan: PlanOf<'bucket'>,
  property: ContractProperty,
  kind: ValueKind,
): string | undefined {
  const fitting = FITTING.get(
    kind === 'text' ? (LOGICAL_KINDS.get(property.logicalType ?? '') ?? kind) : kind,
  )
  if (fitting === undefined) return 'there are no buckets of this type; use hmac, redact or drop'
  const options = (['width', 'boundaries', 'unit', 'keep'] as const).filter(
    (name) => plan[name] !== undefined,
  )
  const [option] = options
  if (option === undefined || options.length > 1 || !fitting.includes(option))
    return `a bucket of this type needs ${fitting.join(' or ')}, and nothing else`
  if (plan.unit === 'day' && kind === 'date') return 'a bucket of one day is the date itself'
  const most = property.logicalTypeOptions?.maxLength
  if (plan.keep !== undefined && most !== undefined && plan.keep >= most)
    return `keep ${plan.keep} is the whole text, which has at most ${most} characters`
  const bounds = plan.boundaries ?? []
  if (bounds.some((bound, index) => index > 0 && !isBelow(bounds[index - 1] ?? '', bound)))
    return 'boundaries must ascend'
  return undefined
}

/** Exact for decimals of any length. */
function isBelow(a: string, b: string): boolean {
  const scale = Math.max(...[a, b].map((text) => text.split('.')[1]?.length ?? 0))
  const [left, right] = [a, b].map((text) => {
    const [whole = '0', fraction = ''] = text.split('.')
    return BigInt(`${whole}${fraction.padEnd(scale, '0')}`)
  })
  return (left ?? 0n) < (right ?? 0n)
}

/** Most characters that are kept without a warning. */
const MANY_KEPT = 6

function maskFault(plan: PlanOf<'mask'>, property: ContractProperty): string | undefined {
  const kept = (plan.keepFirst ?? 0) + (plan.keepLast ?? 0)
  const most = property.logicalTypeOptions?.maxLength
  if (most !== undefined && kept * 2 > most)
    return `keeps ${kept} of at most ${most} characters; many values can be guessed`
  return kept > MANY_KEPT ? `keeps ${kept} characters; many values can be guessed` : undefined
}

/** How tokens of a domain are made: two ways never give equal tokens. */
function wayOf(plan: PiiPlan): string {
  const alphabet = plan.method === 'ff1' ? [plan.alphabet, plan.preserve ?? ''] : []
  return JSON.stringify([
    plan.method,
    plan.normalize,
    'keyRef' in plan ? (plan.keyRef ?? '') : '',
    ...alphabet,
  ])
}

type DomainUse = { readonly way: string; readonly column: string }

/** The first column that uses each domain, by contract: every object asks. */
const firstUses = new WeakMap<Contract, ReadonlyMap<string, DomainUse>>()

/** The first column of the contract that uses the plan's domain, if it does so in another way. */
function otherUse(contract: Contract, plan: PiiPlan): string | undefined {
  if (!('domain' in plan)) return undefined
  const uses = firstUses.get(contract) ?? domainUses(contract)
  firstUses.set(contract, uses)
  const use = uses.get(plan.domain)
  return use === undefined || use.way === wayOf(plan) ? undefined : use.column
}

function domainUses(contract: Contract): ReadonlyMap<string, DomainUse> {
  const first = new Map<string, DomainUse>()
  for (const object of contract.schema)
    for (const property of object.properties) {
      const parsed = piiPlanSchema.safeParse(customValue(property, 'piiPlan'))
      if (!parsed.success || !('domain' in parsed.data) || first.has(parsed.data.domain)) continue
      first.set(parsed.data.domain, { way: wayOf(parsed.data), column: `${object.name}.${property.name}` })
    }
  return first
}
