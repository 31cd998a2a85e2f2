/**
 * Contract -> compiled datasets, with the semantic faults that a shape check cannot find: duplicate names, a missing key or
 * tenant, personal columns without a plan, plans without a domain, roles that name unknown columns, filters on dropped ones.
 */
import { createHash } from 'node:crypto'
import type { ContractFault } from '../fault.ts'
import {
  type Contract,
  type ContractObject,
  type ContractProperty,
  customValue,
  piiPlanSchema,
} from '../model.ts'
import { nearest } from '../nearest.ts'
import { type ParsedContract, pathText } from '../parse.ts'
import { compileRoles } from './compile-roles.ts'
import { compileRules } from './compile-rules.ts'
import {
  type CompiledColumn,
  type CompiledDataset,
  INTERNAL_COLUMNS,
  type TenantSource,
} from './compiled-dataset.ts'
import type { Report } from './report.ts'
import { mapPostgresType } from './type-mapping.ts'

/** Classifications that say "personal data": such a column needs a plan. */
const PERSONAL = new Set(['personal', 'sensitive', 'pii', 'restricted-personal'])

/** Compiled datasets of one contract, and all faults (those of the parse included). */
export type CompiledContract = {
  readonly datasets: readonly CompiledDataset[]
  readonly faults: readonly ContractFault[]
}

/** Compiles a parsed contract. Never throws; datasets with an error are left out. */
export function compileContract(parsed: ParsedContract): CompiledContract {
  if (!parsed.contract) return { datasets: [], faults: parsed.faults }
  const faults: ContractFault[] = [...parsed.faults]
  const datasets: CompiledDataset[] = []
  const said = new Set<string>()
  for (const [index, object] of parsed.contract.schema.entries()) {
    const found: ContractFault[] = []
    const report: Report = (path, code, message, severity = 'error') => {
      const whole = ['schema', index, ...path]
      const at = path[0] === '^' ? path.slice(1) : whole
      const fault = { severity, code, path: pathText(at), message, ...parsed.locate(at) }
      found.push(fault)
      // A fault of a role shows in every dataset of the contract; it is said once.
      const text = JSON.stringify(fault)
      if (!said.has(text)) faults.push(fault)
      said.add(text)
    }
    const dataset = compileObject(parsed.contract, object, report)
    if (!found.some((fault) => fault.severity === 'error')) datasets.push(dataset)
  }
  return { datasets, faults }
}

function compileObject(contract: Contract, object: ContractObject, report: Report): CompiledDataset {
  const columns = compileColumns(object, report)
  const tenant = compileTenant(object, columns, report)
  const key = object.properties
    .filter((property) => property.primaryKey)
    .sort((a, b) => a.primaryKeyPosition - b.primaryKeyPosition)
    .map(sourceName)
  if (key.length === 0)
    report(
      ['properties'],
      'CONTRACT_NO_KEY',
      `${object.name} has no primaryKey; rows could not be told apart`,
    )
  for (const [index, property] of object.properties.entries()) {
    const compiled = columns[index]
    if (!property.primaryKey || !compiled) continue
    if (compiled.target === null)
      report(
        ['properties', index],
        'CONTRACT_KEY_DROPPED',
        `${property.name} is in the key and cannot be dropped`,
      )
    if (compiled.pii && compiled.pii.method !== 'hmac' && compiled.pii.method !== 'siv')
      report(
        ['properties', index],
        'CONTRACT_KEY_MASKED',
        `${property.name} is in the key: only hmac and siv keep keys apart`,
      )
  }
  const major = contract.version.split('.')[0] ?? '1'
  const [schema = 'public', table = object.name] = sourceTable(object)
  const tenantColumn =
    tenant.kind === 'constant'
      ? INTERNAL_COLUMNS.tenant
      : (columns.find((column) => column.source === tenant.source)?.target ?? '')
  const body = {
    contractId: contract.id,
    contractVersion: contract.version,
    name: object.name,
    description: object.description ?? contract.description?.purpose ?? '',
    domain: contract.domain ?? '',
    source: { schema, table },
    table: major === '1' || major === '0' ? object.name : `${object.name}_v${major}`,
    tenant,
    tenantColumn,
    key,
    tenantInKey: tenant.kind === 'constant' || key.includes(tenant.source),
    columns,
    roles: compileRoles(contract, columns, tenant, report),
    references: object.properties.flatMap((property) =>
      (property.relationships ?? []).map((relation) => ({
        column: sourceName(property),
        to: Array.isArray(relation.to) ? relation.to.join(', ') : relation.to,
      })),
    ),
  }
  return { ...body, hash: createHash('sha256').update(JSON.stringify(body)).digest('hex') }
}

/** The Postgres name of a property: its physicalName, else its name. */
function sourceName(property: ContractProperty): string {
  return property.physicalName ?? property.name
}

