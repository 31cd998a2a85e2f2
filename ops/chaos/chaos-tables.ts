/**
 * The source tables of a chaos run and their contracts. All have the same columns and differ in what makes them hard:
 *
 *   accounts  tenant in the key, large texts; 3 partitions, between which a row moves with its key: capture gives it REPLICA IDENTITY FULL
 *   orders    tenant outside of the key: rows move from one tenant to another; 3 partitions
 *   visits    truncated now and then; 1 partition, REPLICA IDENTITY DEFAULT, so an UPDATE leaves out a large text that it does not change
 *
 * Behind each lies a plain table with every row that was ever stored, fed by a materialized view: what is doubled stays doubled there.
 */
import { stringify } from 'yaml'
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'

/** A source table. */
export type ChaosTable = {
  readonly name: 'accounts' | 'orders' | 'visits'
  readonly key: readonly string[]
  readonly partitions: number
}

/** All of them. */
export const TABLES: readonly ChaosTable[] = [
  { name: 'accounts', key: ['tenant', 'id'], partitions: 3 },
  { name: 'orders', key: ['id'], partitions: 3 },
  { name: 'visits', key: ['tenant', 'id'], partitions: 1 },
]
/** Partitions of a topic that nothing else is said of. */
export const USUAL_PARTITIONS = 3

/** A state that the contract does not allow: it is longer than {@link LONGEST_STATE}. */
export const BROKEN_STATE = 'longer than allowed'
const LONGEST_STATE = 12

/** Separates the parts of a key; no part has it. */
export const KEY_SEPARATOR = '\u001f'

/** Raw topic of a table. */
export const topicOf = (prefix: string, table: string): string => `${prefix}.public.${table}`

/** Makes the table. Its large texts are stored beside the row as they are, so that few bytes are enough. */
export function createSource({ name, key }: ChaosTable): string {
  return /*sql*/ `
    create table public.${name} (
      tenant text not null, id bigint not null, email text, state text not null, balance numeric(12, 2) not null,
      note text not null, changed timestamptz not null, primary key (${key.join(', ')})
    );
    alter table public.${name} alter column note set storage external`
}

/** The contract as YAML text. */
export function contractOf({ name, key }: ChaosTable): string {
  const column = (column: string, physicalType: string, rest: object = {}) => ({
    name: column,
    logicalType: 'string',
    physicalType,
    required: true,
    ...(key.includes(column) ? { primaryKey: true, primaryKeyPosition: key.indexOf(column) + 1 } : {}),
    ...rest,
  })
  const piiPlan = { method: 'hmac', domain: 'email', normalize: 'email' }
  return stringify({
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: `urn:chaos:${name}`,
    name,
    version: '1.0.0',
    status: 'active',
    schema: [
      {
        name,
        physicalName: `public.${name}`,
        logicalType: 'object',
        customProperties: [{ property: 'tenant', value: { column: 'tenant' } }],
        properties: [
          column('tenant', 'text'),
          column('id', 'bigint', { logicalType: 'integer' }),
          column('email', 'text', {
            required: false,
            classification: 'personal',
            customProperties: [{ property: 'piiPlan', value: piiPlan }],
          }),
          column('state', 'text', { logicalTypeOptions: { maxLength: LONGEST_STATE } }),
          column('balance', 'numeric(12,2)', { logicalType: 'number' }),
          column('note', 'text'),
          column('changed', 'timestamptz', { logicalType: 'timestamp' }),
        ],
      },
    ],
    roles: [{ role: 'analyst', access: 'read', customProperties: [{ property: 'rowFilter', value: 'all' }] }],
  })
}

/** Name of the plain copy. */
export const copyOf = (table: string): string => `copy_${table}`

/** Makes the plain copy and the view that feeds it. The copy drops the repetition of a block, as a table behind a view must. */
export function createCopy(dataset: CompiledDataset, database: string): readonly string[] {
  const place = (name: string) => `${quoteIdentifier(database)}.${quoteIdentifier(name)}`
  const copy = place(copyOf(dataset.table))
  return [
    /*sql*/ `CREATE TABLE ${copy} (tenant String, id Int64, version UInt128, at DateTime64(3, 'UTC'))
      ENGINE = MergeTree ORDER BY (tenant, id) SETTINGS non_replicated_deduplication_window = 10000`,
    /*sql*/ `CREATE MATERIALIZED VIEW ${place(`${copyOf(dataset.table)}_view`)} TO ${copy} AS
      SELECT tenant, id, ${INTERNAL_COLUMNS.version} AS version, ${INTERNAL_COLUMNS.loadedAt} AS at FROM ${place(dataset.table)}`,
  ]
}
