/** Properties -> columns: names, types, rules and plans, with the faults of each. */
import { type ContractObject, type ContractProperty, customValue } from '../model/contract.ts'
import { storedName } from '../pii/pii-methods.ts'
import { readPlan } from '../pii/read-plan.ts'
import { compileRules } from './compile-rules.ts'
import type { CompiledColumn, Rule } from './compiled-dataset.ts'
import type { Report } from './report.ts'
import { sourceTypeOf } from './source-type.ts'
import { readTargetType, type TargetColumn, type TargetType } from './target-type.ts'
import { mapPostgresType } from './type-mapping.ts'
import { compileValuePolicies } from './value-policies.ts'

/** The Postgres name of a property: its physicalName, else its name. */
export function sourceName(property: ContractProperty): string {
  return property.physicalName ?? property.name
}

/** Compiles the columns, one for each property, in their order. */
export function compileColumns(object: ContractObject, report: Report): CompiledColumn[] {
  const seen = new Map<string, string>()
  const sources = new Map<string, string>()
  const tenant = customValue(object, 'tenant')
  const tenantColumn = tenant && typeof tenant === 'object' && 'column' in tenant ? tenant.column : undefined
  return object.properties.map((property, index) => {
    const here = ['properties', index] as const
    const claim = (name: string): void => {
      const other = seen.get(name.toLowerCase())
      if (other !== undefined)
        report(here, 'CONTRACT_DUPLICATE_NAME', `the column name ${name} is taken already by ${other}`)
      seen.set(name.toLowerCase(), property.name)
    }
    claim(property.name)
    // Two properties of one source column would let one of them show in clear what the other protects.
    const source = sourceName(property)
    const twin = sources.get(source)
    // Two of one name were said already.
    if (twin !== undefined && twin.toLowerCase() !== property.name.toLowerCase())
      report(
        here,
        'CONTRACT_DUPLICATE_SOURCE',
        `${property.name} and ${twin} are both the source column ${source}`,
        'readiness',
      )
    sources.set(source, property.name)
    if (property.name.startsWith('_'))
      report(
        [...here, 'name'],
        'CONTRACT_RESERVED_NAME',
        `${property.name}: names that start with _ are reserved`,
        'readiness',
      )
    const required = property.required || property.primaryKey
    const pii = readPlan(property, here, report)
    const sourceType = sourceTypeOf(property)
    const mapped = mapPostgresType(sourceType)
    const target = storedName(property.name, pii)
    if (target !== null && target !== property.name) claim(target)
    const scrambled = pii !== null && pii.method !== 'drop'
    const usual = scrambled ? { type: 'String', nullableType: 'Nullable(String)' } : mapped
    const { kind } = mapped
    const known = { kind, sourceType, protectedText: scrambled }
    const chosen = chosenType(property, known, here, report) ?? { ...usual, rules: [] }
    const targetType = required ? chosen.type : chosen.nullableType
    const isKey = property.primaryKey || tenantColumn === source
    const policies = compileValuePolicies(
      property,
      { kind, sourceType, target, targetType, nullable: !required, pii, isKey },
      here,
      report,
    )
    if (policies.clampedTarget !== undefined) claim(policies.clampedTarget)
    // What lies beyond the type is no fault where the contract says what becomes of it.
    const range = policies.outOfRange === undefined ? chosen.rules : []
    return {
      source,
      sourceType,
      kind,
      target,
      targetType,
      nullable: !required,
      rules: withRange(compileRules(property, kind, required, here, report), range),
      pii,
      classification: property.classification ?? null,
      logicalType: property.logicalType ?? 'string',
      description: property.description ?? '',
      unique: property.unique,
      ...policies,
    }
  })
}

/** Rules of the contract, then what its type needs beside them. */
function withRange(rules: readonly Rule[], range: readonly Rule[]): readonly Rule[] {
  const said = new Set(rules.map((rule) => JSON.stringify(rule)))
  return [...rules, ...range.filter((rule) => !said.has(JSON.stringify(rule)))]
}

/** The type that the contract asks for; undefined if it does not, or asks for one that cannot be. */
function chosenType(
  property: ContractProperty,
  column: TargetColumn,
  here: readonly (string | number)[],
  report: Report,
): Exclude<TargetType, { fault: string }> | undefined {
  const written = customValue(property, 'targetType')
  if (written === undefined) return undefined
  const read = readTargetType(written, column)
  if (!('fault' in read)) return read
  report(
    [...here, 'customProperties'],
    'CONTRACT_TARGET_TYPE',
    `targetType of ${property.name}: ${read.fault}`,
  )
  return undefined
}
