/**
 * GET /v1/datasets/{name}/rows in the OpenAPI document. Its query string has a grammar of its own (any column may be a parameter), which no
 * schema of the framework can say; so it is described here, and a test compares the parameters with those that are read.
 */
import { z } from 'zod'
import { PROBLEM_PAGES, titleOf } from '#ops/runtime/problem.ts'
import { OPERATORS } from '../rows/operators.ts'
import { DEFAULT_LIMIT, LARGEST_LIMIT, LONGEST_QUERY, TOTALS } from '../rows/rows-request.ts'
import { problemSchema } from './schemas.ts'

const { $schema: _dialect, ...PROBLEM } = z.toJSONSchema(problemSchema)

const example = (value: string, summary: string) => ({ value, summary })
const inQuery = (name: string, description: string, schema: object, examples: object = {}) => ({
  ...{ name, description, schema, in: 'query', required: false },
  ...(Object.keys(examples).length > 0 && { examples }),
})
const TEXT = { type: 'string' }

/** What a problem looks like, by code. */
const problem = (description: string, ...shown: readonly (readonly [string, number, string, string])[]) => ({
  description,
  content: {
    'application/problem+json': {
      schema: PROBLEM,
      ...(shown.length > 0 && {
        examples: Object.fromEntries(
          shown.map(([code, status, detail, remedy]) => [
            code,
            {
              value: {
                type: `${PROBLEM_PAGES}/${code}`,
                ...{ title: titleOf(code), status, detail, code, remedy, retriable: status === 429 },
                instance: 'urn:uuid:3f0c9b1e-6f0e-4a57-9a0c-2f6c1d2f9a10',
              },
            },
          ]),
        ),
      }),
    },
  },
})

const header = (description: string) => ({ description, schema: TEXT })
const HEADERS = {
  Link: header('Addresses of the pages around this one: rel="next", rel="prev" (RFC 8288).'),
  ETag: header('Weak entity tag; left out where finding out whether rows have changed would take long.'),
  'Cache-Control': header(
    'private, no-cache: kept by the caller alone, and asked for again with If-None-Match.',
  ),
  Vary: header('Authorization, Accept.'),
  'Cache-Status': header(
    'How the rows came about (RFC 9211): hit; fwd=uri-miss, stale, request or bypass: they were read; collapsed: with another request.',
  ),
  Age: header(
    'Seconds since kept rows were last known to be right; 0 unless Cache-Control: max-stale was asked for.',
  ),
  'RateLimit-Policy': header('Requests that you may send: q within w seconds.'),
  RateLimit: header('What is left: r; all of it is there again after t seconds.'),
  'x-mogo-query-id': header('Names the answer in the access log and in GET /v1/lineage/queries/{id}.'),
  'x-mogo-total': header('Rows of all pages, if total was asked for.'),
  'x-mogo-total-kind': header('exact, estimate, or atLeast.'),
}

const PAGE = {
  type: 'object',
  description: 'One page.',
  required: ['queryId', 'columns', 'rows', 'rowCount', 'next', 'prev'],
  properties: {
    queryId: TEXT,
    columns: {
      type: 'array',
      items: { type: 'object', required: ['name', 'type'], properties: { name: TEXT, type: TEXT } },
    },
    rows: {
      type: 'array',
      description: 'One array per row. Integers of 64 bits and more, decimals, inf and nan are strings.',
      items: { type: 'array', items: {} },
    },
    rowCount: { type: 'integer' },
    next: { type: ['string', 'null'], description: 'Cursor of the page behind; null: there is none.' },
    prev: { type: ['string', 'null'], description: 'Cursor of the page before; null: there is none.' },
    total: {
      type: 'object',
      required: ['rows', 'kind'],
      properties: {
        rows: { type: 'integer' },
        kind: { type: 'string', enum: ['exact', 'estimate', 'atLeast'] },
      },
    },
  },
}

