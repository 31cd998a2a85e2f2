/**
 * Capture runs as a process of its own (`pipelines/capture-main.ts`), with its own identities; the command line starts it
 * and passes on what it says. With `--format json` it prints one JSON document on standard output; faults come on standard
 * error as `code: message`.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ERRORS, type ErrorCode, MogoError } from '#contracts/errors.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { ROOT } from './find-project.ts'

/** What capture can do. */
export type CaptureAction = 'plan' | 'apply' | 'status'

/** Surroundings of a run. */
export type CaptureRun = {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal
  readonly onStep?: (text: string) => void
  readonly args?: readonly string[]
}

/**
 * Runs capture to its end and returns what it printed.
 *
 * @throws MogoError MOGO_CAPTURE_FAILED with the fault that it said
 */
export async function runCapture(project: Project, action: CaptureAction, run: CaptureRun): Promise<string> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'pipelines/capture-main.ts'),
      action,
      ...(run.args ?? []),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: run.environment['PATH'] ?? '', MOGO_PROJECT: project.dir, NO_COLOR: '1' },
      ...(run.signal ? { signal: run.signal, killSignal: 'SIGTERM' as const } : {}),
    },
  )
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk
  })
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve(status ?? 1))
  })
  if (code !== 0) throw faultOf(errors, output)
  for (const text of output.split('\n')) if (text.trim() !== '') run.onStep?.(`  ${text.trim()}`)
  return output
}

/** The fault that capture said: `error MOGO_…: message`, with the remedy on the next line. */
function faultOf(errors: string, output: string): MogoError {
  const match = /(MOGO_[A-Z_]+): ([\s\S]*?)(?:\n\s*what to do: ([\s\S]*))?$/.exec(errors.trim())
  const code = match?.[1]
  const detail = (match?.[2] ?? (errors.trim() || output.trim() || 'no message')).trim()
  const known = code !== undefined && code in ERRORS ? (code as ErrorCode) : undefined
  return new MogoError('MOGO_CAPTURE_FAILED', {
    code: known ?? 'MOGO_INTERNAL',
    detail,
    remedy: match?.[3]?.trim() ?? 'Run `mogo capture plan` to see what is wrong.',
  })
}
