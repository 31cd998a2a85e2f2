/** `mogo demo`: the main job on live data, and a report of it. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import colors from 'picocolors'
import { maskingText } from '#contracts/compile/lineage-edges.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { compareUntilEqual } from '#ops/compare/compare-project.ts'
import { ask, beforeAfter, pipelineCounts, quarantineReasons, queryLineage } from '#ops/demo/demo-facts.ts'
import { type DemoFacts, demoChecks, demoReport } from '#ops/demo/demo-report.ts'
import { probeFreshness } from '#ops/demo/freshness-probe.ts'
import type { SeedResult } from '#ops/demo/seed.ts'
import { startTraffic } from '#ops/demo/traffic.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { apiClient } from '../api-client.ts'
import { openClickHouse } from '../clickhouse-session.ts'
import { stackStatus, stopStack } from '../control-client.ts'
import { DEMO_DIR } from '../find-project.ts'
import { line, note } from '../output.ts'
import { openPostgres } from '../postgres-session.ts'
import { runStack, untilAborted } from '../run-stack.ts'
import { DEMO_SEED, seedDemo } from '../seed-demo.ts'
import type { Stack } from '../stack.ts'
import { whereEverythingIs } from './up.ts'

type DemoOptions = {
  readonly tenants: number
  readonly customers: number
  readonly seed: number
  readonly rate: number
  readonly seconds: number
  readonly keep?: boolean
  readonly reseed?: boolean
  readonly in?: string
}

/** Live traffic runs this long before freshness is measured. */
const WARM_UP_SECONDS = 4

const SQL =
  'select tenant_id, status, count() as orders, sum(total) as revenue from orders group by tenant_id, status order by revenue desc limit 3'
const REFUSED_SQL = 'select birth_date from customers limit 1'
const LINEAGE_SQL =
  "select sum(o.total) as revenue from orders as o join customers as c on o.customer_id = c.id and o.tenant_id = c.tenant_id where c.country = 'US'"

/** Adds the command. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('Start everything, run the main job on live data, print what happened')
    .addOption(number('--tenants <count>', 'shops', DEMO_SEED.tenants))
    .addOption(number('--customers <count>', 'customers of all shops', DEMO_SEED.customers))
    .addOption(number('--seed <number>', 'seed of the generated data', DEMO_SEED.seed))
    .addOption(number('--rate <changes>', 'live changes a second', 500))
    .addOption(number('--seconds <seconds>', 'how long live traffic runs', 10))
    .option('--reseed', 'empty the tables first, if they hold other data')
    .option('--in <dir>', 'copy the demo project into this folder first, and run it there')
    .option('--keep', 'leave it running afterwards, with live traffic, until Ctrl-C')
    .addHelpText(
      'after',
      '\nExamples:\n  mogo demo\n  mogo demo --keep\n  mogo demo --customers 77000 --reseed     a million rows',
    )
    .action(async (options: DemoOptions) => {
      const project = loadProject(options.in === undefined ? DEMO_DIR : copyDemo(options.in))
      if (stackStatus(project.stateDir)) {
        note('the demo project is running already; it is stopped first')
        await stopStack(project.stateDir)
      }
      let seeded: SeedResult | undefined
      line(
        `${colors.bold('Mogothrow77')}  ${colors.dim('Postgres -> Debezium -> Kafka -> contract, tokens -> ClickHouse -> query API')}`,
      )
      process.exitCode = await runStack(project, process.env, {
        prepareSource: async (settings, progress, signal) => {
          const { tenants, customers, seed, reseed } = options
          const wanted = { tenants, customers, seed, ...(reseed ? { reseed } : {}) }
          seeded = await seedDemo(settings, progress, signal, wanted)
        },
        work: (stack, signal) => demonstrate(project, stack, options, seeded?.total ?? 0, signal),
      })
    })
}

/** Puts the demo project, without its state, into a folder; what is there already stays. */
function copyDemo(target: string): string {
  const dir = resolve(target)
  mkdirSync(dir, { recursive: true })
  for (const name of ['contracts', 'people.yaml'])
    cpSync(join(DEMO_DIR, name), join(dir, name), { recursive: true, force: false })
  const file = join(dir, 'mogo.yaml')
  if (!existsSync(file))
    writeFileSync(file, readFileSync(join(DEMO_DIR, 'mogo.yaml'), 'utf8').replace(/^stateDir: .*\n/m, ''))
  return dir
}

function number(flags: string, text: string, fallback: number): Option {
  return new Option(flags, text).default(fallback).argParser((value) => {
    const parsed = Number(value)
    if (!Number.isInteger(parsed) || parsed < 1)
      throw new InvalidArgumentError('expected a whole number above 0')
    return parsed
  })
}

