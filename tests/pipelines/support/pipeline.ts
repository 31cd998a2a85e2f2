/** A whole pipeline for a test: a project on the servers of the run, capture applied, a worker that can be started and stopped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { loadContracts } from '#contracts/load-contracts.ts'
import { UNAVAILABLE_SECRET } from '#pipelines/capture/capture-settings.ts'
import { createReconciler, type Reconciler } from '#pipelines/capture/reconcile.ts'
import { type BuiltWorker, buildWorker, type WorkerOptions } from '#pipelines/worker/build-worker.ts'
import { createTestProject, type TestProject } from '#tests/support/test-project.ts'
import { contractText, type TestContract } from './contract-text.ts'

/** See {@link createPipeline}. */
export type Pipeline = {
  readonly project: TestProject
  capture(): Reconciler
  /** What a worker of this project is built from, without its logger. */
  workerOptions(limits?: { readonly rows: number }): Omit<WorkerOptions, 'logger'>
  startWorker(limits?: { readonly rows: number }): Promise<BuiltWorker>
  /** A worker as a process that may be killed; resolves when it reads. */
  spawnWorker(limits?: { readonly rows: number }, more?: SpawnOptions): Promise<ChildProcess>
  /** Rows of the analytics database, every value as text or null. */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Waits until a query's first value is the one expected; fails with the last one seen. */
  until(sql: string, expected: string | number, seconds?: number): Promise<void>
  /** Stops the workers and kills the processes that this pipeline has started. */
  endWorkers(): Promise<void>
  dispose(): Promise<void>
}

/** What a worker's process gets beside its options. */
export type SpawnOptions = {
  /** A file to which it logs as the product's worker does, at the level of debug. */
  readonly log?: string
  /** A module that is loaded before anything else. */
  readonly preload?: string
  /** Merged over the options. */
  readonly options?: Readonly<Record<string, unknown>>
}

/** Makes the project; capture and worker are the test's to start. */
export async function createPipeline(options: {
  readonly schema: string
  readonly contracts: readonly TestContract[]
  readonly config?: Readonly<Record<string, unknown>>
  readonly clickhouse?: { readonly url: string }
}): Promise<Pipeline> {
  const project = await createTestProject({
    schema: options.schema,
    contracts: Object.fromEntries(options.contracts.map((each) => [each.dataset, contractText(each)])),
    ...(options.config ? { config: options.config } : {}),
    ...(options.clickhouse ? { clickhouse: options.clickhouse } : {}),
  })
  const workers: BuiltWorker[] = []
  const children: ChildProcess[] = []

  function workerOptions({ rows } = { rows: 50_000 }): Omit<WorkerOptions, 'logger'> {
    const { settings } = project
    return {
      datasets: datasets(),
      kafka: settings.kafka('worker'),
      clickhouse: settings.clickhouse('worker'),
      database: project.analytics,
      governanceDatabase: project.governance,
      topicPrefix: project.id,
      groupId: `mogo-worker-${project.id}`,
      sourceDatabase: project.id,
      keyRingSecret: settings.secret('keyring.master'),
      unavailableValue: settings.secret(UNAVAILABLE_SECRET),
      limits: { rows, bytes: 8 * 1024 * 1024 },
      flushMillis: 20,
    }
  }
  const datasets = () => loadContracts(project.project.contractsDir)

  async function endWorkers(): Promise<void> {
    const alive = children.splice(0).filter((child) => child.exitCode === null && child.signalCode === null)
    const ended = alive.map((child) => once(child, 'exit'))
    for (const child of alive) child.kill('SIGKILL')
    await Promise.all([...ended, ...workers.splice(0).map((worker) => worker.stop().catch(() => {}))])
  }

  return {
    project,
    workerOptions,
    capture: () => createReconciler({ settings: project.settings, datasets: datasets() }),
    async startWorker(limits) {
      const worker = buildWorker({
        ...workerOptions(limits),
        logger: pino({ level: process.env['MOGO_TEST_LOG'] ?? 'silent' }),
      })
      workers.push(worker)
      await worker.start()
      return worker
    },
    async spawnWorker(limits, { log, preload, options: others } = {}) {
      const file = join(project.project.dir, 'worker-options.json')
      writeFileSync(file, JSON.stringify({ ...workerOptions(limits), ...others }), { mode: 0o600 })
      const script = join(import.meta.dirname, 'worker-process.ts')
      const child = spawn(
        process.execPath,
        [
          '--disable-warning=TimeoutNegativeWarning',
          ...(preload === undefined ? [] : ['--import', preload]),
          ...[script, file],
          ...(log === undefined ? [] : [log]),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      children.push(child)
      await once(child.stdout, 'data')
      return child
    },
    rows: async (sql) => (await project.clickhouse.query(sql)).rows,
    async until(sql, expected, seconds = 30) {
      const deadline = Date.now() + seconds * 1000
      let seen: unknown
      while (Date.now() < deadline) {
        try {
          const [row] = (await project.clickhouse.query(sql)).rows
          seen = row === undefined ? undefined : Object.values(row)[0]
          if (String(seen) === String(expected)) return
        } catch (error) {
          seen = error instanceof Error ? error.message.slice(0, 200) : error
        }
        await delay(50)
      }
      throw new Error(`${sql}: expected ${expected}, saw ${String(seen)}`)
    },
    endWorkers,
    async dispose() {
      await endWorkers()
      await project.dispose()
    },
  }
}
