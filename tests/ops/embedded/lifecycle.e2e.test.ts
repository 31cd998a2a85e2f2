/** Start, stop, crash and kill of the real servers, from outside. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { Client } from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { readSecret } from '#ops/embedded/credentials.ts'
import { commandLineOf } from '#ops/embedded/process-identity.ts'
import type { EmbeddedEndpoints } from '#ops/embedded/start-embedded.ts'
import type { RunState } from '#ops/embedded/state-file.ts'
import { listeningAddresses, type OtherProcess, processesOf, startElsewhere } from './processes.ts'
import { temporaryFolder } from './temporary-folder.ts'

const started: { process: OtherProcess; stateDir: string }[] = []
afterEach(async () => {
  for (const { process: other, stateDir } of started.splice(0)) {
    await other.kill('SIGINT')
    for (const pid of processesOf(stateDir)) process.kill(pid, 'SIGKILL')
    // What was killed may be writing for a moment longer.
    rmSync(stateDir, { recursive: true, force: true, maxRetries: 10 })
  }
})

const newStateDir = (): string => temporaryFolder('lifecycle')
function start(
  stateDir: string,
  servers: readonly string[],
  env?: Record<string, string | undefined>,
): OtherProcess {
  const other = startElsewhere(stateDir, servers, env)
  started.push({ process: other, stateDir })
  return other
}

const ALL = ['postgres', 'kafka', 'connect', 'clickhouse']
const gone = (stateDir: string) =>
  expect.poll(() => processesOf(stateDir), { timeout: 10_000, interval: 50 }).toEqual([])
const state = (stateDir: string): RunState =>
  JSON.parse(readFileSync(join(stateDir, 'run', 'state.json'), 'utf8')) as RunState
const pidOf = (stateDir: string, name: string): number =>
  state(stateDir).processes.find((record) => record.name === name)?.process?.pid ?? -1

async function postgres<T>(stateDir: string, endpoints: EmbeddedEndpoints, sql: string): Promise<T[]> {
  const password = readSecret(join(stateDir, 'secrets'), 'postgres.superuser')
  const client = new Client({ ...endpoints.postgres, user: 'postgres', database: 'postgres', password })
  await client.connect()
  try {
    return (await client.query(sql)).rows as T[]
  } finally {
    await client.end()
  }
}

async function clickhouse(stateDir: string, endpoints: EmbeddedEndpoints, sql: string): Promise<string> {
  const key = readSecret(join(stateDir, 'secrets'), 'clickhouse.admin')
  const headers = { 'X-ClickHouse-User': 'admin', 'X-ClickHouse-Key': key }
  const answer = await fetch(endpoints.clickhouse?.url ?? '', { method: 'POST', body: sql, headers })
  return (await answer.text()).trim()
}

/** Every file below a folder. */
const filesIn = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** A PATH that lacks one program. */
function pathWithout(program: string, dir: string): string {
  mkdirSync(dir)
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      if (name === program || existsSync(join(dir, name))) continue
      try {
        symlinkSync(join(folder, name), join(dir, name))
      } catch {
        // a dangling link of the same name
      }
    }
  }
  return dir
}

describe('all embedded servers', () => {
  it('start, survive a crash and a kill -9 of everything with their data, and stop without a trace', async () => {
    const stateDir = newStateDir()
    const first = start(stateDir, ALL)
    const { endpoints } = await first.ready()
    const pids = processesOf(stateDir)
    expect(pids.length).toBeGreaterThanOrEqual(4)

    // Only this machine reaches them; nobody reads a secret off a command line or out of a file of another user.
    const listening = listeningAddresses(pids)
    expect(listening.length).toBeGreaterThanOrEqual(6)
    expect(
      listening.filter((address) => !/^(0{24}|0000000000000000FFFF0000|)0100007F:/.test(address)),
    ).toEqual([])
    const secrets = readdirSync(join(stateDir, 'secrets')).map((name) =>
      readFileSync(join(stateDir, 'secrets', name), 'utf8').trim(),
    )
    const commandLines = pids.flatMap(commandLineOf).join(' ')
    expect(secrets.filter((secret) => secret !== '' && commandLines.includes(secret))).toEqual([])
    const open = ['secrets', 'run', 'logs']
      .flatMap((dir) => filesIn(join(stateDir, dir)))
      .filter((file) => (statSync(file).mode & 0o077) !== 0)
    expect(open).toEqual([])

    await postgres(stateDir, endpoints!, `CREATE TABLE kept AS SELECT 1 AS n`)
    await clickhouse(
      stateDir,
      endpoints!,
      `CREATE TABLE analytics.kept (n UInt8) ENGINE = MergeTree ORDER BY n AS SELECT 1`,
    )

    // A crash is said and healed.
    const healed = first.line(
      (line) => line.server === 'kafka' && line.status === 'ready' && line.restarts === 1,
    )
    process.kill(pidOf(stateDir, 'kafka'), 'SIGKILL')
    expect(await first.line((line) => line.server === 'kafka' && line.status === 'crashed')).toMatchObject({
      detail: 'signal SIGKILL',
    })
    await healed

    // The supervisor is killed: its children end, and the next one begins where it stopped.
    await first.kill('SIGKILL')
    await gone(stateDir)
    const second = start(stateDir, ALL)
    const again = await second.ready()
    expect(again.endpoints).toEqual(endpoints)
    expect(await postgres(stateDir, endpoints!, `SELECT n FROM kept`)).toEqual([{ n: 1 }])
    expect(await clickhouse(stateDir, endpoints!, `SELECT n FROM analytics.kept`)).toBe('1')

    await second.kill('SIGINT')
    await gone(stateDir)
    expect(
      state(stateDir)
        .processes.map(({ name, status }) => `${name} ${status}`)
        .sort(),
    ).toEqual(ALL.map((name) => `${name} stopped`).sort())
  }, 180_000)

  it.each([0.3, 0.7, 1.2, 2, 3.5])(
    'leave no process behind when they are interrupted %s s after the start',
    async (seconds) => {
      const stateDir = newStateDir()
      const other = start(stateDir, ALL)
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
      await other.kill('SIGINT')
      await gone(stateDir)
    },
  )
})

