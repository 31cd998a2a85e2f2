/**
 * Events that processes send each other over the Kafka topic `<prefix>.governance`: the lineage of contracts, sent by the
 * worker, and one access record per answered or refused query, sent by the query API. The lineage service stores both.
 *
 * No event holds a data value, an SQL literal or a token. The key of a record is the event's id, so that a repeated delivery
 * replaces itself. The edges of a query are in its first record only: those of later ones add to them.
 */
import { z } from 'zod'
import { lineageEdgeSchema } from './lineage-edge.ts'

/** A contract version went into operation: its edges Postgres column -> topic field -> dataset column. */
export const contractEventSchema = z.strictObject({
  type: z.literal('contract'),
  id: z.string(),
  /** ISO 8601, UTC. */
  at: z.string(),
  contractId: z.string(),
  contractVersion: z.string(),
  dataset: z.string(),
  policyHash: z.string(),
  edges: z.array(lineageEdgeSchema),
})
/** See {@link contractEventSchema}. */
export type ContractEvent = z.output<typeof contractEventSchema>

/** One query, answered or refused: the access record. */
export const accessEventSchema = z.strictObject({
  type: z.literal('access'),
  /** Query id, also in the answer's header `x-mogo-query-id`. */
  id: z.string(),
  at: z.string(),
  subject: z.string(),
  tenant: z.string(),
  role: z.string(),
  purpose: z.string(),
  decision: z.enum(['answered', 'refused', 'failed']),
  /** Error code of a refusal or failure; empty if answered. */
  reason: z.string(),
  /** SHA-256 of the SQL with literals replaced. */
  sqlHash: z.string(),
  /** `dataset.column` of every column read. */
  columnsRead: z.array(z.string()),
  policyVersion: z.string(),
  /** -1 until the answer has ended, and if it is not known. */
  rows: z.int(),
  /** As `rows`. */
  bytes: z.int(),
  /** Milliseconds from request to last byte. */
  durationMs: z.number(),
  traceId: z.string(),
  /** It was answered by what had been read before, for the same access scope. */
  cached: z.boolean().optional(),
  /** How many refusals of the same kind the record stands for; one without it. */
  times: z.int().min(1).optional(),
  /** Dataset column -> result column. */
  edges: z.array(lineageEdgeSchema),
})
/** See {@link accessEventSchema}. */
export type AccessEvent = z.output<typeof accessEventSchema>

/** Everything on the governance topic. */
export const governanceEventSchema = z.discriminatedUnion('type', [contractEventSchema, accessEventSchema])
/** See {@link governanceEventSchema}. */
export type GovernanceEvent = z.output<typeof governanceEventSchema>
