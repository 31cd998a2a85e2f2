/**
 * Avro schema (1.12, `.avsc`) -> tables of the common form: a record is a table; of a union or a list of schemas every record is one.
 *
 * The namespace names a package of code and no place of the data, so it is said in a note only. Enums become lists of values, maps are
 * objects, a union with null is optional. Logical types that Debezium and Kafka Connect write as `connect.name` are understood too. Defaults
 * are left out, because they are data.
 */
import { MogoError } from '../errors.ts'
import { exportedPlan } from './exported-plan.ts'
import type {
  Imported,
  ImportedColumn,
  ImportedTable,
  ImportedType,
  ImportedValue,
} from './imported-table.ts'
import { isJson, type Json, listAt, numberAt, objectAt, own, parseJsonFile, textAt } from './json-file.ts'

const MAX_DEPTH = 25
const MAX_FIELDS = 20_000
const PRIMITIVES: ReadonlyMap<string, ImportedType> = new Map<string, ImportedType>([
  ['boolean', { logicalType: 'boolean' }],
  ['int', { logicalType: 'integer', options: { format: 'i32' } }],
  ['long', { logicalType: 'integer', options: { format: 'i64' } }],
  ['float', { logicalType: 'number', options: { format: 'f32' } }],
  ['double', { logicalType: 'number', options: { format: 'f64' } }],
  ['bytes', { logicalType: 'string', options: { format: 'binary' } }],
  ['string', { logicalType: 'string' }],
])
const ZONED: ImportedType = { logicalType: 'timestamp', options: { timezone: true } }
const LOCAL: ImportedType = { logicalType: 'timestamp', options: { timezone: false } }
const LOGICAL: ReadonlyMap<string, ImportedType> = new Map<string, ImportedType>([
  ['uuid', { physicalType: 'uuid', logicalType: 'string', options: { format: 'uuid' } }],
  ['date', { logicalType: 'date' }],
  ['time-millis', { logicalType: 'time' }],
  ['time-micros', { logicalType: 'time' }],
  ...['timestamp-millis', 'timestamp-micros', 'timestamp-nanos'].map((name) => [name, ZONED] as const),
  ...['local-timestamp-millis', 'local-timestamp-micros', 'local-timestamp-nanos'].map(
    (name) => [name, LOCAL] as const,
  ),
  ['duration', { physicalType: 'interval', logicalType: 'string' }],
])
const CONNECT: ReadonlyMap<string, ImportedType> = new Map<string, ImportedType>([
  ['io.debezium.time.Date', { logicalType: 'date' }],
  ['io.debezium.time.IsoDate', { logicalType: 'date' }],
  ['io.debezium.time.Time', { logicalType: 'time' }],
  ['io.debezium.time.MicroTime', { logicalType: 'time' }],
  ['io.debezium.time.IsoTime', { logicalType: 'time' }],
  ['io.debezium.time.Timestamp', LOCAL],
  ['io.debezium.time.MicroTimestamp', LOCAL],
  ['io.debezium.time.IsoTimestamp', LOCAL],
  ['io.debezium.time.ZonedTimestamp', ZONED],
  ['io.debezium.data.Json', { logicalType: 'object' }],
  ['io.debezium.data.Uuid', { physicalType: 'uuid', logicalType: 'string', options: { format: 'uuid' } }],
  ['org.apache.kafka.connect.data.Date', { logicalType: 'date' }],
  ['org.apache.kafka.connect.data.Time', { logicalType: 'time' }],
  ['org.apache.kafka.connect.data.Timestamp', ZONED],
])

/** Reads a file. */
export function avroTables(file: string, text: string): Imported {
  const value = parseJsonFile(file, text, 'an Avro schema')
  const reader = new AvroReader(file)
  const tables = (Array.isArray(value) ? value : [value]).flatMap((schema) => reader.table(schema))
  if (tables.length === 0)
    throw new MogoError('MOGO_IMPORT_EMPTY', {
      source: file,
      detail: 'it has no record',
      remedy: 'Name a schema whose type is record.',
    })
  return { tables, refused: [] }
}

