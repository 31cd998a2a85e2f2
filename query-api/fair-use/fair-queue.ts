/**
 * Who runs next: a bounded number of queries at the same time, and a queue in front of it.
 *
 *   room for it   runs at once
 *   no room       waits, for a bounded time, in a queue of bounded length
 *
 * Tenants take turns by what they have been given (start-time fair queueing: Goyal, Vin, Cheng, 1996; an export counts as four): one that asks a
 * thousand times waits for itself, not before the others. Among the queries of a tenant the more urgent goes first, but one that has
 * waited for half of its time goes before all. Exports never take every place, so that somebody who looks at a screen finds one.
 */
import { MogoError } from '#contracts/errors.ts'
import type { Urgency } from './urgency.ts'

/** How many at the same time, and how long a queue. */
export type QueueLimits = {
  /** Queries that run at the same time: of everybody, of a tenant, of a person. */
  readonly total: number
  readonly tenant: number
  readonly principal: number
  /** Of everybody on a route; on others as many as there are. */
  readonly routes: ReadonlyMap<string, number>
  /** Longest wait, milliseconds. */
  readonly waitMillis: number
  /** Most that wait. A tenant may have a quarter of them. */
  readonly waiting: number
}

/** Who asks. */
export type Asker = {
  readonly tenant: string
  readonly subject: string
  readonly route: string
  readonly urgency: Urgency
}

/** Sets a timer; gives what stops it. */
export type Timer = (work: () => void, millis: number) => () => void

/** What became of one that waited: it runs, was refused, or left. */
export type QueueEvents = { readonly waited: (urgency: Urgency, millis: number) => void }

/** See the header. */
export type FairQueue = ReturnType<typeof createFairQueue>

type Waiter = Asker & {
  readonly person: string
  readonly since: number
  readonly start: () => void
}
type Tenant = { running: number; virtual: number; readonly waiting: [Waiter[], Waiter[], Waiter[]] }

const TENANT_SHARE = 1 / 4
const EXPORT_SHARE = 3 / 4
const COST = [1, 1, 4] as const
const LONGEST_RETRY = 60

