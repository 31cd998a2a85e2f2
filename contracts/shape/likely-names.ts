/** Names that people write for what the standard calls otherwise: other formats, databases, older versions and later ones. */
import type { StandardVersion } from './api-version.ts'

/** Keys. The first of the right-hand names that is allowed at the place is meant. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  columns: ['properties'],
  fields: ['properties'],
  models: ['schema'],
  dataset: ['schema'],
  tables: ['schema'],
  info: ['description'],
  type: ['logicalType', 'metric'],
  datatype: ['physicalType'],
  column: ['name'],
  table: ['name', 'physicalName'],
  title: ['businessName', 'name'],
  alias: ['businessName'],
  isprimary: ['primaryKey'],
  isprimarykey: ['primaryKey'],
  primary: ['primaryKey'],
  pk: ['primaryKey'],
  isunique: ['unique'],
  isnullable: ['required'],
  nullable: ['required'],
  notnull: ['required'],
  mandatory: ['required'],
  pii: ['classification'],
  sensitivity: ['classification'],
  isprimarykeyposition: ['primaryKeyPosition'],
  references: ['relationships'],
  foreignkeys: ['relationships'],
  owner: ['team'],
  stakeholders: ['team'],
  contact: ['support'],
  sla: ['slaProperties'],
  servicelevels: ['slaProperties'],
  tests: ['quality'],
  rules: ['quality'],
  checks: ['quality'],
  sql: ['query'],
  min: ['minimum', 'minLength', 'minItems'],
  max: ['maximum', 'maxLength', 'maxItems'],
  regex: ['pattern'],
  options: ['logicalTypeOptions'],
  datacontractspecification: ['apiVersion'],
  uuid: ['id'],
  datacontractid: ['id'],
  quantumname: ['dataProduct'],
  comment: ['description'],
  username: ['name'],
  email: ['url'],
  db: ['database'],
  hostname: ['host'],
  url: ['location', 'host'],
}

/** Values: types of databases and languages. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  text: ['string'],
  varchar: ['string'],
  char: ['string'],
  uuid: ['string'],
  enum: ['string'],
  int: ['integer'],
  bigint: ['integer'],
  smallint: ['integer'],
  long: ['integer'],
  short: ['integer'],
  int8: ['i8'],
  int16: ['i16'],
  int32: ['i32'],
  int64: ['i64'],
  float: ['number', 'f32'],
  float32: ['f32'],
  float64: ['f64'],
  double: ['number', 'f64'],
  decimal: ['number'],
  numeric: ['number'],
  real: ['number'],
  bool: ['boolean'],
  datetime: ['timestamp'],
  timestamptz: ['timestamp'],
  list: ['array'],
  struct: ['object'],
  record: ['object'],
  json: ['object'],
  table: ['object'],
  dict: ['map', 'object'],
  pg: ['postgres'],
  mssql: ['sqlserver'],
  gcs: ['custom'],
  unique: ['uniqueness', 'duplicateValues'],
  duplicatecount: ['duplicateValues'],
  validvalues: ['invalidValues'],
  nulls: ['nullValues'],
  count: ['rowCount'],
}

/** Keys that came with 3.2. */
const NEW_IN_3_2: ReadonlySet<string> = new Set([
  'context',
  'deprecated',
  'dimensions',
  'distanceMetric',
  'elementType',
  'encoding',
  'enum',
  'map',
  'semanticType',
  'synonyms',
  'vendor',
  'workgroup',
])
/** Keys that came with 3.1, wherever they may stand. */
const NEW_IN_3_1: ReadonlySet<string> = new Set(['id', 'relationships', 'arguments', 'metric'])
/** Keys that came with 3.1 at one place, by the name of the place. */
const NEW_IN_3_1_OF: Readonly<Record<string, readonly string[]>> = {
  'a service level': ['description', 'scheduler', 'schedule'],
  'a custom property': ['description'],
  'an authoritative definition': ['description'],
  'a support channel': ['customProperties'],
  'a member of the team': ['tags', 'customProperties', 'authoritativeDefinitions'],
  'a server of type custom': ['stream'],
}
/** Values that came later: logical types, and types of servers. */
const NEW_VALUES: ReadonlyMap<string, StandardVersion> = new Map([
  ...['hive', 'impala', 'zen'].map((value) => [value, '3.1'] as const),
  ...['map', 'vector', 'btrieve', 'exasol', 'fastobjects', 'hana', 'iceberg', 'ingres', 'poet'].map(
    (value) => [value, '3.2'] as const,
  ),
  ...['teradata', 'vectorwise', 'versant'].map((value) => [value, '3.2'] as const),
])

/** The version that a key of a place came with, where that is later than the document's. */
export function newerKey(key: string, what: string, version: StandardVersion): StandardVersion | undefined {
  if (version === '3.0' && (NEW_IN_3_1.has(key) || NEW_IN_3_1_OF[what]?.includes(key))) return '3.1'
  return version !== '3.2' && NEW_IN_3_2.has(key) ? '3.2' : undefined
}

/** The version that a value came with, where that is later than the document's. */
export function newerValue(value: string, version: StandardVersion): StandardVersion | undefined {
  const since = NEW_VALUES.get(value)
  return since !== undefined && since > version ? since : undefined
}

/** The key that is meant by another name; undefined if there is none at the place. */
export function likelyKey(written: string, allowed: readonly string[]): string | undefined {
  return pick(KEYS, written, allowed)
}

/** The value that is meant by another name. */
export function likelyValue(written: string, allowed: readonly string[]): string | undefined {
  return pick(VALUES, written, allowed)
}

function pick(
  table: Readonly<Record<string, readonly string[]>>,
  written: string,
  allowed: readonly string[],
): string | undefined {
  const word = written.toLowerCase().replaceAll(/[_\- ]/g, '')
  return Object.hasOwn(table, word) ? table[word]?.find((name) => allowed.includes(name)) : undefined
}
