/**
 * The embedded ClickHouse 26.7: libchdb in a child process (clickhouse-child.ts), data in `.mogo/data/clickhouse`.
 */

import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { MogoError } from '#contracts/errors.ts'
import {
  type ClickHouseDatabases,
  type ClickHouseUser,
  type RenderedScope,
  renderConfigXml,
  renderUsersXml,
  serviceGrants,
} from './clickhouse-config.ts'
import { mendDeduplicationLogs } from './clickhouse-deduplication.ts'
import { ensureSecret, sha256Hex, writePrivateFile } from './credentials.ts'
import { ensureDataFolder } from './data-folder.ts'
import type { ServerDefinition } from './server.ts'
import { brokenData, explainCommonFailure } from './start-failure.ts'

/** Options of the embedded ClickHouse. */
export type ClickHouseOptions = {
  readonly stateDir: string
  /** The Node that runs the child. */
  readonly node: string
  readonly port: number
  readonly nativePort: number
  readonly databases: ClickHouseDatabases
  /** Asked before each start. */
  readonly scopes: () => readonly RenderedScope[]
  readonly scopeSettings?: Readonly<Record<string, string | number>>
  readonly maxMemoryBytes?: number
}

const require = createRequire(import.meta.url)
const CHILD = join(import.meta.dirname, 'clickhouse-child.ts')
const KEEP_LISTENING =
  "SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; SELECT count() FROM file('-', LineAsString, 'l String') FORMAT Null"

/**
 * Path and version of libchdb for this platform.
 *
 * @throws MogoError MOGO_PLATFORM_UNSUPPORTED (there is none for arm64, nor for other systems than Linux with glibc)
 */
export function findChdb(
  platform: string = process.platform,
  arch: string = process.arch,
): { library: string; version: string } {
  try {
    const manifest = require.resolve(`@chdb/lib-${platform}-${arch}-gnu/package.json`)
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    return { library: join(dirname(manifest), 'libchdb.so'), version }
  } catch {
    throw new MogoError('MOGO_PLATFORM_UNSUPPORTED', {
      server: 'clickhouse',
      platform: `${platform}-${arch}`,
      path: 'clickhouse',
    })
  }
}

/** Defines the embedded ClickHouse for the supervisor. */
export function clickhouseServer(options: ClickHouseOptions): ServerDefinition {
  const { library, version } = findChdb()
  const dataDir = join(options.stateDir, 'data', 'clickhouse')
  const secretsDir = join(options.stateDir, 'secrets')
  const confDir = join(options.stateDir, 'run', 'conf')
  const configFile = join(confDir, 'clickhouse.xml')
  const usersFile = join(confDir, 'clickhouse-users.xml')
  const url = `http://127.0.0.1:${options.port}`
  const ask = async (sql: string, signal?: AbortSignal): Promise<boolean> =>
    (await askAsAdmin(url, secretsDir, sql, { ...(signal === undefined ? {} : { signal }) })) === 200
  return {
    name: 'clickhouse',
    dependsOn: [],
    ports: { port: options.port, native: options.nativePort },
    stopSignal: 'SIGTERM',
    startTimeoutSeconds: 120,
    stopTimeoutSeconds: 15,
    prepare: async () => {
      mkdirSync(confDir, { recursive: true, mode: 0o700 })
      const [backupsDir, userFilesDir] = [join(options.stateDir, 'backups'), join(dataDir, 'user_files')]
      await ensureDataFolder(dataDir, { server: 'clickhouse', version }, async () => {})
      mendDeduplicationLogs(dataDir)
      mkdirSync(userFilesDir, { recursive: true, mode: 0o700 })
      writePrivateFile(
        configFile,
        renderConfigXml({
          usersFile,
          backupsDir,
          userFilesDir,
          maxMemoryBytes: options.maxMemoryBytes ?? 1_500_000_000,
        }),
      )
      writePrivateFile(
        usersFile,
        renderUsersXml({
          users: serviceUsers(secretsDir, options.databases),
          scopes: options.scopes(),
          ...(options.scopeSettings === undefined ? {} : { scopeSettings: options.scopeSettings }),
        }),
      )
    },
    command: () => ({
      command: options.node,
      args: [
        '--disable-warning=ExperimentalWarning',
        CHILD,
        library,
        'clickhouse',
        `--config-file=${configFile}`,
        `--path=${dataDir}`,
        `--http_port=${options.port}`,
        `--tcp_port=${options.nativePort}`,
        '--query',
        KEEP_LISTENING,
      ],
      cwd: dataDir,
      holdStdin: true,
    }),
    probe: (signal) => ask('SELECT 1', signal),
    afterReady: async () => {
      for (const database of [options.databases.analytics, options.databases.governance]) {
        if (!(await ask(`CREATE DATABASE IF NOT EXISTS \`${database}\``))) {
          throw new MogoError('MOGO_SERVER_START_FAILED', {
            server: 'clickhouse',
            detail: `the database ${database} cannot be created`,
          })
        }
      }
    },
    explainFailure: (logTail) => {
      if (/Cannot lock file|Another server instance/.test(logTail))
        return 'another ClickHouse uses its data folder'
      if (/while loading configuration|while parsing user/.test(logTail))
        return 'it cannot read its configuration'
      if (/while loading database|while loading (table|metadata)|Cannot parse metadata/.test(logTail)) {
        return brokenData('clickhouse', dataDir, 'its metadata cannot be read')
      }
      return explainCommonFailure(logTail)
    },
  }
}

