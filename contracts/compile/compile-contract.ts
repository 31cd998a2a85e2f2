/**
 * Contract -> compiled datasets, with the semantic faults that a shape check cannot find: duplicate names, a missing key or
 * tenant, personal columns without a plan, plans without a domain, roles that name unknown columns, filters on dropped ones.
 */
import { createHash } from 'node:crypto'
import { type ContractFault, type Place, pathText, type Severity } from '../fault.ts'
import { moreFaults } from '../fault-list.ts'
import { type Contract, type ContractObject, customPath, customValue } from '../model/contract.ts'
import { nearest } from '../nearest.ts'
import type { ParsedContract } from '../parse.ts'
import { checkPlans } from '../pii/check-plans.ts'
import { PII_METHODS } from '../pii/pii-methods.ts'
import { compileColumns, sourceName } from './compile-columns.ts'
import { compileRoles } from './compile-roles.ts'
import {
  type CompiledColumn,
  type CompiledDataset,
  type CompiledRelationship,
  INTERNAL_COLUMNS,
  type TenantSource,
} from './compiled-dataset.ts'
import type { Report } from './report.ts'
import { compileSchemaChange } from './schema-change.ts'

/** Compiled datasets of one contract, and all faults (those of the parse included). */
export type CompiledContract = {
  readonly datasets: readonly CompiledDataset[]
  /** Those too that lack what the pipeline needs (a key, a tenant, …): to be described by exports, never to be run. */
  readonly described: readonly CompiledDataset[]
  readonly faults: readonly ContractFault[]
}

/**
 * How a contract is looked at. `pipeline`: it is to be run, so what only the pipeline needs (a key, a tenant, row filters of roles, names
 * that a table can have) is required. `document`: it is somebody's contract; what the pipeline would need is a warning, unless the
 * object says whose its rows are (`tenant`): then it is governed, and held to the same rules.
 */
export type Purpose = 'pipeline' | 'document'

/** Most faults that are said: a contract may be hostile. */
const MAX_FAULTS = 3_000

/** Most columns that are granted to roles, over all datasets. */
const MAX_GRANTS = 1_000_000

/** Names that a ClickHouse table of ours can have. */
const DATASET_NAME = /^[a-z_][a-z0-9_]{0,62}$/

/** Compiles a parsed contract. Never throws; datasets with an error, in their shape too, are left out. */
export function compileContract(
  parsed: ParsedContract,
  { purpose = 'pipeline' }: { readonly purpose?: Purpose } = {},
): CompiledContract {
  const { contract } = parsed
  if (!contract) return { datasets: [], described: [], faults: parsed.faults }
  const faults: ContractFault[] = [...parsed.faults]
  const grants =
    contract.roles.length * contract.schema.reduce((sum, { properties }) => sum + properties.length + 1, 0)
  if (grants > MAX_GRANTS) {
    const message = `more than ${MAX_GRANTS} columns of roles: each role has its own of each dataset`
    faults.push({
      severity: 'error',
      code: 'CONTRACT_TOO_LARGE',
      path: 'roles',
      message,
      ...parsed.locate(['roles']),
    })
    return { datasets: [], described: [], faults }
  }
  const datasets: CompiledDataset[] = []
  const described: CompiledDataset[] = []
  const said = new Map<string, number>()
  let cut: (Place & { readonly severity: Severity }) | undefined
  const broken = brokenObjects(parsed.faults)
  for (const [index, object] of contract.schema.entries()) {
    let hasError = false
    let isReady = true
    const lenient = purpose === 'document' && customValue(object, 'tenant') === undefined
    const report: Report = (path, code, message, severity = 'error', suggestion) => {
      const whole = ['schema', index, ...path]
      const at = path[0] === '^' ? path.slice(1) : whole
      if (severity === 'readiness') isReady = false
      const weight = severity === 'readiness' ? (lenient ? 'warning' : 'error') : severity
      if (weight === 'error') hasError = true
      if (faults.length >= MAX_FAULTS) {
        if (cut?.severity !== 'error') cut = { severity: weight, ...parsed.locate(at) }
        return
      }
      const fault: ContractFault = {
        severity: weight,
        code,
        path: pathText(at),
        message,
        ...(suggestion !== undefined && { suggestion }),
        ...parsed.locate(at),
      }
      // A fault of a role shows in every dataset of the contract; it is said once, at its worst.
      const text = JSON.stringify([code, fault.path, message])
      const before = said.get(text)
      if (before === undefined) said.set(text, faults.push(fault) - 1)
      else if (weight === 'error') faults[before] = fault
    }
    const dataset = compileObject(contract, object, report)
    if (broken(index) || hasError) continue
    described.push(dataset)
    if (isReady) datasets.push(dataset)
  }
  if (cut) faults.push(moreFaults('more faults of what the pipeline needs', cut))
  return { datasets, described, faults }
}