const PAGE_EXAMPLE = {
  queryId: '5b0d4f0e-98a4-4f3c-8d7a-0f1f9b7a3c55',
  columns: [
    { name: 'id', type: 'Int64' },
    { name: 'total', type: 'Decimal(12, 2)' },
    { name: 'customers.country', type: 'Nullable(String)' },
  ],
  rows: [
    ['17', '250', 'DE'],
    ['4', '199.9', null],
  ],
  rowCount: 2,
  next: 'mF2k…',
  prev: null,
}

const FILTER_WORDS = `Any other parameter is a column with a filter: \`column=operator.value\`, \`column=not.operator.value\`. Operators: ${Object.keys(
  OPERATORS,
).join(
  ', ',
)}. Lists stand in parentheses. All filters must hold; see \`or\` and \`and\` for groups. A comparison with NULL holds for no row, under \`not\` neither; ask \`is.null\`. A column that is called like a parameter of the route is a filter if it has the form of one; for sort, role and purpose write it in a group: \`and=(role.eq.admin)\`.`

const PARAMETERS = [
  {
    ...{ name: 'name', in: 'path', required: true, description: 'Name of a dataset, or of its table.' },
    schema: { type: 'string', minLength: 1, maxLength: 200 },
    example: 'orders',
  },
  inQuery(
    'select',
    'Columns, by comma; all that you may read if it is missing. Columns of a related dataset stand behind its name in parentheses; where two references lead there, with the column of the reference: `customers!buyer_id(country)`. Names with one of . , ( ) ! stand in double quotes.',
    TEXT,
    {
      columns: example('id,total,status', 'Three columns'),
      related: example('id,total,customers(name_token,country)', 'Columns of the related dataset'),
    },
  ),
  {
    ...inQuery('filter', FILTER_WORDS, {
      type: 'object',
      additionalProperties: { anyOf: [TEXT, { type: 'array', items: TEXT }] },
    }),
    ...{ style: 'form', explode: true },
    examples: {
      compare: { summary: 'total=gt.100', value: { total: 'gt.100' } },
      list: { summary: 'status=in.(paid,"on hold")', value: { status: 'in.(paid,"on hold")' } },
      missing: { summary: 'shipped_at=is.null', value: { shipped_at: 'is.null' } },
      text: { summary: 'name=ilike.*smith*', value: { name: 'ilike.*smith*' } },
      array: { summary: 'tags=contains.(vip,new)', value: { tags: 'contains.(vip,new)' } },
      range: { summary: 'total=gte.10&total=lt.20', value: { total: ['gte.10', 'lt.20'] } },
    },
  },
  ...(['or', 'and', 'not.or', 'not.and'] as const).map((name) =>
    inQuery(
      name,
      'Filters in a group, which may hold groups. A value with one of , ( ) " stands in double quotes.',
      TEXT,
      {
        group: example('(total.gt.100,and(status.eq.open,not.or(kind.eq.a,kind.eq.b)))', 'Groups in groups'),
      },
    ),
  ),
  inQuery(
    'sort',
    'Columns, or names of aggregates, by comma: `.asc` or `.desc`, then `.nullsfirst` or `.nullslast` (which is usual, in both directions). The key of the dataset follows by itself, so that the order is never open.',
    TEXT,
    { sort: example('total.desc.nullslast,created_at', 'By total, then by time') },
  ),
  inQuery('group', 'Columns that rows are grouped by. The answer has these and the aggregates.', TEXT, {
    group: example('status,country', 'Two columns'),
  }),
  inQuery(
    'aggregate',
    'count(), sum(column), avg(column), min(column), max(column), uniq(column), by comma. Results are called count, sum_total, …; without group they are of all rows.',
    TEXT,
    { aggregate: example('count(),sum(total)', 'Called count and sum_total') },
  ),
  inQuery('limit', 'Rows of a page.', {
    ...{ type: 'integer', minimum: 1, maximum: LARGEST_LIMIT, default: DEFAULT_LIMIT },
  }),
  inQuery(
    'cursor',
    'Where the page begins: next or prev of another answer to the same question. Opaque, and of your scope and this question alone.',
    { type: 'string', maxLength: 3_000 },
  ),
  inQuery('total', 'Counts the rows of all pages.', { type: 'string', enum: [...TOTALS], default: 'none' }),
  inQuery('role', 'One of your roles; default: your first that any contract knows.', {
    ...{ type: 'string', minLength: 1, maxLength: 200 },
  }),
  inQuery('purpose', 'Why you ask; goes into the access record.', { type: 'string', maxLength: 200 }),
  {
    ...{ name: 'Cache-Control', in: 'header', required: false, schema: TEXT },
    description:
      'no-cache: read anew. no-store: and keep nothing. max-stale=N: what is outdated for up to N seconds will do.',
  },
  {
    ...{ name: 'Priority', in: 'header', required: false, schema: TEXT },
    description: 'Place among your own queries that wait (RFC 9218): u=0 to u=7.',
  },
  {
    ...{ name: 'If-None-Match', in: 'header', required: false, schema: TEXT },
    description: 'Entity tag of an answer that you have; 304 says that it is still right.',
  },
]