async function demonstrate(
  project: Project,
  stack: Stack,
  options: DemoOptions,
  seeded: number,
  signal: AbortSignal,
): Promise<number> {
  const { settings } = stack
  const { database, governanceDatabase } = project.config.clickhouse
  const postgres = await openPostgres(settings.postgres('superuser'))
  const clickhouse = openClickHouse(settings.clickhouse('admin'), database)
  try {
    note(`  > the snapshot of the seeded rows arrives …`)
    await compareUntilEqual(settings, 120_000, signal)
    // Everyone asks once, so that the access scopes stand before anything is measured.
    const [ana, ben, dora] = await Promise.all(
      ['ana', 'ben', 'dora'].map((person) => apiClient(project, person)),
    )
    if (!ana || !ben || !dora) throw new Error('unreachable')
    for (const api of [ana, ben, dora]) await ask(api, 'select count() from orders')
    note(`  > live traffic: ${options.rate} changes a second for ${options.seconds} s …`)
    const { stats, freshness } = await liveTraffic(stack, options, signal)
    note('  > comparing source and destination, row by row …')
    const comparison = await compareUntilEqual(settings, 60_000, signal)
    const customers = loadContracts(project.contractsDir).find((dataset) => dataset.name === 'customers')
    const asked = await ask(ana, LINEAGE_SQL)
    const facts: DemoFacts = {
      serversReadySeconds: stack.serversReadyMillis / 1000,
      seeded,
      traffic: stats,
      comparison,
      quarantine: await quarantineReasons(clickhouse, governanceDatabase),
      counts: await pipelineCounts(clickhouse, governanceDatabase),
      beforeAfter: await beforeAfter(postgres, clickhouse, (name) => {
        const column = customers?.columns.find((candidate) => candidate.source === name)
        return { target: column?.target ?? null, masking: column ? maskingText(column) : '' }
      }),
      freshness,
      sql: SQL,
      answers: [
        { who: 'ana', tenant: 'acme', asked: await ask(ana, SQL) },
        { who: 'ben', tenant: 'globex', asked: await ask(ben, SQL) },
      ],
      refusedSql: REFUSED_SQL,
      refused: { who: 'ana', asked: await ask(ana, REFUSED_SQL) },
      lineageSql: LINEAGE_SQL,
      lineage: asked.ok ? await queryLineage(ana, asked.queryId) : undefined,
    }
    line()
    line(demoReport(facts))
    const holds = demoChecks(facts).every((check) => check.holds)
    if (!holds)
      note(colors.red('Something above does not hold. `mogo logs worker` and `mogo doctor` tell more.'))
    if (options.keep) await keepRunning(stack, options, ana.token, signal)
    else {
      line('Go on with:')
      line(`  ${colors.bold('./mogo demo --keep')}                 leave it running: API, docs, tokens`)
      line(`  ${colors.bold('./mogo query "select …"')}            ask as an analyst, while it runs`)
      line(`  ${colors.bold('./mogo init my-project --source …')}  put your own Postgres under contract`)
    }
    return holds ? 0 : 1
  } finally {
    await postgres.close()
    await clickhouse.close()
  }
}

async function liveTraffic(stack: Stack, options: DemoOptions, signal: AbortSignal) {
  const { settings } = stack
  const stop = AbortSignal.any([signal, AbortSignal.timeout((WARM_UP_SECONDS + options.seconds) * 1000)])
  const postgres = await openPostgres(settings.postgres('app'))
  const clickhouse = openClickHouse(settings.clickhouse('admin'), settings.project.config.clickhouse.database)
  try {
    const traffic = await startTraffic({
      connection: settings.postgres('app'),
      ratePerSecond: options.rate,
      seed: options.seed,
      signal: stop,
    })
    // Java programs are slow until they are warm: a fresh connector takes some seconds to keep up. What is measured is after.
    await sleep(WARM_UP_SECONDS * 1000, undefined, { signal: stop }).catch(() => undefined)
    const freshness = await probeFreshness({ postgres, clickhouse, signal: stop })
    const stats = await traffic.done
    signal.throwIfAborted()
    return { stats, freshness }
  } finally {
    await postgres.close()
    await clickhouse.close()
  }
}

async function keepRunning(
  stack: Stack,
  options: DemoOptions,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const traffic = await startTraffic({
    connection: stack.settings.postgres('app'),
    ratePerSecond: Math.min(options.rate, 50),
    seed: options.seed + 1,
    signal,
  })
  for (const text of whereEverythingIs(stack.endpoints)) line(text)
  line('Tokens (15 minutes; more with `./mogo token --as NAME`; people: ana, ben, dora, cora):')
  line(`  export TOKEN=${token}`)
  line(
    `  curl -s ${stack.endpoints.api?.url}/v1/query -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"sql":"select count() from orders"}'`,
  )
  line(colors.dim('Live traffic goes on. Ctrl-C stops everything.'))
  await untilAborted(signal)
  await traffic.done
}