/** Makes the queue. */
export function createFairQueue(limits: QueueLimits, now: () => number, timer: Timer, events: QueueEvents) {
  const tenants = new Map<string, Tenant>()
  const people = new Map<string, number>()
  const onRoute = new Map<string, number>()
  const mostExports = Math.max(1, Math.floor(limits.total * EXPORT_SHARE))
  const mostOfTenant = Math.max(1, Math.floor(limits.waiting * TENANT_SHARE))
  let running = 0
  let exporting = 0
  let waiting = 0
  let virtual = 0
  /** Milliseconds that a query has lately taken. */
  let usualMillis = 50
  return { enter, running: () => running, waiting: () => waiting, tenants: () => tenants.size }

  /**
   * Resolves when the query may run; call what it resolves to when it has ended.
   *
   * @throws MogoError MOGO_QUERY_BUSY, MOGO_TENANT_BUSY, MOGO_OVERLOADED, and the signal's reason
   */
  async function enter(asker: Asker, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw signal.reason
    const person = JSON.stringify([asker.tenant, asker.subject])
    const tenant = tenantOf(asker.tenant)
    // Whoever could run would not be waiting: nobody is passed by.
    if (hasRoom(asker, person, tenant)) return begin(asker, person, tenant)
    if (queueOf(tenant) >= mostOfTenant || waiting >= limits.waiting) {
      forget(asker.tenant)
      throw refusal(asker, person, tenant)
    }
    return wait(asker, person, tenant, signal)
  }

  function wait(asker: Asker, person: string, tenant: Tenant, signal: AbortSignal): Promise<() => void> {
    const { promise, resolve, reject } = Promise.withResolvers<() => void>()
    const since = now()
    const queue = tenant.waiting[asker.urgency]
    const waiter: Waiter = {
      ...{ ...asker, person, since },
      start() {
        leave()
        events.waited(asker.urgency, now() - since)
        resolve(begin(asker, person, tenant))
      },
    }
    const stop = timer(() => giveUp(refusal(asker, person, tenant)), limits.waitMillis)
    const aborted = () => giveUp(signal.reason)
    signal.addEventListener('abort', aborted, { once: true })
    // One that was away has no credit from that time.
    if (queueOf(tenant) === 0) tenant.virtual = Math.max(tenant.virtual, virtual)
    queue.push(waiter)
    waiting++
    return promise

    function leave(): void {
      stop()
      signal.removeEventListener('abort', aborted)
      const at = queue.indexOf(waiter)
      if (at >= 0) {
        queue.splice(at, 1)
        waiting--
      }
    }

    function giveUp(reason: unknown): void {
      leave()
      forget(asker.tenant)
      reject(reason)
    }
  }

  function begin(asker: Asker, person: string, tenant: Tenant): () => void {
    const since = now()
    running++
    tenant.running++
    people.set(person, (people.get(person) ?? 0) + 1)
    onRoute.set(asker.route, (onRoute.get(asker.route) ?? 0) + 1)
    if (asker.urgency === 2) exporting++
    virtual = Math.max(virtual, tenant.virtual)
    tenant.virtual = Math.max(tenant.virtual, virtual) + COST[asker.urgency]
    let isRunning = true
    return () => {
      if (!isRunning) return
      isRunning = false
      usualMillis += (now() - since - usualMillis) / 20
      running--
      tenant.running--
      if (asker.urgency === 2) exporting--
      onRoute.set(asker.route, (onRoute.get(asker.route) ?? 1) - 1)
      const others = (people.get(person) ?? 1) - 1
      if (others > 0) people.set(person, others)
      else people.delete(person)
      next()
      forget(asker.tenant)
    }
  }

  /** Starts all that there is room for. */
  function next(): void {
    while (running < limits.total) {
      const waiter = choose()
      if (!waiter) return
      waiter.start()
    }
  }

  /** Of each tenant the one that goes next; of these that of the tenant who has been given least. */
  function choose(): Waiter | undefined {
    let chosen: { readonly waiter: Waiter; readonly virtual: number } | undefined
    for (const tenant of tenants.values()) {
      if (chosen && chosen.virtual <= tenant.virtual) continue
      const waiter = firstOf(tenant)
      if (waiter) chosen = { waiter, virtual: tenant.virtual }
    }
    return chosen?.waiter
  }

  function firstOf(tenant: Tenant): Waiter | undefined {
    const old = now() - limits.waitMillis / 2
    const able = tenant.waiting.flatMap(
      (queue) => queue.find((each) => hasRoom(each, each.person, tenant)) ?? [],
    )
    const late = able.filter(({ since }) => since <= old).toSorted((a, b) => a.since - b.since)
    return late[0] ?? able[0]
  }

  function hasRoom({ urgency, route }: Asker, person: string, tenant: Tenant): boolean {
    return (
      running < limits.total &&
      tenant.running < limits.tenant &&
      (people.get(person) ?? 0) < limits.principal &&
      (onRoute.get(route) ?? 0) < (limits.routes.get(route) ?? limits.total) &&
      (urgency < 2 || exporting < mostExports)
    )
  }

  /** Whose limit it is. */
  function refusal(asker: Asker, person: string, tenant: Tenant): MogoError {
    const seconds = Math.min(
      LONGEST_RETRY,
      Math.max(1, Math.ceil((waiting * usualMillis) / limits.total / 1000)),
    )
    if ((people.get(person) ?? 0) >= limits.principal)
      return new MogoError('MOGO_QUERY_BUSY', { limit: limits.principal, seconds })
    if (tenant.running >= limits.tenant || queueOf(tenant) >= mostOfTenant)
      return new MogoError('MOGO_TENANT_BUSY', { limit: limits.tenant, seconds })
    return new MogoError('MOGO_OVERLOADED', { what: asker.urgency === 2 ? 'exports' : 'queries', seconds })
  }

  function tenantOf(name: string): Tenant {
    const known = tenants.get(name)
    if (known) return known
    const tenant: Tenant = { running: 0, virtual, waiting: [[], [], []] }
    tenants.set(name, tenant)
    return tenant
  }

  /** A tenant without queries is forgotten: when it comes back it begins with what the others have been given. */
  function forget(name: string): void {
    const tenant = tenants.get(name)
    if (tenant && tenant.running === 0 && queueOf(tenant) === 0) tenants.delete(name)
  }
}

function queueOf({ waiting: [small, interactive, exports] }: Tenant): number {
  return small.length + interactive.length + exports.length
}
