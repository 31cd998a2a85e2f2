/**
 * The workload of a chaos run: two connections, each with tenants of its own, that make transactions (draw-transaction.ts) at a steady rate, and go
 * on after Postgres was away. What a transaction that broke off has left is not guessed: the keys are read again.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { openPostgres, type PostgresSession } from '#ops/cli/postgres-session.ts'
import { createPacer, type Pacer } from '#ops/demo/pacer.ts'
import { createRandom, mixSeed } from '#ops/demo/random.ts'
import type { PostgresConnection } from '#ops/runtime/settings.ts'
import { TABLES } from './chaos-tables.ts'
import { type Drawing, drawTransaction, type KnownKeys, type Statement } from './draw-transaction.ts'
import { FIRST_ID } from './probes.ts'

/** How it runs. */
export type WorkloadOptions = {
  readonly connection: PostgresConnection
  /** Row changes a second. */
  readonly ratePerSecond: number
  readonly seed: number
  readonly signal: AbortSignal
}

/** A running workload. */
export type Workload = {
  /** Resolves when no transaction is open. */
  pause(): Promise<void>
  resume(): void
  /** Runs statements in one transaction, until that has worked; they may be run twice. */
  commit(statements: readonly Statement[]): Promise<void>
  /** Row changes that were committed. */
  changes(): number
  /** Settles when the signal has stopped it; rejects if Postgres refuses a statement. */
  readonly done: Promise<void>
}

const LANES = [
  { tenants: ['ash', 'beech'], mayTruncate: true },
  { tenants: ['cedar', 'douglas'], mayTruncate: false },
] as const
const TICK_MILLIS = 10
const RETRY_MILLIS = 200
/** Failures in a row that no fault explains. */
const MOST_FAILURES = 1000

/** Starts it. */
export function startWorkload({ connection, ratePerSecond, seed, signal }: WorkloadOptions): Workload {
  let changes = 0
  let gate: PromiseWithResolvers<void> | null = null
  /** Settles when the transaction under way has ended, by lane. */
  const busy = new Map<number, Promise<void>>()

  async function session<T>(work: (postgres: PostgresSession) => Promise<T>): Promise<T> {
    const postgres = await openPostgres(connection)
    try {
      return await work(postgres)
    } finally {
      await postgres.close().catch(() => {})
    }
  }

  async function runLane(number: number, lane: (typeof LANES)[number]): Promise<void> {
    const random = createRandom(mixSeed(seed, number))
    const pacer = createPacer(ratePerSecond / LANES.length, performance.now())
    let lastId = FIRST_ID
    const newId = (): number => {
      lastId += 1
      return lastId * LANES.length + number
    }
    const drawingOf = (keys: KnownKeys): Drawing => ({ random, keys, newId, ...lane })
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await session(async (postgres) => {
          const drawing = drawingOf(await readKeys(postgres, lane.tenants))
          while (!signal.aborted) {
            await gate?.promise
            const working = runDue(postgres, drawing, pacer)
            busy.set(
              number,
              working.catch(() => {}),
            )
            await working
            failures = 0
            await delay(TICK_MILLIS)
          }
        })
      } catch (error) {
        if (signal.aborted) return
        if (failures >= MOST_FAILURES) throw error
        await delay(RETRY_MILLIS)
      }
    }
  }

  async function runDue(postgres: PostgresSession, drawing: Drawing, pacer: Pacer): Promise<void> {
    while (pacer.due(performance.now()) >= 1 && !gate && !signal.aborted) {
      const transaction = drawTransaction(drawing)
      await inTransaction(postgres, transaction.statements)
      transaction.committed()
      changes += transaction.changes
      pacer.spend(transaction.changes)
    }
  }

  const done = Promise.all(LANES.map((lane, number) => runLane(number, lane))).then(() => {})
  // The caller looks at it at the end; until then a failure must not count as unhandled.
  done.catch(() => {})
  signal.addEventListener('abort', () => gate?.resolve())

  return {
    changes: () => changes,
    done,
    async pause() {
      gate ??= Promise.withResolvers()
      await Promise.all(busy.values())
    },
    resume() {
      gate?.resolve()
      gate = null
    },
    async commit(statements) {
      for (let failures = 0; ; failures++) {
        try {
          return await session((postgres) => inTransaction(postgres, statements))
        } catch (error) {
          if (signal.aborted || failures >= MOST_FAILURES) throw error
          await delay(RETRY_MILLIS, undefined, { signal })
        }
      }
    },
  }
}

async function inTransaction(postgres: PostgresSession, statements: readonly Statement[]): Promise<void> {
  await postgres.query('begin')
  for (const { sql, parameters } of statements) await postgres.query(sql, parameters)
  await postgres.query('commit')
}

async function readKeys(postgres: PostgresSession, tenants: readonly string[]): Promise<KnownKeys> {
  const keys: KnownKeys = new Map()
  for (const { name } of TABLES) {
    const { rows } = await postgres.query(
      /*sql*/ `select tenant, id from public.${name} where tenant = any($1::text[])`,
      [tenants],
    )
    keys.set(
      name,
      rows.map(({ tenant, id }) => ({ tenant: String(tenant), id: Number(id) })),
    )
  }
  return keys
}
