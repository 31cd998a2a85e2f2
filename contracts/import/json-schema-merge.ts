/**
 * A schema with its references followed and its alternatives joined -> one flat schema: what is left says type, options, properties.
 *
 *   allOf    both hold: properties of all, required of all, the narrower bound
 *   anyOf, oneOf   one holds: `null` makes it nullable; of one alternative only that one; of several objects all properties, required
 *            where all require them; of anything else only what they have in common (the type), and the rest in words
 *   if, not, dependent…   are kept in words
 *
 * Bounded: the depth of references and the number of schemas, because a small document can unfold into a large one.
 */
import { MogoError } from '../errors.ts'
import { isJson, type Json, listAt, own } from './json-file.ts'
import type { ResolveRef } from './json-schema-ref.ts'

/** A flat schema. `null` is not among its types. */
export type FlatSchema = {
  readonly schema: Json
  readonly types: readonly string[]
  readonly nullable: boolean
  readonly words: readonly string[]
  /** It refers to a schema that it stands in: it has no end. */
  readonly recursive: boolean
  /** References that were followed to it. */
  readonly trail: readonly unknown[]
}

/** Most schemas of one file, unfolded. */
const MAX_SCHEMAS = 20_000
const MAX_REFS = 100
const LEAST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const MOST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']
/** What has no place in a contract, and is kept in words. */
const IN_WORDS = [
  'not',
  'if',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'propertyNames',
  'contains',
]

/** Flattens schemas of one file. */
export class SchemaMerger {
  readonly #file: string
  readonly #resolve: ResolveRef
  #left = MAX_SCHEMAS

  constructor(file: string, resolve: ResolveRef) {
    this.#file = file
    this.#resolve = resolve
  }

  /** Flattens one. `trail`: the schemas that it stands in. */
  flatten(value: unknown, trail: readonly unknown[]): FlatSchema {
    if (this.#left-- <= 0 || trail.length > MAX_REFS)
      throw new MogoError('MOGO_IMPORT_TOO_LARGE', {
        file: this.#file,
        detail: `its references unfold into more than ${MAX_SCHEMAS} schemas, or are nested too deeply`,
      })
    if (!isJson(value)) return { ...EMPTY, trail }
    if (trail.includes(value)) return { ...EMPTY, recursive: true, trail }
    const here = [...trail, value]
    const ref = ['$ref', '$dynamicRef', '$recursiveRef']
      .map((key) => own(value, key))
      .find((one) => typeof one === 'string')
    const parts: FlatSchema[] = [this.#ownPart(value, here)]
    if (typeof ref === 'string') parts.push(this.flatten(this.#resolve(ref), here))
    for (const item of listAt(value, 'allOf')) parts.push(this.flatten(item, here))
    for (const key of ['anyOf', 'oneOf']) {
      const items = listAt(value, key)
      if (items.length > 0) parts.push(this.#either(items, here))
    }
    return parts.reduce(both)
  }

  #ownPart(schema: Json, trail: readonly unknown[]): FlatSchema {
    const type = own(schema, 'type')
    const types = (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string')
    const values = own(schema, 'enum')
    const nullable =
      types.includes('null') ||
      own(schema, 'nullable') === true ||
      (types.length === 0 && Array.isArray(values) && values.includes(null))
    return {
      schema,
      types: types.filter((one) => one !== 'null'),
      nullable: types.length === 0 ? nullable || !Array.isArray(values) : nullable,
      words: IN_WORDS.filter((key) => own(schema, key) !== undefined).map((key) => `JSON Schema: ${key}`),
      recursive: false,
      trail,
    }
  }

  #either(items: readonly unknown[], trail: readonly unknown[]): FlatSchema {
    const flat = items.map((item) => this.flatten(item, trail))
    const some = flat.filter(({ types, schema }) => types.length > 0 || Object.keys(schema).length > 0)
    const isNull = (one: FlatSchema): boolean =>
      one.types.length === 0 && one.nullable && own(one.schema, 'type') === 'null'
    const real = some.filter((one) => !isNull(one))
    const nullable = flat.some((one) => isNull(one) || one.nullable)
    const [first] = real
    if (!first) return { ...EMPTY, nullable: true, trail }
    if (real.length === 1) return { ...first, nullable }
    const constants = real.map(({ schema }) => own(schema, 'const'))
    if (constants.every((one) => one !== undefined))
      return { ...first, schema: { enum: constants }, nullable }
    const words = [`One of ${real.length} forms.`]
    if (real.every(({ types }) => types.length === 1 && types[0] === 'object'))
      return { ...first, schema: eitherObject(real.map(({ schema }) => schema)), nullable, words }
    const types = [...new Set(real.flatMap((one) => one.types))]
    return { ...EMPTY, types, schema: {}, nullable, words, trail }
  }
}

const EMPTY: FlatSchema = { schema: {}, types: [], nullable: true, words: [], recursive: false, trail: [] }

/** Both hold. */
function both(a: FlatSchema, b: FlatSchema): FlatSchema {
  const shared = a.types.filter(
    (type) => b.types.includes(type) || (type === 'integer' && b.types.includes('number')),
  )
  const types = a.types.length === 0 ? b.types : b.types.length === 0 ? a.types : shared
  return {
    schema: bothSchemas(a.schema, b.schema),
    types: types.length === 0 ? a.types : types,
    nullable: a.nullable && b.nullable,
    words: [...a.words, ...b.words],
    recursive: a.recursive || b.recursive,
    trail: a.trail.length >= b.trail.length ? a.trail : b.trail,
  }
}

function bothSchemas(a: Json, b: Json): Json {
  const merged: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [key, value] of [...Object.entries(a), ...Object.entries(b)]) {
    const before = merged[key]
    if (before === undefined) merged[key] = value
    else if (key === 'required') merged[key] = [...listOf(before), ...listOf(value)]
    else if (key === 'properties') merged[key] = bothProperties(before, value)
    else if (LEAST.includes(key) && typeof before === 'number' && typeof value === 'number')
      merged[key] = Math.max(before, value)
    else if (MOST.includes(key) && typeof before === 'number' && typeof value === 'number')
      merged[key] = Math.min(before, value)
    else if (key === 'enum' && Array.isArray(before) && Array.isArray(value))
      merged[key] = before.filter((one) => value.includes(one))
  }
  return merged
}

function bothProperties(a: unknown, b: unknown): Json {
  const merged = new Map<string, unknown>(isJson(a) ? Object.entries(a) : [])
  for (const [name, schema] of isJson(b) ? Object.entries(b) : []) {
    const before = merged.get(name)
    merged.set(name, before === undefined ? schema : { allOf: [before, schema] })
  }
  return Object.fromEntries(merged)
}

/** One of several objects: all properties, required where all require them. */
function eitherObject(schemas: readonly Json[]): Json {
  const properties = new Map<string, unknown[]>()
  for (const schema of schemas) {
    const own_ = own(schema, 'properties')
    for (const [name, property] of isJson(own_) ? Object.entries(own_) : [])
      properties.set(name, [...(properties.get(name) ?? []), property])
  }
  const required = [...properties.keys()].filter((name) =>
    schemas.every((schema) => listAt(schema, 'required').includes(name)),
  )
  return {
    properties: Object.fromEntries(
      [...properties].map(([name, forms]) => [name, forms.length === 1 ? forms[0] : { anyOf: forms }]),
    ),
    required,
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
