/** Shapes of requests and answers: checked at run time, and the source of /openapi.json. */
import { z } from 'zod'

/** RFC 9457 problem, as every fault is answered. */
export const problemSchema = z
  .object({
    type: z
      .string()
      .describe('Address of a page about this kind of fault, relative to the one that was asked.'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What is wrong, and where.'),
    instance: z.string().describe('URN of this request.'),
    code: z.string().describe('Stable error code.'),
    remedy: z.string().describe('What to do about it.'),
    retriable: z.boolean(),
    traceId: z.string().optional(),
  })
  .describe('What went wrong (RFC 9457).')

/** Problems that any route behind the login may answer. */
export const problems = {
  401: problemSchema.describe('No token, or none that is valid.'),
  403: problemSchema.describe('Not for you.'),
  429: problemSchema.describe('Too many requests, or failed logins; Retry-After says when to come back.'),
  503: problemSchema.describe('A dependency is away, or there is too much to do; try again.'),
}

const roleName = z.string().min(1).max(200)
export const roleQuery = z.object({
  role: roleName.optional().describe('One of your roles; default: your first that any contract knows.'),
})

const datasetSummary = z.object({
  name: z.string(),
  description: z.string(),
  domain: z.string(),
  version: z.string().describe('Version of the contract.'),
  columns: z.int().describe('Columns that you may read.'),
  role: z.string().describe('Your role that this is said for.'),
  rows: z.string().describe('Which rows you see, in words.'),
})
export const datasetList = z.object({ datasets: z.array(datasetSummary) })

export const datasetDetail = datasetSummary.extend({
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      description: z.string(),
      classification: z.string().nullable(),
      source: z.string().describe('Column in the source.'),
      masking: z.string().nullable().describe('How it is masked, such as hmac(email).'),
    }),
  ),
  withheld: z.int().describe('Columns that your role may not read, or that are not stored.'),
  masked: z.array(z.string()).describe('Columns with personal data, and what they are called here.'),
  freshness: z
    .object({
      lastCommittedAt: z.string().nullable(),
      lastLoadedAt: z.string().nullable(),
      delaySeconds: z.number().nullable(),
    })
    .describe('Newest commit in the source among your rows, and its load.'),
  serviceLevels: z.array(
    z.object({ property: z.string(), value: z.unknown(), unit: z.string(), element: z.string() }),
  ),
})

export const meAnswer = z.object({
  subject: z.string(),
  tenant: z.string(),
  roles: z.array(z.string()),
  attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  scopes: z.array(
    z.object({
      role: z.string(),
      policyVersion: z.string(),
      datasets: z.array(z.string()),
    }),
  ),
})

export const functionList = z.object({
  scalar: z.record(z.string(), z.array(z.string())),
  aggregate: z.array(z.string()).describe('Also with -If, -Array, -Distinct, -OrNull, -OrDefault, -Map.'),
  window: z.array(z.string()),
})
