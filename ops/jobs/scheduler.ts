/**
 * Runs jobs by the clock (node-cron). A job never overlaps itself: a run that takes longer than its interval swallows the next.
 *
 * Rejected: a job queue in Postgres. These jobs watch one project from one process, have no backlog and may be missed.
 */
import { metrics } from '@opentelemetry/api'
import { createTask, type ScheduledTask, validateDetailed } from 'node-cron'
import { MogoError } from '#contracts/errors.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { Job } from './job.ts'

/** Running jobs. */
export type Scheduler = {
  start(): Promise<void>
  /** Runs a job now, apart from its schedule; for tests and for the start. */
  runNow(name: string): Promise<void>
  /** Aborts running jobs and waits for them. */
  stop(): Promise<void>
}

/** Makes a scheduler. @throws MogoError MOGO_CONFIG_INVALID for an expression that is none */
export function createScheduler(jobs: readonly Job[], logger: Logger): Scheduler {
  const meter = metrics.getMeter('operations')
  const runs = meter.createCounter('mogo.job.runs', { description: 'Runs of jobs, by job and outcome.' })
  const stopping = new AbortController()
  const running = new Map<string, Promise<void>>()
  const faults = jobs.flatMap(({ name, cron }) =>
    validateDetailed(cron).errors.map(({ field, message }) => `  ${name}: ${field}: ${message}`),
  )
  if (faults.length > 0)
    throw new MogoError('MOGO_CONFIG_INVALID', {
      file: 'mogo.yaml',
      count: faults.length,
      faults: faults.join('\n'),
    })
  const tasks: ScheduledTask[] = jobs.map((job) =>
    createTask(job.cron, () => runOnce(job), {
      name: job.name,
      noOverlap: true,
      suppressMissedWarning: true,
    }),
  )

  return {
    async start() {
      for (const task of tasks) await task.start()
    },
    async runNow(name) {
      const job = jobs.find((candidate) => candidate.name === name)
      if (job) await runOnce(job)
    },
    async stop() {
      for (const task of tasks) await task.destroy()
      stopping.abort()
      await Promise.all(running.values())
    },
  }

  /** One run; it never rejects. Two at once are one. */
  function runOnce(job: Job): Promise<void> {
    const already = running.get(job.name)
    if (already) return already
    const run = attempt(job).finally(() => running.delete(job.name))
    running.set(job.name, run)
    return run
  }

  async function attempt(job: Job): Promise<void> {
    if (stopping.signal.aborted) return
    try {
      const outcome = await job.run(stopping.signal)
      runs.add(1, { job: job.name, outcome })
    } catch (error) {
      if (stopping.signal.aborted) return
      runs.add(1, { job: job.name, outcome: 'failed' })
      logger.error({ err: error, job: job.name }, 'a job failed; it runs again at its next time')
    }
  }
}
