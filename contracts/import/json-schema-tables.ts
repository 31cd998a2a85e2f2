/**
 * JSON Schema (draft 4 to 2020-12) -> tables of the common form: the root if it is an object, its elements if it is an array, else each object
 * in `$defs` (`definitions`). A list of schemas is a table each.
 *
 * Numbers have no size in JSON Schema: a whole number is 64 bits wide unless its bounds are those of a smaller one. Examples and defaults
 * are left out, because they are data of somebody's. Schemas that our own exports made bring their key, classifications and plans along.
 */

import { MogoError } from '../errors.ts'
import { patternFault } from '../pattern/pattern-fault.ts'
import { exportedPlan } from './exported-plan.ts'
import type {
  Imported,
  ImportedColumn,
  ImportedLogicalType,
  ImportedTable,
  ImportedType,
  ImportedValue,
} from './imported-table.ts'
import {
  isJson,
  isScalar,
  type Json,
  listAt,
  numberAt,
  objectAt,
  own,
  parseJsonFile,
  textAt,
} from './json-file.ts'
import { type FlatSchema, SchemaMerger } from './json-schema-merge.ts'
import { createRefResolver } from './json-schema-ref.ts'

/** Deepest nesting of objects that is followed. */
const MAX_DEPTH = 25
/** Bounds of whole numbers -> their size. */
const SIZES: ReadonlyMap<string, string> = new Map([
  ['-128 127', 'i8'],
  ['0 255', 'u8'],
  ['-32768 32767', 'i16'],
  ['0 65535', 'u16'],
  ['-2147483648 2147483647', 'i32'],
  ['0 4294967295', 'u32'],
])
const TEXT_FORMATS: ReadonlySet<string> = new Set([
  'email',
  'uuid',
  'uri',
  'hostname',
  'ipv4',
  'ipv6',
  'password',
  'byte',
  'binary',
])
/** Patterns by which dates and moments are written where `format` is only a remark. */
const DAY_PATTERN = /^\^\[0-9\]\{4\}-\[0-9\]\{2\}-\[0-9\]\{2\}(\[T \])?/
const TIME_PATTERN = /^\^\[0-9\]\{2\}:\[0-9\]\{2\}/

/** Reads a file. `name` names the table where the schema has no title. */
export function jsonSchemaTables(file: string, text: string, name: string): Imported {
  const value = parseJsonFile(file, text, 'JSON Schema')
  const roots = Array.isArray(value) ? value : [value]
  const tables = roots.flatMap((root, index) => {
    if (!isJson(root))
      throw new MogoError('MOGO_IMPORT_SYNTAX', {
        file,
        format: 'JSON Schema',
        detail: 'a schema is an object',
      })
    return new SchemaReader(file, root).tables(roots.length === 1 ? name : `${name}_${index + 1}`)
  })
  if (tables.length === 0)
    throw new MogoError('MOGO_IMPORT_EMPTY', {
      source: file,
      detail: 'it describes no object with properties',
      remedy: 'Name a schema of type object, or one with objects in $defs.',
    })
  return { tables, refused: [] }
}

class SchemaReader {
  readonly #merger: SchemaMerger
  readonly #root: Json

  constructor(file: string, root: Json) {
    this.#root = root
    this.#merger = new SchemaMerger(file, createRefResolver(file, root))
  }

