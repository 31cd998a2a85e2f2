/** A column of the common form -> a property of ODCS 3.1. */
import { isPersonal } from '../pii/is-personal.ts'
import { nestedNames } from './choose-names.ts'
import { contradiction } from './contradiction.ts'
import { guessPersonal, type PersonalGuess } from './guess-personal.ts'
import type { ImportedColumn, ImportedType, ImportedValue } from './imported-table.ts'

/** Deepest nesting that is drafted; readers of contracts go a little further. */
const MAX_DEPTH = 30
/** Longest description, characters. */
const MAX_TEXT = 4_000

/** Options that a logical type may have in the standard. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  date: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'format'],
  timestamp: [
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'format',
    'timezone',
    'defaultTimezone',
  ],
  time: [
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'format',
    'timezone',
    'defaultTimezone',
  ],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'format'],
  object: ['minProperties', 'maxProperties'],
  array: ['minItems', 'maxItems', 'uniqueItems'],
}
const BOUNDS: ReadonlySet<string> = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'])
const NOT_COMPARABLE: ReadonlySet<string> = new Set(['object', 'array'])

/** What is said of a top-level column beside the column itself. */
export type ColumnContext = {
  readonly name: string
  readonly guess: PersonalGuess | undefined
  /** `dataset.column` of single-column references. */
  readonly references: readonly string[]
  /** Custom properties that the draft adds. */
  readonly custom: Readonly<Record<string, unknown>>
}

/** A property of the schema object. */
export function draftProperty(column: ImportedColumn, context: ColumnContext): object {
  const { name, guess, references } = context
  const isKey = column.keyPosition !== undefined
  return {
    ...propertyBody(column, name, 0, {
      classification: classificationOf(column, guess),
      isKey,
      references,
      custom: {
        ...context.custom,
        ...(guess ? { piiPlan: guess.plan } : {}),
        ...(guess && column.plan === undefined ? { guessed: guess.reason } : {}),
      },
    }),
  }
}

function classificationOf(column: ImportedColumn, guess: PersonalGuess | undefined): string {
  if (column.classification !== undefined && (guess === undefined || isPersonal(column.classification)))
    return column.classification
  return guess?.classification ?? 'internal'
}

type Extras = {
  readonly classification?: string | undefined
  readonly isKey?: boolean
  readonly references?: readonly string[]
  readonly custom?: Readonly<Record<string, unknown>>
}

function propertyBody(column: ImportedColumn, name: string, depth: number, extras: Extras): object {
  const { isKey = false, references = [] } = extras
  const comparable = !NOT_COMPARABLE.has(column.logicalType ?? '')
  const isUnique = column.unique === true && !isKey
  return {
    name,
    ...(name === column.name ? {} : { physicalName: column.name }),
    ...typeHead(column),
    required: column.required || isKey,
    ...(isUnique && comparable ? { unique: true } : {}),
    ...(isKey ? { primaryKey: true, primaryKeyPosition: column.keyPosition } : {}),
    ...(column.partitionPosition === undefined
      ? {}
      : { partitioned: true, partitionKeyPosition: column.partitionPosition }),
    ...(extras.classification === undefined ? {} : { classification: extras.classification }),
    ...typeBody(column, depth, {
      relationships: references.map((to) => ({ type: 'foreignKey', to })),
      quality: isUnique && !comparable ? [{ type: 'library', metric: 'duplicateValues', mustBe: 0 }] : [],
      custom: extras.custom ?? {},
    }),
  }
}

function typeHead(type: ImportedType): object {
  return {
    ...(type.logicalType === undefined ? {} : { logicalType: type.logicalType }),
    ...(type.physicalType === undefined ? {} : { physicalType: type.physicalType }),
    ...(type.comment === undefined || type.comment === '' ? {} : { description: cut(type.comment) }),
  }
}

type BodyExtras = {
  readonly relationships?: readonly object[]
  readonly quality?: readonly object[]
  readonly custom?: Readonly<Record<string, unknown>>
}

function typeBody(type: ImportedType, depth: number, extras: BodyExtras): object {
  const { options, words } = knownOptions(type)
  const values = [...new Set(type.values ?? [])]
  const custom = Object.entries({
    ...(values.length > 0 ? { validValues: values } : {}),
    ...type.custom,
    ...extras.custom,
  }).filter(([, value]) => value !== undefined)
  const quality = [...(extras.quality ?? []), ...[...(type.rules ?? []), ...words].map(textRule)]
  const relationships = extras.relationships ?? []
  return {
    ...(Object.keys(options).length > 0 ? { logicalTypeOptions: options } : {}),
    ...(relationships.length > 0 ? { relationships } : {}),
    ...(quality.length > 0 ? { quality } : {}),
    ...(custom.length > 0
      ? { customProperties: custom.map(([property, value]) => ({ property, value })) }
      : {}),
    ...(type.logicalType === 'object' && type.properties && type.properties.length > 0 && depth < MAX_DEPTH
      ? { properties: nestedProperties(type.properties, depth + 1) }
      : {}),
    ...(type.logicalType === 'array' && type.items && depth < MAX_DEPTH
      ? { items: { ...typeHead(type.items), ...typeBody(type.items, depth + 1, {}) } }
      : {}),
  }
}

function nestedProperties(properties: readonly ImportedColumn[], depth: number): readonly object[] {
  const names = nestedNames(properties.map(({ name }) => name))
  return properties.map((property, index) => {
    const guess = guessPersonal(property)
    const classification = property.classification ?? guess?.classification
    const custom = guess && property.classification === undefined ? { guessed: guess.reason } : {}
    return propertyBody(property, names[index] ?? property.name, depth, { classification, custom })
  })
}

/** A rule in words. */
export function textRule(description: string): object {
  return { type: 'text', description: cut(description) }
}

/** A text of bounded length. */
export function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1).toWellFormed()}…` : text
}

/** Options that the standard has for the type; the others in words, and one of two that contradict each other too. */
function knownOptions(type: ImportedType): {
  options: Record<string, ImportedValue>
  words: readonly string[]
} {
  const known = OPTIONS[type.logicalType ?? ''] ?? []
  const options: Record<string, ImportedValue> = {}
  const words: string[] = []
  const given = Object.entries(type.options ?? {}).toSorted(([a], [b]) => known.indexOf(a) - known.indexOf(b))
  for (const [name, value] of given) {
    const isText =
      type.logicalType === 'date' || type.logicalType === 'timestamp' || type.logicalType === 'time'
    const fits =
      known.includes(name) && (!BOUNDS.has(name) || typeof value === (isText ? 'string' : 'number'))
    const clash = fits ? contradiction({ ...options, [name]: value }) : undefined
    if (fits && clash === undefined) options[name] = value
    else words.push(`${name}: ${value}`)
  }
  return { options, words }
}
