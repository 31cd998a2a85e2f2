/**
 * Live traffic: a steady stream of believable changes, until told to stop.
 *
 * Each connection works for its own shops, and goes round every 20 ms: it makes as many changes as are due (pacer.ts),
 * several to a transaction, and sleeps again. A stop lets the open transactions commit, so the totals are exact: what is
 * counted is in the database, and nothing else is.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import { createPacer, type Pacer } from './pacer.ts'
import { createPools, type LocalePool, type Pools } from './pools.ts'
import { inTransaction, openShop, type ShopConnection, type ShopSession, sqlState } from './postgres-shop.ts'
import { createRandom, mixSeed } from './random.ts'
import { drawAction } from './traffic-actions.ts'
import { type Breaker, createBreaker } from './traffic-broken.ts'
import type { ActionContext } from './traffic-context.ts'
import { readShop, type TrafficShop } from './traffic-shop.ts'
import { type Change, createTrafficCounter, type TrafficCounter, type TrafficStats } from './traffic-stats.ts'

/** How traffic runs. */
export type TrafficOptions = {
  readonly connection: ShopConnection
  /** Row changes a second, of all connections together; 500 unless told. */
  readonly ratePerSecond?: number
  /** Seed of what happens; ids are new in every run. */
  readonly seed?: number
  readonly signal: AbortSignal
  /** Called about once a second. */
  readonly onStats?: (stats: TrafficStats) => void
  readonly connections?: number
  /** Time between two broken rows; 0 for none. */
  readonly brokenEveryMs?: number
  /** Time until a broken row is mended. */
  readonly mendAfterMs?: number
}

/** Traffic that runs. */
export type TrafficRun = {
  readonly stats: () => TrafficStats
  /** Settles when the signal has stopped it (with the totals), or when the database fails it. */
  readonly done: Promise<TrafficStats>
}

const TICK_MS = 20
const MOST_PER_TRANSACTION = 50
/** Shops that take part: the largest ones. More would only make the start slow. */
const MOST_SHOPS = 24
/** deadlock, serialization, foreign key, unique: somebody else changed the same rows. */
const CONFLICTS = new Set(['40P01', '40001', '23503', '23505'])
const MOST_CONFLICTS_IN_A_ROW = 50

/**
 * Starts live traffic on a seeded database; resolves when it runs.
 *
 * @throws MogoError MOGO_DEMO_EMPTY if there is nothing to act on, MOGO_POSTGRES_… if the database cannot be entered.
 */
export async function startTraffic(options: TrafficOptions): Promise<TrafficRun> {
  const {
    connection,
    ratePerSecond = 500,
    seed = 1,
    signal,
    brokenEveryMs = 12_000,
    mendAfterMs = 20_000,
  } = options
  if (!(ratePerSecond > 0 && ratePerSecond <= 100_000)) {
    throw new MogoError('MOGO_USAGE', {
      detail: '--rate must be above 0 and at most 100000 changes a second.',
    })
  }
  const pools = createPools(mixSeed(seed, 0x7aff))
  const sessions = [await openShop(connection, 'mogo demo traffic 1')]
  try {
    const shops = await readShops(sessions[0]!, pools)
    const count = Math.max(1, Math.min(options.connections ?? 2, shops.length))
    while (sessions.length < count) {
      sessions.push(await openShop(connection, `mogo demo traffic ${sessions.length + 1}`))
    }
    const counter = createTrafficCounter()
    const started = performance.now()
    // One connection that fails stops the others, too.
    const failed = new AbortController()
    const stop = AbortSignal.any([signal, failed.signal])
    const lanes = sessions.map((session, lane): Lane => {
      const breaker = lane === 0 && brokenEveryMs > 0
      return {
        session,
        shops: shops.filter((_, index) => index % count === lane),
        pools,
        seed: mixSeed(seed, lane, Date.now()),
        pacer: createPacer(ratePerSecond / count, started),
        breaker: breaker ? createBreaker(Date.now(), brokenEveryMs, mendAfterMs, counter) : undefined,
        counter,
      }
    })
    const stats = (): TrafficStats => {
      const missed = lanes.reduce((sum, lane) => sum + lane.pacer.missed(), 0)
      return counter.snapshot(performance.now() - started, missed)
    }
    const done = runAll(lanes, stop, failed, stats, options.onStats)
    // The caller may look at `done` only at the end; until then a failure must not count as unhandled.
    done.catch(() => {})
    return { stats, done }
  } catch (error) {
    await Promise.all(sessions.map((session) => session.close()))
    throw error
  }
}

