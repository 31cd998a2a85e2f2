/** Shapes of requests and answers about quarantined records. */
import { z } from 'zod'

/** Most records in one answer, and in one change. */
export const MOST_RECORDS = 500
/** Longest wait for the outcome of replays, seconds. */
const LONGEST_WAIT = 60

const name = z.string().min(1).max(200)
const placeText = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,249}\/\d{1,9}\/\d{1,18}$/, 'expected topic/partition/offset')
  .describe('topic/partition/offset')

const status = z.enum(['open', 'replayed', 'dropped', 'all'])

/** Which records. */
const filters = {
  dataset: name.optional().describe('Only of this dataset.'),
  reason: name.optional().describe('Only those with a fault of this code.'),
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Only those quarantined at or after this time (ISO 8601).'),
}
const page = {
  limit: z.coerce.number().int().min(1).max(MOST_RECORDS).default(100).describe('Most records at once.'),
  cursor: z.string().max(1000).optional().describe('Goes on after a former answer: its `next`.'),
}

export const listQuery = z.object({
  ...filters,
  status: status.default('open').describe('open: waiting for a replay or for being dropped.'),
  ...page,
})

export const placeParams = z.object({
  topic: z.string().regex(/^[A-Za-z0-9._-]{1,249}$/, 'not a topic'),
  partition: z.coerce.number().int().min(0).max(999_999_999),
  offset: z.string().regex(/^\d{1,18}$/, 'not an offset'),
})

const purpose = z
  .string()
  .trim()
  .min(3)
  .max(200)
  .describe('Why. It is kept with your name; write no personal data into it.')

const dryRun = z.boolean().default(false).describe('Say what would be done, and do nothing.')
const waitSeconds = z
  .number()
  .min(0)
  .max(LONGEST_WAIT)
  .default(30)
  .describe('How long to wait for the worker to say what became of them.')

export const placeReplayBody = z.strictObject({ dryRun, waitSeconds })
export const placeDropBody = z.strictObject({ purpose, dryRun })
export const openBody = z.strictObject({ purpose })

/** Records by their places, or all open ones that the filters let through. Nothing at all would be everything: that must be said. */
const choice = {
  places: z
    .array(placeText)
    .min(1)
    .max(MOST_RECORDS)
    .optional()
    .describe('These; else those that the filters choose.'),
  ...filters,
  ...page,
}
const isChosen = (body: { places?: unknown; dataset?: unknown }): boolean =>
  (body.places === undefined) !== (body.dataset === undefined)
const CHOOSE = { message: 'name either places or a dataset' }

export const replayBody = z.strictObject({ ...choice, dryRun, waitSeconds }).refine(isChosen, CHOOSE)
export const dropBody = z.strictObject({ ...choice, purpose, dryRun }).refine(isChosen, CHOOSE)
export const resumeBody = z.strictObject({ dataset: name })

export const recordSchema = z.object({
  place: z.string().describe('topic/partition/offset'),
  dataset: z.string(),
  contractVersion: z.string().describe('Version of the contract when it was quarantined.'),
  quarantinedAt: z.string(),
  faults: z.array(
    z.object({
      code: z.string(),
      column: z.string().describe('Source column; empty if it concerns the record.'),
      rule: z.string().describe('What the contract asks for, in words.'),
    }),
  ),
  traceId: z.string(),
  status: z.enum(['open', 'replayed', 'dropped']),
  attempts: z.int().describe('Replays that failed.'),
  changedAt: z.string(),
  changedBy: z.string().describe('Empty: the worker.'),
  purpose: z.string().describe('Why it was dropped.'),
})
/** A quarantined record as it is answered. */
export type QuarantinedRecordAnswer = z.output<typeof recordSchema>

const next = z.string().nullable().describe('Cursor of the next page; null: this was the last.')

export const listAnswer = z.object({
  records: z.array(recordSchema),
  total: z.int().describe('How many there are with these filters.'),
  next,
  paused: z
    .array(z.object({ dataset: z.string(), since: z.string(), records: z.int(), quarantined: z.int() }))
    .describe('Datasets that the worker has paused, because most of their records break the contract.'),
})
export const placeAnswer = z.object({ records: z.array(recordSchema) })

const bytes = z
  .union([z.string(), z.object({ base64: z.string() })])
  .nullable()
  .describe('Text, or bytes that are none in base64.')
export const openAnswer = z.object({
  record: recordSchema,
  key: bytes,
  value: bytes,
  headers: z.record(z.string(), bytes),
})

export const replayAnswer = z.object({
  stored: z.int(),
  quarantined: z.int().describe('Quarantined again.'),
  waiting: z.int().describe('The worker has not come to them yet.'),
  superseded: z
    .int()
    .describe('Dropped: their rows were removed since (TRUNCATE, a source that was read anew).'),
  unreadable: z.int().describe('Sealed with another key ring.'),
  matched: z.int().describe('What a dry run would have replayed.'),
  records: z.array(z.object({ place: z.string(), dataset: z.string(), outcome: z.string() })),
  next,
})
export const dropAnswer = z.object({
  dropped: z.int(),
  matched: z.int().describe('What a dry run would have dropped.'),
  records: z.array(z.object({ place: z.string(), dataset: z.string() })),
  next,
})
export const resumeAnswer = z.object({
  dataset: z.string(),
  resumed: z.boolean().describe('False: it was not paused.'),
})
