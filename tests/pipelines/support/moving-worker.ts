/** A worker that follows its contracts as the one of the process does (main.ts): watched, and put in place without a restart. */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { createLogger } from '#ops/runtime/logger.ts'
import { buildQuarantine } from '#pipelines/quarantine/build-quarantine.ts'
import type { QuarantineService } from '#pipelines/quarantine/quarantine-service.ts'
import { buildWorker } from '#pipelines/worker/build-worker.ts'
import { createReplaceable } from '#pipelines/worker/replaceable.ts'
import { watchContracts } from '#pipelines/worker/watch-contracts.ts'
import { contractText, type TestContract } from './contract-text.ts'
import type { Pipeline } from './pipeline.ts'

/** See {@link startMovingWorker}. */
export type MovingWorker = {
  /** Writes contracts; resolves when a worker that knows them was put in place of the former one. */
  move(...contracts: readonly TestContract[]): Promise<void>
  /** As `/readyz` asks it. */
  lanes(): Promise<void>
  readonly quarantine: QuarantineService
  stop(): Promise<void>
}

/** More than a change needs: one that sees it, and one that sees it stand still. */
const MOST_LOOKS = 6

/** Puts a contract in the place of the former one, in one step. */
export function writeContract({ project }: Pipeline, contract: TestContract): void {
  const file = join(project.project.contractsDir, `${contract.dataset}.odcs.yaml`)
  writeFileSync(`${file}.unfinished`, contractText(contract))
  renameSync(`${file}.unfinished`, file)
}

/** Starts it. Lines of its log are added to `log`. */
export function startMovingWorker(pipeline: Pipeline, log: string[]): MovingWorker {
  const dir = pipeline.project.project.contractsDir
  const { settings, governance, id } = pipeline.project
  const logger = createLogger('worker', 'info', { write: (line: string) => void log.push(line) })
  const first = loadContracts(dir)
  const running = createReplaceable((datasets: readonly CompiledDataset[]) => {
    const worker = buildWorker({ ...pipeline.workerOptions(), datasets, logger })
    const quarantine = buildQuarantine({
      ...{ datasets, logger, governanceDatabase: governance, topicPrefix: id },
      ...{ kafka: settings.kafka('worker'), replay: settings.kafka('replay') },
      clickhouse: settings.clickhouse('worker'),
      keyRingSecret: settings.secret('keyring.master'),
    })
    return {
      ...{ worker, quarantine },
      start: () => worker.start(),
      failed: worker.failed,
      async stop() {
        await worker.stop()
        await quarantine.stop()
      },
    }
  }, first)
  let moves = 0
  const watch = watchContracts({
    ...{ dir, current: first, load: loadContracts, logger },
    async changed(datasets) {
      await running.replace(datasets)
      moves++
    },
  })
  return {
    lanes: () => running.current.worker.checks.lanes(),
    get quarantine() {
      return running.current.quarantine.service
    },
    async move(...contracts) {
      const before = moves
      for (const contract of contracts) writeContract(pipeline, contract)
      for (let look = 0; moves === before && look < MOST_LOOKS; look++) await watch.look()
      if (moves === before) throw new Error(`the contracts were not taken: ${log.at(-1)}`)
    },
    async stop() {
      await watch.stop()
      await running.stop()
    },
  }
}
