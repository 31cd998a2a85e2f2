/**
 * The part of `mogo bench pipeline` that measures the worker alone. `MOGO_PROJECT` names a running project with embedded servers; topic and databases
 * are fresh and removed afterwards. Figures go to standard output as JSON, progress to standard error.
 *
 *   node pipelines/bench-main.ts [--rows N] [--runs N]
 */
import { parseArgs } from 'node:util'
import { MogoError } from '#contracts/errors.ts'
import { sayEntryFault } from '#ops/runtime/entry-fault.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'
import { runW1 } from './bench/run-w1.ts'

function readArguments(): { readonly rows: number; readonly runs: number } {
  const { values } = parseArgs({
    options: { rows: { type: 'string', default: '1000000' }, runs: { type: 'string', default: '3' } },
  })
  const [rows, runs] = [Number(values.rows), Number(values.runs)]
  if (!Number.isInteger(rows) || rows < 1000 || !Number.isInteger(runs) || runs < 1)
    throw new MogoError('MOGO_USAGE', { detail: '--rows: a whole number, 1000 or more; --runs: 1 or more.' })
  return { rows, runs }
}

/** Exit code of what was broken off: 128 + SIGINT. */
const INTERRUPTED = 130

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort())

try {
  const settings = resolveSettings(loadProject(process.env['MOGO_PROJECT'] ?? process.cwd()))
  const say = (text: string): void => void process.stderr.write(`${text}\n`)
  const figures = await runW1({ settings, ...readArguments(), signal: stopping.signal, say })
  process.stdout.write(`${JSON.stringify(figures)}\n`)
} catch (error) {
  if (stopping.signal.aborted) process.exit(INTERRUPTED)
  if (process.env['MOGO_DEBUG'] !== undefined && error instanceof Error)
    process.stderr.write(`${error.stack}\n`)
  process.exitCode = sayEntryFault(error, 'the benchmark', 'text')
}
