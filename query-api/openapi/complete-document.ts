/**
 * Completes the OpenAPI document: what every operation has in common is said once here and not at each route.
 *
 *   - faults are problems: media type, one shared schema, an example of each status, the statuses that any operation may answer;
 *   - every operation has an id and examples of what is sent and answered (examples.ts).
 */
import { z } from 'zod'
import { ERRORS, type ErrorCode, type ErrorParams, MogoError } from '#contracts/errors.ts'
import { PROBLEM_TYPE, problemOf } from '#ops/runtime/problem.ts'
import { problemSchema } from '../routes/schemas.ts'
import { EXAMPLES, type OperationExamples } from './examples.ts'

type Content = Record<string, { schema?: unknown; example?: unknown; examples?: unknown }>
type Response = { description: string; headers?: unknown; content?: Content }
type Operation = {
  operationId?: string | undefined
  parameters?: { name: string; in: string; required?: boolean; example?: unknown; examples?: unknown }[]
  requestBody?: { content: Content }
  responses: Record<string, Response>
}
type Document = {
  paths?: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, unknown> }
}

const REF = { $ref: '#/components/schemas/Problem' }
const INSTANCE = 'urn:uuid:3f0c9b1e-6f0e-4a57-9a0c-2f6c1d2f9a10'

/** A code that stands for its status, and what fills its places. */
const TYPICAL: Readonly<Record<string, readonly [ErrorCode, string, ErrorParams?]>> = {
  400: [
    'MOGO_REQUEST_INVALID',
    'The request is not what it should be.',
    { detail: 'body.sql: not as expected' },
  ],
  401: ['MOGO_AUTH_MISSING', 'No token, or none that is valid.'],
  403: [
    'MOGO_ACCESS_NO_ROLE',
    'Not for you.',
    { roles: 'gardener', what: 'any dataset', allowed: 'analyst, engineer' },
  ],
  404: [
    'MOGO_DATASET_UNKNOWN',
    'Not there, or not yours to see.',
    { dataset: 'ordrs', suggestion: ', perhaps orders' },
  ],
  406: [
    'MOGO_QUERY_FORMAT',
    'No format in the Accept header is offered.',
    { formats: 'application/json, text/csv' },
  ],
  408: ['MOGO_REQUEST_SLOW', 'The request did not arrive in time.'],
  409: ['MOGO_REQUEST_INVALID', 'It is not in the state that this needs.'],
  413: ['MOGO_REQUEST_TOO_LARGE', 'The body is too large.'],
  414: ['MOGO_ROWS_QUERY_LONG', 'The query string is too long.', { limit: 4000 }],
  415: ['MOGO_REQUEST_MEDIA_TYPE', 'The body is no JSON.'],
  422: ['MOGO_QUERY_LIMIT', 'The query failed or went past a limit.', { limit: 'run time' }],
  429: ['MOGO_QUERY_BUSY', 'Too much at once; wait as long as Retry-After says.', { limit: 16 }],
  431: ['MOGO_REQUEST_HEAD_LARGE', 'The address and the headers are too large together (16 KiB).'],
  500: ['MOGO_INTERNAL', 'A fault of ours.', { where: 'query-api' }],
  503: ['MOGO_UNAVAILABLE', 'A dependency is away; try again.', { what: 'ClickHouse' }],
}

/** Completes it in place, and gives it back. */
export function completeDocument<T>(document: T): T {
  const { paths = {}, components = {} } = document as Document
  const { $schema: _dialect, ...problem } = z.toJSONSchema(problemSchema)
  components.schemas = { ...components.schemas, Problem: problem }
  Object.assign(document as object, { components })
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) complete(`${method} ${path}`, operation)
  return document
}

function complete(name: string, operation: Operation): void {
  const shown = EXAMPLES[name]
  if (shown) showExamples(operation, shown)
  for (const status of statusesOf(operation)) operation.responses[status] ??= { description: '' }
  for (const [status, response] of Object.entries(operation.responses))
    if (Number(status) >= 400) asProblem(status, response)
}

/** What any operation may answer beside what it says itself. */
function statusesOf({ requestBody }: Operation): readonly string[] {
  return [
    '400',
    '401',
    '403',
    '404',
    '408',
    '429',
    '431',
    '500',
    '503',
    ...(requestBody ? ['413', '415'] : []),
  ]
}

function asProblem(status: string, response: Response): void {
  const [code, description, params] = TYPICAL[status] ?? []
  const known = response.content?.[PROBLEM_TYPE]?.examples
  response.description ||= description ?? 'A problem.'
  const example =
    code === undefined || ERRORS[code].status !== Number(status)
      ? {}
      : { [code]: { value: problemOf(new MogoError(code, params), INSTANCE) } }
  response.content = { [PROBLEM_TYPE]: { schema: REF, examples: known ?? example } }
  if (status === '429' || status === '503')
    response.headers = { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'string' } } }
}

function showExamples(operation: Operation, shown: OperationExamples): void {
  operation.operationId ??= shown.operationId
  for (const parameter of operation.parameters ?? []) {
    const example = shown.parameters?.[parameter.name]
    if (example !== undefined && parameter.examples === undefined) parameter.example = example
  }
  for (const content of Object.values(operation.requestBody?.content ?? {}))
    if (shown.request !== undefined) content.example ??= shown.request
  for (const [status, { content = {} }] of Object.entries(operation.responses))
    for (const [mediaType, media] of Object.entries(content)) {
      const example = shown.answers[mediaType]
      if (status.startsWith('2') && example !== undefined && media.examples === undefined)
        media.example = example
    }
}
