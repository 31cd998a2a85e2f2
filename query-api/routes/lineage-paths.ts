/**
 * The lineage routes in the OpenAPI document. They are answered by the lineage service, which the query API only passes requests on to
 * and whose code it does not import; so they are described here, and a test compares the names with that service's own.
 */

const text = (description: string): object => ({
  description,
  content: {
    'application/json': { schema: { type: 'object', additionalProperties: true } },
    'text/plain': { schema: { type: 'string' } },
  },
})
const json = (description: string): object => ({
  description,
  content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
})
const problem = (description: string): object => ({
  description,
  content: { 'application/problem+json': { schema: { type: 'object', additionalProperties: true } } },
})
const RESPONSES = {
  '400': problem('A parameter is not what it should be.'),
  '401': problem('No token, or none that is valid.'),
  '404': problem('Not there, or not yours to see.'),
  '503': problem('The lineage service is away; try again.'),
}
const inPath = (name: string, description: string): object => ({
  ...{ name, description, in: 'path', required: true },
  schema: { type: 'string', minLength: 1, maxLength: 200 },
})
const inQuery = (name: string, description: string, schema: object): object => ({
  ...{ name, description, schema, in: 'query', required: false },
})
const DEPTH = inQuery('depth', 'How many steps to follow.', {
  ...{ type: 'integer', minimum: 1, maximum: 50, default: 12 },
})
const FORMAT = inQuery('format', 'json, or text: a tree for people. Without it the Accept header decides.', {
  ...{ type: 'string', enum: ['json', 'text'] },
})
const shared = { tags: ['lineage'], security: [{ bearer: [] }] }

/** Paths of the OpenAPI document. */
export const LINEAGE_PATHS = {
  '/v1/lineage/{dataset}': {
    get: {
      ...shared,
      operationId: 'datasetLineage',
      summary: 'Where the columns of a dataset come from, and what was made of them',
      parameters: [
        inPath('dataset', 'Name of a dataset.'),
        inQuery('column', 'One column only.', { type: 'string', minLength: 1, maxLength: 200 }),
        inQuery('direction', 'upstream: what a column comes from; downstream: which results come from it.', {
          ...{ type: 'string', enum: ['upstream', 'downstream', 'both'], default: 'both' },
        }),
        DEPTH,
        FORMAT,
      ],
      responses: { '200': text('Per column a tree.'), ...RESPONSES },
    },
  },
  '/v1/lineage/queries/{queryId}': {
    get: {
      ...shared,
      operationId: 'queryLineage',
      summary: 'Where the columns of a query result come from, down to Postgres',
      parameters: [
        inPath('queryId', 'Query id, from the header x-mogo-query-id of an answer.'),
        DEPTH,
        FORMAT,
      ],
      responses: { '200': text('Per result column a tree.'), ...RESPONSES },
    },
  },
  '/v1/lineage/openlineage/{dataset}': {
    get: {
      ...shared,
      operationId: 'openLineage',
      summary: 'Lineage of a dataset as an OpenLineage 2-0-2 run event',
      parameters: [inPath('dataset', 'Name of a dataset.')],
      responses: { '200': json('An OpenLineage run event.'), ...RESPONSES },
    },
  },
}
