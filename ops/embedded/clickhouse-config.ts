/**
 * Configuration of the embedded ClickHouse: config.xml and users.xml.
 *
 * The engine inside libchdb has no SQL for users, so users, grants and row filters stand in users.xml, and a change means a restart (half a
 * second). Only hashes of passwords are in it: the scalar function file() can read it.
 *
 * - `admin`: everything; supervisor and CLI only.
 * - `default`: the engine's own local session, which keeps the server alive. It must exist and must have no password. It holds the one session
 *   it may have (`max_sessions_for_user`), so nobody can log in as it.
 * - services (worker, lineage, ops, query_api_gate, query_api_versions, query_api_audit): the grants they are given.
 * - access scopes: readonly, constant limits, FINAL pinned, column grants, row filters.
 *
 * There is no logger: its messages quote statements and values even at the level of errors.
 */

import { type ScopeLimits, scopeSettings } from '#contracts/compile/scope-settings.ts'

/** One access scope, rendered from contracts and policies. */
export type RenderedScope = {
  readonly name: string
  readonly passwordSha256: string
  /** Full texts, e.g. `GRANT SELECT(a, b) ON analytics.orders`. */
  readonly grants: readonly string[]
  readonly rowFilters: readonly {
    readonly database: string
    readonly table: string
    /** A ClickHouse expression. */
    readonly filter: string
  }[]
}

/** A service's user. */
export type ClickHouseUser = {
  readonly name: string
  readonly passwordSha256: string
  /** Undefined: everything. */
  readonly grants?: readonly string[]
  readonly profile?: 'service' | 'gate'
}

/** Databases of the project. */
export type ClickHouseDatabases = { readonly analytics: string; readonly governance: string }

export const DEFAULT_DATABASES: ClickHouseDatabases = { analytics: 'analytics', governance: 'governance' }

/** Limits of an access scope when the project sets none. */
export const DEFAULT_SCOPE_LIMITS: ScopeLimits = {
  maxSeconds: 30,
  maxMemoryMb: 600,
  maxResultRows: 5_000_000,
  maxRowsToRead: 200_000_000,
}

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

/** Names of users, databases and tables become names of XML elements. */
const elementName = (name: string): string => {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name))
    throw new TypeError(`not usable as a name in users.xml: ${JSON.stringify(name)}`)
  return name
}

/** Renders config.xml. */
export function renderConfigXml(options: {
  readonly usersFile: string
  readonly backupsDir: string
  readonly userFilesDir: string
  readonly maxMemoryBytes: number
}): string {
  return `<!-- Written by mogo before every start. -->
<clickhouse>
  <users_config>${escapeXml(options.usersFile)}</users_config>
  <listen_host>127.0.0.1</listen_host>
  <max_server_memory_usage>${options.maxMemoryBytes}</max_server_memory_usage>
  <mark_cache_size>134217728</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <max_connections>1024</max_connections>
  <background_pool_size>2</background_pool_size>
  <user_files_path>${escapeXml(options.userFilesDir)}</user_files_path>
  <backups><allowed_path>${escapeXml(options.backupsDir)}</allowed_path></backups>
</clickhouse>
`
}

