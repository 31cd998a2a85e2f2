/** A job: something that the operations process does by the clock. */

/** What one run of a job found: `ok`, or `attention` if a person should look (it has said so in the log). */
export type JobOutcome = 'ok' | 'attention'

/** A job. A run must end when the signal is aborted; a run that throws is logged and counted, and the next one comes all the same. */
export type Job = {
  readonly name: string
  /** Cron expression, with seconds. */
  readonly cron: string
  run(signal: AbortSignal): Promise<JobOutcome>
}
