/**
 * Capture runs as a process of its own (`pipelines/capture-main.ts`), with its own identities; the command line starts it
 * and passes on what it says. A fault comes as JSON on standard error: {code, message, remedy}.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'
import { MogoError } from '#contracts/errors.ts'
import { WITH_PARENT } from '#ops/runtime/end-with-parent.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { ROOT } from './find-project.ts'

/** What capture can do. */
export type CaptureAction = 'plan' | 'apply' | 'partitions' | 'status' | 'snapshot'

/** Surroundings of a run. */
export type CaptureRun = {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal
  /** `text` for people; by default JSON. */
  readonly format?: 'text' | 'json'
  /** With `apply`: a new slot, and every table read again. */
  readonly resnapshot?: boolean
  /** With `snapshot`: the datasets. */
  readonly datasets?: readonly string[]
}

/** What it printed, and whether the answer was yes. */
export type CaptureResult = { readonly output: string; readonly ok: boolean }

const faultSchema = z.object({ code: z.string(), message: z.string(), remedy: z.string() })
const changesSchema = z.object({
  changes: z.array(z.object({ kind: z.string(), object: z.string(), change: z.string() })),
})

/**
 * Runs capture to its end.
 *
 * @throws MogoError MOGO_CAPTURE_FAILED with the fault that it said
 */
export async function runCapture(
  project: Project,
  action: CaptureAction,
  run: CaptureRun,
): Promise<CaptureResult> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'pipelines/capture-main.ts'),
      action,
      '--format',
      run.format ?? 'json',
      ...(run.resnapshot ? ['--resnapshot'] : []),
      ...(run.datasets === undefined ? [] : ['--', ...run.datasets]),
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...{ PATH: run.environment['PATH'] ?? '', MOGO_PROJECT: project.dir, NO_COLOR: '1' },
        ...WITH_PARENT,
      },
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
  if (code !== 0 && output.trim() === '') throw faultOf(errors)
  return { output, ok: code === 0 }
}

/** One line per change that {@link runCapture} says it made. */
export function changeLines(output: string): readonly string[] {
  const { changes } = changesSchema.parse(JSON.parse(output))
  return changes.map(({ kind, object, change }) => `${kind} ${object}: ${change}`)
}

function faultOf(errors: string): MogoError {
  const text = errors.trim()
  const parsed = faultSchema.safeParse(parseJson(text))
  if (parsed.success) {
    const { code, message: detail, remedy } = parsed.data
    return new MogoError('MOGO_CAPTURE_FAILED', { code, detail, remedy })
  }
  const [first = 'it ended without a message', ...rest] = text.split('\n')
  return new MogoError('MOGO_CAPTURE_FAILED', {
    code: 'MOGO_INTERNAL',
    detail: first,
    remedy: rest.at(-1)?.trim() || 'Run `mogo capture plan` to see what is wrong.',
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
