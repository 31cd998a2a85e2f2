/** What the lineage routes take and answer, as zod schemas: checked at run time, and the source of the OpenAPI description. */
import { z } from 'zod'
import { lineageEdgeSchema, lineageNodeSchema } from '#contracts/events/lineage-edge.ts'

const name = z.string().min(1).max(200)

export const datasetParams = z.strictObject({ dataset: name.describe('Name of a dataset.') })
export const queryParams = z.strictObject({
  queryId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected a query id')
    .describe('Query id, from the header x-mogo-query-id of an answer.'),
})

const format = z
  .enum(['json', 'text'])
  .optional()
  .describe('json, or text: a tree for people. Without it the Accept header decides.')
const depth = z.coerce.number().int().min(1).max(50).default(12).describe('How many steps to follow.')

export const datasetOptions = z.strictObject({
  column: name.optional().describe('One column only.'),
  direction: z
    .enum(['upstream', 'downstream', 'both'])
    .default('both')
    .describe('upstream: what a column comes from; downstream: which results come from it.'),
  depth,
  format,
})
export const queryOptions = z.strictObject({ depth, format })

const stepSchema = lineageEdgeSchema.pick({
  type: true,
  subtype: true,
  masking: true,
  description: true,
})

/** See LineageTree in graph.ts. */
const treeSchema = z
  .object({
    node: lineageNodeSchema,
    step: stepSchema.nullable(),
    end: z
      .enum(['open', 'origin', 'unknown', 'hidden', 'unused', 'cycle', 'depth', 'size'])
      .describe('Why the branch ends here; open if it goes on.'),
    get branches() {
      return z.array(treeSchema).readonly()
    },
  })
  .meta({ id: 'LineageTree' })

const masking = z.array(z.string()).readonly().describe('Maskings on the way of the value, nearest first.')
const edges = z.array(lineageEdgeSchema).readonly()

export const datasetLineageSchema = z.object({
  dataset: z.string(),
  table: z.string(),
  contract: z.object({ id: z.string(), version: z.string(), policyHash: z.string() }),
  recorded: z
    .object({
      version: z.string(),
      policyHash: z.string(),
      validSince: z.string(),
      lastSeen: z.string(),
      current: z.boolean(),
    })
    .nullable()
    .describe('What the worker last reported; null if it has not yet.'),
  columns: z
    .array(
      z.object({
        column: z.string(),
        masking,
        upstream: treeSchema.nullable(),
        downstream: z
          .object({ queries: z.int(), lastReadAt: z.string().nullable(), tree: treeSchema })
          .nullable()
          .describe(
            'Answered queries that read it: their number, the last, and the results of some of the latest.',
          ),
      }),
    )
    .readonly(),
  edges,
})

export const queryLineageSchema = z.object({
  query: z.object({
    id: z.string(),
    at: z.string(),
    tenant: z.string(),
    role: z.string(),
    decision: z.enum(['answered', 'refused', 'failed']),
    reason: z.string(),
    policyVersion: z.string(),
    subject: z.string().nullable(),
    purpose: z.string().nullable(),
  }),
  columns: z.array(z.object({ column: z.string(), masking, upstream: treeSchema })).readonly(),
  edges,
})

const datasetName = z.object({ namespace: z.string(), name: z.string() })
const inputField = datasetName.extend({
  field: z.string(),
  transformations: z
    .array(z.object({ type: z.string(), subtype: z.string(), description: z.string(), masking: z.boolean() }))
    .readonly(),
})

/** The part of OpenLineage 2-0-2 that openlineage.ts writes. */
export const openLineageSchema = z.object({
  eventType: z.literal('RUNNING'),
  eventTime: z.string(),
  producer: z.string(),
  schemaURL: z.string(),
  run: z.object({ runId: z.string() }),
  job: datasetName,
  inputs: z.array(datasetName).readonly(),
  outputs: z
    .array(
      datasetName.extend({
        facets: z.object({
          columnLineage: z.object({
            _producer: z.string(),
            _schemaURL: z.string(),
            fields: z.record(z.string(), z.object({ inputFields: z.array(inputField).readonly() })),
          }),
        }),
      }),
    )
    .readonly(),
})
