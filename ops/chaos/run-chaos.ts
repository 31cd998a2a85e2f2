/**
 * `mogo chaos`: rounds of random faults over a running workload, in a project of its own. After every few rounds the workload rests, and
 * source and destination must be equal, with every record accounted for; the first difference ends the run.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { loadContracts } from '#contracts/load-contracts.ts'
import { changeLines, runCapture } from '#ops/cli/capture-process.ts'
import { type ClickHouseSession, openClickHouse } from '#ops/cli/clickhouse-session.ts'
import { openPostgres } from '#ops/cli/postgres-session.ts'
import { runStack } from '#ops/cli/run-stack.ts'
import { ownProcess, type Stack } from '#ops/cli/stack.ts'
import { createRandom } from '#ops/demo/random.ts'
import { makeTemporaryProject } from '#ops/runtime/temporary-project.ts'
import type { Finding } from './account-records.ts'
import { carryOut } from './carry-out.ts'
import { type ChaosResult, createScore, findingLines } from './chaos-result.ts'
import { contractOf, createCopy, createSource, TABLES, USUAL_PARTITIONS } from './chaos-tables.ts'
import { dealRounds, faultWords } from './draw-faults.ts'
import { createOddTopics } from './kafka-administration.ts'
import { createRawReader } from './kafka-raw-records.ts'
import { PROBES, probeStatements, probesAtSource, untilProbesVisible } from './probes.ts'
import { createAuditor } from './settle.ts'
import { workerProcess } from './worker-process.ts'
import { startWorkload } from './workload.ts'

/** What is asked for. */
export type ChaosOptions = {
  readonly seed: number
  readonly rounds: number
  /** Rounds between two comparisons. */
  readonly every: number
  /** Row changes a second. */
  readonly ratePerSecond: number
  /** Leave the project's folder, with its logs. */
  readonly keep: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly say: (text: string) => void
}

/** What came of it; the exit code is 0 if nothing was found. */
export type ChaosEnd = { readonly exitCode: number; readonly result?: ChaosResult }

const SETTINGS = `kafka: { partitions: ${USUAL_PARTITIONS} }\n`
const NAMES = TABLES.map(({ name }) => name)
const TABLES_MILLIS = 60_000
const RECOVERY_MILLIS = 240_000

/** Runs it; nothing is left afterwards. @throws MogoError if a server does not start */
export async function runChaos(options: ChaosOptions): Promise<ChaosEnd> {
  const contracts = Object.fromEntries(TABLES.map((table) => [table.name, contractOf(table)]))
  const { project, remove } = makeTemporaryProject({
    name: 'chaos',
    contracts,
    logLevel: 'info',
    settings: SETTINGS,
  })
  let result: ChaosResult | undefined
  try {
    const exitCode = await runStack(project, options.environment, {
      serversOnly: true,
      async work(stack, signal) {
        await begin(stack, options, signal)
        result = await rounds(stack, options, signal)
        return result.findings.length === 0 ? 0 : 1
      },
    })
    return { exitCode, ...(result ? { result } : {}) }
  } finally {
    if (options.keep) options.say(`left: ${project.dir}`)
    else remove()
  }
}

/** Tables, capture, two workers, and the copies behind the datasets. */
async function begin(stack: Stack, { environment, say }: ChaosOptions, signal: AbortSignal): Promise<void> {
  const { settings, handle, endpoints } = stack
  const { project } = settings
  const { database, topicPrefix } = {
    database: project.config.clickhouse.database,
    topicPrefix: project.config.kafka.topicPrefix,
  }
  const postgres = await openPostgres(settings.postgres('app'))
  for (const table of TABLES) await postgres.query(createSource(table))
  await postgres.close()
  await createOddTopics(settings.kafka('admin'), topicPrefix)
  const workers = await Promise.all([1, 2].map((number) => workerProcess(stack, SETTINGS, number)))
  const [captured] = await Promise.all([
    runCapture(project, 'apply', { environment, signal }),
    handle.startProcesses([...workers, ownProcess('ops', project, endpoints)]),
  ])
  say(`capture: ${changeLines(captured.output).length} changes`)
  const clickhouse = openClickHouse(settings.clickhouse('admin'), database)
  try {
    await untilTables(clickhouse, database, signal)
    for (const dataset of loadContracts(project.contractsDir))
      for (const statement of createCopy(dataset, database)) await clickhouse.query(statement)
  } finally {
    await clickhouse.close()
  }
}

