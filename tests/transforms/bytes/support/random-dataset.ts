/** Random contracts: every type, rule, PII plan, stored type and policy, with the tenant in any place. */
import { type CompiledContract, compileContract } from '#contracts/compile/compile-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { parseContract } from '#contracts/parse.ts'
import { VALUES } from './column-values.ts'
import type { Draw } from './draw.ts'

type Options = Readonly<Record<string, unknown>>
type Custom = { readonly property: string; readonly value: unknown }

/** A property of a contract, and what it is of. */
export type Property = {
  readonly name: string
  readonly physicalName: string
  readonly physicalType: string
  readonly required?: boolean
  readonly primaryKey?: boolean
  readonly primaryKeyPosition?: number
  readonly logicalTypeOptions?: Options
  readonly classification?: string
  readonly items?: Options
  readonly customProperties?: readonly Custom[]
}

const TENANT_TYPES = ['text', 'integer', 'uuid', 'bigint', 'character varying(400)']
const KEY_TYPES = ['bigint', 'uuid', 'text', 'integer', 'date', 'numeric(12,2)', 'time without time zone']
const NORMAL_FORMS = ['none', 'trim', 'lower', 'email', 'phone']
/** Kind of values -> types that they may be stored in, beside the usual one. */
export const STORED_TYPES: Readonly<Record<string, readonly string[]>> = {
  integer: ['UInt32', 'Int64', 'String', 'Int128', 'Int8'],
  bigint: ['UInt64', 'Int32', 'String', 'Int256'],
  decimal: ['Decimal(20, 4)', 'Decimal(9, 0)', 'String', 'Int64', 'UInt256'],
  float: ['Float64'],
  date: ['Date', 'String'],
  timestamp: [
    "DateTime('UTC')",
    "DateTime64(0, 'UTC')",
    "DateTime64(3, 'UTC')",
    "DateTime64(9, 'UTC')",
    'String',
  ],
  text: ['LowCardinality(String)'],
  json: ['LowCardinality(String)'],
  uuid: ['String'],
  array: ['String'],
}

/** Types that most tables are made of. */
export const USUAL_TYPES = [
  'text',
  'character varying(400)',
  'smallint',
  'integer',
  'bigint',
  'numeric(12,2)',
  'double precision',
  'real',
  'boolean',
  'uuid',
  'date',
  'timestamp with time zone',
  'timestamp without time zone',
  'jsonb',
  'text[]',
  'integer[]',
  'numeric',
  'time without time zone',
  'inet',
  'mood',
]

/** Compiles properties to a dataset. Of one that cannot be what was drawn for it only name and type stay. */
export function datasetOfProperties(
  properties: readonly Property[],
  table: readonly Custom[],
): CompiledDataset {
  const first = compiledOf(properties, table)
  const wrong = new Set(first.faults.map(({ path }) => Number(/properties\[(\d+)\]/.exec(path)?.[1])))
  const mended = properties.map((property, index): Property => {
    const {
      customProperties: _custom,
      logicalTypeOptions: _options,
      items: _items,
      classification: _class,
      ...rest
    } = property
    return wrong.has(index) ? rest : property
  })
  const { datasets, faults } = first.datasets.length > 0 ? first : compiledOf(mended, table)
  const [dataset] = datasets
  if (!dataset) throw new Error(`${JSON.stringify(faults)} ${JSON.stringify(mended)}`)
  return dataset
}

function compiledOf(properties: readonly Property[], table: readonly Custom[]): CompiledContract {
  const contract = {
    ...{
      apiVersion: 'v3.1.0',
      kind: 'DataContract',
      id: 'urn:test:things',
      version: '1.0.0',
      status: 'active',
    },
    schema: [{ name: 'things', customProperties: table, properties }],
    roles: [{ role: 'engineer', customProperties: [{ property: 'rowFilter', value: 'all' }] }],
  }
  // JSON is YAML. Faults of shape are passed over: the properties say no logical types.
  return compileContract({ ...parseContract(JSON.stringify(contract)), faults: [] })
}

/** A dataset with any columns. */
export function randomDataset(draw: Draw): CompiledDataset {
  const types = Object.keys(VALUES)
  const columns = Array.from({ length: draw.between(0, 8) }, (_, index) =>
    randomColumn(draw, `c${index}`, draw.pick(types)),
  )
  return withTenantAndKey(draw, columns)
}

