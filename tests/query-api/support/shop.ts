/**
 * A shop whose orders have a column of every type, and lead to customers and countries. Roles that see it in different ways:
 *
 *   analyst   rows of the own tenant, without secrets       clerk     without the key of orders
 *   engineer  every row, every column                       auditor   own rows, without the column of the tenant
 */
import { compileContract } from '#contracts/compile/compile-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { parseContract } from '#contracts/parse.ts'

const property = (name: string, logical: string, physical: string, more = ''): string =>
  `      - { name: ${name}, logicalType: ${logical}, physicalType: '${physical}'${more} }`
const required = ', required: true'
const target = (type: string): string => `, customProperties: [{ property: targetType, value: "${type}" }]`
const refersTo = (to: string): string => `, relationships: [{ to: ${to} }]`
const hmac = (name: string, domain: string): string =>
  property(
    name,
    'string',
    'text',
    `, classification: personal, customProperties: [{ property: piiPlan, value: { method: hmac, domain: ${domain} } }]`,
  )

const KEY = [
  property('tenant_id', 'string', 'text', `${required}, primaryKey: true, primaryKeyPosition: 1`),
  property('id', 'integer', 'bigint', `${required}, primaryKey: true, primaryKeyPosition: 2`),
]
const SECRETS = [property('secret_note', 'string', 'text'), hmac('phone', 'phone')]

const ORDERS = [
  ...KEY,
  property('customer_id', 'integer', 'bigint', refersTo('customers.id')),
  property('gift_for_id', 'integer', 'bigint', refersTo('customers.id')),
  property('hidden_for_id', 'integer', 'bigint', refersTo('customers.id')),
  property('status', 'string', 'text', `${required}${target('LowCardinality(String)')}`),
  property('state', 'string', 'text', required),
  property('total', 'number', 'numeric(12,2)', required),
  property('exact', 'number', 'numeric(38,10)'),
  property('score', 'number', 'double precision'),
  property('weight', 'number', 'real', required),
  property('small', 'integer', 'smallint'),
  property('number', 'integer', 'integer', required),
  property('u64', 'number', 'numeric(20,0)', `${required}${target('UInt64')}`),
  property('i128', 'number', 'numeric', `${required}${target('Int128')}`),
  property('u256', 'number', 'numeric', `${required}${target('UInt256')}`),
  property('flag', 'boolean', 'boolean'),
  property('ref', 'string', 'uuid', required),
  property('day', 'date', 'date'),
  property('plain_day', 'date', 'date', `${required}${target('Date')}`),
  property('at', 'timestamp', 'timestamptz', required),
  property('second', 'timestamp', 'timestamptz', `${required}${target("DateTime('UTC')")}`),
  property('nano', 'timestamp', 'timestamptz', `${required}${target("DateTime64(9, 'UTC')")}`),
  property('note', 'string', 'text'),
  property('tags', 'array', 'text[]', required),
  property('numbers', 'array', 'integer[]', required),
  property('doc', 'object', 'jsonb'),
  property('code', 'number', 'numeric'),
  hmac('email', 'email'),
  ...SECRETS,
]
const CUSTOMERS = [
  ...KEY,
  hmac('name', 'name'),
  property('country', 'string', 'text', refersTo('countries.code')),
  property('tier', 'integer', 'smallint', required),
  ...SECRETS,
]
const COUNTRIES = [
  property('code', 'string', 'text', `${required}, primaryKey: true, primaryKeyPosition: 1`),
  property('continent', 'string', 'text', required),
]

/** Many rows, with few different values in each column. */
const EVENTS = [
  ...KEY,
  property('small', 'integer', 'smallint'),
  property('score', 'number', 'double precision'),
  property('amount', 'number', 'numeric(38,10)', required),
  property('at', 'timestamp', 'timestamptz', required),
  property('name', 'string', 'text'),
  property('u64', 'number', 'numeric(20,0)', `${required}${target('UInt64')}`),
  property('flag', 'boolean', 'boolean'),
]

const TENANT = "[{ column: tenant_id, operator: '=', principal: tenant }]"
const role = (name: string, filter: string, columns = ''): string => `  - role: ${name}
    access: read
    customProperties:
      - { property: rowFilter, value: ${filter} }
      - { property: crossTenant, value: true }
${columns === '' ? '' : `      - { property: columns, value: { exclude: [${columns}] } }\n`}`

const contract = (
  run: string,
  name: string,
  tenant: string,
  properties: readonly string[],
  roles: readonly string[],
): string => `apiVersion: v3.1.0
kind: DataContract
id: urn:test:${run}:${name}
version: 1.0.0
status: active
domain: sales
schema:
  - name: ${name}
    physicalName: public.${name}
    description: The ${name} of a shop.
    customProperties: [{ property: tenant, value: ${tenant} }]
    properties:
${properties.join('\n')}
roles:
${roles.join('')}`

const OWN = '{ column: tenant_id }'
const HIDDEN = 'secret_note, phone_token'

/** YAML of the contracts. */
export const shopContracts = (run: string): Readonly<Record<string, string>> => ({
  orders: contract(run, 'orders', OWN, ORDERS, [
    role('analyst', TENANT, `${HIDDEN}, hidden_for_id`),
    role('engineer', 'all'),
    role('clerk', TENANT, `${HIDDEN}, id`),
    role('auditor', TENANT, `${HIDDEN}, tenant_id`),
  ]),
  customers: contract(run, 'customers', OWN, CUSTOMERS, [
    role('analyst', TENANT, HIDDEN),
    role('engineer', 'all'),
    role('auditor', TENANT, `${HIDDEN}, tenant_id`),
  ]),
  events: contract(run, 'events', OWN, EVENTS, [role('analyst', TENANT), role('engineer', 'all')]),
  countries: contract(run, 'countries', '{ value: shared }', COUNTRIES, [
    role('analyst', 'all'),
    role('engineer', 'all'),
  ]),
})

/** Who asks. */
export const SHOP_PEOPLE = `people:
  - { username: nora, displayName: Nora, tenant: north, roles: [analyst] }
  - { username: sam, displayName: Sam, tenant: south, roles: [analyst] }
  - { username: edith, displayName: Edith, tenant: platform, roles: [engineer] }
  - { username: carl, displayName: Carl, tenant: north, roles: [clerk, analyst] }
  - { username: aude, displayName: Aude, tenant: north, roles: [auditor] }
`

/** What `state` is stored as: no contract can ask for it, tables of another origin can have it. */
export const STATE_TYPE = "Enum8('new' = 1, 'a ] b' = 3, 'done' = 2)"

/** Gives `state` its type. */
export function withEnum(dataset: CompiledDataset): CompiledDataset {
  const columns = dataset.columns.map((column) =>
    column.target === 'state' ? { ...column, targetType: STATE_TYPE } : column,
  )
  return { ...dataset, columns }
}

/** The datasets, compiled. */
export function shopDatasets(): readonly CompiledDataset[] {
  return Object.values(shopContracts('fast')).flatMap((text) => {
    const { datasets, faults } = compileContract(parseContract(text))
    const errors = faults.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) throw new Error(JSON.stringify(errors))
    return datasets.map(withEnum)
  })
}
