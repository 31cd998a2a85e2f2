/**
 * `mogo bench query`: what the API adds to ClickHouse, both asked in turn by one client: token, scope, gate, limits, access record and all.
 *
 * A project of its own with all its processes; the orders are written straight into ClickHouse.
 */
import { accessScope } from '#contracts/compile/access-scope.ts'
import { scopeSettings } from '#contracts/compile/scope-settings.ts'
import { MogoError } from '#contracts/errors.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { apiClient } from '#ops/cli/api-client.ts'
import { runStack } from '#ops/cli/run-stack.ts'
import type { Stack } from '#ops/cli/stack.ts'
import { peakMb } from '#ops/runtime/process-usage.ts'
import { scopePassword } from '#ops/runtime/scope-password.ts'
import { machineFacts } from '../bench-figures.ts'
import type { Say } from '../say.ts'
import { apiDoor, type Door, directDoor, type Question } from './doors.ts'
import { compareThroughput, compareTimes } from './measure.ts'
import {
  analystOf,
  fillOrders,
  makeOrdersProject,
  makeSource,
  TENANTS,
  tenantName,
} from './orders-project.ts'
import { type QueryFigures, questionFigures } from './query-figures.ts'

/** What is asked for. */
export type QueryBenchOptions = {
  /** Orders of all tenants. */
  readonly rows: number
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly say: Say
}

/** Result: the figures, or the exit code of what was broken off. */
export type QueryBenchResult = { readonly figures: QueryFigures } | { readonly exitCode: number }

const TENANT = 3
const ROWS_OUT = 1_000_000
const WARM_UP = 4000

const Q0: Question = { sql: 'SELECT 1' }
const Q1: Question = {
  sql: 'SELECT status, count() AS n, sum(total) AS total FROM orders WHERE id BETWEEN 1000 AND 40000 GROUP BY status ORDER BY status',
}
const Q2: Question = {
  sql: 'SELECT country, status, count() AS n, sum(total) AS total, max(placed_at) AS latest FROM orders GROUP BY country, status ORDER BY country, status',
}
const Q3: Question = {
  sql: `SELECT id, customer_id, status, country, total, quantity, placed_at FROM orders LIMIT ${ROWS_OUT}`,
}

/** Runs it; nothing is left afterwards. @throws MogoError if a server fails, or an answer is a refusal */
export async function runQueryBench(options: QueryBenchOptions): Promise<QueryBenchResult> {
  const machine = machineFacts()
  const { project, remove } = makeOrdersProject('bench')
  let figures: QueryFigures | undefined
  try {
    const code = await runStack(project, options.environment, {
      prepareSource: (settings) => makeSource(settings),
      async work(stack, signal) {
        options.say(`${options.rows.toLocaleString('en-US')} orders into ClickHouse`)
        await fillOrders(stack.settings, options.rows)
        figures = { machine, ...(await measure(stack, options, signal)) }
        return 0
      },
    })
    return figures && code === 0 ? { figures } : { exitCode: code }
  } finally {
    remove()
  }
}

async function measure(
  { settings, handle }: Stack,
  { rows, say }: QueryBenchOptions,
  signal: AbortSignal,
): Promise<Omit<QueryFigures, 'machine'>> {
  const { project } = settings
  const { database } = project.config.clickhouse
  const { url, token } = await apiClient(project, analystOf(TENANT))
  const tenant = tenantName(TENANT)
  const principal = { subject: analystOf(TENANT), tenant, roles: ['analyst'], attributes: {} }
  const { name } = accessScope(loadContracts(project.contractsDir), principal, 'analyst')
  const scope = { username: name, password: scopePassword(settings.secret('clickhouse.scopes'), name) }
  const { url: engine, ...admin } = settings.clickhouse('admin')
  // The same as the scope's, but that it may be set and that nothing is filtered.
  const { readonly: _readonly, allow_ddl: _ddl, ...limits } = scopeSettings(project.config.api)
  const direct = directDoor(engine, scope, database)
  const unfiltered = directDoor(engine, admin, database, limits)
  const api = apiDoor(url, token)
  const doors: [Door, Door] = [direct, api]
  const apiPid = handle.status().find((process) => process.name === 'query-api')?.process?.pid
  if (apiPid === undefined) throw new MogoError('MOGO_NOT_RUNNING')
  try {
    const times = (question: Question, count: number) =>
      compareTimes(doors, () => question, { count, warmUp: Math.ceil(count / 5), signal })
    const rates = (question: Question) =>
      compareThroughput(doors, question, { connections: 16, windows: 4, millis: 2000, signal })
    const both = async (what: string, question: Question, count: number) => {
      say(`${what}: one connection, then sixteen`)
      return questionFigures(await times(question, count), await rates(question))
    }
    say('warming up')
    await warmUp(doors, signal)
    const q0 = await both('Q0', Q0, 1500)
    const q1 = await both('Q1', Q1, 600)
    const q2 = await both('Q2', Q2, 150)
    say('texts that are new')
    const cold = await compareTimes(
      doors,
      (index) => ({ ...Q1, sql: Q1.sql.replace('1000', String(1500 + index)) }),
      { count: 200, warmUp: 5, signal },
    )
    say('Q1 from the cache')
    const cached = await times({ ...Q1, cached: true }, 300)
    say('row filter')
    const filter = await compareFilter(unfiltered, direct, signal)
    say('Q3: a million rows out')
    const ndjson = await times({ ...Q3, format: 'ndjson' }, 5)
    const arrow = await times({ ...Q3, format: 'arrow' }, 5)
    const parquet = await times({ ...Q3, format: 'parquet' }, 5)
    return {
      ...{ rows, tenants: TENANTS, q0, q1, q2 },
      q3: {
        rows: Math.min(ROWS_OUT, rows / TENANTS),
        ndjson_ratio: ndjson.ratio,
        arrow_ratio: arrow.ratio,
        parquet_ratio: parquet.ratio,
        first_byte_added_ms: ndjson.first_added_ms,
        ndjson_direct_ms: ndjson.direct_ms,
        arrow_direct_ms: arrow.direct_ms,
        parquet_direct_ms: parquet.direct_ms,
        rss_mb: peakMb(apiPid),
      },
      cold: { added_ms: cold.added_ms, direct_p50_ms: cold.direct_ms },
      cache: { p50_ratio: cached.ratio, p50_ms: cached.api_ms },
      filter,
    }
  } finally {
    for (const door of [direct, unfiltered, api]) door.close()
  }
}

/** A service runs for days: V8 has then compiled what is hot, for which it takes some thousand calls. Both doors get as many. */
async function warmUp(doors: readonly Door[], signal: AbortSignal): Promise<void> {
  for (const door of doors)
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let asked = 0; asked < WARM_UP / 8; asked++) {
          signal.throwIfAborted()
          await door.ask(asked % 2 === 0 ? Q0 : Q1)
        }
      }),
    )
}

/** The scope's filter, against the same condition written by hand as a user that sees all rows. */
async function compareFilter(
  byHand: Door,
  byFilter: Door,
  signal: AbortSignal,
): Promise<QueryFigures['filter']> {
  const withCondition: Door = {
    ...byHand,
    ask: (question) =>
      byHand.ask({
        ...question,
        sql: question.sql.replace('FROM orders', `FROM orders WHERE tenant_id = '${tenantName(TENANT)}'`),
      }),
  }
  const compared = await compareTimes([withCondition, byFilter], () => Q2, { count: 100, warmUp: 10, signal })
  return { ratio: compared.ratio, by_hand_ms: compared.direct_ms, by_filter_ms: compared.api_ms }
}
