/**
 * Properties (columns). Which options a property may have, and whether others are nested in it, depends on its logical type.
 */
import { z } from 'zod'
import type { StandardVersion } from './api-version.ts'
import { authoritativeDefinitions, customProperties, idSince31, stableId, tags } from './common-shapes.ts'
import { qualityShape } from './quality-shape.ts'
import { relationshipShapes } from './reference-shapes.ts'
import {
  chosen,
  closed,
  count,
  flag,
  forwarded,
  mapping,
  newIn31,
  number,
  scalar,
  text,
  uniqueList,
  wholeNumber,
} from './zod-parts.ts'

const positive = number.refine((value) => value > 0, 'a number above zero')
const orderedTexts = {
  minimum: text.optional(),
  maximum: text.optional(),
  exclusiveMinimum: text.optional(),
  exclusiveMaximum: text.optional(),
}
const orderedNumbers = {
  minimum: number.optional(),
  maximum: number.optional(),
  exclusiveMinimum: number.optional(),
  exclusiveMaximum: number.optional(),
  multipleOf: positive.optional(),
}
const zoned = {
  ...orderedTexts,
  format: text.optional(),
  timezone: flag.optional(),
  defaultTimezone: text.optional(),
}
const WHOLE_FORMATS = ['i8', 'i16', 'i32', 'i64', 'i128', 'u8', 'u16', 'u32', 'u64', 'u128'] as const
const VECTOR_ELEMENTS = ['bfloat16', 'binary', 'float16', 'float32', 'float64', 'int8', 'uint8'] as const
const DISTANCES = ['cosine', 'dotProduct', 'euclidean', 'hamming', 'manhattan'] as const

/** Options by logical type; null: the standard does not say which. */
const OPTIONS: Readonly<Record<string, z.ZodRawShape | null>> = {
  string: {
    minLength: count.optional(),
    maxLength: count.optional(),
    pattern: text.optional(),
    format: text.optional(),
  },
  date: { ...orderedTexts, format: text.optional() },
  timestamp: zoned,
  time: zoned,
  integer: { ...orderedNumbers, format: z.enum(WHOLE_FORMATS).optional() },
  number: { ...orderedNumbers, format: z.enum(['f32', 'f64']).optional() },
  object: {
    minProperties: count.optional(),
    maxProperties: count.optional(),
    required: uniqueList(text, 1).optional(),
  },
  array: { minItems: count.optional(), maxItems: count.optional(), uniqueItems: flag.optional() },
  boolean: null,
}
/** In 3.0 a flag says that the bound beside it is exclusive. */
function exclusive(bound: z.ZodType): z.ZodRawShape {
  const either = (name: string, least: string): z.ZodType => {
    const newer = newIn31(`${name} as a bound of its own`, bound, `${least} with ${name}: true`)
    return forwarded((value) => (typeof value === 'boolean' ? flag : newer)).optional()
  }
  return {
    exclusiveMinimum: either('exclusiveMinimum', 'minimum'),
    exclusiveMaximum: either('exclusiveMaximum', 'maximum'),
  }
}
const OPTIONS_OF_3_0: typeof OPTIONS = {
  ...OPTIONS,
  date: { ...OPTIONS['date'], ...exclusive(text) },
  timestamp: { ...zoned, ...exclusive(text) },
  time: { ...zoned, ...exclusive(text) },
  integer: { ...OPTIONS['integer'], ...exclusive(number) },
  number: { ...OPTIONS['number'], ...exclusive(number) },
}
/** Types that came with 3.1; published documents of 3.0 have them. */
const NEW_IN_3_1 = new Set(['timestamp', 'time'])
const OPTIONS_OF_3_2: typeof OPTIONS = {
  ...OPTIONS,
  map: null,
  vector: {
    dimensions: wholeNumber.refine((value) => value >= 1, 'at least 1'),
    elementType: z.enum(VECTOR_ELEMENTS).optional(),
    distanceMetric: z.enum(DISTANCES).optional(),
    embeddingModel: text.optional(),
    embeddingModelVersion: text.optional(),
    normalized: flag.optional(),
  },
}

const OPTIONS_BY_VERSION = { '3.0': OPTIONS_OF_3_0, '3.1': OPTIONS, '3.2': OPTIONS_OF_3_2 } as const

