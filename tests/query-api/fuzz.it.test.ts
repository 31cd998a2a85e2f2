/**
 * Any filters, names, cursors and parameters, half right and wholly wrong, on the real engine: whatever is sent, the answer is rows of one's own
 * or a refusal that says why, soon, and never a fault of ours.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OPERATORS } from '#query-api/rows/operators.ts'
import { rowsClient } from './support/rows-client.ts'
import { SHOP_PEOPLE, shopContracts, withEnum } from './support/shop.ts'
import { fillShop } from './support/shop-rows.ts'
import { SOUTH_MARKER, SOUTH_NUMBER, startTenants, type Tenants } from './support/tenants.ts'

let tenants: Tenants
const { ask, page } = rowsClient(() => tenants)

beforeAll(async () => {
  tenants = await startTenants({
    ...{ contracts: shopContracts, adapt: withEnum, people: SHOP_PEOPLE, fill: fillShop(1_000) },
  })
})
afterAll(async () => {
  await tenants?.dispose()
})

const RUNS = Number(process.env['MOGO_FUZZ_RUNS'] ?? 150)
const FOREIGN = new RegExp(`${SOUTH_MARKER}|${SOUTH_NUMBER}|"south"|hush`)
const REFUSED = new Set([400, 403, 404, 406, 414, 422])
/** Longest time of one answer, milliseconds, on a machine that does other things as well. */
const SOON = 10_000

type Answer = Awaited<ReturnType<typeof ask>>

/** Rows of one's own, or a refusal out of the catalogue. */
function check(answer: Answer, started: number): void {
  expect(performance.now() - started).toBeLessThan(SOON)
  const text = `${answer.statusCode} ${answer.body.slice(0, 500)}`
  expect(FOREIGN.test(JSON.stringify(answer.headers) + answer.body), text).toBe(false)
  if (answer.statusCode === 200) return
  expect(REFUSED.has(answer.statusCode), text).toBe(true)
  expect(answer.json(), text).toMatchObject({
    code: expect.stringMatching(/^MOGO_/),
    remedy: expect.stringMatching(/./),
  })
}

const COLUMNS = [
  'id',
  'status',
  'state',
  'total',
  'exact',
  'score',
  'weight',
  'small',
  'number',
  'u64',
  'i128',
  'u256',
  'flag',
] as const
const MORE = [
  'ref',
  'day',
  'plain_day',
  'at',
  'second',
  'nano',
  'note',
  'tags',
  'numbers',
  'doc',
  'code',
  'email_token',
] as const
const HIDDEN = [
  'secret_note',
  'phone_token',
  'hidden_for_id',
  '_version',
  '_part',
  'nothing',
  '__proto__',
  'constructor',
  '',
] as const

const odd = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '',
    '0',
    '-0',
    '1e999',
    'NaN',
    'inf',
    '-inf',
    '9'.repeat(90),
    "'",
    '"',
    '\\',
    '`',
    '%',
    '*',
    '\0',
    '\ud800',
    '){}',
  ),
  fc.constantFrom(
    '1970-01-01',
    '2026-02-30',
    '0000-00-00',
    '9999-12-31T23:59:60Z',
    '2026-01-01T00:00:00+25:00',
    'true',
    'null',
  ),
  fc.bigInt().map(String),
  fc.double().map(String),
)
const column = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...COLUMNS, ...MORE) },
  { weight: 2, arbitrary: fc.constantFrom(...HIDDEN) },
  { weight: 1, arbitrary: odd },
)
const operator = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...Object.keys(OPERATORS)) },
  { weight: 1, arbitrary: odd },
)
const value = fc.oneof(
  odd,
  fc.array(odd, { maxLength: 4 }).map((all) => `(${all.join(',')})`),
  fc.array(odd, { maxLength: 4 }).map((all) => `(${all.map((each) => JSON.stringify(each)).join(',')})`),
)
const condition = fc
  .tuple(fc.boolean(), operator, value)
  .map(([not, name, each]) => `${not ? 'not.' : ''}${name}.${each}`)
const filter = fc.tuple(column, condition)
const group = fc.letrec<{ group: string }>((tie) => ({
  group: fc
    .array(
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        filter.map(([name, each]) => `${name}.${each}`),
        fc
          .tuple(fc.constantFrom('or', 'and', 'not.or', 'not.and'), tie('group'))
          .map(([word, inner]) => word + inner),
      ),
      { maxLength: 3 },
    )
    .map((parts) => `(${parts.join(',')})`),
})).group
const names = fc.array(column, { maxLength: 4 }).map((all) => all.join(','))
const parameter: fc.Arbitrary<[string, string]> = fc.oneof(
  { weight: 6, arbitrary: filter },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('or', 'and', 'not.or', 'not.and'), group) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('select'), names) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant('select'),
      names.map((all) => `id,customers(${all})`),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('group'), names) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant('aggregate'),
      fc
        .tuple(fc.constantFrom('count', 'sum', 'avg', 'min', 'max', 'uniq', 'groupArray', ''), column)
        .map(([name, each]) => `count(),${name}(${each})`),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant('sort'),
      fc
        .array(fc.tuple(column, fc.constantFrom('', '.asc', '.desc', '.desc.nullsfirst', '.x')), {
          maxLength: 3,
        })
        .map((all) => all.map((each) => each.join('')).join(',')),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('limit', 'total', 'role', 'purpose', 'cursor'), odd) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('total'), fc.constantFrom('exact', 'estimate')) },
)
const query = fc.array(parameter, { maxLength: 5 }).map((all) => String(new URLSearchParams(all)))
const accept = fc.constantFrom(
  'application/json',
  'text/csv',
  'application/x-ndjson',
  'application/vnd.apache.arrow.stream',
)

