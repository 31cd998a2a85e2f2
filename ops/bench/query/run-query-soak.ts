/**
 * `mogo bench query-soak`: many callers at once for minutes, while ClickHouse is restarted and API keys are revoked. Every row of every answer is looked
 * at (soak-client.ts), and the memory of the API each second.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { MogoError } from '#contracts/errors.ts'
import { type ApiClient, apiClient } from '#ops/cli/api-client.ts'
import { openClickHouse } from '#ops/cli/clickhouse-session.ts'
import { runStack } from '#ops/cli/run-stack.ts'
import type { Stack } from '#ops/cli/stack.ts'
import { createRandom, mixSeed } from '#ops/demo/random.ts'
import { proportionalMb } from '#ops/runtime/process-usage.ts'
import type { Say } from '../say.ts'
import {
  analystOf,
  fillOrders,
  keeperOf,
  makeOrdersProject,
  makeSource,
  TENANTS,
  tenantName,
} from './orders-project.ts'
import { type MemorySample, type QuerySoakFigures, querySoakFigures } from './query-soak-figures.ts'
import {
  type Credential,
  REVOKED_MILLIS,
  runSoakClient,
  type SoakCounts,
  type TenantTotals,
} from './soak-client.ts'

/** What is asked for. */
export type QuerySoakOptions = {
  readonly minutes: number
  readonly clients: number
  /** Orders of all tenants. */
  readonly rows: number
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly say: Say
}

/** Result: the figures, or the exit code of what was broken off. */
export type QuerySoakResult = { readonly figures: QuerySoakFigures } | { readonly exitCode: number }

/** A cache that is full within the first minute: then answers are pushed out of it, and what still grows is no cache that fills. */
const SETTINGS = 'api: { cache: { megabytes: 4 } }\n'

const RESTART_SECONDS = 20
const REVOKE_SECONDS = 6
/** So long after a restart answers may still be cut off. */
const DISTURBED_MILLIS = 8000
const SEED = 11

/** Runs it; nothing is left afterwards. @throws MogoError if a server does not start */
export async function runQuerySoak(options: QuerySoakOptions): Promise<QuerySoakResult> {
  const { project, remove } = makeOrdersProject('soak', SETTINGS)
  let figures: QuerySoakFigures | undefined
  try {
    const exitCode = await runStack(project, options.environment, {
      prepareSource: (settings) => makeSource(settings),
      async work(stack, signal) {
        await fillOrders(stack.settings, options.rows)
        figures = await soak(stack, options, signal)
        return 0
      },
    })
    return figures ? { figures } : { exitCode }
  } finally {
    remove()
  }
}

async function soak(stack: Stack, options: QuerySoakOptions, signal: AbortSignal): Promise<QuerySoakFigures> {
  const { minutes, clients, say } = options
  const seconds = minutes * 60
  const stop = new AbortController()
  const running = AbortSignal.any([signal, stop.signal])
  const counts: SoakCounts = { answered: 0, refused: 0, busy: 0, unavailable: 0, cut: 0, unauthorized: 0 }
  const faults = new Map<string, number>()
  const fault = (text: string): void => void faults.set(text, (faults.get(text) ?? 0) + 1)
  const totals = await totalsOf(stack)
  const people = await Promise.all(Array.from({ length: TENANTS }, (_, tenant) => personOf(stack, tenant)))
  let disturbedUntil = 0
  const callers = Array.from({ length: clients }, (_, index) => {
    const tenant = index % TENANTS
    const person = people[tenant] as Person
    const random = createRandom(mixSeed(SEED, index))
    return runSoakClient({
      ...{ url: person.api.url, tenant, random, counts, fault, signal: running },
      // Every other one comes with an API key.
      credential: () => (index % 20 < TENANTS ? person.token : person.key),
      totals: totals.get(tenantName(tenant)) ?? { rows: 0, quantity: '0' },
      isDisturbed: () => performance.now() < disturbedUntil,
    })
  })
  const ended = Promise.all(callers)
  const started = performance.now()
  const elapsed = (): number => (performance.now() - started) / 1000
  const memory: MemorySample[] = []
  let [restarts, revocations, failed] = [0, 0, 0]
  try {
    while (elapsed() < seconds) {
      await Promise.race([delay(1000, undefined, { signal }), ended])
      memory.push({ at: elapsed(), mb: apiMemory(stack) })
      if (elapsed() > (restarts + 1) * RESTART_SECONDS) {
        restarts++
        disturbedUntil = Number.POSITIVE_INFINITY
        say(`${Math.round(elapsed())} s: ${restarts % 2 === 1 ? 'restart' : 'kill'} clickhouse`)
        await disturb(stack, restarts % 2 === 1)
        disturbedUntil = performance.now() + DISTURBED_MILLIS
      }
      if (elapsed() > (revocations + failed + 1) * REVOKE_SECONDS) {
        const person = people[(revocations + failed) % TENANTS] as Person
        const former = person.key
        if (await renewKey(person)) {
          revocations++
          void lookAgain(person.api.url, former, fault)
        } else failed++
      }
    }
  } finally {
    stop.abort()
    await ended
  }
  if (failed > revocations) fault('most keys could not be revoked')
  return querySoakFigures({
    ...{ seconds: Math.round(elapsed() * 10) / 10, clients, restarts, revocations, counts, faults, memory },
  })
}

