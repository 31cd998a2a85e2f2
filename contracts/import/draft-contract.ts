/**
 * Catalog table -> draft of a contract (ODCS 3.1, YAML) that lints clean and says what was guessed.
 *
 * Postgres allows names that a dataset cannot have: those that begin with `_`, differ in case only, or are the token of another
 * column. Such a column gets another name in the contract; its own stands in `physicalName`.
 */
import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import { guessPersonal, type PersonalGuess } from './guess-personal.ts'
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
  // Nothing readable is left of a name in another script: a hash keeps two of them apart.
  if (!/[a-z0-9]/.test(plain)) return `t_${createHash('sha256').update(whole).digest('hex').slice(0, 8)}`
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
  const names = propertyNames(table, tenantColumn)
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
        properties: table.columns.map((column) =>
          draftProperty(column, table, tenantColumn, names.get(column.name) ?? column.name),
        ),
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

function guessOf(column: CatalogColumn, tenantColumn: string | undefined): PersonalGuess | undefined {
  return column.name === tenantColumn ? undefined : guessPersonal(column.name, column.keyPosition !== null)
}

/** A name in the contract for each column; nearly always its own. */
function propertyNames(table: CatalogTable, tenantColumn: string | undefined): ReadonlyMap<string, string> {
  const sources = new Set(table.columns.map((column) => column.name.toLowerCase()))
  const taken = new Set<string>()
  const chosen = new Map<string, string>()
  for (const column of table.columns) {
    const token = guessOf(column, tenantColumn)?.plan.method === 'hmac'
    const plain = column.name.replace(/^_+/, '') || 'column'
    // Free: neither a name or a token so far, nor another column's name in Postgres.
    const free = (name: string): boolean =>
      !taken.has(name.toLowerCase()) &&
      (name === column.name || !sources.has(name.toLowerCase())) &&
      !(token && taken.has(`${name}_token`.toLowerCase()))
    let name = plain
    for (let count = 2; !free(name); count++) name = `${plain}_${count}`
    taken.add(name.toLowerCase())
    if (token) taken.add(`${name}_token`.toLowerCase())
    chosen.set(column.name, name)
  }
  return chosen
}

function draftProperty(
  column: CatalogColumn,
  table: CatalogTable,
  tenantColumn: string | undefined,
  name: string,
): object {
  const isKey = column.keyPosition !== null
  const guess = guessOf(column, tenantColumn)
  const maxLength = /^character(?: varying)?\((\d+)\)$/.exec(column.type)?.[1]
  const custom = [
    ...(column.enumLabels && column.enumLabels.length > 0
      ? [{ property: 'validValues', value: column.enumLabels }]
      : []),
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
    name,
    ...(name === column.name ? {} : { physicalName: column.name }),
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
