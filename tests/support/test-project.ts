/**
 * A project of its own for a test file, on the servers of the run: a fresh Postgres database, a topic prefix, two ClickHouse
 * databases, a slot and a publication.
 *
 * Processes log in to ClickHouse as the administrator here, because the identities of the embedded server know the
 * databases of one project only; what those identities may do is tested in tests/ops/embedded and end to end.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { stringify } from 'yaml'
import { type ClickHouseSession, openClickHouse } from '#ops/cli/clickhouse-session.ts'
import { openPostgres, type PostgresSession } from '#ops/cli/postgres-session.ts'
import { loadProject, type Project } from '#ops/runtime/load-config.ts'
import { type Endpoints, resolveSettings, type Settings } from '#ops/runtime/settings.ts'

/** What a project is made from. */
export type TestProjectOptions = {
  /** Statements that make the source schema, run by its owner. */
  readonly schema?: string
  /** Contract files: name (without ending) -> YAML. */
  readonly contracts?: Readonly<Record<string, string>>
  /** Merged over the configuration, section by section. */
  readonly config?: Readonly<Record<string, unknown>>
  /** A ClickHouse of the test's own, with the passwords of the run; else that of the run. */
  readonly clickhouse?: { readonly url: string }
}

/** A project of a test file. */
export type TestProject = {
  readonly id: string
  readonly project: Project
  readonly settings: Settings
  /** Database of the datasets. */
  readonly analytics: string
  readonly governance: string
  /** As the owner of the source database. */
  readonly postgres: PostgresSession
  /** As the administrator, in the database of the datasets. */
  readonly clickhouse: ClickHouseSession
  /** Removes what was made. */
  dispose(): Promise<void>
}

/** Makes a project. Call it in `beforeAll`, and `dispose` in `afterAll`. */
export async function createTestProject(options: TestProjectOptions = {}): Promise<TestProject> {
  const servers = inject('servers')
  const id = `t${randomBytes(5).toString('hex')}`
  const dir = mkdtempSync(join(tmpdir(), `mogo-${id}-`))
  const analytics = `${id}_analytics`
  const governance = `${id}_governance`
  mkdirSync(join(dir, 'contracts'))
  for (const [name, text] of Object.entries(options.contracts ?? {}))
    writeFileSync(join(dir, 'contracts', `${name}.odcs.yaml`), text)
  // The project's own run folder, the run's secrets.
  mkdirSync(join(dir, '.mogo', 'run'), { recursive: true })
  symlinkSync(join(servers.stateDir, 'secrets'), join(dir, '.mogo', 'secrets'))
  const config = {
    name: 'test',
    logLevel: 'warn',
    postgres: { database: id, slot: id, publication: id },
    kafka: { topicPrefix: id },
    clickhouse: { database: analytics, governanceDatabase: governance },
  }
  const merged = { ...config, ...mergeSections(config, options.config ?? {}) }
  writeFileSync(join(dir, 'mogo.yaml'), stringify(merged))
  const endpoints: Endpoints = {
    postgres: servers.postgres,
    kafka: { brokers: [...servers.kafka.brokers] },
    connect: servers.connect,
    // The handle of the run says more than the file of endpoints may hold.
    clickhouse: { url: (options.clickhouse ?? servers.clickhouse).url },
    control: servers.control,
  }
  writeFileSync(join(dir, '.mogo', 'run', 'endpoints.json'), JSON.stringify(endpoints))
  const project = loadProject(dir)
  const resolved = resolveSettings(project, endpoints)
  const settings: Settings = { ...resolved, clickhouse: () => resolved.clickhouse('admin') }

  const superuser = await openPostgres(settings.postgres('superuser', 'postgres'))
  await superuser.query(/*sql*/ `create database ${id} owner mogo_app`)
  await superuser.query(/*sql*/ `grant connect on database ${id} to mogo_capture`)
  const postgres = await openPostgres(settings.postgres('app'))
  if (options.schema !== undefined) await postgres.query(options.schema)
  const admin = openClickHouse(settings.clickhouse('admin'), 'default')
  for (const database of [analytics, governance]) await admin.query(/*sql*/ `CREATE DATABASE ${database}`)
  const clickhouse = openClickHouse(settings.clickhouse('admin'), analytics)

  return {
    id,
    project,
    settings,
    analytics,
    governance,
    postgres,
    clickhouse,
    async dispose() {
      await postgres.close()
      await clickhouse.close()
      await deleteConnectors(settings, id)
      for (const database of [analytics, governance])
        await admin.query(/*sql*/ `DROP DATABASE ${database} SYNC`)
      await admin.close()
      await dropSource(superuser, id)
      await superuser.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function mergeSections(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const isSection = (value: unknown): value is object => typeof value === 'object' && value !== null
  return Object.fromEntries(
    Object.entries(over).map(([name, value]) => {
      const section = base[name]
      return [name, isSection(section) && isSection(value) ? { ...section, ...value } : value]
    }),
  )
}

/** Connectors whose name holds the project's id. */
async function deleteConnectors(settings: Settings, id: string): Promise<void> {
  const { url, username, password } = settings.connect()
  const headers = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  const names = (await (await fetch(`${url}/connectors`, { headers })).json()) as string[]
  for (const name of names.filter((candidate) => candidate.includes(id)))
    await fetch(`${url}/connectors/${encodeURIComponent(name)}`, { method: 'DELETE', headers })
}

/** The slot goes first: a database with one cannot be dropped. */
async function dropSource(superuser: PostgresSession, id: string): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    try {
      await superuser.query(
        /*sql*/ `select pg_terminate_backend(active_pid) from pg_replication_slots where database = '${id}' and active_pid is not null`,
      )
      await superuser.query(
        /*sql*/ `select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = '${id}'`,
      )
      await superuser.query(/*sql*/ `drop database if exists ${id} with (force)`)
      return
    } catch (error) {
      // The connector may hold the slot for a moment longer.
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
