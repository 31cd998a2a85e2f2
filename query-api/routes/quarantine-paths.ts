/**
 * The routes of quarantined records in the OpenAPI document. They are answered by the worker, which the query API only passes requests on to
 * and whose code it does not import; so they are described here, and a test compares the names with the worker's own.
 */

const answer = (description: string): object => ({
  description,
  content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
})
const problem = (description: string): object => ({
  description,
  content: { 'application/problem+json': { schema: { type: 'object', additionalProperties: true } } },
})
const RESPONSES = {
  '400': problem('The request is not what it should be.'),
  '401': problem('No token, or none that is valid.'),
  '403': problem('None of your roles may work on quarantined records.'),
  '404': problem('Not there, or not yours to see.'),
  '503': problem('The worker, or what it needs, is away; try again.'),
}
const SETTLED = { '409': problem('The record is replayed or dropped already.') }

const PLACE = [
  { name: 'topic', description: 'Raw topic.', in: 'path', required: true, schema: { type: 'string' } },
  { name: 'partition', in: 'path', required: true, schema: { type: 'integer', minimum: 0 } },
  { name: 'offset', in: 'path', required: true, schema: { type: 'string', pattern: '^\\d{1,18}$' } },
]
const inQuery = (name: string, description: string, schema: object): object => ({
  ...{ name, description, schema, in: 'query', required: false },
})
const body = (properties: Readonly<Record<string, object>>, required: readonly string[] = []): object => ({
  required: true,
  content: {
    'application/json': { schema: { type: 'object', additionalProperties: false, properties, required } },
  },
})

const dataset = { type: 'string', description: 'Only of this dataset.' }
const reason = { type: 'string', description: 'Only those with a fault of this code.' }
const since = {
  type: 'string',
  format: 'date-time',
  description: 'Only those quarantined at or after this time.',
}
const limit = {
  type: 'integer',
  minimum: 1,
  maximum: 500,
  default: 100,
  description: 'Most records at once.',
}
const cursor = { type: 'string', description: 'Goes on after a former answer: its `next`.' }
const dryRun = { type: 'boolean', default: false, description: 'Say what would be done, and do nothing.' }
const waitSeconds = {
  ...{ type: 'number', minimum: 0, maximum: 60, default: 30 },
  description: 'How long to wait for the worker to say what became of them.',
}
const purpose = {
  ...{ type: 'string', minLength: 3, maxLength: 200 },
  description: 'Why. It is kept with your name; write no personal data into it.',
}
const places = {
  ...{ type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 500 },
  description: 'Places, topic/partition/offset; else name a dataset.',
}
const choice = { places, dataset, reason, since, limit, cursor }
const shared = { tags: ['quarantine'], security: [{ bearer: [] }] }
const post = (
  operationId: string,
  summary: string,
  answered: string,
  requestBody: object,
  rest = {},
): object => ({
  post: {
    ...{ ...shared, operationId, summary, requestBody },
    ...rest,
    responses: { '200': answer(answered), ...RESPONSES, ...SETTLED },
  },
})

const REPLAYED =
  'How many are stored, quarantined again, superseded, waiting, unreadable; each place with its outcome.'

/** Paths of the OpenAPI document. */
export const QUARANTINE_PATHS = {
  '/v1/quarantine': {
    get: {
      ...shared,
      operationId: 'listQuarantine',
      summary: 'Records that broke their contract, the latest first',
      description:
        'For the roles that mogo.yaml names under quarantine, and datasets whose contract gives the role every row. No answer but that of `open` holds a value.',
      parameters: [
        inQuery('dataset', dataset.description, { type: 'string' }),
        inQuery('reason', reason.description, { type: 'string' }),
        inQuery('since', since.description, { type: 'string', format: 'date-time' }),
        inQuery('status', 'open: waiting for a replay or for being dropped.', {
          ...{ type: 'string', enum: ['open', 'replayed', 'dropped', 'all'], default: 'open' },
        }),
        inQuery('limit', limit.description, { type: 'integer', minimum: 1, maximum: 500, default: 100 }),
        inQuery('cursor', cursor.description, { type: 'string' }),
      ],
      responses: { '200': answer('Records, and datasets that are paused.'), ...RESPONSES },
    },
  },
  '/v1/quarantine/{topic}/{partition}/{offset}': {
    get: {
      ...shared,
      operationId: 'showQuarantined',
      summary: 'The records at one place: one per dataset that reads its topic',
      parameters: PLACE,
      responses: { '200': answer('What is wrong with it, by which rule; no value.'), ...RESPONSES },
    },
  },
  '/v1/quarantine/{topic}/{partition}/{offset}/open': post(
    'openQuarantined',
    'What is in a record, personal data in clear; an access record is kept first',
    'Key, value and headers.',
    body({ purpose }, ['purpose']),
    { parameters: PLACE },
  ),
  '/v1/quarantine/{topic}/{partition}/{offset}/replay': post(
    'replayQuarantined',
    'Send the record to the worker again',
    REPLAYED,
    body({ dryRun, waitSeconds }),
    { parameters: PLACE },
  ),
  '/v1/quarantine/{topic}/{partition}/{offset}/drop': post(
    'dropQuarantined',
    'Give the record up: what is in it is removed',
    'What was dropped.',
    body({ purpose, dryRun }, ['purpose']),
    { parameters: PLACE },
  ),
  '/v1/quarantine/replay': post(
    'replayQuarantine',
    'Send records to the worker again, by their places or by filters',
    REPLAYED,
    body({ ...choice, dryRun, waitSeconds }),
  ),
  '/v1/quarantine/drop': post(
    'dropQuarantine',
    'Give records up, by their places or by filters: what is in them is removed',
    'What was dropped.',
    body({ ...choice, purpose, dryRun }, ['purpose']),
  ),
  '/v1/quarantine/resume': post(
    'resumeDataset',
    'Let a dataset go on that was paused because most of its records broke the contract',
    'Whether it was paused.',
    body({ dataset }, ['dataset']),
  ),
}
