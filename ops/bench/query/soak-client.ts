/**
 * One caller of the query soak: asks one thing after the other and looks at every answer. What is right is known to the last row; what may go wrong is only
 * what is meant to: 429 and 503 with a time to wait, 401 for a key that was revoked, and an answer that is visibly cut off while the engine is restarted.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '#ops/demo/random.ts'
import { TENANTS, tenantName } from './orders-project.ts'

/** What all orders of a tenant come to. */
export type TenantTotals = { readonly rows: number; readonly quantity: string }

/** How the caller logs in; `revokedAt`: when the revocation was answered, by performance.now(). */
export type Credential = { readonly authorization: string; revokedAt?: number }

/** Counts of all callers together. */
export type SoakCounts = Record<
  'answered' | 'refused' | 'busy' | 'unavailable' | 'cut' | 'unauthorized',
  number
>

/** What a caller is made of. */
export type SoakClient = {
  readonly url: string
  readonly tenant: number
  /** The one to use now. */
  readonly credential: () => Credential
  readonly totals: TenantTotals
  readonly random: Random
  readonly counts: SoakCounts
  /** Is the engine being restarted, or was it a moment ago? */
  readonly isDisturbed: () => boolean
  readonly fault: (text: string) => void
  readonly signal: AbortSignal
}

/** A revocation counts on every process within so many milliseconds. */
export const REVOKED_MILLIS = 1500
const LONGEST_PAUSE_MILLIS = 1000
const PAGE = 40
const SPAN = 600

type Answer = { readonly status: number; readonly headers: Headers; readonly body: string }

/** Asks until the signal aborts. */
export async function runSoakClient(client: SoakClient): Promise<void> {
  const { random, signal } = client
  const own = tenantName(client.tenant)
  const first = () => random.int(1, Math.max(1, client.totals.rows - SPAN))
  const questions = [total, foreign, stream, pages, forbidden]
  while (!signal.aborted) await random.pick(questions)()

  async function total(): Promise<void> {
    const sql = 'SELECT tenant_id, count() AS n, sum(quantity) AS q FROM orders GROUP BY tenant_id'
    const answer = await query(sql, 'application/json')
    if (answer)
      expectSame('the total', JSON.parse(answer.body).rows, [
        [own, String(client.totals.rows), client.totals.quantity],
      ])
  }

  async function foreign(): Promise<void> {
    const other = tenantName((client.tenant + random.int(1, TENANTS - 1)) % TENANTS)
    const answer = await query(
      `SELECT count() AS n FROM orders WHERE tenant_id = '${other}'`,
      'application/json',
    )
    if (answer) expectSame('the rows of another tenant', JSON.parse(answer.body).rows, [['0']])
  }

  async function stream(): Promise<void> {
    const from = first()
    const answer = await query(
      `SELECT tenant_id, id FROM orders WHERE id BETWEEN ${from} AND ${from + SPAN} ORDER BY id`,
      'application/x-ndjson',
    )
    if (!answer) return
    const rows = answer.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const expected = Array.from({ length: SPAN + 1 }, (_, index) => ({
      tenant_id: own,
      id: String(from + index),
    }))
    expectSame('the stream', rows, expected)
  }

  async function pages(): Promise<void> {
    const from = first()
    let cursor = ''
    for (let page = 0; page < 3; page++) {
      const path = `/v1/datasets/orders/rows?select=tenant_id,id&sort=id&limit=${PAGE}&id=gte.${from}${cursor}`
      const answer = await ask(path, { method: 'GET' }, 200)
      if (!answer) return
      const { rows, next } = JSON.parse(answer.body) as { rows: unknown; next: string }
      const begin = from + page * PAGE
      expectSame(
        'a page',
        rows,
        Array.from({ length: PAGE }, (_, index) => [own, String(begin + index)]),
      )
      cursor = `&cursor=${encodeURIComponent(next)}`
    }
  }

  async function forbidden(): Promise<void> {
    await ask('/v1/query', asQuery('SELECT name FROM system.users', 'application/json'), 404)
  }

  function query(sql: string, accept: string): Promise<Answer | undefined> {
    return ask('/v1/query', asQuery(sql, accept), 200)
  }

  /** The answer, if it is one of the status that is wanted. */
  async function ask(path: string, request: RequestInit, wanted: number): Promise<Answer | undefined> {
    const credential = client.credential()
    const started = performance.now()
    let answer: Answer
    try {
      const headers = {
        ...(request.headers as Record<string, string>),
        authorization: credential.authorization,
      }
      const response = await fetch(`${client.url}${path}`, { ...request, headers, signal })
      answer = { status: response.status, headers: response.headers, body: await response.text() }
    } catch {
      if (!signal.aborted) cut()
      return undefined
    }
    lookForOthers(answer)
    const { status } = answer
    const isLate = credential.revokedAt !== undefined && started > credential.revokedAt + REVOKED_MILLIS
    if (isLate && status !== 401) client.fault(`a revoked key was answered ${status}`)
    if (status === 401) {
      client.counts.unauthorized++
      if (credential.revokedAt === undefined) client.fault('a good key or token was refused')
      return undefined
    }
    if (status === 429 || status === 503) return wait(answer)
    if (status === wanted || (wanted >= 400 && status >= 400 && status < 500)) {
      client.counts[wanted >= 400 ? 'refused' : 'answered']++
      return answer
    }
    client.fault(`status ${status} in place of ${wanted}: ${codeIn(answer.body)}`)
    return undefined
  }

  async function wait({ status, headers }: Answer): Promise<undefined> {
    client.counts[status === 429 ? 'busy' : 'unavailable']++
    const after = Number(headers.get('retry-after') ?? Number.NaN)
    if (!(after >= 0)) client.fault(`status ${status} without a time to wait`)
    await delay(Math.min(LONGEST_PAUSE_MILLIS, 1000 * (after || 0)), undefined, { signal }).catch(() => {})
  }

  function cut(): void {
    client.counts.cut++
    if (!client.isDisturbed()) client.fault('an answer was cut off while nothing was restarted')
  }

  function lookForOthers({ body }: Answer): void {
    for (let other = 0; other < TENANTS; other++)
      if (other !== client.tenant && body.includes(tenantName(other))) client.fault('a row of another tenant')
  }

  function expectSame(what: string, seen: unknown, expected: unknown): void {
    if (JSON.stringify(seen) !== JSON.stringify(expected)) client.fault(`${what} is not what it should be`)
  }
}

function asQuery(sql: string, accept: string): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ sql }),
  }
}

function codeIn(body: string): string {
  try {
    return String((JSON.parse(body) as { code?: unknown }).code)
  } catch {
    return 'no problem'
  }
}
