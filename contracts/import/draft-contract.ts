/** Catalog table -> draft of a contract (ODCS 3.1, YAML) that lints clean and says what was guessed. */
import { stringify } from 'yaml'
import { guessPersonal } from './guess-personal.ts'
import type { CatalogColumn, CatalogTable } from './postgres-catalog.ts'

/** Whose the rows are: a column of the table where there is one of this name, else one constant tenant. */
export type DraftTenant = { readonly column: string | null; readonly constant: string }

const LOGICAL: readonly (readonly [RegExp, string])[] = [
  [/\[\]$/, 'array'],
  [/^(smallint|integer|bigint)/, 'integer'],
  [/^(numeric|decimal|real|double|money)/, 'number'],
  [/^bool/, 'boolean'],
  [/^date$/, 'date'],
  [/^timestamp/, 'timestamp'],
  [/^time/, 'time'],
  [/^jsonb?$/, 'object'],
]

/** A name that a dataset may have: lower case letters, digits and `_`. Tables outside `public` carry their schema. */
export function datasetName(table: Pick<CatalogTable, 'schema' | 'table'>): string {
  const whole = table.schema === 'public' ? table.table : `${table.schema}_${table.table}`
  const plain = whole
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '_')
    .slice(0, 63)
  return /^[a-z_]/.test(plain) ? plain : `t_${plain}`.slice(0, 63)
}

/** Why a table cannot be drafted; undefined if it can. */
export function draftObstacle(table: CatalogTable): string | undefined {
  return table.columns.some((column) => column.keyPosition !== null)
    ? undefined
    : 'it has no primary key, so its rows cannot be told apart'
}

/** The draft, as YAML text. */
export function draftContract(table: CatalogTable, tenant: DraftTenant): string {
  const name = datasetName(table)
  const tenantColumn = table.columns.find((column) => column.name === tenant.column && column.required)?.name
  const filter =
    tenantColumn === undefined
      ? [{ column: '_tenant', operator: '=', principal: 'tenant' }]
      : [{ column: tenantColumn, operator: '=', principal: 'tenant' }]
  const role = (roleName: string, description: string, rowFilter: unknown) => ({
    role: roleName,
    access: 'read',
    description,
    customProperties: [{ property: 'rowFilter', value: rowFilter }],
  })
  const document = {
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: `urn:mogo:${name}`,
    name,
    version: '1.0.0',
    status: 'draft',
    description: { purpose: table.comment ?? `Rows of ${table.schema}.${table.table}.` },
    schema: [
      {
        name,
        physicalName: `${quotePart(table.schema)}.${quotePart(table.table)}`,
        physicalType: 'table',
        logicalType: 'object',
        description: table.comment ?? `Rows of ${table.schema}.${table.table}.`,
        customProperties: [
          {
            property: 'tenant',
            value: tenantColumn === undefined ? { value: tenant.constant } : { column: tenantColumn },
          },
        ],
        properties: table.columns.map((column) => draftProperty(column, table, tenantColumn)),
      },
    ],
    roles: [
      role('analyst', 'Reads the rows of the own tenant.', filter),
      role('data_engineer', 'Keeps the data running; reads every row.', 'all'),
      role('compliance', 'Answers for the use of personal data; reads every row.', 'all'),
    ],
  }
  const head =
    '# Drafted from the catalog of Postgres. What is marked "guessed" was concluded from names: confirm or correct it.\n'
  return head + stringify(document, { lineWidth: 120, aliasDuplicateObjects: false })
}

function draftProperty(column: CatalogColumn, table: CatalogTable, tenantColumn: string | undefined): object {
  const isKey = column.keyPosition !== null
  const guess = column.name === tenantColumn ? undefined : guessPersonal(column.name, isKey)
  const maxLength = /^character(?: varying)?\((\d+)\)$/.exec(column.type)?.[1]
  const custom = [
    ...(column.enumLabels ? [{ property: 'validValues', value: column.enumLabels }] : []),
    ...(guess
      ? [
          { property: 'piiPlan', value: guess.plan },
          { property: 'guessed', value: true },
        ]
      : []),
  ]
  const references = table.foreignKeys
    .filter((key) => key.column === column.name)
    .map((key) => ({ to: `${datasetName({ schema: table.schema, table: key.table })}.${key.toColumn}` }))
  return {
    name: column.name,
    logicalType: LOGICAL.find(([type]) => type.test(column.type))?.[1] ?? 'string',
    physicalType: column.type,
    ...(column.comment === null ? {} : { description: column.comment }),
    required: column.required,
    ...(isKey ? { primaryKey: true, primaryKeyPosition: column.keyPosition } : {}),
    classification: guess?.classification ?? 'internal',
    ...(maxLength === undefined ? {} : { logicalTypeOptions: { maxLength: Number(maxLength) } }),
    ...(references.length > 0 ? { relationships: references } : {}),
    ...(custom.length > 0 ? { customProperties: custom } : {}),
  }
}

function quotePart(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}