/** A dataset of usual columns, with rules that usual values keep. */
export function usualDataset(draw: Draw): CompiledDataset {
  const columns = Array.from({ length: draw.between(1, 10) }, (_, index): Property => {
    const physicalType = draw.pick(USUAL_TYPES)
    const isText = mapPostgresType(physicalType).kind === 'text' && physicalType !== 'mood'
    if (isText && draw.chance(30)) return personal(draw, column(`c${index}`, physicalType), USUAL_PLANS)
    return {
      ...column(`c${index}`, physicalType),
      required: draw.chance(50),
      logicalTypeOptions: isText ? { maxLength: 500 } : keptOptions(physicalType),
    }
  })
  return withTenantAndKey(draw, columns)
}

function keptOptions(physicalType: string): Options {
  return KEPT_OPTIONS[mapPostgresType(physicalType).kind] ?? {}
}

const NUMBERS: Options = { minimum: -(10 ** 14), maximum: 10 ** 14 }
const MOMENTS: Options = { minimum: '1900-01-01', exclusiveMaximum: '2300-01-01T00:00:00Z' }
const KEPT_OPTIONS: Readonly<Record<string, Options>> = {
  ...{
    integer: NUMBERS,
    bigint: NUMBERS,
    decimal: NUMBERS,
    float: NUMBERS,
    date: MOMENTS,
    timestamp: MOMENTS,
  },
  ...{ array: { maxItems: 20 }, json: { maxProperties: 50, maxItems: 100 } },
}

function column(name: string, physicalType: string): Property {
  // Source names need escapes and are not ASCII, now and then.
  return { name, physicalName: NAMES[name] ?? name, physicalType }
}

const NAMES: Readonly<Record<string, string>> = {
  c1: 'größe',
  c2: 'a "quoted" name',
  c3: '__proto__',
  c4: 'source',
}

function withTenantAndKey(draw: Draw, columns: readonly Property[]): CompiledDataset {
  const key: Property = { ...column('id', draw.pick(KEY_TYPES)), primaryKey: true, primaryKeyPosition: 2 }
  const schemaChange = {
    property: 'schemaChange',
    value: draw.pick(['accept', 'accept', 'hold', 'quarantine']),
  }
  const constant = { property: 'tenant', value: { value: 'main' } }
  if (draw.chance(25)) return datasetOfProperties(draw.shuffled([key, ...columns]), [constant, schemaChange])
  const tenant: Property = {
    ...column('tenant_id', draw.pick(TENANT_TYPES)),
    ...(draw.chance(50) ? { required: true } : { primaryKey: true, primaryKeyPosition: 1 }),
  }
  const ofColumn = { property: 'tenant', value: { column: 'tenant_id' } }
  return datasetOfProperties(draw.shuffled([tenant, key, ...columns]), [ofColumn, schemaChange])
}

function randomColumn(draw: Draw, name: string, physicalType: string): Property {
  const base = column(name, physicalType)
  if (draw.chance(25)) return personal(draw, base, PLANS)
  const { kind } = mapPostgresType(physicalType)
  const required = draw.chance(40)
  const stored = STORED_TYPES[kind] ?? []
  const targetType = stored.length > 0 && draw.chance(25) ? draw.pick(stored) : undefined
  const custom: Custom[] = []
  if (targetType !== undefined) custom.push({ property: 'targetType', value: targetType })
  if (draw.chance(30)) custom.push(...policies(draw, { kind, physicalType, required, targetType }))
  if (draw.chance(20))
    custom.push({ property: 'validValues', value: VALID_VALUES[kind] ?? ['a', 'note', ''] })
  return {
    ...{ ...base, required },
    ...(custom.length > 0 ? { customProperties: custom } : {}),
    ...(draw.chance(25) ? { logicalTypeOptions: randomRules(draw, kind) } : {}),
    ...(kind === 'array' && draw.chance(25) ? { items: randomItems(draw, physicalType) } : {}),
  }
}

function randomItems(draw: Draw, physicalType: string): Options {
  const { kind } = mapPostgresType(physicalType.replace(/\[\]$/, ''))
  return { name: 'item', required: draw.chance(30), logicalTypeOptions: randomRules(draw, kind) }
}

function policies(
  draw: Draw,
  column: { kind: string; physicalType: string; required: boolean; targetType: string | undefined },
): readonly Custom[] {
  const { kind, physicalType, required, targetType } = column
  const isMoment = kind === 'date' || kind === 'timestamp'
  if (isMoment && targetType !== 'String')
    return [{ property: 'outOfRange', value: required || draw.chance(50) ? 'clamp' : 'null' }]
  if (kind === 'decimal' && physicalType !== 'money' && !required)
    return [{ property: 'notFinite', value: 'null' }]
  if (physicalType === 'bytea') return [{ property: 'bytesAs', value: 'hex' }]
  return kind === 'array' ? [{ property: 'oneDimensional', value: true }] : []
}

const VALID_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  integer: [0, 1, -5],
  bigint: [0, '1', -1000],
  decimal: ['0', '1.50', '12'],
  float: [0, 1.5],
  date: ['2024-02-29', '2000-01-01'],
  boolean: [true],
}

