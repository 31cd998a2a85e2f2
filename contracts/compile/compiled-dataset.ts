/**
 * The one intermediate form: what every process works from. A contract is compiled into it once; validator, PII plan,
 * ClickHouse DDL, Debezium config, grants, row filters and lineage edges are all derived from it.
 *
 * *Source* names are Postgres names, *target* names ClickHouse names. A column whose personal data becomes a token is stored
 * under `<name>_token`; a dropped one has no target.
 */
import type { RowFilter } from '../access/row-filter.ts'
import type { Contract, ContractObject, ContractProperty } from '../model/contract.ts'
import type { PiiPlan } from '../pii/pii-plan.ts'
import type { SchemaChangePolicy } from './schema-change.ts'

/**
 * How a value comes out of a Debezium envelope and goes into ClickHouse.
 * `json` also serves nullable arrays (as JSON text), so that NULL and the empty array stay apart.
 */
export type ValueKind =
  | 'integer'
  | 'bigint'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'text'
  | 'uuid'
  | 'date'
  | 'timestamp'
  | 'json'
  | 'array'

/** Kind of the items of an array; arrays in arrays are JSON. */
export type ItemKind = Exclude<ValueKind, 'array'>

/** A rule that a value must keep before it is stored. Bounds of decimals are text, so that no digit is lost. */
export type Rule =
  | { readonly rule: 'required' }
  | { readonly rule: 'minLength'; readonly bound: number }
  | { readonly rule: 'maxLength'; readonly bound: number }
  | { readonly rule: 'pattern'; readonly pattern: string }
  | { readonly rule: 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum'; readonly bound: string }
  /** Of numbers; exact in decimals. */
  | { readonly rule: 'multipleOf'; readonly bound: string }
  | { readonly rule: 'validValues'; readonly values: readonly string[] }
  /** Of arrays, and of JSON that holds one. */
  | { readonly rule: 'minItems' | 'maxItems'; readonly bound: number }
  | { readonly rule: 'uniqueItems' }
  /** What each item of an array keeps. `kind` is theirs; `required`: none is NULL, else NULL keeps every rule. */
  | { readonly rule: 'items'; readonly kind: ItemKind; readonly rules: readonly Rule[] }
  /** Of JSON objects. */
  | { readonly rule: 'minProperties' | 'maxProperties'; readonly bound: number }
  /** Of vectors: exactly so many numbers. */
  | { readonly rule: 'dimensions'; readonly bound: number }

/** One column. */
export type CompiledColumn = {
  /** Postgres column. */
  readonly source: string
  /** Postgres type, as the contract gives it; else what follows from the logical type, see `source-type.ts`. */
  readonly sourceType: string
  readonly kind: ValueKind
  /** ClickHouse column, or null if the column is dropped. */
  readonly target: string | null
  /** ClickHouse type of the target. */
  readonly targetType: string
  readonly nullable: boolean
  readonly rules: readonly Rule[]
  readonly pii: PiiPlan | null
  readonly classification: string | null
  readonly logicalType: string
  readonly description: string
  /** No two rows have the same value; a promise, which is not enforced row by row. */
  readonly unique: boolean
} & ValuePolicies

/** What the contract says of values that the stored type cannot hold as they are. Only what differs from the usual is there. */
export type ValuePolicies = {
  /** Of dates and moments beyond the stored type, infinite ones too: NULL, or the nearest that it holds. Else they are quarantined. */
  readonly outOfRange?: 'null' | 'clamp'
  /** ClickHouse column (Bool) that tells the clamped values. */
  readonly clampedTarget?: string
  /** Of NaN and infinities of numeric: NULL. Else they are quarantined. */
  readonly notFinite?: 'null'
  /** How bytea is written; else base64. */
  readonly bytesAs?: 'hex'
  /** Every array of the column has one dimension, so that an array of nothing but NULL is what it seems. */
  readonly oneDimensional?: true
}

/** What one role may see of a dataset. */
export type CompiledRole = {
  readonly role: string
  /** Granted ClickHouse columns, in table order. */
  readonly columns: readonly string[]
  /** `all`: every row. Else the conjunction of predicates, over target columns. */
  readonly rowFilter: RowFilter
}

/** Where the tenant of a row comes from. */
export type TenantSource =
  | { readonly kind: 'column'; readonly source: string }
  | { readonly kind: 'constant'; readonly value: string }

/** A reference to another dataset; several columns if the key there has several. */
export type CompiledRelationship = {
  readonly type: string
  /** Source columns. */
  readonly columns: readonly string[]
  /** `dataset.column`, one for each. */
  readonly to: readonly string[]
}

/**
 * What the contract says beside what is enforced: for people (purpose, owners, service levels, quality rules, deprecation) and for the
 * outputs that describe nested types.
 */
export type DatasetDocument = {
  readonly contract: Contract
  readonly object: ContractObject
  /** One for each column, in the order of the columns. */
  readonly properties: readonly ContractProperty[]
}

/** One dataset under contract. */
export type CompiledDataset = {
  readonly contractId: string
  readonly contractVersion: string
  /** Dataset name: what people write in SQL. */
  readonly name: string
  readonly description: string
  readonly domain: string
  readonly source: { readonly schema: string; readonly table: string }
  /** ClickHouse table. */
  readonly table: string
  readonly tenant: TenantSource
  /** ClickHouse column that holds the tenant; the first of the sort key. */
  readonly tenantColumn: string
  /** Postgres key columns, in order. */
  readonly key: readonly string[]
  /** True if the tenant is in the key: then deletes are right under REPLICA IDENTITY DEFAULT. */
  readonly tenantInKey: boolean
  readonly columns: readonly CompiledColumn[]
  /** What is done when the columns of the source change; only if the contract says it. */
  readonly schemaChange?: SchemaChangePolicy
  readonly roles: readonly CompiledRole[]
  /** Foreign keys: source column -> dataset.column. */
  readonly references: readonly { readonly column: string; readonly to: string }[]
  /** All references, those of several columns included. */
  readonly relationships: readonly CompiledRelationship[]
  /** SHA-256 (hex) over all of the above: the policy version. */
  readonly hash: string
  /** Not in the hash: another owner or wording is no other policy. */
  readonly document: DatasetDocument
}

/** Columns that every dataset table has beside its own. Not granted to access scopes. */
export const INTERNAL_COLUMNS = {
  /** Tenant, where the contract gives a constant. */
  tenant: '_tenant',
  /** (epoch, LSN of the commit before, order in the transaction), see {@link versionOf} in transforms. */
  version: '_version',
  deleted: '_deleted',
  /** Commit time of the change in Postgres. */
  committedAt: '_committed_at',
  /** When the row was loaded. */
  loadedAt: '_loaded_at',
} as const