/** Renders users.xml. */
export function renderUsersXml(options: {
  readonly users: readonly ClickHouseUser[]
  readonly scopes: readonly RenderedScope[]
  /** Constant settings of every scope. */
  readonly scopeSettings?: Readonly<Record<string, string | number>>
}): string {
  const settings = options.scopeSettings ?? scopeSettings(DEFAULT_SCOPE_LIMITS)
  const lines = (indent: string, all: readonly string[]): string =>
    all.map((line) => `${indent}${line}\n`).join('')
  const values = Object.entries(settings).map(
    ([name, value]) => `<${elementName(name)}>${escapeXml(String(value))}</${name}>`,
  )
  const constants = Object.keys(settings).map((name) => `<${name}><const/></${name}>`)
  return `<!-- Written by mogo before every start, and when access scopes change. -->
<clickhouse>
  <profiles>
    <default/>
    <local_session><max_sessions_for_user>1</max_sessions_for_user></local_session>
    <service>
      <log_queries>0</log_queries>
      <use_query_cache>0</use_query_cache>
    </service>
    <gate>
      <readonly>1</readonly>
      <log_queries>0</log_queries>
      <max_execution_time>5</max_execution_time>
      <max_memory_usage>200000000</max_memory_usage>
      <max_query_size>262144</max_query_size>
    </gate>
    <scope>
${lines('      ', values)}      <constraints>
${lines('        ', constants)}      </constraints>
    </scope>
  </profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>local_session</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SYSTEM LISTEN ON *.*</query>
        <query>GRANT READ ON FILE</query>
        <query>GRANT CREATE TEMPORARY TABLE ON *.*</query>
      </grants>
    </default>
${options.users.map((user) => renderUser(user.name, user.passwordSha256, user.profile ?? 'default', user.grants, [])).join('')}${options.scopes
  .map((scope) => renderUser(scope.name, scope.passwordSha256, 'scope', scope.grants, scope.rowFilters))
  .join('')}  </users>
</clickhouse>
`
}

function renderUser(
  name: string,
  hash: string,
  profile: string,
  grants: readonly string[] | undefined,
  filters: RenderedScope['rowFilters'],
): string {
  const element = elementName(name)
  const byDatabase = Map.groupBy(filters, (filter) => filter.database)
  const databases = [...byDatabase].map(([database, tables]) => {
    const inner = tables.map(
      ({ table, filter }) => `<${elementName(table)}><filter>${escapeXml(filter)}</filter></${table}>`,
    )
    return `<${elementName(database)}>${inner.join('')}</${database}>`
  })
  // A user with an empty list of grants may do nothing; one without a list may do everything.
  const granted =
    grants === undefined
      ? ''
      : `      <grants>${grants.length === 0 ? '<query>GRANT USAGE ON *.*</query>' : grants.map((grant) => `<query>${escapeXml(grant)}</query>`).join('')}</grants>\n`
  return `    <${element}>
      <password_sha256_hex>${escapeXml(hash)}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>${profile}</profile>
      <quota>default</quota>
${granted}${databases.length === 0 ? '' : `      <databases>${databases.join('')}</databases>\n`}    </${element}>
`
}

/** Tables of the engine that say what there is and who may read it. */
const AUDITED = ['tables', 'columns', 'grants', 'role_grants', 'row_policies']

/** Grants of the services' users. */
export function serviceGrants(
  databases: ClickHouseDatabases,
): Readonly<
  Record<
    'worker' | 'lineage' | 'ops' | 'query_api_gate' | 'query_api_versions' | 'query_api_audit',
    readonly string[]
  >
> {
  const { analytics, governance } = databases
  const ddl = 'CREATE TABLE, CREATE VIEW, ALTER, DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE'
  return {
    worker: [
      `GRANT SELECT, INSERT, ${ddl} ON ${analytics}.*`,
      `GRANT SELECT, INSERT, ${ddl} ON ${governance}.*`,
      'GRANT TABLE ENGINE ON *',
      // Whether a batch that is to be repeated is still under way; it shows the worker its own queries only.
      'GRANT SELECT ON system.processes',
    ],
    lineage: [`GRANT SELECT, INSERT, ${ddl} ON ${governance}.*`, 'GRANT TABLE ENGINE ON *'],
    ops: [`GRANT SELECT, INSERT, CREATE TABLE ON ${governance}.*`, 'GRANT TABLE ENGINE ON *'],
    query_api_gate: [],
    // Which parts a table is made of, and of which tenants their rows are. It runs statements of the query API's own, never a caller's.
    query_api_versions: [
      `GRANT SELECT ON ${analytics}.*`,
      'GRANT SELECT(database, table, engine, path, active, rows, bytes_on_disk, modification_time) ON system.parts',
    ],
    // What there is and who may read it; no row of any table.
    query_api_audit: [
      'GRANT SHOW ON *.*',
      'GRANT SHOW ACCESS ON *.*',
      ...AUDITED.map((table) => `GRANT SELECT ON system.${table}`),
    ],
  }
}
