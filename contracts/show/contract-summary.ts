/**
 * A contract as a person asks about it: what the columns are, what is personal and how it is protected, who sees which rows, what is promised.
 * Made from the reader's view, so that it says something of a contract with faults too.
 */
import { readRowFilter } from '../access/read-row-filter.ts'
import { rowFilterText } from '../access/row-filter-text.ts'
import {
  type Contract,
  type ContractObject,
  type ContractProperty,
  type ContractRole,
  customValue,
  type QualityRule,
} from '../model/contract.ts'
import { isRecord } from '../model/raw-value.ts'
import { isPersonal } from '../pii/is-personal.ts'
import { piiPlanSchema } from '../pii/pii-plan.ts'
import { piiDescription } from '../pii/pii-words.ts'

/** A column, also one within another: then its name is `outer.inner`, and `outer[]` for the items of a list. */
export type ColumnSummary = {
  readonly name: string
  readonly source: string
  readonly type: string
  /** `1` for the first column of the key; `` for one that is not in it. */
  readonly key: string
  readonly required: boolean
  readonly rules: readonly string[]
  readonly classification: string
  readonly personal: boolean
  /** How it is protected, in words; `` for what is stored as it is. */
  readonly protection: string
  readonly description: string
}

/** A dataset. */
export type DatasetSummary = {
  readonly name: string
  readonly source: string
  readonly description: string
  readonly tenant: string
  readonly columns: readonly ColumnSummary[]
  readonly references: readonly { readonly from: string; readonly to: string }[]
  readonly quality: readonly { readonly about: string; readonly rule: string; readonly severity: string }[]
}

/** A contract. */
export type ContractSummary = {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly status: string
  readonly apiVersion: string
  readonly domain: string
  readonly owner: string
  readonly purpose: string
  readonly usage: string
  readonly limitations: string
  readonly datasets: readonly DatasetSummary[]
  readonly roles: readonly {
    readonly role: string
    readonly access: string
    readonly rows: string
    readonly columns: string
  }[]
  readonly serviceLevels: readonly {
    readonly property: string
    readonly value: string
    readonly element: string
  }[]
  readonly servers: readonly {
    readonly server: string
    readonly type: string
    readonly environment: string
  }[]
}

/** Sums up a contract. */
export function contractSummary(contract: Contract): ContractSummary {
  const { id, version, status, apiVersion } = contract
  return {
    id,
    name: contract.name ?? contract.dataProduct ?? '',
    version,
    status,
    apiVersion,
    domain: contract.domain ?? '',
    owner: contract.teamName ?? contract.team.find(({ role }) => /owner/i.test(role ?? ''))?.username ?? '',
    purpose: contract.purpose ?? '',
    usage: contract.usage ?? '',
    limitations: contract.limitations ?? '',
    datasets: contract.schema.map(datasetSummary),
    roles: contract.roles.map(roleSummary),
    serviceLevels: contract.slaProperties.map(({ property, value, unit, elements }) => ({
      property,
      value: [scalarText(value), unit ?? ''].filter((text) => text !== '').join(' '),
      element: elements.join(', ') || (contract.slaDefaultElement ?? ''),
    })),
    servers: contract.servers.map(({ server, type, environment = '' }) => ({ server, type, environment })),
  }
}

function datasetSummary(object: ContractObject): DatasetSummary {
  const tenant = customValue(object, 'tenant')
  const columns = object.properties.flatMap((property) => columnSummaries(property, ''))
  return {
    name: object.name,
    source: object.physicalName ?? object.name,
    description: object.description ?? '',
    tenant: isRecord(tenant) ? scalarText(tenant['column'] ?? tenant['value']) : '',
    columns,
    references: [
      ...object.relationships.map(({ from, to }) => ({ from: from.join(', '), to: to.join(', ') })),
      ...object.properties.flatMap((property) =>
        property.relationships.map(({ to }) => ({ from: property.name, to: to.join(', ') })),
      ),
    ],
    quality: [
      ...object.quality.map((rule) => ruleSummary(rule, object.name)),
      ...object.properties.flatMap((property) =>
        property.quality.map((rule) => ruleSummary(rule, property.name)),
      ),
    ],
  }
}

function columnSummaries(property: ContractProperty, outer: string): readonly ColumnSummary[] {
  const name = outer + property.name
  const { items, map } = property
  const own: ColumnSummary = {
    name,
    source: property.physicalName ?? property.name,
    type: [property.logicalType ?? '', property.physicalType ?? ''].filter((text) => text !== '').join(', '),
    key: property.primaryKey
      ? property.primaryKeyPosition > 0
        ? String(property.primaryKeyPosition)
        : 'yes'
      : '',
    required: property.required || property.primaryKey,
    rules: ruleTexts(property),
    classification: property.classification ?? '',
    personal: isPersonal(property.classification) || customValue(property, 'piiPlan') !== undefined,
    protection: protectionText(property),
    description: property.description ?? property.businessName ?? '',
  }
  return [
    own,
    ...property.properties.flatMap((nested) => columnSummaries(nested, `${name}.`)),
    ...(items ? columnSummaries({ ...items, name: '[]' }, name) : []),
    ...(map?.value ? columnSummaries({ ...map.value, name: '{}' }, name) : []),
  ]
}

/** Rules that a value must keep. */
function ruleTexts(property: ContractProperty): readonly string[] {
  const texts = Object.entries(property.logicalTypeOptions?.raw ?? {}).map(
    ([name, value]) => `${name} ${scalarText(value)}`,
  )
  if (property.unique) texts.unshift('unique')
  const allowed = property.enum ?? customValue(property, 'validValues')
  if (Array.isArray(allowed)) texts.push(`one of ${allowed.length} values`)
  return texts
}

function protectionText(property: ContractProperty): string {
  const written = customValue(property, 'piiPlan')
  if (written === undefined) return isPersonal(property.classification) ? 'none: a plan is missing' : ''
  const plan = piiPlanSchema.safeParse(written)
  return plan.success ? piiDescription(plan.data) : 'the plan has a fault'
}

function ruleSummary(rule: QualityRule, about: string) {
  const compared = Object.entries(rule.operators)
    .map(([operator, value]) => `${words(operator)} ${scalarText(value)}`)
    .join(', ')
  const what =
    rule.name ?? rule.metric ?? rule.description ?? (rule.query === undefined ? rule.type : 'query')
  return {
    about,
    rule: [what, compared, rule.unit ?? ''].filter((text) => text !== '').join(' '),
    severity: rule.severity ?? '',
  }
}

/** `mustBeGreaterThan` -> `must be greater than`. */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function roleSummary(role: ContractRole) {
  const written = customValue(role, 'rowFilter')
  const { filter } = readRowFilter(written)
  const columns = customValue(role, 'columns')
  const [how, names] = isRecord(columns) ? (Object.entries(columns)[0] ?? []) : []
  return {
    role: role.role,
    access: role.access ?? 'read',
    rows:
      filter === undefined
        ? written === undefined
          ? 'not said'
          : 'the filter has a fault'
        : rowFilterText(filter),
    columns: Array.isArray(names)
      ? `${how === 'exclude' ? 'all but ' : ''}${names.map(scalarText).join(', ')}`
      : 'all',
  }
}

/** A value of the contract in a word. Longer ones are cut. */
function scalarText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
