/**
 * Carries a fault out on the running servers. What is paused or put away is put right again whatever happens, also when the run is
 * broken off. What is killed comes back by the project's own supervisor, as it would for a user.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { openClickHouse } from '#ops/cli/clickhouse-session.ts'
import { openPostgres } from '#ops/cli/postgres-session.ts'
import type { Stack } from '#ops/cli/stack.ts'
import type { ExtraProcess } from '#ops/embedded/extra-process.ts'
import { isAlive, type ProcessIdentity } from '#ops/embedded/process-identity.ts'
import { TABLES } from './chaos-tables.ts'
import { type Fault, workerOf } from './draw-faults.ts'
import { membersOf } from './kafka-administration.ts'
import { workerName } from './worker-process.ts'

/** What faults are carried out on. */
export type FaultGround = {
  readonly stack: Stack
  /** Makes the worker that comes and goes. */
  readonly thirdWorker: ExtraProcess
  readonly signal: AbortSignal
}

const POLL_MILLIS = 50
const PATIENCE_MILLIS = 120_000

/** Resolves when the fault is over, which does not mean that everything works again. */
export async function carryOut(fault: Fault, ground: FaultGround): Promise<void> {
  const { stack, thirdWorker, signal } = ground
  const { kind, millis, target } = fault
  const worker = workerName(workerOf(target) + 1)
  const table = TABLES[target % TABLES.length]?.name ?? ''
  switch (kind) {
    case 'kill-worker':
      return send(ground, worker, 'SIGKILL')
    case 'kill-both-workers':
      await Promise.all([1, 2].map((number) => send(ground, workerName(number), 'SIGKILL')))
      return
    case 'stop-worker':
      return send(ground, worker, 'SIGTERM')
    case 'pause-worker':
      return pause(ground, worker, millis)
    case 'third-worker':
      await stack.handle.startProcesses([thirdWorker])
      try {
        return await delay(millis, undefined, { signal })
      } finally {
        await stack.handle.stopProcess(thirdWorker.name)
      }
    case 'kill-clickhouse':
    case 'kill-kafka':
    case 'kill-connect':
    case 'kill-postgres':
      return send(ground, kind.slice('kill-'.length), 'SIGKILL')
    case 'pause-clickhouse':
    case 'pause-kafka':
      return pause(ground, kind.slice('pause-'.length), millis)
    case 'cut-capture':
      return cutCapture(ground)
    case 'hide-table':
      await bothWorkersRead(ground)
      return spoil(ground, millis, {
        // An insert that meets a RENAME in the engine is stored without its views: the name is free of inserts before it changes.
        async worse(run, database) {
          await run(refuseInserts(database, table))
          while ((await run(insertsUnderWay(database, table))) > 0) await delay(POLL_MILLIS)
          await run(/*sql*/ `RENAME TABLE ${database}.${table} TO ${database}.hidden_${table}`)
        },
        async better(run, database) {
          await run(/*sql*/ `RENAME TABLE ${database}.hidden_${table} TO ${database}.${table}`)
          await run(acceptInserts(database, table))
        },
      })
    case 'refuse-inserts':
      return spoil(ground, millis, {
        worse: (run, database) => run(refuseInserts(database, table)),
        better: (run, database) => run(acceptInserts(database, table)),
      })
  }
}

/** Every insert is then one part too many. */
function refuseInserts(database: string, table: string): string {
  return /*sql*/ `ALTER TABLE ${database}.${table} MODIFY SETTING parts_to_throw_insert = 1, parts_to_delay_insert = 1`
}

function acceptInserts(database: string, table: string): string {
  return /*sql*/ `ALTER TABLE ${database}.${table} RESET SETTING parts_to_throw_insert, parts_to_delay_insert`
}

function insertsUnderWay(database: string, table: string): string {
  return /*sql*/ `SELECT count() AS n FROM system.processes WHERE query_kind = 'Insert' AND position(replaceAll(query, '\`', ''), '${database}.${table} ') > 0`
}

/** Sends a signal to a process; waits for it if it is just being started. */
async function send(ground: FaultGround, name: string, signal: NodeJS.Signals): Promise<void> {
  process.kill((await running(ground, name)).pid, signal)
}

async function pause(ground: FaultGround, name: string, millis: number): Promise<void> {
  const target = await running(ground, name)
  process.kill(target.pid, 'SIGSTOP')
  try {
    await delay(millis, undefined, { signal: ground.signal })
  } finally {
    if (isAlive(target)) process.kill(target.pid, 'SIGCONT')
  }
}

async function running({ stack, signal }: FaultGround, name: string): Promise<ProcessIdentity> {
  const end = performance.now() + PATIENCE_MILLIS
  for (;;) {
    const record = stack.handle.status().find((each) => each.name === name)
    if (record?.process && record.status === 'ready' && isAlive(record.process)) return record.process
    if (performance.now() > end) throw new Error(`${name} does not come back: ${record?.status}`)
    await delay(POLL_MILLIS, undefined, { signal })
  }
}

/** A worker that starts while its table is away would make it anew. */
async function bothWorkersRead({ stack, signal }: FaultGround): Promise<void> {
  const { settings } = stack
  const group = `mogo-worker-${settings.project.config.kafka.topicPrefix}`
  const end = performance.now() + PATIENCE_MILLIS
  while ((await membersOf(settings.kafka('admin'), group)) < 2) {
    if (performance.now() > end) throw new Error('the workers do not come back')
    await delay(POLL_MILLIS, undefined, { signal })
  }
}

/** Ends the connector's connections, as a proxy or an administrator would. */
async function cutCapture({ stack }: FaultGround): Promise<void> {
  const postgres = await openPostgres(stack.settings.postgres('superuser'))
  try {
    await postgres.query(
      /*sql*/ `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'mogo_capture'`,
    )
  } finally {
    await postgres.close()
  }
}

/** Runs a statement; the number that it answers with, if it does. */
type Run = (statement: string) => Promise<number>
type Spoiling = Readonly<Record<'worse' | 'better', (run: Run, database: string) => Promise<unknown>>>

/** Changes a table for the worse, and after a while back. */
async function spoil(
  { stack, signal }: FaultGround,
  millis: number,
  { worse, better }: Spoiling,
): Promise<void> {
  const { database } = stack.settings.project.config.clickhouse
  const clickhouse = openClickHouse(stack.settings.clickhouse('admin'), database)
  const run: Run = async (statement) => Number((await clickhouse.query(statement)).rows[0]?.['n'] ?? 0)
  try {
    await worse(run, database)
    try {
      await delay(millis, undefined, { signal })
    } finally {
      await better(run, database)
    }
  } finally {
    await clickhouse.close()
  }
}
