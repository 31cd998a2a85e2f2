/**
 * A data contract as it is read: the Open Data Contract Standard (ODCS) 3.0 to 3.2 in one set of types, whatever version a document is of.
 *
 * This is the reader's view. It is tolerant: a part whose shape is wrong is reported by the shape check (`shape/`) and is left out
 * here, so that everything that can be said of the rest is said at the same time. Names are those of the standard. Keys that the
 * standard does not know, and those that nobody asks for, are in `raw`: the part as it stands in the document.
 */
import type { Raw } from './raw-value.ts'

/** A key and a value that the standard does not define. */
export type CustomProperty = {
  readonly property: string
  readonly value: unknown
  readonly description?: string
}

/** Where more is written. */
export type AuthoritativeDefinition = {
  readonly url: string
  readonly type: string
  readonly description?: string
}

/** What contracts, schema objects and properties have in common. */
export type Described = {
  /** Stable technical identifier, for fully qualified references. */
  readonly id?: string
  readonly description?: string
  readonly businessName?: string
  readonly tags: readonly string[]
  readonly customProperties: readonly CustomProperty[]
  readonly authoritativeDefinitions: readonly AuthoritativeDefinition[]
  /** Everything that stands in the document, the above included; its shape is not checked. So are all that are called `raw`. */
  readonly raw: Raw
}

/** A reference to properties: `dataset.column`, or fully qualified. One of the schema object has `from`, one of a property has not. */
export type Relationship = {
  readonly type: string
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** True where the document gives a list (a composite key). */
  readonly composite: boolean
  readonly customProperties: readonly CustomProperty[]
  readonly raw: Raw
}

/** A data quality rule. What is compared (`mustBe…`) is in `operators`, by its name in the standard. */
export type QualityRule = {
  readonly id?: string
  readonly name?: string
  readonly type: string
  readonly description?: string
  readonly dimension?: string
  readonly severity?: string
  readonly businessImpact?: string
  readonly metric?: string
  readonly unit?: string
  readonly query?: string
  readonly engine?: string
  readonly implementation?: unknown
  readonly arguments?: Readonly<Record<string, unknown>>
  readonly operators: Readonly<Record<string, unknown>>
  readonly schedule?: string
  readonly scheduler?: string
  readonly customProperties: readonly CustomProperty[]
  readonly raw: Raw
}

/** Options of a logical type, by their names in the standard. */
export type LogicalTypeOptions = {
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  /** Bounds are numbers, or texts (dates, times, numbers too long for a double). */
  readonly minimum?: number | string
  readonly maximum?: number | string
  readonly exclusiveMinimum?: number | string
  readonly exclusiveMaximum?: number | string
  readonly multipleOf?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly required?: readonly string[]
  readonly timezone?: boolean
  readonly defaultTimezone?: string
  /** 3.2: size of a vector. */
  readonly dimensions?: number
  readonly raw: Raw
}

/** Logical types of the standard; `map` and `vector` since 3.2. */
export type LogicalType =
  | 'string'
  | 'date'
  | 'timestamp'
  | 'time'
  | 'number'
  | 'integer'
  | 'object'
  | 'array'
  | 'boolean'
  | 'map'
  | 'vector'

/** A property (column) of a schema object; nested ones in `properties` (object) and `items` (array). */
export type ContractProperty = Described & {
  readonly name: string
  readonly physicalName?: string
  readonly logicalType?: LogicalType
  readonly physicalType?: string
  readonly logicalTypeOptions?: LogicalTypeOptions
  readonly required: boolean
  readonly unique: boolean
  readonly primaryKey: boolean
  /** From 1; -1 if it is not said. */
  readonly primaryKeyPosition: number
  readonly partitioned: boolean
  readonly partitionKeyPosition: number
  readonly classification?: string
  readonly encryptedName?: string
  readonly criticalDataElement: boolean
  readonly transformLogic?: string
  readonly transformSourceObjects: readonly string[]
  readonly transformDescription?: string
  readonly examples: readonly unknown[]
  readonly relationships: readonly Relationship[]
  readonly quality: readonly QualityRule[]
  readonly properties: readonly ContractProperty[]
  readonly items?: ContractProperty
  /** 3.2: the values that are allowed. */
  readonly enum?: readonly unknown[]
  /** 3.2: types of a map's keys and values. */
  readonly map?: { readonly key?: ContractProperty; readonly value?: ContractProperty }
  /** 3.2: what the value means, beyond its type. */
  readonly semanticType?: string
  /** 3.2 */
  readonly synonyms: readonly string[]
  /** 3.2: still there, not to be used in new work. A text says why, or what instead. */
  readonly deprecated?: boolean | string
}

/** A schema object (dataset): a table, a topic, a file. */
export type ContractObject = Described & {
  readonly name: string
  readonly physicalName?: string
  readonly physicalType?: string
  readonly logicalType?: string
  readonly dataGranularityDescription?: string
  readonly properties: readonly ContractProperty[]
  readonly relationships: readonly Relationship[]
  readonly quality: readonly QualityRule[]
  readonly synonyms: readonly string[]
  readonly deprecated?: boolean | string
}

/** A role that may use the data. */
export type ContractRole = {
  readonly role: string
  readonly access?: string
  readonly description?: string
  readonly firstLevelApprovers?: string
  readonly secondLevelApprovers?: string
  readonly customProperties: readonly CustomProperty[]
  readonly raw: Raw
}

/** A service level. */
export type SlaProperty = {
  readonly property: string
  readonly value: unknown
  readonly valueExt?: unknown
  readonly unit?: string
  /** `dataset.column` texts, split at commas. */
  readonly elements: readonly string[]
  readonly driver?: string
  readonly description?: string
  readonly scheduler?: string
  readonly schedule?: string
  readonly raw: Raw
}

/** Where the data lies. Fields differ by type, and are in `raw`. */
export type ContractServer = {
  readonly server: string
  readonly type: string
  readonly environment?: string
  readonly description?: string
  readonly raw: Raw
}

/** A contract. */
export type Contract = Described & {
  readonly apiVersion: string
  readonly kind: string
  readonly id: string
  readonly name?: string
  readonly version: string
  readonly status: string
  readonly tenant?: string
  readonly domain?: string
  readonly dataProduct?: string
  readonly purpose?: string
  readonly usage?: string
  readonly limitations?: string
  readonly schema: readonly ContractObject[]
  readonly roles: readonly ContractRole[]
  readonly slaDefaultElement?: string
  readonly slaProperties: readonly SlaProperty[]
  readonly servers: readonly ContractServer[]
  readonly teamName?: string
  readonly team: readonly { readonly username?: string; readonly name?: string; readonly role?: string }[]
  readonly support: readonly {
    readonly channel: string
    readonly url?: string
    readonly tool?: string
    readonly scope?: string
  }[]
  readonly contractCreatedTs?: string
}

/** The value of a custom property; undefined if it is not there. */
export function customValue(
  holder: { readonly customProperties: readonly CustomProperty[] },
  name: string,
): unknown {
  return holder.customProperties.find((custom) => custom.property === name)?.value
}

/** Where the value of a custom property stands in the document; where it would stand, if it is not there. `here` is the path of its holder. */
export function customPath(
  holder: { readonly customProperties: readonly CustomProperty[] },
  name: string,
  here: readonly (string | number)[],
): (string | number)[] {
  const index = holder.customProperties.findIndex((custom) => custom.property === name)
  return index < 0 ? [...here, 'customProperties'] : [...here, 'customProperties', index, 'value']
}
