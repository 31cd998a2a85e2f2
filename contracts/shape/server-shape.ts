/** Servers: which keys a server of each type has, and which of them it must have. */
import { z } from 'zod'
import type { StandardVersion } from './api-version.ts'
import { customProperties, idSince31, uri } from './common-shapes.ts'
import { chosen, closedSince31, text, textLike, wholeNumber } from './zod-parts.ts'

/** Keys of a type, as words: `host` must be there, `port?` may be. */
type Keys = string

const DATABASE = 'host port database'
const HIVE_LIKE = 'host port? database'
const FILES = 'location format? delimiter?'

/** Types since 3.0, but for those below. */
const TYPES: Readonly<Record<string, Keys>> = {
  api: 'location',
  athena: 'stagingDir schema catalog? regionName?',
  azure: 'location format delimiter?',
  bigquery: 'project dataset',
  clickhouse: DATABASE,
  databricks: 'host? catalog schema',
  denodo: 'host port database?',
  dremio: 'host port schema?',
  duckdb: 'database schema?',
  glue: 'account database location? format?',
  cloudsql: `${DATABASE} schema`,
  db2: `${DATABASE} schema?`,
  hive: HIVE_LIKE,
  impala: HIVE_LIKE,
  informix: HIVE_LIKE,
  kafka: 'host format?',
  kinesis: 'region? format?',
  local: 'path format',
  mysql: DATABASE,
  oracle: 'host port serviceName',
  postgresql: `${DATABASE} schema`,
  postgres: `${DATABASE} schema`,
  presto: 'host catalog? schema?',
  pubsub: 'project',
  redshift: 'host? database schema region? account?',
  s3: `${FILES} endpointUrl?`,
  sftp: FILES,
  snowflake: 'host? port? account database schema warehouse?',
  sqlserver: `${HIVE_LIKE} schema`,
  synapse: DATABASE,
  trino: 'host port catalog schema',
  vertica: `${DATABASE} schema`,
  zen: HIVE_LIKE,
  custom:
    'account? catalog? database? dataset? delimiter? endpointUrl? format? host? location? path? port? project? region? regionName? schema? serviceName? stagingDir? warehouse? stream?',
}

/** What 3.2 has more, or otherwise. */
const TYPES_OF_3_2: Readonly<Record<string, Keys>> = {
  ...TYPES,
  athena: 'stagingDir? schema catalog? regionName? workgroup?',
  btrieve: HIVE_LIKE,
  exasol: 'host port? schema?',
  fastobjects: 'database host? port?',
  hana: 'host port? database? schema?',
  iceberg: 'catalog catalogUrl namespace? warehouse?',
  ingres: HIVE_LIKE,
  poet: 'database host? port?',
  teradata: 'host port? database?',
  vectorwise: HIVE_LIKE,
  versant: 'database host? port?',
}
/** Types that came with 3.1. */
const NEW_IN_3_1 = new Set(['hive', 'impala', 'zen'])
const TYPES_OF_3_0: Readonly<Record<string, Keys>> = {
  ...Object.fromEntries(Object.entries(TYPES).filter(([type]) => !NEW_IN_3_1.has(type))),
  custom: TYPES['custom']?.replace(' stream?', '') ?? '',
}
const TYPES_BY_VERSION = { '3.0': TYPES_OF_3_0, '3.1': TYPES, '3.2': TYPES_OF_3_2 } as const
/** Types that have an `encoding` since 3.2. */
const ENCODED = new Set(['azure', 'glue', 'custom', 'kafka', 'kinesis', 'local', 's3', 'sftp'])

/** 3.0 has lists of what files may be. */
const FILE_SERVERS = new Set(['azure', 's3', 'sftp'])
const FILE_WORDS_OF_3_0 = {
  format: z.enum(['parquet', 'delta', 'json', 'csv']),
  delimiter: z.enum(['new_line', 'array']),
} as const

const ADDRESSES = new Set(['location', 'endpointUrl', 'catalogUrl', 'stagingDir'])

/** The shape of a server. */
export function serverShape(version: StandardVersion, role: z.ZodType): z.ZodType {
  const types = TYPES_BY_VERSION[version]
  const names = Object.keys(types)
  const common = {
    ...idSince31(version),
    server: text,
    description: text.optional(),
    environment: text.optional(),
    roles: z.array(role).optional(),
    customProperties: customProperties(version).optional(),
  }
  const shapes = new Map<unknown, z.ZodType>()
  for (const [type, keys] of Object.entries(types)) {
    const words = version === '3.2' && ENCODED.has(type) ? `${keys} encoding?` : keys
    const fields: Record<string, z.ZodType> = {}
    for (const word of words.split(' ')) {
      const name = word.replace('?', '')
      const field = fieldShape(type, name, version)
      fields[name] = word.endsWith('?') ? field.optional() : field
    }
    shapes.set(
      type,
      closedSince31(version, `a server of type ${type}`, { ...common, type: z.literal(type), ...fields }),
    )
  }
  // Which keys fit is not known without a known type: then any of those of some type may stand there.
  const keys = Object.values(types).flatMap((words) => words.replaceAll('?', '').split(' '))
  const anyKeys = Object.fromEntries(['encoding', ...keys].map((key) => [key, z.unknown().optional()]))
  const untyped = closedSince31(version, 'a server', { ...anyKeys, ...common, type: z.enum(names) })
  return chosen(({ type }) => shapes.get(type) ?? untyped)
}

function fieldShape(type: string, name: string, version: StandardVersion): z.ZodType {
  if (name === 'port') return version === '3.2' ? portOrVariable : wholeNumber
  if (version === '3.0' && FILE_SERVERS.has(type) && Object.hasOwn(FILE_WORDS_OF_3_0, name))
    return FILE_WORDS_OF_3_0[name as keyof typeof FILE_WORDS_OF_3_0]
  if (type === 'sftp' && name === 'location') return textLike(/^sftp:\/\//, 'an address sftp://…')
  if (type === 'custom' && name === 'stagingDir') return text
  return ADDRESSES.has(name) ? uri : text
}

/** Since 3.2 a port may be a `${VAR}`, and so is a number or a text. */
const portOrVariable = z
  .custom<unknown>((value) => value !== undefined, 'missing')
  .refine((value) => typeof value === 'string' || Number.isInteger(value), 'a whole number, or a variable')
