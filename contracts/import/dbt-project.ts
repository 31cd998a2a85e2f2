/**
 * What dbt knows of tables, from either of its files: `manifest.json` (versions 10 to 12: everything, tests resolved), or a properties file (`sources.yml`,
 * `schema.yml`: what somebody wrote). Both become one form here; what it means is said in `dbt-tables.ts`.
 */
import { MogoError } from '../errors.ts'
import { parseContract } from '../parse.ts'
import {
  isJson,
  type Json,
  listAt,
  MAX_MANIFEST_BYTES,
  objectAt,
  own,
  parseJsonFile,
  textAt,
} from './json-file.ts'

/** A test of a column or table. */
export type DbtTest = {
  readonly name: string
  /** The column, where it is one of a column. */
  readonly column: string | undefined
  readonly args: Json
  /** Unconditional and an error; others are remarks. */
  readonly strict: boolean
}

/** A source table or a model. */
export type DbtTable = {
  /** `source.shop.raw.orders`, `model.shop.orders`. */
  readonly id: string
  readonly kind: 'source' | 'model'
  readonly schema: string
  /** Name in the database. */
  readonly name: string
  /** Other names that one may select it by. */
  readonly aliases: readonly string[]
  readonly description: string
  readonly meta: Json
  readonly columns: readonly DbtColumn[]
  readonly tests: readonly DbtTest[]
  /** Columns of a primary key that the file names. */
  readonly primaryKey: readonly string[]
  readonly constraints: readonly Json[]
}

/** A column. */
export type DbtColumn = {
  readonly name: string
  readonly description: string
  readonly type: string | undefined
  readonly meta: Json
  readonly constraints: readonly Json[]
}

/** Reads either file. */
export function readDbt(file: string, text: string): readonly DbtTable[] {
  const isYaml = /\.ya?ml$/i.test(file)
  const value = isYaml
    ? readYaml(file, text)
    : parseJsonFile(file, text, 'a manifest of dbt', MAX_MANIFEST_BYTES)
  if (!isJson(value))
    throw new MogoError('MOGO_IMPORT_SYNTAX', { file, format: 'a file of dbt', detail: 'expected an object' })
  if (isYaml) return fromProperties(value)
  const version = /\/v(\d+)\.json$/.exec(textAt(objectAt(value, 'metadata'), 'dbt_schema_version') ?? '')?.[1]
  if (version === undefined || own(value, 'nodes') === undefined)
    throw new MogoError('MOGO_IMPORT_SYNTAX', {
      file,
      format: 'a manifest of dbt',
      detail: 'it names no version of the manifest',
    })
  if (Number(version) < 10)
    throw new MogoError('MOGO_IMPORT_REFUSED', {
      file,
      path: 'metadata.dbt_schema_version',
      detail: `version ${version} of the manifest is older than 10`,
      remedy: 'Make it with dbt 1.6 or newer.',
    })
  return fromManifest(value)
}

/** The reader of contracts is bounded, and says where a syntax is wrong. */
function readYaml(file: string, text: string): unknown {
  const { value, faults } = parseContract(text)
  if (value !== undefined) return value
  const [fault] = faults
  const detail = fault ? `${fault.message} at line ${fault.line}, column ${fault.column}` : 'no valid YAML'
  throw new MogoError('MOGO_IMPORT_SYNTAX', { file, format: 'YAML', detail })
}

function fromManifest(manifest: Json): readonly DbtTable[] {
  const nodes = objectAt(manifest, 'nodes')
  const tables = [
    ...Object.entries(objectAt(manifest, 'sources')).map(([id, node]) => manifestTable(id, node, 'source')),
    ...Object.entries(nodes).map(([id, node]) => manifestTable(id, node, 'model')),
  ].filter((table) => table !== undefined)
  const known = new Map(tables.map((table) => [table.id, table]))
  const tests = new Map<string, DbtTest[]>()
  for (const node of Object.values(nodes)) {
    const found = manifestTest(node, known)
    if (found) tests.set(found.table, [...(tests.get(found.table) ?? []), found.test])
  }
  return tables.map((table) => ({ ...table, tests: tests.get(table.id) ?? [] }))
}

function manifestTable(id: string, node: unknown, kind: DbtTable['kind']): DbtTable | undefined {
  if (!isJson(node)) return undefined
  const type = textAt(node, 'resource_type')
  if (kind === 'model' && type !== 'model' && type !== 'snapshot' && type !== 'seed') return undefined
  const name = textAt(node, 'name') ?? id
  const source = textAt(node, 'source_name')
  return {
    id,
    kind,
    schema: textAt(node, 'schema') ?? '',
    name: textAt(node, kind === 'source' ? 'identifier' : 'alias') ?? name,
    aliases: [name, id, ...(source === undefined ? [] : [`${source}.${name}`])],
    description: textAt(node, 'description') ?? '',
    meta: metaOf(node),
    columns: Object.entries(objectAt(node, 'columns')).flatMap(([key, column]) =>
      isJson(column) ? [columnOf(column, textAt(column, 'name') ?? key)] : [],
    ),
    tests: [],
    primaryKey: listAt(node, 'primary_key').filter((one): one is string => typeof one === 'string'),
    constraints: listAt(node, 'constraints').filter(isJson),
  }
}

