/** A small contract as YAML text: what tests of the pipeline need of one. */
import { stringify } from 'yaml'

/** A column: name in the source, type, and what is said about it. */
export type TestColumn = {
  readonly name: string
  readonly type: string
  /** Name of the property, if it differs from the column. */
  readonly property?: string
  readonly key?: number
  readonly required?: boolean
  readonly options?: Readonly<Record<string, unknown>>
  readonly piiPlan?: Readonly<Record<string, unknown>>
  /** `string` if it is not given. */
  readonly logicalType?: string
  /** Custom properties beside the plan. */
  readonly custom?: Readonly<Record<string, unknown>>
}

/** A contract. `tenant` names a column, or `=value` a constant. */
export type TestContract = {
  readonly dataset: string
  readonly table: string
  readonly tenant: string
  readonly columns: readonly TestColumn[]
  readonly version?: string
  readonly schemaChange?: string | Readonly<Record<string, string>>
}

/** Writes it. */
export function contractText(contract: TestContract): string {
  const tenant = contract.tenant.startsWith('=')
    ? { value: contract.tenant.slice(1) }
    : { column: contract.tenant }
  return stringify({
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: `urn:test:${contract.dataset}`,
    name: contract.dataset,
    version: contract.version ?? '1.0.0',
    status: 'active',
    schema: [
      {
        name: contract.dataset,
        physicalName: contract.table,
        logicalType: 'object',
        customProperties: [
          { property: 'tenant', value: tenant },
          ...(contract.schemaChange === undefined
            ? []
            : [{ property: 'schemaChange', value: contract.schemaChange }]),
        ],
        properties: contract.columns.map((column) => ({
          name: column.property ?? column.name,
          physicalName: column.name,
          logicalType: column.logicalType ?? 'string',
          physicalType: column.type,
          required: column.required ?? column.key !== undefined,
          ...(column.key === undefined ? {} : { primaryKey: true, primaryKeyPosition: column.key }),
          ...(column.options === undefined ? {} : { logicalTypeOptions: column.options }),
          ...(column.piiPlan === undefined ? {} : { classification: 'personal' }),
          ...customProperties(column),
        })),
      },
    ],
    roles: [
      {
        role: 'analyst',
        access: 'read',
        customProperties: [{ property: 'rowFilter', value: 'all' }],
      },
    ],
  })
}

function customProperties({ piiPlan, custom = {} }: TestColumn): object {
  const properties = Object.entries({ ...(piiPlan ? { piiPlan } : {}), ...custom })
  if (properties.length === 0) return {}
  return { customProperties: properties.map(([property, value]) => ({ property, value })) }
}