type Person = {
  readonly tenant: number
  readonly api: ApiClient
  /** Of who keeps the keys. */
  readonly keeper: ApiClient
  readonly token: Credential
  key: Credential
  keyId: string
}

async function personOf({ settings }: Stack, tenant: number): Promise<Person> {
  const api = await apiClient(settings.project, analystOf(tenant))
  const keeper = await apiClient(settings.project, keeperOf(tenant))
  const token = { authorization: `Bearer ${api.token}` }
  const person = { tenant, api, keeper, token, key: token, keyId: '' }
  if (!(await renewKey(person))) throw new MogoError('MOGO_UNAVAILABLE', { what: 'An API key' })
  return person
}

/** A new key takes the place of the one before, which is then revoked; false if the API cannot do it now. */
async function renewKey(person: Person): Promise<boolean> {
  const made = await person.keeper.request('POST', '/v1/keys', {
    body: { account: `soak-${person.tenant}`, roles: ['analyst'] },
  })
  if (made.status !== 200 && made.status !== 201) return false
  const { id, key } = JSON.parse(made.text) as { id: string; key: string }
  const [former, formerId] = [person.key, person.keyId]
  person.key = { authorization: `Bearer ${key}` }
  person.keyId = id
  if (formerId === '') return true
  const revoked = await person.keeper.request('DELETE', `/v1/keys/${formerId}`)
  if (revoked.status >= 300) return false
  former.revokedAt = performance.now()
  return true
}

/** Somebody who still has a revoked key asks with it. */
async function lookAgain(
  url: string,
  { authorization }: Credential,
  fault: (text: string) => void,
): Promise<void> {
  await delay(REVOKED_MILLIS)
  const response = await fetch(`${url}/v1/me`, { headers: { authorization } }).catch(() => undefined)
  const isRefused = response === undefined || [401, 429, 503].includes(response.status)
  if (!isRefused) fault(`a revoked key was answered ${response.status}`)
}

/** Stops the engine in order, or kills it; resolves when it is back. */
async function disturb({ handle }: Stack, inOrder: boolean): Promise<void> {
  if (inOrder) return handle.restart('clickhouse')
  const pid = handle.status().find(({ name }) => name === 'clickhouse')?.process?.pid
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  const isBack = () => {
    const now = handle.status().find(({ name }) => name === 'clickhouse')
    return now?.status === 'ready' && now.process?.pid !== pid
  }
  while (!isBack()) await delay(50)
}

function apiMemory({ handle }: Stack): number {
  const pid = handle.status().find(({ name }) => name === 'query-api')?.process?.pid
  return pid === undefined ? 0 : proportionalMb(pid)
}

async function totalsOf({ settings }: Stack): Promise<ReadonlyMap<string, TenantTotals>> {
  const clickhouse = openClickHouse(settings.clickhouse('admin'), settings.project.config.clickhouse.database)
  try {
    const { rows } = await clickhouse.query(
      /*sql*/ `SELECT tenant_id, count() AS n, sum(quantity) AS q FROM orders FINAL GROUP BY tenant_id`,
    )
    return new Map(
      rows.map((row) => [String(row['tenant_id']), { rows: Number(row['n']), quantity: String(row['q']) }]),
    )
  } finally {
    await clickhouse.close()
  }
}