/** Which schema objects have an error of shape in them; an error anywhere else in the document is one of all. */
function brokenObjects(faults: readonly ContractFault[]): (index: number) => boolean {
  const paths = faults.filter(({ severity }) => severity === 'error').map(({ path }) => path)
  const all = paths.some((path) => !path.startsWith('schema['))
  const some = new Set(paths.map((path) => /^schema\[\d+\]/.exec(path)?.[0]))
  return (index) => all || some.has(`schema[${index}]`)
}

function compileObject(contract: Contract, object: ContractObject, report: Report): CompiledDataset {
  if (!DATASET_NAME.test(object.name))
    report(
      ['name'],
      'CONTRACT_DATASET_NAME',
      'not a name that a dataset can have here: lower case letters, digits and _, at most 63',
      'readiness',
    )
  const columns = compileColumns(object, report)
  checkPlans(contract, object, columns, report)
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
      'readiness',
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
    if (compiled.pii && !PII_METHODS[compiled.pii.method].keepsApart)
      report(
        ['properties', index],
        'CONTRACT_KEY_MASKED',
        `${property.name} is in the key: only hmac, siv, ff1 and vault keep keys apart`,
      )
  }
  const schemaChange = compileSchemaChange(object, report)
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
    description: object.description ?? contract.purpose ?? '',
    domain: contract.domain ?? '',
    source: { schema, table },
    table: major === '1' || major === '0' ? object.name : `${object.name}_v${major}`,
    tenant,
    tenantColumn,
    key,
    tenantInKey: tenant.kind === 'constant' || key.includes(tenant.source),
    columns,
    ...(schemaChange && { schemaChange }),
    roles: compileRoles(contract, columns, tenant, report),
    references: object.properties.flatMap((property) =>
      property.relationships.map((relation) => ({
        column: sourceName(property),
        to: relation.to.join(', '),
      })),
    ),
    relationships: compileRelationships(object),
  }
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex')
  return { ...body, hash, document: { contract, object, properties: object.properties } }
}

/** References of properties and of the object. Names are given as they are in the contract, with or without the dataset. */
function compileRelationships(object: ContractObject): readonly CompiledRelationship[] {
  const sources = new Map(object.properties.map((property) => [property.name, sourceName(property)]))
  const column = (name: string): string => {
    const last = name.slice(name.lastIndexOf('.') + 1)
    return sources.get(name) ?? sources.get(last) ?? last
  }
  return [
    ...object.properties.flatMap((property) =>
      property.relationships.map(({ type, to }) => ({ type, columns: [sourceName(property)], to })),
    ),
    ...object.relationships.map(({ type, from, to }) => ({ type, columns: from.map(column), to })),
  ]
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

function compileTenant(
  object: ContractObject,
  columns: readonly CompiledColumn[],
  report: Report,
): TenantSource {
  const written = customValue(object, 'tenant')
  const at = customPath(object, 'tenant', [])
  const holder = written && typeof written === 'object' ? (written as Record<string, unknown>) : {}
  if (typeof holder['value'] === 'string' && holder['value'] !== '')
    return { kind: 'constant', value: holder['value'] }
  const name = holder['column']
  if (typeof name !== 'string') {
    const [key = ''] = Object.keys(holder)
    const near = Object.hasOwn(holder, 'value') ? undefined : nearest(key, ['column', 'value'])
    const form = 'tenant: {column: …}, or {value: …} if all belong to one tenant'
    report(
      at,
      'CONTRACT_NO_TENANT',
      written === undefined
        ? `${object.name} does not say whose its rows are; add the custom property ${form}`
        : `${object.name} does not say whose its rows are; expected ${form}${near ? `; did you mean ${near}?` : ''}`,
      'readiness',
      near,
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
      [...at, 'column'],
      'CONTRACT_TENANT_UNKNOWN',
      `the tenant column ${name} is not a property${near ? `; did you mean ${near}?` : ''}`,
      'error',
      near,
    )
  } else if (column.nullable)
    report([...at, 'column'], 'CONTRACT_TENANT_NULLABLE', `the tenant column ${name} must be required`)
  else if (column.pii)
    report([...at, 'column'], 'CONTRACT_TENANT_PERSONAL', `the tenant column ${name} cannot have a piiPlan`)
  return { kind: 'column', source: name }
}
