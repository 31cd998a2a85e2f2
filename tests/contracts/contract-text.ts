/** A small contract as text, of which a test changes one thing. */
import type { CompiledContract } from '#contracts/compile/compile-contract.ts'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { parseContract } from '#contracts/parse.ts'

/** The parts of the small contract. Each is YAML in flow style. */
export type ContractParts = {
  readonly apiVersion?: string
  readonly id?: string
  readonly version?: string
  readonly name?: string
  readonly physicalName?: string
  /** Value of the custom property tenant; null leaves it out. */
  readonly tenant?: string | null
  /** Properties, one YAML flow map each. */
  readonly properties?: readonly string[]
  /** Roles, one YAML flow map each. */
  readonly roles?: readonly string[]
}

/** A role that reads the rows of its own tenant. */
export const OWN_ROWS =
  '{role: analyst, customProperties: [{property: rowFilter, value: [{column: tenant_id, operator: "=", principal: tenant}]}]}'
/** A role that reads every row. */
export const ALL_ROWS = '{role: engineer, customProperties: [{property: rowFilter, value: all}]}'
/** Key of two columns, the tenant first. */
export const KEY = [
  '{name: tenant_id, physicalType: text, required: true, primaryKey: true, primaryKeyPosition: 1}',
  '{name: id, physicalType: bigint, required: true, primaryKey: true, primaryKeyPosition: 2}',
]

/** A property with a PII plan. */
export function personal(name: string, plan: string, more = ''): string {
  return `{name: ${name}, physicalType: text, classification: personal${more}, customProperties: [{property: piiPlan, value: ${plan}}]}`
}

/** The text. */
export function contractText(parts: ContractParts = {}): string {
  const tenant = parts.tenant === undefined ? '{column: tenant_id}' : parts.tenant
  return [
    `apiVersion: ${parts.apiVersion ?? 'v3.1.0'}`,
    'kind: DataContract',
    `id: ${parts.id ?? 'urn:test:things'}`,
    `version: ${parts.version ?? '1.2.3'}`,
    'status: active',
    'schema:',
    `  - name: ${parts.name ?? 'things'}`,
    ...(parts.physicalName === undefined ? [] : [`    physicalName: ${parts.physicalName}`]),
    ...(tenant === null ? [] : [`    customProperties: [{property: tenant, value: ${tenant}}]`]),
    '    properties:',
    ...(parts.properties ?? KEY).map((property) => `      - ${property}`),
    'roles:',
    ...(parts.roles ?? [OWN_ROWS, ALL_ROWS]).map((role) => `  - ${role}`),
    '',
  ].join('\n')
}

/** Compiles the small contract. */
export function compileText(parts: ContractParts = {}): CompiledContract {
  return compileContract(parseContract(contractText(parts)))
}

/**
 * The one dataset of the small contract. Throws if the compiler finds a fault. Faults of shape are passed over: tests of rules give a property
 * options without saying its logical type, or those of several types.
 */
export function datasetOf(parts: ContractParts = {}): CompiledDataset {
  const { datasets, faults } = compileContract({ ...parseContract(contractText(parts)), faults: [] })
  const errors = faults.filter((fault) => fault.severity === 'error')
  const dataset = datasets[0]
  if (errors.length > 0 || !dataset) throw new Error(JSON.stringify(errors))
  return dataset
}