/** `schema.table` of the source; a name without a dot is in `public`. Quoted parts may hold dots. */
function sourceTable(object: ContractObject): [string, string] {
  const physical = object.physicalName ?? object.name
  const parts = [...physical.matchAll(/"((?:[^"]|"")*)"|([^."]+)/g)].map((match) =>
    (match[1] ?? match[2] ?? '').replaceAll('""', '"'),
  )
  return parts.length > 1
    ? [parts[0] ?? 'public', parts.slice(1).join('.')]
    : ['public', parts[0] ?? object.name]
}

function compileColumns(object: ContractObject, report: Report): CompiledColumn[] {
  const seen = new Map<string, string>()
  const sources = new Map<string, string>()
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
    if (twin !== undefined)
      report(
        here,
        'CONTRACT_DUPLICATE_SOURCE',
        `${property.name} and ${twin} are both the source column ${source}`,
      )
    sources.set(source, property.name)
    if (property.name.startsWith('_'))
      report(
        [...here, 'name'],
        'CONTRACT_RESERVED_NAME',
        `${property.name}: names that start with _ are reserved`,
      )
    const required = property.required || property.primaryKey
    const pii = compilePlan(property, here, report)
    const mapped = mapPostgresType(property.physicalType ?? property.logicalType ?? 'text')
    const tokenized = pii?.method === 'hmac' || pii?.method === 'siv'
    const target = pii?.method === 'drop' ? null : tokenized ? `${property.name}_token` : property.name
    if (tokenized && target) claim(target)
    const scrambled = pii !== null && pii.method !== 'drop'
    const type = scrambled ? 'String' : mapped.type
    const nullableType = scrambled ? 'Nullable(String)' : mapped.nullableType
    return {
      source,
      sourceType: property.physicalType ?? property.logicalType ?? 'text',
      kind: mapped.kind,
      target,
      targetType: required ? type : nullableType,
      nullable: !required,
      rules: compileRules(property, mapped.kind, required, here, report),
      pii,
      classification: property.classification ?? null,
      logicalType: property.logicalType ?? 'string',
      description: property.description ?? '',
    }
  })
}

function compilePlan(
  property: ContractProperty,
  here: readonly (string | number)[],
  report: Report,
): CompiledColumn['pii'] {
  const written = customValue(property, 'piiPlan')
  if (written === undefined) {
    if (property.classification && PERSONAL.has(property.classification.toLowerCase()))
      report(
        here,
        'CONTRACT_PII_NO_PLAN',
        `${property.name} is classified ${property.classification} and has no piiPlan; say how it is protected (hmac, siv, mask, redact or drop)`,
      )
    return null
  }
  const parsed = piiPlanSchema.safeParse(written)
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      report(
        [...here, 'customProperties'],
        'CONTRACT_PII_PLAN',
        `piiPlan of ${property.name}: ${issue.path.join('.')}: ${issue.message}`,
      )
    return null
  }
  const plan = parsed.data
  if ((plan.method === 'hmac' || plan.method === 'siv') && plan.domain === undefined)
    report(
      [...here, 'customProperties'],
      'CONTRACT_PII_NO_DOMAIN',
      `piiPlan of ${property.name}: ${plan.method} needs a domain (such as email)`,
    )
  return plan
}

function compileTenant(
  object: ContractObject,
  columns: readonly CompiledColumn[],
  report: Report,
): TenantSource {
  const written = customValue(object, 'tenant')
  const holder = written && typeof written === 'object' ? (written as Record<string, unknown>) : {}
  if (typeof holder['value'] === 'string' && holder['value'] !== '')
    return { kind: 'constant', value: holder['value'] }
  const name = holder['column']
  if (typeof name !== 'string') {
    report(
      ['customProperties'],
      'CONTRACT_NO_TENANT',
      `${object.name} does not say whose its rows are; add the custom property tenant: {column: …}, or {value: …} if all belong to one tenant`,
    )
    return { kind: 'constant', value: '' }
  }
  const column = columns.find((candidate) => candidate.source === name)
  if (!column) {
    const near = nearest(
      name,
      columns.map((candidate) => candidate.source),
    )
    report(
      ['customProperties'],
      'CONTRACT_TENANT_UNKNOWN',
      `the tenant column ${name} is not a property${near ? `; did you mean ${near}?` : ''}`,
    )
  } else if (column.nullable)
    report(['customProperties'], 'CONTRACT_TENANT_NULLABLE', `the tenant column ${name} must be required`)
  else if (column.pii)
    report(
      ['customProperties'],
      'CONTRACT_TENANT_PERSONAL',
      `the tenant column ${name} cannot have a piiPlan`,
    )
  return { kind: 'column', source: name }
}