/** What schema objects and properties have in common. */
export function elementFields(version: StandardVersion) {
  return {
    ...idSince31(version),
    physicalName: text.optional(),
    physicalType: text.optional(),
    description: text.optional(),
    businessName: text.optional(),
    authoritativeDefinitions: authoritativeDefinitions(version).optional(),
    tags: tags.optional(),
    customProperties: customProperties(version).optional(),
    quality: qualityShape(version).optional(),
    ...(version === '3.2' && { deprecated: flag.optional(), synonyms: synonyms(version).optional() }),
  }
}

function synonyms(version: StandardVersion) {
  return z.array(
    closed('a synonym', {
      id: stableId.optional(),
      synonym: text,
      description: text.optional(),
      locale: text.optional(),
      source: text.optional(),
      status: text.optional(),
      customProperties: customProperties(version).optional(),
    }),
  )
}

function enumValues(version: StandardVersion) {
  return uniqueList(
    closed('an enum value', {
      id: stableId.optional(),
      value: scalar,
      label: text.optional(),
      description: text.optional(),
      customProperties: customProperties(version).optional(),
      authoritativeDefinitions: authoritativeDefinitions(version).optional(),
      tags: tags.optional(),
    }),
    1,
  )
}

/** The shape of a property. */
export function propertyShape(version: StandardVersion): z.ZodType {
  const options = OPTIONS_BY_VERSION[version]
  const types = Object.keys(options)
  const isNewer = (type: string): boolean => version === '3.0' && NEW_IN_3_1.has(type)
  const common = {
    ...elementFields(version),
    primaryKey: flag.optional(),
    primaryKeyPosition: wholeNumber.optional(),
    required: flag.optional(),
    unique: flag.optional(),
    partitioned: flag.optional(),
    partitionKeyPosition: wholeNumber.optional(),
    classification: text.optional(),
    encryptedName: text.optional(),
    transformSourceObjects: z.array(text).optional(),
    transformLogic: text.optional(),
    transformDescription: text.optional(),
    examples: z.array(z.unknown()).optional(),
    criticalDataElement: flag.optional(),
    ...(version !== '3.0' && { relationships: relationshipShapes(version).property.optional() }),
    ...(version === '3.2' && {
      semanticType: z.enum(['column', 'measure', 'dimension']).optional(),
      enum: enumValues(version).optional(),
    }),
  }
  const named = new Map<unknown, z.ZodType>()
  const unnamed = new Map<unknown, z.ZodType>()
  const ofType = (shapes: ReadonlyMap<unknown, z.ZodType>, untyped: z.ZodType) =>
    chosen(({ logicalType }) => shapes.get(logicalType) ?? untyped)
  // Of an unknown type nobody can say which options and nested properties fit: all keys may stand there.
  const ofUnknownType = {
    ...common,
    logicalType: z.enum(types.filter((type) => !isNewer(type))),
    logicalTypeOptions: mapping.optional(),
    properties: z.unknown().optional(),
    items: z.unknown().optional(),
    ...(version === '3.2' && { map: z.unknown().optional() }),
  }
  const property = ofType(named, closed('a property', { ...ofUnknownType, name: text }))
  const item = ofType(unnamed, closed('a property', { ...ofUnknownType, name: text.optional() }))
  const map = closed('the map of a property', { key: item, value: item })
  const nested: Readonly<Record<string, z.ZodRawShape>> = {
    object: { properties: z.array(property).optional() },
    array: { items: item.optional() },
    map: { map },
  }
  for (const type of types) {
    const own = options[type]
    const fields = {
      ...common,
      logicalType: isNewer(type)
        ? newIn31(`the logical type ${type}`, z.literal(type), 'date')
        : z.literal(type),
      logicalTypeOptions: (own ? closed(`the options of the logical type ${type}`, own) : mapping).optional(),
      ...nested[type],
    }
    const what = `a property of logical type ${type}`
    named.set(type, closed(what, { ...fields, name: text }))
    unnamed.set(type, closed(what, { ...fields, name: text.optional() }))
  }
  // Options belong to a type: without one there can be none.
  const untyped = {
    ...common,
    logicalTypeOptions: mapping
      .refine(
        (given) => Object.keys(given).length === 0,
        'of a property that says its logicalType: options belong to a type',
      )
      .optional(),
    properties: z.array(property).optional(),
    items: item.optional(),
    ...(version === '3.2' && { map: map.optional() }),
  }
  named.set(undefined, closed('a property', { ...untyped, name: text }))
  unnamed.set(undefined, closed('a property', { ...untyped, name: text.optional() }))
  return property
}