/** The users of the services, with the passwords in `secrets/clickhouse.*` (the underscore of a user is a hyphen in the file's name). */
function serviceUsers(secretsDir: string, databases: ClickHouseDatabases): ClickHouseUser[] {
  const grants = serviceGrants(databases)
  const hash = (name: string): string => sha256Hex(ensureSecret(secretsDir, `clickhouse.${name}`))
  return [
    { name: 'admin', passwordSha256: hash('admin') },
    { name: 'worker', passwordSha256: hash('worker'), grants: grants.worker, profile: 'service' },
    { name: 'lineage', passwordSha256: hash('lineage'), grants: grants.lineage, profile: 'service' },
    { name: 'ops', passwordSha256: hash('ops'), grants: grants.ops, profile: 'service' },
    {
      name: 'query_api_gate',
      passwordSha256: hash('query-api-gate'),
      grants: grants.query_api_gate,
      profile: 'gate',
    },
    {
      name: 'query_api_versions',
      passwordSha256: hash('query-api-versions'),
      grants: grants.query_api_versions,
      profile: 'gate',
    },
    {
      name: 'query_api_audit',
      passwordSha256: hash('query-api-audit'),
      grants: grants.query_api_audit,
      profile: 'gate',
    },
  ]
}

/** Runs a statement as `admin`; its result is thrown away. Resolves to the HTTP status. */
async function askAsAdmin(
  url: string,
  secretsDir: string,
  sql: string,
  options: { readonly signal?: AbortSignal; readonly parameters?: Readonly<Record<string, string>> } = {},
): Promise<number> {
  const parameters = Object.entries(options.parameters ?? {}).map(([name, value]): [string, string] => [
    `param_${name}`,
    value,
  ])
  const answer = await fetch(`${url}/?${new URLSearchParams(parameters)}`, {
    method: 'POST',
    body: sql,
    headers: {
      'X-ClickHouse-User': 'admin',
      'X-ClickHouse-Key': ensureSecret(secretsDir, 'clickhouse.admin'),
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  await answer.arrayBuffer()
  return answer.status
}

/**
 * True if a row filter is one expression. It is parsed twice, bare and in brackets: what passes one only (`1) OR (1`, `1 -- `, `1, 2`,
 * `1 GROUP BY x`) is not.
 */
export async function canParseFilter(url: string, secretsDir: string, filter: string): Promise<boolean> {
  const sql =
    "SELECT formatQuery(concat('SELECT 1 WHERE ', {f:String})), formatQuery(concat('SELECT 1 WHERE (', {f:String}, ')'))"
  // A query parameter is given in the engine's tab-separated form.
  const f = filter.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
  return (await askAsAdmin(url, secretsDir, sql, { parameters: { f } })) === 200
}