describe('Postgres and ClickHouse', () => {
  it('that a killed supervisor left running are ended by the next one', async () => {
    const stateDir = newStateDir()
    const PATH = pathWithout('setpriv', join(newStateDir(), 'bin')) // so that the kernel does not end them
    const first = start(stateDir, ['postgres', 'clickhouse'], { ...process.env, PATH })
    await first.ready()
    const left = pidOf(stateDir, 'postgres')
    await first.kill('SIGKILL')
    expect(processesOf(stateDir)).toContain(left)
    const second = start(stateDir, ['postgres', 'clickhouse'], { ...process.env, PATH })
    expect((await second.ready()).orphansStopped).toBeGreaterThan(0)
    expect(processesOf(stateDir)).not.toContain(left)
  })

  it('run as the user nobody where root may not make a user namespace', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('only root needs this')
    const stateDir = newStateDir()
    const PATH = pathWithout('unshare', join(newStateDir(), 'bin'))
    const { endpoints } = await start(stateDir, ['postgres'], { ...process.env, PATH }).ready()
    expect(readFileSync(`/proc/${pidOf(stateDir, 'postgres')}/status`, 'utf8')).toMatch(/^Uid:\s+65534\s/m)
    expect(await postgres(stateDir, endpoints!, `SELECT 1 AS n`)).toEqual([{ n: 1 }])
    expect(statSync(join(stateDir, 'secrets')).mode & 0o077).toBe(0)
  })

  it('start although a power cut left a pid file whose pid belongs to another program now', async () => {
    const stateDir = newStateDir()
    const first = start(stateDir, ['postgres'])
    await first.ready()
    await first.kill('SIGKILL')
    await gone(stateDir)
    const pidFile = join(stateDir, 'data', 'postgres', 'cluster', 'postmaster.pid')
    const text = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').replace(/^\d+/, '') : '\n'
    writeFileSync(pidFile, `${process.pid}${text}`)
    expect((await start(stateDir, ['postgres']).ready()).ready).toBe(true)
  })

  it('write no value and no query text into their logs', async () => {
    const stateDir = newStateDir()
    const { endpoints } = await start(stateDir, ['postgres', 'clickhouse']).ready()
    const secret = 'jane.doe@example.org'
    await postgres(stateDir, endpoints!, `SELECT '${secret}'::uuid`).catch(() => {})
    await postgres(
      stateDir,
      endpoints!,
      `CREATE TABLE u (e text PRIMARY KEY); INSERT INTO u VALUES ('${secret}'), ('${secret}')`,
    ).catch(() => {})
    for (const sql of [
      `SELECT '${secret}'`,
      `SELECT '${secret}' FROM missing`,
      `SELECT throwIf(1, '${secret}')`,
      `SELECT toUUID('${secret}')`,
    ]) {
      await clickhouse(stateDir, endpoints!, sql)
    }
    const told = filesIn(join(stateDir, 'logs')).filter((file) => readFileSync(file, 'utf8').includes('jane'))
    expect(told).toEqual([])
  })

  it.each([
    ['of another Postgres version', 'postgres', 'postgres/cluster/PG_VERSION', '17\n', 'MOGO_DATA_VERSION'],
    [
      'of a Postgres that lost its control file',
      'postgres',
      'postgres/cluster/global/pg_control',
      undefined,
      'MOGO_DATA_BROKEN',
    ],
    [
      'of a ClickHouse that is damaged',
      'clickhouse',
      'clickhouse/metadata/analytics.sql',
      'garbage',
      'MOGO_DATA_BROKEN',
    ],
    [
      'of a newer ClickHouse',
      'clickhouse',
      'clickhouse/mogo.json',
      '{"server":"clickhouse","version":"99.1"}',
      'MOGO_DATA_VERSION',
    ],
  ])('refuse data %s, and say so', async (_case, server, file, text, code) => {
    const stateDir = newStateDir()
    const first = start(stateDir, [server])
    await first.ready()
    await first.kill('SIGINT')
    const path = join(stateDir, 'data', file)
    if (text === undefined) rmSync(path)
    else writeFileSync(path, text)
    const failed = await start(stateDir, [server]).line((line) => line.failed !== undefined)
    expect(failed.failed).toBe(code)
    await gone(stateDir)
  })

  it('do not start twice in one folder', async () => {
    const stateDir = newStateDir()
    const first = start(stateDir, ['clickhouse'])
    await first.ready()
    const failed = await start(stateDir, ['clickhouse']).line((line) => line.failed !== undefined)
    expect(failed.failed).toBe('MOGO_ALREADY_RUNNING')
    expect(failed.message).toContain(String(first.child.pid))
  })
})
