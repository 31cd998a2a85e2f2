/**
 * The common form: what every importer yields, whatever it read, and what a draft is made from.
 *
 * Names are those of the source, however odd; the draft chooses names that a dataset can have (`choose-names.ts`). What a source says and
 * the form has no field for is kept in words (`rules`, `notes`) or as a custom property: nothing is lost without a word.
 */

/** Logical types of ODCS 3.1. */
export type ImportedLogicalType =
  | 'string'
  | 'date'
  | 'timestamp'
  | 'time'
  | 'number'
  | 'integer'
  | 'object'
  | 'array'
  | 'boolean'

/** A value that a column may be limited to. */
export type ImportedValue = string | number | boolean

/** What a value is. */
export type ImportedType = {
  /** As the source writes it. */
  readonly physicalType?: string
  /** Undefined: the source does not say. */
  readonly logicalType?: ImportedLogicalType
  /** `logicalTypeOptions`, by their names in the standard. */
  readonly options?: Readonly<Record<string, ImportedValue>>
  /** The only values that are allowed. */
  readonly values?: readonly ImportedValue[]
  /** Of objects. */
  readonly properties?: readonly ImportedColumn[]
  /** Of arrays. */
  readonly items?: ImportedType
  readonly comment?: string
  /** What has to be true of the value, in words, where it is no option. */
  readonly rules?: readonly string[]
  /** Custom properties: name -> value. */
  readonly custom?: Readonly<Record<string, unknown>>
}

/** A column, or a property inside of one. */
export type ImportedColumn = ImportedType & {
  readonly name: string
  readonly required: boolean
  readonly unique?: boolean
  /** Position in the key, from 1. */
  readonly keyPosition?: number
  /** Position among the partition columns, from 1. */
  readonly partitionPosition?: number
  /** What the source itself says of the column. */
  readonly classification?: string
  /** The source says how it is protected: a piiPlan of ours, as it stands in our exports. */
  readonly plan?: Readonly<Record<string, unknown>>
  /** The source is governed and has no plan for the column, so that none is guessed. */
  readonly notPersonal?: boolean
  /** Shares of sampled values that look personal; counts only, see `detect-personal.ts`. */
  readonly sampled?: SampledColumn
}

/** What a sample showed. */
export type SampledColumn = {
  /** What most values look like; null if nothing personal. */
  readonly detected: Detected | null
  /** Share of the values that are not NULL, 0 to 1, two digits. */
  readonly share: number
}

/** What the detectors tell apart. */
export type Detected = 'email' | 'email_inside' | 'phone' | 'iban' | 'card' | 'ip'

/** Name of a table. The schema is empty where the source has none. */
export type ImportedName = { readonly schema: string; readonly name: string }

/** A foreign key; columns pairwise. */
export type ImportedForeignKey = {
  readonly columns: readonly string[]
  readonly to: ImportedName
  readonly toColumns: readonly string[]
}

/** A table, topic or document. */
export type ImportedTable = ImportedName & {
  /** Where it comes from, in words: `the catalog of Postgres`. */
  readonly from: string
  /** `table`, `topic`, `object`, … */
  readonly physicalType: string
  readonly comment?: string
  readonly columns: readonly ImportedColumn[]
  readonly foreignKeys: readonly ImportedForeignKey[]
  /** Keys of several columns that are unique beside the primary one. */
  readonly uniqueKeys: readonly (readonly string[])[]
  /** What has to be true of a row, in words. */
  readonly rules: readonly string[]
  readonly custom: Readonly<Record<string, unknown>>
  /** Where the key comes from if it is not a primary key: `the unique index orders_no`. */
  readonly keyFrom?: string
  /** What was left out, and what a person should know. */
  readonly notes: readonly string[]
}

/** A table that cannot be imported. */
export type RefusedTable = ImportedName & { readonly reason: string }

/** Result of an import. */
export type Imported = {
  readonly tables: readonly ImportedTable[]
  readonly refused: readonly RefusedTable[]
}

/** Key columns in order. */
export function keyColumns(table: Pick<ImportedTable, 'columns'>): readonly ImportedColumn[] {
  return table.columns
    .filter((column) => column.keyPosition !== undefined)
    .sort((a, b) => (a.keyPosition ?? 0) - (b.keyPosition ?? 0))
}

/** `schema.table`, or the name alone. */
export function tableText({ schema, name }: ImportedName): string {
  return schema === '' ? name : `${schema}.${name}`
}

/** Is it one table? A value to compare and to look up by; names may hold dots. No schema is the schema `public`, as in contracts. */
export function tableKey({ schema, name }: ImportedName): string {
  return JSON.stringify([schema === '' ? 'public' : schema, name])
}
