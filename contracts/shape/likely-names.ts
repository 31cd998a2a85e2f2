/** Names that people write for what the standard calls otherwise: other formats, databases and older versions. */

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
export const NEW_IN_3_2: ReadonlySet<string> = new Set([
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