async function readShops(session: ShopSession, pools: Pools): Promise<readonly TrafficShop[]> {
  const present = await session.query<{ there: boolean }>(
    /*sql*/ `select to_regclass('public.tenants') is not null as there`,
  )
  if (present.rows[0]?.there !== true) throw new MogoError('MOGO_DEMO_EMPTY')
  const { rows } = await session.query<{ id: string; country: string }>(
    /*sql*/ `select t.id, t.country::text as country from tenants t join customers c on c.tenant_id = t.id
             group by t.id order by count(*) desc, t.id limit ${MOST_SHOPS}`,
  )
  if (rows.length === 0) throw new MogoError('MOGO_DEMO_EMPTY')
  const shops: TrafficShop[] = []
  for (const { id, country } of rows) {
    const locale: LocalePool = pools.locales.find((l) => l.country === country) ?? pools.locales[0]!
    shops.push(await readShop(session, id, locale))
  }
  return shops
}

type Lane = {
  readonly session: ShopSession
  readonly shops: readonly TrafficShop[]
  readonly pools: Pools
  readonly seed: number
  readonly pacer: Pacer
  readonly breaker: Breaker | undefined
  readonly counter: TrafficCounter
}

async function runAll(
  lanes: readonly Lane[],
  stop: AbortSignal,
  failed: AbortController,
  stats: () => TrafficStats,
  onStats: ((stats: TrafficStats) => void) | undefined,
): Promise<TrafficStats> {
  const timer = onStats ? setInterval(() => onStats(stats()), 1000) : undefined
  try {
    await Promise.all(
      lanes.map((lane) =>
        runLane(lane, stop).catch((error: unknown) => {
          failed.abort()
          throw error
        }),
      ),
    )
    return stats()
  } finally {
    clearInterval(timer)
    await Promise.all(lanes.map((lane) => lane.session.close()))
  }
}

async function runLane(lane: Lane, stop: AbortSignal): Promise<void> {
  const random = createRandom(lane.seed)
  let conflicts = 0
  while (!stop.aborted) {
    const due = lane.pacer.due(performance.now())
    if (due < 1) {
      await delay(TICK_MS, undefined, { signal: stop }).catch(() => {})
      continue
    }
    const changes: Change[] = []
    const afterwards: (() => void)[] = []
    // Large shops are busier: the square leans towards the front of the list.
    const shop = lane.shops[Math.floor(random.next() ** 2 * lane.shops.length)]!
    const now = Date.now()
    const context: ActionContext = {
      session: lane.session,
      shop,
      random,
      pools: lane.pools,
      now,
      newUuid: randomUUID,
      did: (table, kind, count) => void changes.push({ table, kind, count }),
      after: (run) => void afterwards.push(run),
    }
    const made = (): number => changes.reduce((sum, { count }) => sum + count, 0)
    try {
      await inTransaction(lane.session, async () => {
        await lane.breaker?.due(now)?.(context)
        const wanted = Math.min(due, MOST_PER_TRANSACTION)
        while (made() < wanted && !stop.aborted) await drawAction(random)(context)
      })
    } catch (error) {
      if (!isConflict(error) || ++conflicts > MOST_CONFLICTS_IN_A_ROW) throw error
      lane.counter.conflict()
      continue
    }
    conflicts = 0
    lane.pacer.spend(made())
    lane.counter.committed(changes)
    for (const run of afterwards) run()
  }
}

function isConflict(error: unknown): boolean {
  return isMogoError(error, 'MOGO_DEMO_STATEMENT') && CONFLICTS.has(sqlState(error) ?? '')
}
