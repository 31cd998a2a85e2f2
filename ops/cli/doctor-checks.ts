/**
 * The checks of `mogo doctor`. Each looks at one thing, says what it found, and names the remedy. A check of something that
 * needs a running project says so when it is not running.
 */
import { statfsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import type { PipelineHealth } from '#contracts/events/pipeline-health.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { findJava } from '#ops/embedded/java.ts'
import { loadProject, type Project } from '#ops/runtime/load-config.ts'
import { probeHttp } from '#ops/runtime/probe-http.ts'
import { readExposures } from '#ops/runtime/read-exposure.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'
import type { CheckResult } from './check-result.ts'
import { openClickHouse } from './clickhouse-session.ts'
import { stackStatus } from './control-client.ts'
import { checkIssuers } from './doctor-identity.ts'
import { checkCapture, checkCarried, checkIdentities, checkPipeline, checkViews } from './doctor-pipeline.ts'
import { lookAtPipeline } from './pipeline-health.ts'
import { openPostgres } from './postgres-session.ts'

/** A check, or what is shown of it. */
export type Check = { readonly name: string }
type RunnableCheck = Check & { run(): Promise<CheckResult> }

const MIN_NODE_MAJOR = 24
const GIB = 1024 ** 3

const ok = (detail: string): CheckResult => ({ state: 'ok', detail })

/** All checks for the project in `dir`. */
export function doctorChecks(
  dir: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly RunnableCheck[] {
  let loaded: Project | undefined
  const project = (): Project => {
    loaded ??= loadProject(dir)
    return loaded
  }
  const running = (): boolean => stackStatus(project().stateDir) !== undefined
  const whenRunning =
    (external: boolean, run: () => Promise<CheckResult>) => async (): Promise<CheckResult> =>
      external || running()
        ? run()
        : {
            state: 'warning',
            detail: 'not running, so not checked',
            remedy: 'Start the project with `mogo up`.',
          }

  // Several checks share one look.
  let look: Promise<PipelineHealth> | undefined
  const lookFor = (check: (health: PipelineHealth) => CheckResult) => () =>
    whenRunning(false, async () => {
      look ??= lookAtPipeline(project(), environment)
      return check(await look)
    })()

  return [
    {
      name: 'node',
      run: async () =>
        Number(process.versions.node.split('.')[0]) >= MIN_NODE_MAJOR
          ? ok(process.versions.node)
          : {
              state: 'fault',
              detail: `${process.versions.node} is too old`,
              remedy: 'Start through ./mogo, which brings its own Node.',
            },
    },
    {
      name: 'java',
      run: async () =>
        ok((await findJava({ javaHome: environment['JAVA_HOME'], path: environment['PATH'] })).version),
    },
    { name: 'memory', run: async () => memory() },
    { name: 'configuration', run: async () => ok(project().file) },
    { name: 'disk', run: async () => disk(project()) },
    {
      name: 'contracts',
      run: async () => ok(`${loadContracts(project().contractsDir).length} datasets, without fault`),
    },
    { name: 'processes', run: async () => processes(project()) },
    {
      name: 'postgres',
      run: async () => whenRunning(project().config.postgres.url !== undefined, () => postgres(project()))(),
    },
    { name: 'capture', run: lookFor(checkCapture) },
    { name: 'replica identity', run: lookFor(checkIdentities) },
    { name: 'values', run: lookFor(checkCarried) },
    {
      name: 'clickhouse',
      run: async () =>
        whenRunning(project().config.clickhouse.url !== undefined, () => clickhouse(project()))(),
    },
    {
      name: 'row security',
      run: async () =>
        whenRunning(project().config.clickhouse.url !== undefined, () => exposures(project()))(),
    },
    { name: 'views', run: lookFor(checkViews) },
    { name: 'pipeline', run: lookFor(checkPipeline) },
    {
      name: 'sign-in',
      run: async () =>
        whenRunning(project().config.identity.issuer !== undefined, () =>
          checkIssuers(resolveSettings(project())),
        )(),
    },
    { name: 'query api', run: async () => whenRunning(false, () => ready(project(), 'api'))() },
    { name: 'worker', run: async () => whenRunning(false, () => ready(project(), 'worker'))() },
    { name: 'lineage', run: async () => whenRunning(false, () => ready(project(), 'lineage'))() },
  ]
}

function memory(): CheckResult {
  const gib = totalmem() / GIB
  const text = `${gib.toFixed(1)} GiB, ${availableParallelism()} cores`
  return gib >= 4
    ? ok(text)
    : { state: 'warning', detail: text, remedy: 'The embedded servers together want 4 GiB.' }
}

function disk(project: Project): CheckResult {
  let dir = project.stateDir
  for (;;) {
    try {
      const { bavail, bsize } = statfsSync(dir)
      const gib = (bavail * bsize) / GIB
      return gib >= 2
        ? ok(`${gib.toFixed(1)} GiB free`)
        : {
            state: gib < 0.5 ? 'fault' : 'warning',
            detail: `${gib.toFixed(2)} GiB free`,
            remedy: 'Free some space, or move stateDir in mogo.yaml.',
          }
    } catch {
      // The state folder is made at the first start.
      const parent = dir.slice(0, dir.lastIndexOf('/')) || '/'
      if (parent === dir) throw new Error('no disk')
      dir = parent
    }
  }
}

async function processes(project: Project): Promise<CheckResult> {
  const status = stackStatus(project.stateDir)
  if (!status) return { state: 'warning', detail: 'not running', remedy: 'Start the project with `mogo up`.' }
  const bad = status.processes.filter((record) => record.status !== 'ready')
  if (bad.length > 0)
    return {
      state: 'fault',
      detail: bad
        .map((record) => `${record.name} is ${record.status}${record.detail ? ` (${record.detail})` : ''}`)
        .join(', '),
      remedy: `Read the log: \`mogo logs ${bad[0]?.name ?? 'NAME'}\`.`,
    }
  const restarts = status.processes.filter((record) => record.restarts > 0)
  return ok(
    `${status.processes.length} ready${restarts.length > 0 ? `; restarted: ${restarts.map((record) => `${record.name} ${record.restarts}x`).join(', ')}` : ''}`,
  )
}

async function postgres(project: Project): Promise<CheckResult> {
  const connection = resolveSettings(project).postgres('superuser')
  const session = await openPostgres(connection)
  try {
    const { rows } = await session.query(
      /*sql*/ `select current_setting('server_version') as version, current_setting('wal_level') as wal`,
    )
    const { version, wal } = rows[0] as { version: string; wal: string }
    return wal === 'logical'
      ? ok(`${version} at ${connection.host}:${connection.port}, wal_level logical`)
      : {
          state: 'fault',
          detail: `wal_level is ${wal}`,
          remedy: 'Set wal_level = logical in postgresql.conf and restart Postgres.',
        }
  } finally {
    await session.close()
  }
}

async function clickhouse(project: Project): Promise<CheckResult> {
  const connection = resolveSettings(project).clickhouse('admin')
  const session = openClickHouse(connection, 'default')
  try {
    const { rows } = await session.query(/*sql*/ `SELECT version() AS version`)
    return ok(`${String(rows[0]?.['version'])} at ${connection.url}`)
  } finally {
    await session.close()
  }
}

/** What callers of the query API could reach without a row filter. */
async function exposures(project: Project): Promise<CheckResult> {
  const connection = resolveSettings(project).clickhouse('admin')
  const session = openClickHouse(connection, 'default')
  try {
    const { database } = project.config.clickhouse
    const tables = new Set(loadContracts(project.contractsDir).map(({ table }) => table))
    const gates = ['query_api_gate', 'mogo_gate']
    const ask = async (sql: string) => (await session.query(sql)).rows
    const found = await readExposures(ask, { database, tables, gates }, connection.username)
    if (found.length === 0) return ok('nothing but filtered tables of contracts can be reached by callers')
    return {
      state: 'fault',
      detail: found.map(({ object, reason }) => `${object}: ${reason}`).join('; '),
      remedy: 'Remove it, or take the grant away; until then the query API serves no data.',
    }
  } finally {
    await session.close()
  }
}

async function ready(project: Project, part: 'api' | 'worker' | 'lineage'): Promise<CheckResult> {
  const { endpoints } = resolveSettings(project)
  const port = endpoints[part]?.port
  const scheme = part === 'api' && project.config.api.tls ? 'https' : 'http'
  const { status, text } = await probeHttp(`${scheme}://127.0.0.1:${port}/readyz`, AbortSignal.timeout(5000))
  return status === 200
    ? ok(`ready at port ${port}`)
    : {
        state: 'fault',
        detail: `not ready: ${text.slice(0, 300)}`,
        remedy: 'Look at what is named there; it is tried again by itself.',
      }
}
