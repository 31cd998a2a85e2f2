/**
 * What is known of the pipeline at a moment: printed by `pipelines/health-main.ts`, read by the operations process and the command line.
 *
 * Names of tables, columns and parts, counts, sizes and times; never a value of a table. Null stands for "not known": a part that is away, or
 * nothing that could be measured. Positions in the log of Postgres are bytes, as text, because they pass 2^53.
 */
import { z } from 'zod'

const faultSchema = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  /** The dependency may come back by itself. */
  passing: z.boolean(),
})
/** Something that is wrong, or that could not be looked at. */
export type HealthFault = z.output<typeof faultSchema>

const slotSchema = z.object({
  name: z.string(),
  /** Somebody reads it. */
  active: z.boolean(),
  /** Nobody reads it yet, because the tables are being read for the first time. */
  snapshotting: z.boolean(),
  /** reserved, extended, unreserved, lost. */
  walStatus: z.string(),
  /** Bytes of log between what the connector has confirmed and now. */
  lagBytes: z.number(),
  /** Bytes of log that Postgres keeps for the slot. */
  retainedBytes: z.number().nullable(),
  /** Bytes that may still be written before the slot is in danger; null if Postgres keeps without limit. */
  safeBytes: z.number().nullable(),
  /** Since when nobody reads it; null if somebody does, or reads the tables first, or the server is older than 17 and does not say. */
  inactiveSeconds: z.number().nullable(),
  /** What the connector has confirmed. */
  confirmed: z.string(),
})

/** State of capture. */
export const captureStatusSchema = z.object({
  connector: z.string(),
  /** RUNNING if the connector and every task are; else the worst state, MISSING, or UNKNOWN while Connect is away. */
  state: z.string(),
  /** Why the connector itself has failed, in one line without values; else empty. */
  detail: z.string(),
  tasks: z.array(z.object({ id: z.int(), state: z.string(), detail: z.string() })),
  /** Name of the slot, also of one that is gone. */
  slotName: z.string(),
  slot: slotSchema.nullable(),
  /** Where the log of Postgres is now. */
  position: z.string(),
  /** What apply would change; empty if the plan cannot be made (see `faults`). */
  pending: z.array(z.object({ kind: z.string(), object: z.string(), change: z.string() })),
  /** Tables whose REPLICA IDENTITY cannot give right deletes for their contract, and what to run. */
  identities: z.array(z.object({ table: z.string(), reason: z.string(), statement: z.string() })),
  /** Columns of which rare values would come as others, and what keeps them out of the source. */
  unguarded: z.array(
    z.object({ table: z.string(), column: z.string(), reason: z.string(), statement: z.string() }),
  ),
  faults: z.array(faultSchema),
  healthy: z.boolean(),
})
/** See {@link captureStatusSchema}. */
export type CaptureStatus = z.output<typeof captureStatusSchema>

/** Does the connector do its work: does it read the slot, or the tables before it? */
export function captures({
  slot,
}: {
  readonly slot: Pick<z.output<typeof slotSchema>, 'active' | 'snapshotting'> | null
}): boolean {
  return slot !== null && (slot.active || slot.snapshotting)
}

/**
 * States of a dataset, the worst first.
 *
 *   cut off   the slot has lost changes: what comes now is not all
 *   stopped   a lane met a fault that waiting does not mend
 *   held      the columns of the source have changed: waits for its contract
 *   paused    most of its records broke the contract
 *   expired   Kafka has removed records that were not loaded yet
 *   unread    no worker reads it
 *   unknown   Kafka does not answer
 *   behind    records have waited for longer than a minute
 *   flowing   all is well
 */
export const DATASET_STATES = [
  'cut off',
  'stopped',
  'held',
  'paused',
  'expired',
  'unread',
  'unknown',
  'behind',
  'flowing',
] as const
/** See {@link DATASET_STATES}. */
export type DatasetState = (typeof DATASET_STATES)[number]

const count = z.number().nullable()

const datasetSchema = z.object({
  dataset: z.string(),
  /** The worst of `states`. */
  state: z.enum(DATASET_STATES),
  /** Every one that it is in, the worst first. */
  states: z.array(z.enum(DATASET_STATES)),
  /** Why, in words; empty if there is nothing to say. */
  detail: z.string(),
  /** Records in Kafka that are not loaded yet. */
  lagEvents: count,
  /** How long the oldest of them has been there. */
  lagSeconds: count,
  /** Bytes of the log of Postgres since the last position of which all is loaded. */
  lagBytes: count,
  /** Records that Kafka has removed before they were loaded. */
  expiredEvents: count,
  /** Commit to visible, over the last five minutes. */
  freshnessP50Ms: count,
  freshnessP95Ms: count,
  /** Rows loaded a second, over the last minute. */
  rowsPerSecond: count,
  /** Records in a batch on average, over the last minute. */
  batchRecords: count,
  /** In the last hour. */
  quarantined: count,
  /** Share of the records of the last five minutes that were quarantined. */
  quarantinedShare: count,
  /** When a batch was loaded last, ISO 8601; null if not within a day. */
  lastLoadedAt: z.string().nullable(),
  /** Tables behind materialized views of this dataset's table that would keep a batch twice, and what to run. */
  doubling: z.array(z.object({ table: z.string(), statement: z.string().nullable() })),
  /** What the last comparison with the source found. */
  verified: z.object({ at: z.string(), different: z.number(), explained: z.number() }).nullable(),
})
/** How a dataset is doing. */
export type DatasetHealth = z.output<typeof datasetSchema>

const alertSchema = z.object({
  alert: z.string(),
  /** What it is about: a dataset, the slot, the connector; empty for the whole. */
  subject: z.string(),
  severity: z.enum(['critical', 'warning']),
  since: z.string(),
  message: z.string(),
  remedy: z.string(),
})
/** An alert that is firing. */
export type FiringAlert = z.output<typeof alertSchema>

/** See above. */
export const pipelineHealthSchema = z.object({
  /** ISO 8601. */
  at: z.string(),
  /** Null if Postgres cannot be asked. */
  capture: captureStatusSchema.nullable(),
  /** Members of the workers' group; null while Kafka does not answer. */
  workers: z.number().nullable(),
  /** The worker of this machine has said which lanes do not flow; without it `stopped` and `held` are not known. */
  workerAnswers: z.boolean(),
  datasets: z.array(datasetSchema),
  /** As the operations process has written them; null while ClickHouse does not answer. */
  alerts: z.array(alertSchema).nullable(),
  /** Parts that could not be asked. */
  faults: z.array(faultSchema.extend({ part: z.enum(['capture', 'kafka', 'clickhouse']) })),
})
/** See {@link pipelineHealthSchema}. */
export type PipelineHealth = z.output<typeof pipelineHealthSchema>

/** What a worker says of its lanes that do not flow: `GET /pipeline` on its port. By codes alone, for the route needs no login. */
export const workerLanesSchema = z.object({
  lanes: z.array(
    z.object({
      dataset: z.string(),
      state: z.enum(['stopped', 'held', 'paused']),
      code: z.string(),
    }),
  ),
})
/** See {@link workerLanesSchema}. */
export type WorkerLanes = z.output<typeof workerLanesSchema>
