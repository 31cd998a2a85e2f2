/**
 * One run of the benchmark as a process of its own. Options come as the first message of the channel to the parent; an answer says that the first
 * record was read; when the channel closes the run ends.
 */
import { once } from 'node:events'
import { benchDataset } from './bench/bench-dataset.ts'
import { runNaive } from './bench/clickhouse-naive.ts'
import type { RunOptions } from './bench/run-options.ts'
import { runWorker } from './bench/run-worker.ts'

const closed = once(process, 'disconnect')
const [options] = (await once(process, 'message')) as [RunOptions]
let told = false
function first(): void {
  if (told) return
  told = true
  process.send?.('first')
}
const run = options.kind === 'worker' ? runWorker : runNaive
const running = await run(options, benchDataset(), first)
await closed
await running.stop()
process.exit(0)