  tables(name: string): readonly ImportedTable[] {
    const root = this.#merger.flatten(this.#root, [])
    if (isObject(root)) return [this.#table(root, textAt(root.schema, 'title') ?? name)]
    if (root.types.includes('array')) {
      const element = this.#merger.flatten(own(root.schema, 'items'), root.trail)
      if (isObject(element))
        return [this.#table(element, textAt(root.schema, 'title') ?? textAt(element.schema, 'title') ?? name)]
    }
    const named = { ...objectAt(this.#root, 'definitions'), ...objectAt(this.#root, '$defs') }
    return Object.entries(named).flatMap(([key, schema]) => {
      const flat = this.#merger.flatten(schema, [])
      return isObject(flat) ? [this.#table(flat, textAt(flat.schema, 'title') ?? key)] : []
    })
  }

  #table(flat: FlatSchema, name: string): ImportedTable {
    const { schema } = flat
    const contract = objectAt(schema, 'x-contract')
    const key = listAt(contract, 'primaryKey')
    const governed = textAt(contract, 'id') !== undefined
    const comment = textAt(schema, 'description')
    return {
      schema: '',
      name,
      from: 'a JSON Schema',
      physicalType: 'object',
      ...(comment === undefined ? {} : { comment }),
      columns: this.#properties(flat, 0).map((column) => {
        const position = key.indexOf(column.name)
        return {
          ...column,
          ...(position < 0 ? {} : { keyPosition: position + 1 }),
          ...(governed && column.plan === undefined ? { notPersonal: true } : {}),
        }
      }),
      foreignKeys: [],
      uniqueKeys: [],
      rules: flat.words,
      custom: {},
      notes: [
        ...(own(schema, 'additionalProperties') === false
          ? []
          : ['The schema allows properties that it does not name; they are not part of the contract.']),
      ].filter(() => !governed),
    }
  }

  #properties(flat: FlatSchema, depth: number): readonly ImportedColumn[] {
    const required = new Set(listAt(flat.schema, 'required'))
    return Object.entries(objectAt(flat.schema, 'properties')).map(([name, schema]) => {
      const inner = this.#merger.flatten(schema, flat.trail)
      const classification = textAt(inner.schema, 'x-classification')
      const pii = own(inner.schema, 'x-pii')
      return {
        ...this.#type(inner, depth),
        name,
        required: required.has(name) && !(inner.nullable && saysType(inner)),
        ...(classification === undefined ? {} : { classification }),
        ...(isJson(pii) ? { plan: exportedPlan(pii) } : {}),
      }
    })
  }

  #type(flat: FlatSchema, depth: number): ImportedType {
    const { schema, types } = flat
    const logicalType = logicalTypeOf(flat)
    const comment = textAt(schema, 'description') ?? textAt(schema, 'title')
    const { values, words: valueWords } = valuesOf(schema)
    const { options, words } = optionsOf(schema, logicalType)
    const rules = [...flat.words, ...valueWords, ...words]
    const physicalType = logicalType === 'string' && own(schema, 'format') === 'uuid' ? 'uuid' : undefined
    return {
      ...(physicalType === undefined ? {} : { physicalType }),
      logicalType,
      ...(comment === undefined ? {} : { comment }),
      ...(Object.keys(options).length > 0 ? { options } : {}),
      ...(values === undefined ? {} : { values }),
      ...(rules.length > 0 ? { rules } : {}),
      ...(flat.recursive ? { custom: { recursive: true } } : {}),
      ...(logicalType === 'object' && isObject(flat) && depth < MAX_DEPTH
        ? { properties: this.#properties(flat, depth + 1) }
        : {}),
      ...(logicalType === 'array' && types.includes('array') && depth < MAX_DEPTH
        ? this.#items(flat, depth)
        : {}),
    }
  }

  #items(flat: FlatSchema, depth: number): { readonly items?: ImportedType } {
    const items = own(flat.schema, 'items')
    // A tuple has a schema for each place.
    if (!isJson(items)) return {}
    return { items: this.#type(this.#merger.flatten(items, flat.trail), depth + 1) }
  }
}

/** An object whose properties are named. */
function isObject({ schema, types }: FlatSchema): boolean {
  const fits = types.length === 0 || types.includes('object')
  return fits && Object.keys(objectAt(schema, 'properties')).length > 0
}

/** A schema without any type takes everything, null too, and nobody says so on purpose. */
function saysType({ types, schema }: FlatSchema): boolean {
  return types.length > 0 || own(schema, 'enum') !== undefined || own(schema, 'type') !== undefined
}

function logicalTypeOf(flat: FlatSchema): ImportedLogicalType {
  const { schema, types } = flat
  // Long numbers may come as texts; so our own exports say.
  const real = types.length > 1 ? types.filter((type) => type !== 'string') : types
  const [only, ...others] = real
  if (others.length > 0)
    return real.every((type) => type === 'integer' || type === 'number') ? 'number' : 'string'
  const shape = isObject(flat) ? 'object' : isJson(own(schema, 'items')) ? 'array' : undefined
  switch (only ?? shape ?? typeOfValues(schema)) {
    case 'integer':
      return 'integer'
    case 'number':
      return numberAt(schema, 'multipleOf') === 1 ? 'integer' : 'number'
    case 'boolean':
      return 'boolean'
    case 'array':
      return 'array'
    case 'string':
      return textType(schema)
    default:
      // Anything that JSON can say.
      return flat.types.length === 0 && textAt(schema, 'format') !== undefined ? textType(schema) : 'object'
  }
}

function typeOfValues(schema: Json): string | undefined {
  const values = [...listAt(schema, 'enum'), own(schema, 'const')].filter(
    (one) => one !== undefined && one !== null,
  )
  const kinds = new Set(values.map((one) => (Number.isInteger(one) ? 'integer' : typeof one)))
  return kinds.size === 1 ? [...kinds][0] : kinds.size > 1 ? 'string' : undefined
}

function textType(schema: Json): ImportedLogicalType {
  const format = own(schema, 'format')
  if (format === 'date-time') return 'timestamp'
  if (format === 'date' || format === 'time') return format
  const pattern = textAt(schema, 'pattern') ?? ''
  if (TIME_PATTERN.test(pattern)) return 'time'
  const dated = DAY_PATTERN.exec(pattern)
  if (!dated) return 'string'
  return dated[1] === undefined ? 'date' : 'timestamp'
}

function valuesOf(schema: Json): { values?: readonly ImportedValue[]; words: readonly string[] } {
  const constant = own(schema, 'const')
  const list = constant === undefined ? own(schema, 'enum') : [constant]
  if (!Array.isArray(list)) return { words: [] }
  const some = list.filter((value) => value !== null)
  if (some.length > 0 && some.every(isScalar)) return { values: some, words: [] }
  return { words: some.length === 0 ? [] : ['JSON Schema: enum of values that are no scalars'] }
}

function optionsOf(
  schema: Json,
  logicalType: ImportedLogicalType,
): { options: Readonly<Record<string, ImportedValue>>; words: readonly string[] } {
  const options: Record<string, ImportedValue> = {}
  const words: string[] = []
  const copy = (...names: readonly string[]): void => {
    for (const name of names) {
      const value = numberAt(schema, name)
      if (value !== undefined) options[name] = value
    }
  }
  if (logicalType === 'string') {
    copy('minLength', 'maxLength')
    const pattern = textAt(schema, 'pattern')
    if (pattern !== undefined && patternFault(pattern) === undefined) options['pattern'] = pattern
    else if (pattern !== undefined) words.push(`Pattern: ${pattern}`)
    const format =
      textAt(schema, 'format') ?? (own(schema, 'contentEncoding') === 'base64' ? 'byte' : undefined)
    if (format !== undefined && TEXT_FORMATS.has(format)) options['format'] = format
    else if (format !== undefined) words.push(`Format: ${format}`)
  } else if (logicalType === 'integer' || logicalType === 'number')
    numbers(schema, logicalType, options, copy)
  else if (logicalType === 'timestamp') options['timezone'] = true
  else if (logicalType === 'array') {
    copy('minItems', 'maxItems')
    if (own(schema, 'uniqueItems') === true) options['uniqueItems'] = true
  } else if (logicalType === 'object') copy('minProperties', 'maxProperties')
  return { options, words }
}

function numbers(
  schema: Json,
  logicalType: 'integer' | 'number',
  options: Record<string, ImportedValue>,
  copy: (...names: readonly string[]) => void,
): void {
  copy('multipleOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum')
  if (logicalType === 'integer' && options['multipleOf'] === 1) delete options['multipleOf']
  // Draft 4: true makes the bound beside it exclusive.
  for (const [open, closed] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const)
    if (own(schema, open) === true && options[closed] !== undefined) {
      options[open] = options[closed]
      delete options[closed]
    }
  if (logicalType === 'number') return
  const size = SIZES.get(`${options['minimum']} ${options['maximum']}`)
  options['format'] = size ?? 'i64'
  if (size === undefined) return
  delete options['minimum']
  delete options['maximum']
}
