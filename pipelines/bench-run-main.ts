/** One run of the benchmark as a process of its own, so that its CPU and memory are its own. Options come as JSON on standard input. */
import { benchDataset } from './bench/bench-dataset.ts'
import { runNaive } from './bench/clickhouse-naive.ts'
import { type RunOptions, type RunResult, runWorker } from './bench/run-worker.ts'

async function readInput(): Promise<RunOptions> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as RunOptions
}

const options = await readInput()
const before = process.cpuUsage()
const run = options.kind === 'worker' ? runWorker : runNaive
const seconds = await run(options, benchDataset())
const used = process.cpuUsage(before)
const result: RunResult = {
  seconds,
  cpuSeconds: (used.user + used.system) / 1e6,
  peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
}
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