/** Paths of the OpenAPI document. */
export const ROWS_PATHS = {
  '/v1/datasets/{name}/rows': {
    get: {
      ...{ tags: ['datasets'], security: [{ bearer: [] }], operationId: 'datasetRows' },
      summary: 'Rows of a dataset: filtered, sorted, grouped, in pages',
      description: `Pages are told apart by keyset cursors: while rows come and go, every row that is there throughout is seen exactly once, in order, in both directions. JSON holds a page until it is whole (at most 8 MiB); the other formats stream. The query string has at most ${LONGEST_QUERY} characters beside the cursor.`,
      parameters: PARAMETERS,
      responses: {
        '200': {
          description: 'A page.',
          headers: HEADERS,
          content: {
            'application/json': { schema: PAGE, examples: { page: { value: PAGE_EXAMPLE } } },
            'application/x-ndjson': { schema: { ...TEXT, description: 'One JSON object per line.' } },
            'text/csv': { schema: { ...TEXT, description: 'RFC 4180, names in the first line.' } },
            'application/vnd.apache.arrow.stream': { schema: { ...TEXT, description: 'Arrow IPC stream.' } },
            'application/vnd.apache.parquet': { schema: { ...TEXT, description: 'Parquet file.' } },
          },
        },
        '304': { description: 'The answer that you have is still right.', headers: HEADERS },
        '400': problem(
          'A parameter is not what it should be, names what is not yours to read, or holds a cursor of another question.',
          [
            'MOGO_ROWS_COLUMN',
            400,
            'The dataset orders has no column totl that you may read.',
            'GET /v1/datasets/orders lists yours, perhaps total.',
          ],
          [
            'MOGO_ROWS_VALUE',
            400,
            'A value that id is compared with is no Int64.',
            'Write a whole number from -9223372036854775808 to 9223372036854775807.',
          ],
          [
            'MOGO_ROWS_CURSOR',
            400,
            'The cursor cannot be used: it was not made here, or is not as it was made.',
            'Begin anew without a cursor, and follow next and prev of the answers.',
          ],
        ),
        '401': problem('No token, or none that is valid.'),
        '403': problem('Not for you.', [
          'MOGO_ROWS_KEYLESS',
          403,
          'Your role (support) may not read the whole key of orders, so its rows cannot be told apart and paged.',
          'Ask for groups (group, aggregate), or ask in SQL: POST /v1/query.',
        ]),
        '404': problem('There is no such dataset for you.'),
        '406': problem('No format in the Accept header is offered.'),
        '414': problem('The query string is too long.'),
        '422': problem('The page is too large, or the query went past a limit.'),
        '429': problem(
          'Too many requests, too many queries at the same time, or too much read; Retry-After says when to come back.',
          [
            'MOGO_RATE_LIMITED',
            429,
            'Too many requests of yours; 600 a minute may be sent.',
            'Wait 3 s, and spread requests over time; a stream gives more rows at once than pages do.',
          ],
        ),
        '503': problem('A dependency is away; try again.'),
      },
    },
  },
}
