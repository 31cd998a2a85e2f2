/** Shapes of POST /v1/query and of /v1/queries/{id}: checked at run time, and the source of /openapi.json. */
import { z } from 'zod'
import { parametersSchema } from '../formats/parameters.ts'

const roleName = z.string().min(1).max(200)

const limit = z
  .strictObject({
    rows: z.int().min(1).optional().describe('Most rows.'),
    bytes: z
      .int()
      .min(1)
      .optional()
      .describe('Most bytes of rows, before compression; names, types and the envelope come on top.'),
  })
  .describe(
    'Ends the answer properly behind the last row that fits, marked as truncated. One above the limits of the API changes nothing: going past those is a fault. Not for Parquet.',
  )

export const queryBody = z
  .strictObject({
    sql: z.string().min(1).describe('One SELECT in the ClickHouse dialect. Dataset names stand for tables.'),
    role: roleName.optional().describe('One of your roles; default: your first that any contract knows.'),
    purpose: z.string().max(200).default('').describe('Why you ask; goes into the access record.'),
    parameters: parametersSchema
      .optional()
      .describe('Values of {name:Type} places in the SQL: text, numbers, booleans, null, or lists of them.'),
    limit: limit.optional(),
    timeoutSeconds: z
      .number()
      .min(0.001)
      .max(86_400)
      .optional()
      .describe(
        'Ends the query when it takes longer, all in all. `Prefer: wait=N` does the same; the shorter counts, and beside both the limit of the API.',
      ),
    clientQueryId: z
      .uuid()
      .optional()
      .describe(
        'A name for this query, to cancel or watch it by before its answer begins. A new one each time.',
      ),
    dryRun: z
      .boolean()
      .default(false)
      .describe('Says what would be read, and how much that is, without running the query.'),
  })
  .meta({
    examples: [
      {
        sql: 'SELECT status, count() AS n FROM orders WHERE placed_on >= {since:Date} GROUP BY status',
        parameters: { since: '2026-01-01' },
        purpose: 'weekly report',
      },
      { sql: 'SELECT * FROM orders', limit: { rows: 1000, bytes: 1_000_000 }, timeoutSeconds: 5 },
      { sql: 'SELECT sum(total) FROM orders', dryRun: true },
    ],
  })

const origin = z.object({
  dataset: z.string().nullable().describe('Null if the engine could not tell.'),
  version: z.string().nullable().describe('Version of its contract.'),
  column: z.string().nullable().describe('`*` stands for the rows as such, as in count().'),
  relation: z.string().describe('identity, transformation, aggregation, window or unknown.'),
  classification: z.string().nullable(),
  masking: z.string().nullable(),
  unit: z.string().nullable(),
})

/** What is told of a column; `type` is always there in an answer. */
const meaning = {
  name: z.string(),
  unit: z
    .string()
    .nullable()
    .describe('Of a column that is handed on as it is: custom property `unit` of the contract.'),
  classification: z.string().nullable().describe('Null if there is none, or the sources differ.'),
  masking: z.string().nullable().describe('How it is masked, such as hmac(email).'),
  sources: z.array(origin).describe('Columns that its values come from.'),
}
const datasetVersion = z.object({ name: z.string(), version: z.string().describe('Of the contract.') })

const totalColumn = {
  ...{ name: 'n', type: 'UInt64', unit: null, classification: null, masking: null },
  sources: [
    {
      ...{ dataset: 'orders', version: '1.2.0', column: '*', relation: 'aggregation' },
      ...{ classification: null, masking: null, unit: null },
    },
  ],
}
const ID = '5b0d3f0e-3c5e-4d0c-9d65-3a4d3c1f5d11'

const queryAnswer = z
  .object({
    queryId: z.string(),
    datasets: z.array(datasetVersion).describe('What was read.'),
    lineage: z.string().describe('Where its lineage is, as soon as it is recorded.'),
    columns: z.array(z.object({ ...meaning, type: z.string() })),
    rows: z
      .array(z.array(z.unknown()))
      .describe('One array per row. Integers of 64 bits and more, decimals, inf and nan are strings.'),
    rowCount: z.int(),
    truncated: z.boolean().describe('True if your limit has ended the answer before its last row.'),
  })
  .describe('The answer as one document.')
  .meta({
    examples: [
      {
        queryId: ID,
        datasets: [{ name: 'orders', version: '1.2.0' }],
        lineage: `/v1/lineage/queries/${ID}`,
        columns: [totalColumn],
        rows: [['48']],
        rowCount: 1,
        truncated: false,
      },
    ],
  })

