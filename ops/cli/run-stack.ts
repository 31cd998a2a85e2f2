/**
 * Runs a project in the foreground until a signal, or until `work` is done: the frame that `up` and `demo` share.
 *
 * The first Ctrl-C (or SIGTERM) stops everything in order, at whatever moment it comes; a second one ends everything at once.
 */
import type { Project } from '#ops/runtime/load-config.ts'
import type { Settings } from '#ops/runtime/settings.ts'
import { note } from './output.ts'
import { createProgress, type Progress } from './progress.ts'
import { type Stack, startStack } from './stack.ts'

/** What happens in a running project. */
export type StackWork = {
  /** Start the servers, but none of the own processes. */
  readonly serversOnly?: boolean
  readonly prepareSource?: (settings: Settings, progress: Progress, signal: AbortSignal) => Promise<void>
  /** Resolves with the exit code when the project may be stopped. */
  readonly work: (stack: Stack, signal: AbortSignal) => Promise<number>
}

/** Exit code after Ctrl-C, by convention 128 + SIGINT. */
const INTERRUPTED = 130

/** Starts the project, does the work, stops it; returns the exit code. */
export async function runStack(
  project: Project,
  environment: Readonly<Record<string, string | undefined>>,
  work: StackWork,
): Promise<number> {
  const abort = new AbortController()
  const progress = createProgress(
    process.stderr,
    process.stderr.isTTY === true && environment['CI'] === undefined,
  )
  let stack: Stack | undefined
  let signals = 0
  const onSignal = (): void => {
    signals++
    if (signals === 1) {
      progress.finish()
      note('stopping …')
      abort.abort(new StoppedByUser())
    } else if (signals > 2) {
      stack?.handle.kill()
      process.exit(INTERRUPTED)
    } else note('stopping already; once more to end everything at once')
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)
  try {
    stack = await startStack(project, {
      environment,
      signal: abort.signal,
      onEvent: (event) => progress.event(event),
      onStep: (text) => progress.step(text),
      onStopRequested: () => abort.abort(new StoppedByUser()),
      ...(work.serversOnly ? { serversOnly: true } : {}),
      ...(work.prepareSource
        ? { prepareSource: (settings: Settings) => work.prepareSource!(settings, progress, abort.signal) }
        : {}),
    })
    progress.finish()
    return await work.work(stack, abort.signal)
  } catch (error) {
    if (abort.signal.aborted) return abort.signal.reason instanceof StoppedByUser ? INTERRUPTED : 1
    throw error
  } finally {
    progress.finish()
    await stack?.handle.stop()
  }
}

/** Reason of an abort that somebody asked for. */
export class StoppedByUser extends Error {
  constructor() {
    super('stopped by the user')
    this.name = 'StoppedByUser'
  }
}

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