function columnOf(column: Json, name: string): DbtColumn {
  return {
    name,
    description: textAt(column, 'description') ?? '',
    type: textAt(column, 'data_type'),
    meta: metaOf(column),
    constraints: listAt(column, 'constraints').filter(isJson),
  }
}

/** Newer versions keep it in `config`. */
function metaOf(holder: Json): Json {
  return { ...objectAt(objectAt(holder, 'config'), 'meta'), ...objectAt(holder, 'meta') }
}

function manifestTest(
  node: unknown,
  known: ReadonlyMap<string, DbtTable>,
): { readonly table: string; readonly test: DbtTest } | undefined {
  if (!isJson(node) || textAt(node, 'resource_type') !== 'test') return undefined
  const metadata = objectAt(node, 'test_metadata')
  const name = textAt(metadata, 'name')
  if (name === undefined) return undefined
  const namespace = textAt(metadata, 'namespace')
  const args = argumentsOf(objectAt(metadata, 'kwargs'))
  const nodes = listAt(objectAt(node, 'depends_on'), 'nodes').filter(
    (one): one is string => typeof one === 'string',
  )
  const attached = textAt(node, 'attached_node') ?? tested(nodes, args, known)
  if (attached === undefined || !known.has(attached)) return undefined
  const target = nodes.find((one) => one !== attached) ?? attached
  const config = objectAt(node, 'config')
  return {
    table: attached,
    test: {
      name: namespace === undefined || namespace === 'dbt' ? name : `${namespace}.${name}`,
      column: textAt(node, 'column_name') ?? textAt(args, 'column_name'),
      args: name === 'relationships' ? { ...args, toId: target } : args,
      strict: isStrict(config),
    },
  }
}

/** Tests of sources are not attached: of two tables that it needs, it is not the one that it refers to. */
function tested(
  nodes: readonly string[],
  args: Json,
  known: ReadonlyMap<string, DbtTable>,
): string | undefined {
  const [only, ...others] = nodes
  if (others.length === 0) return only
  const to = textAt(args, 'to') ?? ''
  return nodes.find((id) => {
    const table = known.get(id)
    return table && !table.aliases.some((alias) => alias.split('.').every((part) => to.includes(`'${part}'`)))
  })
}

/** Since 1.10 the arguments stand in `arguments`. */
function argumentsOf(args: Json): Json {
  const { arguments: inner, ...rest } = args
  return isJson(inner) ? { ...rest, ...inner } : args
}

function isStrict(config: Json): boolean {
  return (
    (textAt(config, 'severity') ?? 'error').toLowerCase() === 'error' &&
    textAt(config, 'where') === undefined &&
    own(config, 'enabled') !== false
  )
}

function fromProperties(file: Json): readonly DbtTable[] {
  const sources = listAt(file, 'sources').filter(isJson)
  const models = ['models', 'seeds', 'snapshots'].flatMap((key) => listAt(file, key).filter(isJson))
  return [
    ...sources.flatMap((source) => {
      const name = textAt(source, 'name') ?? 'source'
      return listAt(source, 'tables')
        .filter(isJson)
        .map((table) => propertiesTable(table, 'source', name, textAt(source, 'schema') ?? name))
    }),
    ...models.map((model) => propertiesTable(model, 'model', '', '')),
  ]
}

function propertiesTable(table: Json, kind: DbtTable['kind'], source: string, schema: string): DbtTable {
  const name = textAt(table, 'name') ?? 'table'
  const columns = listAt(table, 'columns').filter(isJson)
  return {
    id: kind === 'source' ? `source.${source}.${name}` : `model.${name}`,
    kind,
    schema,
    name: textAt(table, kind === 'source' ? 'identifier' : 'alias') ?? name,
    aliases: [name, `${source}.${name}`],
    description: textAt(table, 'description') ?? '',
    meta: metaOf(table),
    columns: columns.map((column) => columnOf(column, textAt(column, 'name') ?? '')),
    tests: [
      ...propertiesTests(table, undefined),
      ...columns.flatMap((column) => propertiesTests(column, textAt(column, 'name'))),
    ],
    primaryKey: [],
    constraints: listAt(table, 'constraints').filter(isJson),
  }
}

/** `- not_null`, `- accepted_values: {values: […]}`. */
function propertiesTests(holder: Json, column: string | undefined): readonly DbtTest[] {
  return [...listAt(holder, 'tests'), ...listAt(holder, 'data_tests')].flatMap((test): readonly DbtTest[] => {
    if (typeof test === 'string') return [{ name: test, column, args: {}, strict: true }]
    if (!isJson(test)) return []
    const [name, body] = Object.entries(test)[0] ?? []
    if (name === undefined) return []
    const args = isJson(body) ? argumentsOf(body) : {}
    const strict = isStrict({ ...args, ...objectAt(args, 'config') })
    const id = name === 'relationships' ? { toId: referenceId(textAt(args, 'to') ?? '') } : {}
    return [{ name, column, args: { ...args, ...id }, strict }]
  })
}

/** `source('raw', 'orders')` -> `source.raw.orders`; `ref('orders')` -> `model.orders`. */
function referenceId(to: string): string {
  const names = [...to.matchAll(/'([^']*)'|"([^"]*)"/g)].map((match) => match[1] ?? match[2] ?? '')
  return /^\s*source/.test(to) ? `source.${names.join('.')}` : `model.${names.at(-1) ?? ''}`
}