function randomRules(draw: Draw, kind: string): Options {
  switch (kind) {
    case 'integer':
    case 'bigint':
    case 'float':
      return choose(draw, {
        ...{ minimum: draw.between(-1000, 0), maximum: draw.between(0, 1000) },
        ...{ exclusiveMinimum: -5, exclusiveMaximum: 1000, multipleOf: draw.pick([1, 5]) },
      })
    case 'decimal':
      return choose(draw, {
        ...{
          minimum: draw.pick([0, -0.005, '-100000.5']),
          maximum: draw.pick([1000, 999.995, '99999999999999999999']),
        },
        ...{
          exclusiveMinimum: draw.pick([0, -1.25]),
          exclusiveMaximum: 1_000_000,
          multipleOf: draw.pick([0.01, 0.25, 5]),
        },
      })
    case 'date':
    case 'timestamp':
      return choose(draw, {
        minimum: draw.pick(['1950-06-15', '2000-02-29T12:30', '2010-01-01T00:00:00Z', '1999-13-45']),
        maximum: draw.pick([
          '2200-12-31',
          '2050-01-01 23:59:59Z',
          '2040-06-30T12:00',
          '2060-01-01T00:00:00.5Z',
        ]),
        exclusiveMinimum: draw.pick(['1900-01-01', '2001-01-01T00:00', '1700-01-01']),
        exclusiveMaximum: draw.pick(['2100-01-01', '2030-12-31T23:59:59', '9999-12-31']),
      })
    case 'array':
      return choose(draw, {
        ...{ minItems: draw.pick([1, 2]), maxItems: draw.pick([2, 3]) },
        ...{ minLength: 1, maxLength: draw.pick([1, 3]), uniqueItems: true },
      })
    case 'json':
      return choose(draw, {
        ...{ maxLength: 20, minLength: 3, pattern: '^[{[]', uniqueItems: true },
        ...{ minProperties: 1, maxProperties: draw.pick([0, 1, 2, 50]) },
        ...{ minItems: 1, maxItems: draw.pick([0, 2, 40]) },
      })
    default:
      return choose(draw, {
        ...{ minLength: draw.pick([1, 5]), maxLength: draw.pick([0, 4, 12, 200, 1100]) },
        pattern: draw.pick(['^[a-z ]*$', '^.{0,100}$', '[0-9]']),
      })
  }
}

function choose(draw: Draw, options: Options): Options {
  return Object.fromEntries(draw.some(Object.entries(options), 40))
}

type MakePlan = (draw: Draw, normalize: string, physicalType: string) => Options

const ANY_NULL = ['keep', 'token']
const USUAL_PLANS: readonly MakePlan[] = [
  (draw, normalize) => ({ method: 'hmac', domain: 'email', normalize, onNull: draw.pick(ANY_NULL) }),
  (_draw, normalize) => ({ method: 'hmac', domain: 'phone', normalize, keyRef: 'second' }),
  (draw, normalize) => ({ method: 'siv', domain: 'person_name', normalize, onNull: draw.pick(ANY_NULL) }),
  (draw, normalize) => ({ method: 'mask', normalize, keepFirst: draw.below(3), keepLast: draw.below(3) }),
  (draw) => ({ method: 'redact', with: draw.pick(['hidden', '***']), onNull: draw.pick(ANY_NULL) }),
  (_draw, _normalize, physicalType) => bucketOf(physicalType),
  () => ({ method: 'drop' }),
]
const PLANS: readonly MakePlan[] = [
  ...USUAL_PLANS,
  () => ({ method: 'ff1', domain: 'card', alphabet: 'digits', preserve: '-', minLength: 6 }),
]

function personal(draw: Draw, base: Property, plans: readonly MakePlan[]): Property {
  const plan = draw.pick(plans)(draw, draw.pick(NORMAL_FORMS), base.physicalType)
  const hasRules = plans === PLANS && draw.chance(20)
  return {
    ...{ ...base, required: draw.chance(40), classification: 'personal' },
    customProperties: [{ property: 'piiPlan', value: plan }],
    ...(hasRules ? { logicalTypeOptions: randomRules(draw, mapPostgresType(base.physicalType).kind) } : {}),
  }
}

function bucketOf(physicalType: string): Options {
  const { kind } = mapPostgresType(physicalType)
  if (kind === 'date' || kind === 'timestamp') return { method: 'bucket', unit: 'month' }
  if (['integer', 'bigint', 'decimal', 'float'].includes(kind)) return { method: 'bucket', width: '10' }
  return kind === 'text' ? { method: 'bucket', keep: 2, normalize: 'trim' } : { method: 'redact' }
}