/** A type that may be null. */
type Read = { readonly type: ImportedType; readonly nullable: boolean }

class AvroReader {
  readonly #file: string
  readonly #named = new Map<string, Json>()
  #left = MAX_FIELDS

  constructor(file: string) {
    this.#file = file
  }

  table(schema: unknown): readonly ImportedTable[] {
    if (!isJson(schema)) return []
    this.#collect(schema, '', 0)
    if (own(schema, 'type') !== 'record') return []
    const fullName = fullNameOf(schema, '')
    const name = fullName.split('.').at(-1) ?? fullName
    const namespace = fullName.slice(0, Math.max(0, fullName.length - name.length - 1))
    const governed = textAt(objectAt(schema, 'contract'), 'id') !== undefined
    const comment = textAt(schema, 'doc')
    return [
      {
        schema: '',
        name,
        from: 'an Avro schema',
        physicalType: 'record',
        ...(comment === undefined ? {} : { comment }),
        columns: this.#fields(schema, namespace, [schema]).map((column) =>
          governed && column.plan === undefined ? { ...column, notPersonal: true } : column,
        ),
        foreignKeys: [],
        uniqueKeys: [],
        rules: [],
        custom: {},
        notes: namespace === '' || governed ? [] : [`Left out: the namespace ${namespace}.`],
      },
    ]
  }

  /** Named types may be used before or after they are defined. */
  #collect(value: unknown, namespace: string, depth: number): void {
    if (depth > MAX_DEPTH * 4) return
    if (Array.isArray(value)) for (const item of value) this.#collect(item, namespace, depth + 1)
    if (!isJson(value)) return
    const type = own(value, 'type')
    let inside = namespace
    if (type === 'record' || type === 'error' || type === 'enum' || type === 'fixed') {
      const name = fullNameOf(value, namespace)
      if (!this.#named.has(name)) this.#named.set(name, value)
      inside = name.split('.').slice(0, -1).join('.')
    }
    for (const key of ['type', 'items', 'values']) this.#collect(own(value, key), inside, depth + 1)
    for (const field of listAt(value, 'fields')) this.#collect(field, inside, depth + 1)
  }

  #fields(record: Json, namespace: string, trail: readonly Json[]): readonly ImportedColumn[] {
    return listAt(record, 'fields')
      .filter(isJson)
      .map((field) => {
        if (this.#left-- <= 0)
          throw new MogoError('MOGO_IMPORT_TOO_LARGE', {
            file: this.#file,
            detail: `its types unfold into more than ${MAX_FIELDS} fields`,
          })
        const { type, nullable } = this.#type(own(field, 'type'), namespace, trail)
        const comment = textAt(field, 'doc')
        const classification = textAt(field, 'classification')
        const pii = own(field, 'pii')
        return {
          ...type,
          name: textAt(field, 'sourceName') ?? textAt(field, 'name') ?? '',
          required: !nullable,
          ...(comment === undefined ? {} : { comment: withoutRemarks(comment, pii) }),
          ...(classification === undefined ? {} : { classification }),
          ...(isJson(pii) ? { plan: exportedPlan(pii) } : {}),
        }
      })
  }

  #type(type: unknown, namespace: string, trail: readonly Json[]): Read {
    if (Array.isArray(type)) return this.#union(type, namespace, trail)
    if (typeof type === 'string') {
      const primitive = PRIMITIVES.get(type)
      if (primitive) return { type: primitive, nullable: false }
      if (type === 'null') return { type: { logicalType: 'string' }, nullable: true }
      const named =
        this.#named.get(namespace !== '' && !type.includes('.') ? `${namespace}.${type}` : type) ??
        this.#named.get(type)
      if (!named)
        throw new MogoError('MOGO_IMPORT_REFUSED', {
          file: this.#file,
          path: 'type',
          detail: 'it names a type that the file does not define',
          remedy: 'Put the definition into the same file; nothing is fetched.',
        })
      return this.#complex(named, namespace, trail)
    }
    if (!isJson(type))
      throw new MogoError('MOGO_IMPORT_SYNTAX', {
        file: this.#file,
        format: 'an Avro schema',
        detail: 'a field has no type',
      })
    return this.#complex(type, namespace, trail)
  }

  #complex(schema: Json, namespace: string, trail: readonly Json[]): Read {
    const logical = logicalOf(schema)
    if (logical) return { type: logical, nullable: false }
    const type = own(schema, 'type')
    const done = (read: ImportedType): Read => ({ type: read, nullable: false })
    const deep = trail.length > MAX_DEPTH
    switch (type) {
      case 'record':
      case 'error': {
        if (deep || trail.includes(schema))
          return done({ logicalType: 'object', custom: { recursive: true } })
        const inside = fullNameOf(schema, namespace).split('.').slice(0, -1).join('.')
        return done({ logicalType: 'object', properties: this.#fields(schema, inside, [...trail, schema]) })
      }
      case 'enum':
        return done({
          logicalType: 'string',
          values: listAt(schema, 'symbols').filter((one): one is string => typeof one === 'string'),
        })
      case 'array': {
        const items = deep ? undefined : this.#type(own(schema, 'items'), namespace, [...trail, schema]).type
        return done({ logicalType: 'array', ...(items ? { items } : {}) })
      }
      case 'map':
        return done({ logicalType: 'object' })
      case 'fixed':
        return done({ logicalType: 'string', options: { format: 'binary' } })
      default: {
        if (deep) return done({ logicalType: 'string' })
        const read = this.#type(type, namespace, [...trail, schema])
        const length = numberAt(schema, 'length')
        const options: Record<string, ImportedValue> = { ...read.type.options }
        if (length !== undefined && read.type.logicalType === 'string' && options['format'] === undefined)
          options['maxLength'] = length
        return { ...read, type: { ...read.type, ...(Object.keys(options).length > 0 ? { options } : {}) } }
      }
    }
  }

  #union(types: readonly unknown[], namespace: string, trail: readonly Json[]): Read {
    const nullable = types.includes('null')
    const read = types.filter((type) => type !== 'null').map((type) => this.#type(type, namespace, trail))
    const [first] = read
    if (!first) return { type: { logicalType: 'string' }, nullable: true }
    if (read.length === 1) return { ...first, nullable }
    const kinds = new Set(read.map(({ type }) => type.logicalType))
    const numbers = [...kinds].every((kind) => kind === 'integer' || kind === 'number')
    const logicalType = numbers
      ? 'number'
      : kinds.size === 1 && !kinds.has('object')
        ? (first.type.logicalType ?? 'string')
        : kinds.has('object')
          ? 'object'
          : 'string'
    return { type: { logicalType, rules: [`One of ${read.length} types.`] }, nullable }
  }
}

function logicalOf(schema: Json): ImportedType | undefined {
  const name = textAt(schema, 'logicalType') ?? ''
  const connect = textAt(schema, 'connect.name') ?? ''
  if (name === 'decimal' || name === 'big-decimal') {
    const precision = numberAt(schema, 'precision')
    const scale = numberAt(schema, 'scale') ?? 0
    return {
      logicalType: 'number',
      ...(precision === undefined ? {} : { physicalType: `decimal(${precision},${scale})` }),
    }
  }
  return LOGICAL.get(name) ?? CONNECT.get(connect)
}

function fullNameOf(schema: Json, namespace: string): string {
  const name = textAt(schema, 'name') ?? 'record'
  if (name.includes('.')) return name
  const own_ = textAt(schema, 'namespace') ?? namespace
  return own_ === '' ? name : `${own_}.${name}`
}

/** Our exports put the meaning of the plan, and the name in the contract, behind the description. */
function withoutRemarks(doc: string, pii: unknown): string {
  const meaning = isJson(pii) ? textAt(pii, 'meaning') : undefined
  const parts = doc.split(' | ').filter((part) => part !== meaning && !part.startsWith('In the contract: '))
  return parts.join(' | ')
}