async function untilTables(
  clickhouse: ClickHouseSession,
  database: string,
  signal: AbortSignal,
): Promise<void> {
  const sql = /*sql*/ `SELECT count() AS n FROM system.tables WHERE database = '${database}'`
  const end = performance.now() + TABLES_MILLIS
  while (Number((await clickhouse.query(sql)).rows[0]?.['n']) < TABLES.length) {
    if (performance.now() > end) throw new Error('the workers did not make their tables')
    await delay(100, undefined, { signal })
  }
}

async function rounds(stack: Stack, options: ChaosOptions, signal: AbortSignal): Promise<ChaosResult> {
  const { settings } = stack
  const { project } = settings
  const { seed, say } = options
  const score = createScore(seed)
  const deal = dealRounds(createRandom(seed))
  const stop = new AbortController()
  const running = AbortSignal.any([signal, stop.signal])
  const workload = startWorkload({
    connection: settings.postgres('app'),
    ratePerSecond: options.ratePerSecond,
    seed,
    signal: running,
  })
  const clickhouse = openClickHouse(settings.clickhouse('admin'), project.config.clickhouse.database)
  const auditor = createAuditor({
    settings,
    datasets: loadContracts(project.contractsDir),
    reader: createRawReader(settings.kafka('admin'), project.config.kafka.topicPrefix),
  })
  const thirdWorker = await workerProcess(stack, SETTINGS, 3)
  let mark = 0

  /** Milliseconds until everything that was committed before is visible; the tables that are not, when patience ends. */
  async function recover(): Promise<{ readonly millis: number; readonly missing: readonly string[] }> {
    const started = performance.now()
    await raiseProbes()
    const missing = await untilProbesVisible(clickhouse, mark, {
      ...{ deadlineMillis: RECOVERY_MILLIS, signal: running },
      async renewed() {
        if (!(await areProbesThere())) await raiseProbes()
        return mark
      },
    })
    return { millis: Math.round(performance.now() - started), missing }
  }

  async function raiseProbes(): Promise<void> {
    mark += 1
    await workload.commit(probeStatements(mark))
  }

  /** True also if the source does not answer just now. */
  async function areProbesThere(): Promise<boolean> {
    try {
      const postgres = await openPostgres(settings.postgres('app'))
      try {
        return Number((await postgres.query(probesAtSource())).rows[0]?.['n']) === PROBES.length
      } finally {
        await postgres.close()
      }
    } catch {
      return true
    }
  }

  async function settle(): Promise<readonly Finding[]> {
    await workload.pause()
    const { missing } = await recover()
    if (missing.length > 0) return missing.map((table) => ({ table, what: 'stuck', keys: [] }))
    const settlement = await auditor.settle(mark, running)
    score.settled(settlement)
    workload.resume()
    return settlement.findings
  }

  try {
    await recover()
    for (let number = 1; number <= options.rounds; number++) {
      const round = deal()
      await delay(round.restMillis, undefined, { signal: running })
      await Promise.all(round.faults.map((fault) => carryOut(fault, { stack, thirdWorker, signal: running })))
      const { millis, missing } = await recover()
      const words = round.faults.map((fault) => faultWords(fault, NAMES)).join(' + ')
      say(`round ${number}: ${words}: recovered in ${(millis / 1000).toFixed(1)} s`)
      score.round(round.faults, millis)
      let findings: readonly Finding[] = missing.map((table) => ({ table, what: 'stuck', keys: [] }))
      if (findings.length === 0 && (number % options.every === 0 || number === options.rounds)) {
        findings = await settle()
        if (findings.length === 0) say(`  equal after ${workload.changes().toLocaleString('en-US')} changes`)
      }
      if (findings.length > 0) {
        for (const text of findingLines(findings, seed, number)) say(text)
        return score.result(findings, workload.changes())
      }
    }
    return score.result([], workload.changes())
  } finally {
    stop.abort()
    await Promise.all([workload.done.catch(() => {}), clickhouse.close()])
  }
}