test('filters, names, order, groups', async () => {
  await fc.assert(
    fc.asyncProperty(query, accept, async (text, format) => {
      const started = performance.now()
      check(await ask(text, { headers: { accept: format } }), started)
    }),
    { numRuns: RUNS },
  )
}, 120_000)

test('a query string of any bytes', async () => {
  const bytes = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '%',
          '%0',
          '%zz',
          '%00',
          '%ff',
          '&',
          '=',
          '&&',
          '+',
          '.',
          '(',
          ')',
          'id',
          'eq.1',
          '?',
          '/',
          ';',
          '[]',
        ),
        fc.integer({ min: 1, max: 255 }).map((code) => `%${code.toString(16).padStart(2, '0')}`),
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join(''))
  await fc.assert(
    fc.asyncProperty(bytes, async (text) => {
      const started = performance.now()
      check(await ask(text), started)
    }),
    { numRuns: RUNS },
  )
}, 120_000)

test('cursors: changed, cut, joined, of others', async () => {
  const question = 'select=id,status,score&sort=score.desc,status&limit=5'
  const { next } = await page(question)
  const own = next ?? ''
  const of = async (as: string) => (await page(question, { as })).next ?? ''
  const others = [await of('sam'), await of('edith'), (await page('select=id&limit=5')).next ?? '']
  const change = fc.oneof(
    fc
      .tuple(fc.nat(own.length - 1), fc.constantFrom(...'AZaz09-_=+/.%'))
      .map(([at, char]) => own.slice(0, at) + char + own.slice(at + 1)),
    fc
      .tuple(fc.nat(own.length), fc.nat(own.length))
      .map(([from, to]) => own.slice(Math.min(from, to), Math.max(from, to))),
    fc.tuple(fc.constantFrom(own, ...others), fc.constantFrom(own, ...others)).map((both) => both.join('')),
    fc.constantFrom(...others),
    fc.base64String({ maxLength: 300 }),
    fc.string({ unit: 'binary', maxLength: 100 }),
  )
  await fc.assert(
    fc.asyncProperty(change, async (cursor) => {
      const started = performance.now()
      const answer = await ask(`${question}&${new URLSearchParams({ cursor })}`)
      check(answer, started)
      // Only the cursor itself is one; nothing that is nearly it.
      if (cursor !== own) expect(answer.json()).toMatchObject({ code: 'MOGO_ROWS_CURSOR' })
    }),
    { numRuns: RUNS },
  )
}, 120_000)

test('SQL with parameters of any type and value', async () => {
  const types = [
    'String',
    'UInt8',
    'Int64',
    'UInt256',
    'Float64',
    'Decimal(38, 10)',
    'Date',
    'DateTime64(6)',
    'Bool',
    'UUID',
    'Identifier',
  ] as const
  const type = fc.oneof(
    fc.constantFrom(
      ...types,
      'Array(String)',
      'Nullable(Int8)',
      'Map(String, String)',
      'Tuple(String, Int8)',
      "Enum8('a' = 1)",
      'IPv6',
      'JSON',
    ),
    fc.constantFrom('', 'Nothing', 'AggregateFunction(sum, UInt8)', 'String) OR (1', 'Array('),
  )
  const given = fc.oneof(
    odd,
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.oneof(odd, fc.integer(), fc.constant(null)), { maxLength: 5 }),
  )
  const text = fc.constantFrom(
    'SELECT id, status FROM orders WHERE status = {p:TYPE} LIMIT 2',
    'SELECT {p:TYPE} AS x, count() FROM orders',
    'SELECT id FROM orders WHERE id IN {p:TYPE} ORDER BY id LIMIT 3',
    'SELECT {p:TYPE} FROM orders LIMIT 1',
    'SELECT 1 FROM {p:TYPE}',
  )
  await fc.assert(
    fc.asyncProperty(text, type, given, async (sql, as, p) => {
      const started = performance.now()
      const answer = await tenants.app.inject({
        ...{ method: 'POST', url: '/v1/query' },
        headers: { authorization: `Bearer ${await tenants.token('nora')}` },
        payload: { sql: sql.replace('TYPE', as), parameters: { p } },
      })
      check(answer, started)
    }),
    { numRuns: RUNS },
  )
}, 120_000)

test('bodies of any shape', async () => {
  const body = fc.oneof(
    fc.json(),
    fc
      .record(
        { sql: fc.anything(), role: fc.anything(), purpose: fc.anything(), parameters: fc.anything() },
        { requiredKeys: [] },
      )
      .map((each) => {
        try {
          return JSON.stringify(each) ?? ''
        } catch {
          return '{}'
        }
      }),
    fc.string({ unit: 'binary', maxLength: 60 }),
  )
  await fc.assert(
    fc.asyncProperty(
      body,
      fc.constantFrom('application/json', 'text/plain', 'application/x-www-form-urlencoded', ''),
      async (payload, type) => {
        const started = performance.now()
        const answer = await tenants.app.inject({
          ...{ method: 'POST', url: '/v1/query', payload },
          headers: {
            authorization: `Bearer ${await tenants.token('nora')}`,
            ...(type && { 'content-type': type }),
          },
        })
        if (answer.statusCode === 415) return
        check(answer, started)
      },
    ),
    { numRuns: RUNS },
  )
}, 120_000)