const estimate = z
  .object({
    rows: z.int().describe('Your rows, not more than a million of a dataset are counted.'),
    isExact: z.boolean().describe('False: there are at least so many.'),
    bytes: z.int().describe('Of the columns that are read, by a sample, before compression.'),
  })
  .describe('How much of yours there is to read, before any WHERE.')

const dryRunAnswer = z
  .object({
    queryId: z.string(),
    dryRun: z.literal(true),
    role: z.string(),
    policyVersion: z.string(),
    datasets: z.array(
      datasetVersion.extend({
        columns: z.array(z.string()).describe('Columns that the query reads.'),
        rows: z.string().describe('Which rows you see, in words.'),
        masked: z.array(z.string()).describe('Columns among them that are masked, and how.'),
        estimate,
      }),
    ),
    columns: z.array(z.object({ ...meaning, type: z.string().nullable() })),
    estimate,
  })
  .describe('What would be read, with `dryRun`.')
  .meta({
    examples: [
      {
        queryId: ID,
        dryRun: true,
        role: 'analyst',
        policyVersion: '3f9a0c1d2e4b5a69',
        datasets: [
          {
            name: 'orders',
            version: '1.2.0',
            columns: ['status'],
            rows: 'rows whose tenant_id is your tenant',
            masked: [],
            estimate: { rows: 48, isExact: true, bytes: 720 },
          },
        ],
        columns: [totalColumn],
        estimate: { rows: 48, isExact: true, bytes: 720 },
      },
    ],
  })

/** Every media type that POST /v1/query answers with. */
export const queryContent = {
  'application/json': { schema: z.union([queryAnswer, dryRunAnswer]) },
  'application/x-ndjson': {
    schema: z
      .string()
      .describe('One JSON object per line.')
      .meta({ examples: ['{"status":"paid","n":"41"}\n'] }),
  },
  'text/csv': {
    schema: z
      .string()
      .describe('RFC 4180, names in the first line.')
      .meta({ examples: ['"status","n"\n"paid",41\n'] }),
  },
  'application/vnd.apache.arrow.stream': { schema: z.string().describe('Arrow IPC stream (binary).') },
  'application/vnd.apache.parquet': { schema: z.string().describe('Parquet file (binary).') },
}

export const queryStatus = z
  .object({
    queryId: z.string(),
    clientQueryId: z.string().nullable(),
    state: z.enum(['running', 'answered', 'refused', 'failed', 'cancelled']),
    phase: z
      .enum(['checking', 'running', 'sending', 'ended'])
      .describe('checking: at the gate; running: at the engine, no row yet; sending: rows come.'),
    startedAt: z.string(),
    elapsedMs: z.number(),
    format: z.string().describe('Media type of the answer.'),
    role: z.string().nullable(),
    policyVersion: z.string().nullable(),
    rows: z.int().describe('Rows of the answer, so far. How many were read is not told.'),
    bytes: z.int().describe('Bytes of the answer, so far, before compression.'),
    truncated: z.boolean().describe('True if your limit has ended the answer before its last row.'),
    code: z.string().nullable().describe('Error code of a query that was refused, failed or cancelled.'),
    lineage: z.string().describe('Where its lineage is, as soon as it is recorded.'),
    datasets: z.array(datasetVersion).optional().describe('Once the query has passed the gate.'),
    columns: z
      .array(z.object({ ...meaning, type: z.string().nullable() }))
      .optional()
      .describe('Once the query has passed the gate.'),
  })
  .describe('A query of yours.')
  .meta({
    examples: [
      {
        queryId: ID,
        clientQueryId: null,
        state: 'answered',
        phase: 'ended',
        startedAt: '2026-03-01T10:00:00.000Z',
        elapsedMs: 41,
        format: 'text/csv',
        role: 'analyst',
        policyVersion: '3f9a0c1d2e4b5a69',
        rows: 1,
        bytes: 7,
        truncated: false,
        code: null,
        lineage: `/v1/lineage/queries/${ID}`,
        datasets: [{ name: 'orders', version: '1.2.0' }],
        columns: [totalColumn],
      },
    ],
  })
