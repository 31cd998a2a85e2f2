/**
 * The life of a process: read the environment, build, run until a signal, drain, exit.
 *
 * SIGTERM and SIGINT drain; a second one ends at once. A fault that nobody caught is logged (class, code and frames, never its
 * text) and ends the process with 1, so that the supervisor starts it anew: going on with a half-broken state is worse.
 */
import { MogoError } from '#contracts/errors.ts'
import { loadProject, type Project } from './load-config.ts'
import { createLogger, type Logger } from './logger.ts'
import { resolveSettings, type Settings } from './settings.ts'
import { startTelemetry, type Telemetry } from './telemetry.ts'

/** What a process gets to build itself from. */
export type ProcessContext = {
  readonly project: Project
  readonly settings: Settings
  readonly logger: Logger
  readonly telemetry: Telemetry
}

/** A running part: `stop` drains it, `failed` settles if it cannot go on. */
export type RunningPart = {
  stop(): Promise<void>
  /** Rejects when the part ends by itself with a fault. */
  readonly failed?: Promise<never>
}

/** Longest drain, milliseconds. */
const DRAIN_LIMIT = 10_000

/**
 * Runs a part as this process. `MOGO_PROJECT` in the environment is the project's folder.
 *
 * @param name the process' name in logs and telemetry
 * @param build starts everything; resolves when it is ready
 */
export async function runProcess(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  build: (context: ProcessContext) => Promise<RunningPart>,
): Promise<void> {
  let logger = createLogger(name, 'info')
  const fail = (error: unknown): never => {
    logger.fatal({ err: error }, error instanceof MogoError ? error.message : 'ended by an unexpected fault')
    process.exit(1)
  }
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  try {
    const project = loadProject(environment['MOGO_PROJECT'] ?? process.cwd())
    logger = createLogger(name, project.config.logLevel)
    const stopped = untilSignal()
    const telemetry = startTelemetry(project.config, name)
    const part = await build({ project, settings: resolveSettings(project), logger, telemetry })
    logger.info('ready')
    const signal = await Promise.race([stopped, ...(part.failed ? [part.failed] : [])])
    logger.info({ signal }, 'draining')
    const limit = setTimeout(() => {
      logger.error({ limitMillis: DRAIN_LIMIT }, 'draining took too long; ended anyway')
      process.exit(1)
    }, DRAIN_LIMIT)
    await part.stop()
    await telemetry.stop()
    clearTimeout(limit)
    logger.info('stopped')
    process.exit(0)
  } catch (error) {
    fail(error)
  }
}

function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        resolve(signal)
        process.once(signal, () => process.exit(1))
      })
  })
}
