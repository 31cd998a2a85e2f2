/**
 * Rows of a dataset on a real engine: filters on every type, related datasets, groups, formats, entity tags, records, and that no parameter
 * gets at a row or column that is not the caller's.
 */
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRowsRequest } from '#query-api/rows/rows-request.ts'
import { type Query, rowsClient } from './support/rows-client.ts'
import { SHOP_PEOPLE, shopContracts, withEnum } from './support/shop.ts'
import { CUSTOMERS, fillShop, insertRows, ORDERS } from './support/shop-rows.ts'
import {
  SOUTH_MARKER,
  SOUTH_NUMBER,
  startTenants,
  type Tenants,
  withoutRowFilters,
} from './support/tenants.ts'

let tenants: Tenants
const { ask, page, ids, refusal } = rowsClient(() => tenants)

beforeAll(async () => {
  tenants = await startTenants({
    ...{ contracts: shopContracts, adapt: withEnum, people: SHOP_PEOPLE, fill: fillShop(1_000) },
  })
})
afterAll(async () => {
  await tenants?.dispose()
})

/** Ids as the engine gives them to the administrator, for a condition in its own SQL. */
async function expectedIds(where: string, order = 'id'): Promise<string[]> {
  const text = await tenants.admin(
    `SELECT id FROM analytics.orders FINAL WHERE tenant_id = 'north' AND (${where}) ORDER BY ${order}`,
  )
  return text.split('\n').filter((line) => line !== '')
}

describe('filters', () => {
  const DAY = "toDate32('1950-01-01')"
  const AT = "toDateTime64('1970-01-01 00:00:00.000005', 6, 'UTC')"
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{ id: 'lt.5' }, 'id < 5'],
    [{ id: 'not.lt.5' }, 'id >= 5'],
    [{ id: 'in.(1,2,399,1000)' }, 'id IN (1, 2, 399)'],
    [{ number: 'gte.-3' }, 'number >= -3'],
    [{ small: 'eq.-5' }, 'small = -5'],
    [{ small: 'neq.-5' }, 'small IS NOT NULL AND small != -5'],
    [{ small: 'not.in.(-5,0)' }, 'small IS NOT NULL AND small NOT IN (-5, 0)'],
    [{ small: 'is.null' }, 'small IS NULL'],
    [{ small: 'not.is.null' }, 'small IS NOT NULL'],
    [{ u64: 'eq.18446744073709551610' }, 'id = 5'],
    [{ u64: 'in.(18446744073709551615,18446744073709551614)' }, 'id IN (0, 1)'],
    [{ i128: 'lte.-170141183460469231731687303715884105718' }, 'id <= 10'],
    [{ u256: 'gt.115792089237316195423570985008687907853269984665640564039457584007913129639930' }, 'id < 5'],
    [{ total: 'eq.7.25' }, 'id = 7'],
    [{ total: 'gt.390.250' }, 'id > 390'],
    [{ total: 'in.(1.25,2.25,3)' }, 'id IN (1, 2)'],
    [
      { exact: 'eq.1234567890123456789012345.0000000001' },
      "exact = CAST('1234567890123456789012345.0000000001' AS Decimal(38, 10))",
    ],
    [
      { exact: 'lt.1234567890123456789012345.0000000001' },
      "exact < CAST('1234567890123456789012345.0000000001' AS Decimal(38, 10))",
    ],
    [{ score: 'eq.0' }, 'score = 0'],
    [{ score: 'eq.inf' }, "score = toFloat64('inf')"],
    [{ score: 'gte.1.5' }, 'score >= 1.5'],
    [{ score: 'not.gte.1.5' }, 'score IS NOT NULL AND NOT (score >= 1.5)'],
    [{ weight: 'eq.0.33333334' }, 'id = 1'],
    [{ weight: 'lt.1e0' }, 'id < 3'],
    [{ flag: 'eq.true' }, 'flag'],
    [{ flag: 'is.true' }, 'flag'],
    [{ flag: 'not.is.true' }, 'flag IS NULL OR NOT flag'],
    [{ flag: 'is.false' }, 'NOT flag'],
    [{ ref: 'eq.00000000-0000-4000-8000-00000000000A' }, 'id = 10'],
    [
      { ref: 'in.(00000000-0000-4000-8000-00000000000b,00000000-0000-4000-8000-00000000000c)' },
      'id IN (11, 12)',
    ],
    [{ day: 'eq.1950-01-03' }, `day = ${DAY} + 2`],
    [{ day: 'gte.1950-12-01' }, `day >= toDate32('1950-12-01')`],
    [{ day: 'is.null' }, 'day IS NULL'],
    [{ plain_day: 'lte.2020-01-10' }, 'id < 10'],
    [{ at: 'eq.1970-01-01T00:00:00.000005Z' }, `at = ${AT}`],
    [{ at: 'lt.1970-01-01T02:00:00.000005+02:00' }, `at < ${AT}`],
    [{ at: 'in.(1969-12-31T23:59:59.99999Z,"1969-12-31 23:59:59.999991")' }, 'id IN (0, 1)'],
    [{ second: 'gt.2026-01-01T00:06:30Z' }, 'id > 390'],
    [{ nano: 'lte.2000-01-01T00:00:00.00000001Z' }, 'id < 10'],
    [{ state: 'eq.a ] b' }, "state = 'a ] b'"],
    [{ state: 'in.("a ] b",done)' }, "state IN ('a ] b', 'done')"],
    [{ status: 'eq.on hold, really' }, "status = 'on hold, really'"],
    [{ status: 'in.("on hold, really",new)' }, "status IN ('on hold, really', 'new')"],
    [{ status: 'gt.new' }, "status > 'new'"],
    [{ note: 'eq.' }, "note = ''"],
    [{ note: "eq.it's" }, "note = 'it\\'s'"],
    [{ note: 'eq.line\nbreak\ttab' }, "note = 'line\\nbreak\\ttab'"],
    [{ note: 'like.a%b_c\\\\d' }, 'id % 8 = 3'],
    [{ note: 'like.a*d' }, 'id % 8 = 3'],
    [{ note: 'like.\\*star\\*' }, 'id % 8 = 7'],
    [{ note: 'ilike.ü*CÖDÉ' }, 'id % 8 = 5'],
    [{ note: 'starts.line' }, 'id % 8 = 6'],
    [{ note: 'not.like.*' }, '0'],
    [{ doc: 'like.*"a":1*' }, 'id >= 0'],
    [{ code: 'eq.17' }, 'id = 17'],
    [{ tags: 'contains.(vip)' }, "has(tags, 'vip')"],
    [{ tags: 'contains.(new,vip)' }, "hasAll(tags, ['new', 'vip'])"],
    [{ tags: `contains.("it's","a,b")` }, 'id % 4 = 3'],
    [{ tags: 'not.contains.(vip)' }, "NOT has(tags, 'vip')"],
    [{ numbers: 'contains.(17)' }, 'id = 17'],
    [{ email_token: 'eq.h1_3' }, 'id % 10 = 3'],
    [{ or: '(id.eq.1,and(number.gt.100,small.is.null))' }, 'id = 1 OR (number > 100 AND small IS NULL)'],
    [{ 'not.or': '(small.eq.1,small.eq.2)' }, 'small IS NOT NULL AND small NOT IN (1, 2)'],
    [{ 'not.and': '(id.lt.390,not.and(number.gt.0,score.eq.0))' }, 'id >= 390 OR (number > 0 AND score = 0)'],
  ]

  test.each(cases)('%j', async (query, where) => {
    const found = await ids({ ...query, select: 'id', limit: '1000', sort: 'id' })
    const expected = await expectedIds(where)
    expect(found).toEqual(expected)
  })

  test('are a measure: few of them hold for every row, or for none', async () => {
    const counts = await Promise.all(cases.map(async ([, where]) => (await expectedIds(where)).length))
    expect(counts.filter((count) => count === 0 || count === ORDERS).length).toBe(2)
  })

  test('all of them must hold', async () => {
    const found = await ids([
      ['id', 'gte.10'],
      ['id', 'lt.13'],
      ['number', 'neq.-189'],
      ['select', 'id'],
    ])
    expect(found).toEqual(['10', '12'])
  })
})

describe('what is in the answer', () => {
  test('every column that the caller may read, or those that are asked for, in their order', async () => {
    const all = await page('limit=1')
    const names = all.columns.map(({ name }) => name)
    expect(names).toContain('email_token')
    for (const hidden of ['secret_note', 'phone_token', 'hidden_for_id', '_version', '_deleted', 'cursor'])
      expect(names).not.toContain(hidden)
    const { columns, rows } = await page('select=total,id,at,tags,exact,score,flag&id=eq.5')
    expect(columns).toEqual([
      { name: 'total', type: 'Decimal(12, 2)' },
      { name: 'id', type: 'Int64' },
      { name: 'at', type: "DateTime64(6, 'UTC')" },
      { name: 'tags', type: 'Array(Nullable(String))' },
      { name: 'exact', type: 'Nullable(Decimal(38, 10))' },
      { name: 'score', type: 'Nullable(Float64)' },
      { name: 'flag', type: 'Nullable(Bool)' },
    ])
    expect(rows).toEqual([
      ['5.25', '5', '1969-12-31T23:59:59.999995Z', [], '234567890123456789012345.0000000005', 0, false],
    ])
  })

  test('columns of related datasets; NULL where there is none', async () => {
    const { columns, rows } = await page(
      'select=id,customers!customer_id(name_token,country),customers!gift_for_id(tier)&id=in.(1,2,7,18,33)&sort=id.desc',
    )
    expect(columns.map(({ name }) => name)).toEqual([
      ...[
        'id',
        'customers!customer_id.name_token',
        'customers!customer_id.country',
        'customers!gift_for_id.tier',
      ],
    ])
    expect(rows).toEqual([
      ['33', 'h1_customer_13', 'FR', 1],
      // There is no customer 18; order 7 is of none.
      ['18', null, null, null],
      ['7', null, null, null],
      ['2', 'h1_customer_2', 'XX', null],
      ['1', 'h1_customer_1', 'FR', null],
    ])
  })

  test('related datasets of another tenant are never joined, where a role sees several', async () => {
    const query = 'select=id,tenant_id,customers!customer_id(name_token)&id=in.(1,2)'
    expect((await page(query, { as: 'edith' })).rows).toEqual([
      ['1', 'north', 'h1_customer_1'],
      ['2', 'north', 'h1_customer_2'],
      ['1', 'south', SOUTH_MARKER],
      ['2', 'south', SOUTH_MARKER],
    ])
    // Without the column of the tenant, which is the same for all rows.
    expect((await page('select=id,customers!customer_id(name_token)&id=eq.1', { as: 'aude' })).rows).toEqual([
      ['1', 'h1_customer_1'],
    ])
    const countries = await page('select=id,countries(continent)&sort=id&limit=3', { dataset: 'customers' })
    expect(countries.rows).toEqual([
      ['0', 'Europe'],
      ['1', 'Europe too'],
      ['2', null],
    ])
  })

  test('groups, with every digit', async () => {
    const { columns, rows } = await page(
      'group=status&aggregate=count(),sum(total),avg(number),min(at),uniq(small),sum(u64),sum(i128)&sort=status&id=lt.8',
    )
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      ...['status LowCardinality(String)', 'count UInt64', 'sum_total Decimal(38, 2)', 'avg_number Float64'],
      ...["min_at DateTime64(6, 'UTC')", 'uniq_small UInt64'],
      ...['sum_u64 Decimal(38, 0)', 'sum_i128 Decimal(76, 0)'],
    ])
    expect(rows[0]).toEqual([
      ...['new', '2', '4.5', -198, '1969-12-31T23:59:59.999990Z', '1'],
      ...['36893488147419103226', '-340282366920938463463374607431768211452'],
    ])
  })

  test('one group of all rows; of none there is no least and no sum', async () => {
    expect((await page('aggregate=count(),min(number),max(number)')).rows).toEqual([['400', -200, 199]])
    expect((await page('aggregate=count(),min(number),sum(total),avg(number)&id=eq.-1')).rows).toEqual([
      ['0', null, null, null],
    ])
    const one = await page('aggregate=count()&limit=1&total=exact')
    expect(one).toMatchObject({ next: null, prev: null, total: { rows: 1, kind: 'exact' } })
  })

  test('groups of floats: zero is one, NaN is one, NULL is one; and pages of groups', async () => {
    const query = 'group=score&aggregate=count()&or=(id.lt.8)&sort=score.desc'
    const whole = await page(query)
    expect(whole.rows).toEqual([
      ['inf', '1'],
      [7 / 3, '1'],
      [1.5, '1'],
      [0, '2'],
      ['-inf', '1'],
      ['nan', '1'],
      [null, '1'],
    ])
    const seen: unknown[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const part: Awaited<ReturnType<typeof page>> = await page(
        `${query}&limit=2${cursor && `&cursor=${cursor}`}`,
      )
      seen.push(...part.rows)
      cursor = part.next
    }
    expect(seen).toEqual(whole.rows)
    const byCount = await page(
      'group=status,state&aggregate=count(),sum(total)&sort=sum_total.desc,count&limit=3',
    )
    const sums = byCount.rows.map((row) => Number(row[3]))
    expect(sums).toEqual(sums.toSorted((a, b) => b - a))
    expect(byCount.next).not.toBeNull()
  })

  test('groups for a role that may not read the key', async () => {
    const { rows } = await page('group=status&aggregate=count()&sort=status', { as: 'carl' })
    expect(rows.map(([, count]) => count)).toEqual(['100', '100', '100', '100'])
  })

  test('totals', async () => {
    expect((await page('total=exact&id=gte.100&limit=1')).total).toEqual({ rows: 300, kind: 'exact' })
    expect((await page('total=estimate&id=gte.100&limit=1')).total).toEqual({ rows: 300, kind: 'exact' })
    expect((await page('group=status&total=exact&limit=1')).total).toEqual({ rows: 4, kind: 'exact' })
    expect((await page('group=status,small&total=estimate&limit=1')).total).toEqual({
      rows: 48,
      kind: 'estimate',
    })
    expect((await page('limit=1')).total).toBeUndefined()
    // More rows than are looked at: 1,000 of north and 120,000 of south.
    const events = { as: 'edith', dataset: 'events' }
    const { total } = await page('total=estimate&flag=is.null&limit=1', events)
    expect(total?.kind).toBe('estimate')
    expect(total?.rows).toBeGreaterThan(121_000 / 3 - 1_500)
    expect(total?.rows).toBeLessThan(121_000 / 3 + 1_500)
    const impatient = await tenants.build({ versionMillis: 0 })
    const bound = await page('total=estimate&flag=is.null&limit=1', { ...events, app: impatient })
    expect(bound.total).toMatchObject({ kind: 'atLeast' })
    expect(bound.total?.rows).toBeLessThan(121_000 / 3)
  })
})

describe('formats', () => {
  const query = 'select=id,note,u64&sort=id.desc&limit=3'
  const expected = [
    ['399', '*star*', '18446744073709551216'],
    ['398', 'line\nbreak\ttab', '18446744073709551217'],
    ['397', 'Ünï cödé', '18446744073709551218'],
  ]
  const nextOf = (link: unknown): string => /<([^>]+)>; rel="next"/.exec(String(link))?.[1] ?? ''

  test('JSON, with the links of the envelope in the header', async () => {
    const response = await ask(query)
    const { rows, next } = response.json()
    expect(rows).toEqual(expected)
    expect(nextOf(response.headers['link'])).toBe(`/v1/datasets/orders/rows?${query}&cursor=${next}`)
    expect(response.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'private, no-cache',
      etag: expect.stringMatching(/^W\/"[\w-]{24}"$/),
    })
    expect(String(response.headers['vary']).toLowerCase()).toMatch(
      /^authorization, accept(, accept-encoding)?$/,
    )
  })

  test.each([
    [
      'application/x-ndjson',
      (body: Buffer) =>
        body
          .toString()
          .trimEnd()
          .split('\n')
          .map((line) => Object.values(JSON.parse(line))),
    ],
    [
      'text/csv',
      (body: Buffer) =>
        [...body.toString().matchAll(/^(\d+),"((?:[^"]|"")*)",(\d+)$/gm)].map(([, id, note, u64]) => [
          id,
          note,
          u64,
        ]),
    ],
    [
      'application/vnd.apache.arrow.stream',
      (body: Buffer) =>
        tableFromIPC(body)
          .toArray()
          .map((row: { toJSON(): Record<string, unknown> }) => Object.values(row.toJSON()).map(String)),
    ],
  ])('%s: the cursors are in the header, known before the rows are', async (accept, read) => {
    const response = await ask(query, { headers: { accept } })
    expect(response.statusCode, response.body).toBe(200)
    expect(read(response.rawPayload)).toEqual(expected)
    expect(response.headers['content-type']).toContain(accept)
    // The same cursors as in JSON, and they lead on in any format.
    expect(response.headers['link']).toBe((await ask(query)).headers['link'])
    const seen: unknown[] = []
    let url: string | undefined = `/v1/datasets/orders/rows?select=id&sort=note.desc&limit=97&total=exact`
    let pages = 0
    while (url !== undefined && url !== '') {
      const [path = '', text = ''] = url.split('?')
      expect(path).toBe('/v1/datasets/orders/rows')
      const part = await ask(text, { headers: { accept } })
      expect(part.headers).toMatchObject({ 'x-mogo-total': '400', 'x-mogo-total-kind': 'exact' })
      seen.push(...idsOf(accept, part.rawPayload))
      url = nextOf(part.headers['link'])
      pages++
    }
    expect(pages).toBe(5)
    expect(seen).toEqual(await expectedIds('1', 'note DESC NULLS LAST, id'))
    const empty = await ask('select=id&id=eq.-1', { headers: { accept } })
    expect(idsOf(accept, empty.rawPayload)).toEqual([])
    expect(empty.headers['link']).toBeUndefined()
  })

  function idsOf(accept: string, body: Buffer): string[] {
    if (accept.includes('arrow'))
      return tableFromIPC(body)
        .toArray()
        .map((row: { id: bigint }) => String(row.id))
    const text = body.toString()
    return [...text.matchAll(accept.includes('csv') ? /^(\d+)$/gm : /"id":"(\d+)"/g)].map(([, id = '']) => id)
  }

  test('a page that is longer than the head streams, and has its links all the same', async () => {
    const response = await ask('limit=1000', { dataset: 'events', as: 'sam' })
    expect(response.rawPayload.length).toBeGreaterThan(70_000)
    expect(response.json().rows.length).toBe(1000)
    expect(nextOf(response.headers['link'])).toContain('cursor=')
    const records = tenants.written.filter(({ id }) => id === response.headers['x-mogo-query-id'])
    expect(records.map(({ decision, rows }) => [decision, rows])).toEqual([
      ['answered', -1],
      ['answered', 1000],
    ])
  })

  test('back over all pages, while they stream', async () => {
    const headers = { accept: 'application/x-ndjson' }
    const prevOf = (link: unknown) => /\?([^>]+)>; rel="prev"/.exec(String(link))?.[1]
    const { prev, rows } = await page(
      `select=id&sort=score.nullsfirst&limit=300&cursor=${(await page('select=id&sort=score.nullsfirst&limit=300')).next}`,
    )
    expect(rows.length).toBe(100)
    const seen: string[] = []
    let text: string | undefined = `select=id&sort=score.nullsfirst&limit=77&cursor=${prev}`
    for (; text !== undefined; ) {
      const part = await ask(text, { headers })
      seen.unshift(...idsOf(headers.accept, part.rawPayload))
      text = prevOf(part.headers['link'])
    }
    const expected = await expectedIds('1', 'score ASC NULLS FIRST, id')
    expect([...seen, ...rows.map(([id]) => id)]).toEqual(expected)
  })

  test('HEAD has the headers and no rows', async () => {
    const got = await ask(query)
    const head = await tenants.app.inject({
      ...{ method: 'HEAD', url: `/v1/datasets/orders/rows?${query}` },
      headers: { authorization: `Bearer ${await tenants.token('nora')}` },
    })
    expect(head.statusCode).toBe(200)
    expect(head.body).toBe('')
    for (const name of ['etag', 'link', 'content-type']) expect(head.headers[name]).toBe(got.headers[name])
  })

  test('one that is not offered is refused', async () => {
    expect(await refusal(query, { headers: { accept: 'application/xml' } })).toMatchObject({
      code: 'MOGO_QUERY_FORMAT',
    })
  })

  test('a page that is too large is refused, and streams as NDJSON', async () => {
    const large = { note: "repeat('x', 100000)" }
    await insertRows(tenants.admin, 'orders', { tenant: 'north', from: 10_000, count: 90, columns: large })
    try {
      expect(await refusal('id=gte.10000')).toMatchObject({ code: 'MOGO_ROWS_PAGE_LARGE', status: 422 })
      const streamed = await ask('id=gte.10000', { headers: { accept: 'application/x-ndjson' } })
      expect(streamed.body.trimEnd().split('\n').length).toBe(90)
      // Values of that length have no place in a cursor.
      expect(await refusal('id=gte.10000&select=id&limit=5&sort=note')).toMatchObject({
        ...{ code: 'MOGO_ROWS_CURSOR_LONG', status: 422 },
      })
    } finally {
      await insertRows(tenants.admin, 'orders', {
        ...{ tenant: 'north', from: 10_000, count: 90 },
        version: 2,
        deleted: true,
      })
    }
  })
})

describe('a cursor', () => {
  test('is of its scope and its question alone', async () => {
    const { next } = await page('select=id&sort=note&limit=5&status=eq.new')
    const cursor = `&cursor=${next}`
    expect((await page(`select=id&sort=note&limit=9&status=eq.new&total=exact${cursor}`)).rowCount).toBe(9)
    for (const other of [
      'select=id,total&sort=note&status=eq.new',
      'select=id&sort=note.desc&status=eq.new',
      'select=id&sort=note.nullsfirst&status=eq.new',
      'select=id&sort=note&status=eq.paid',
      'select=id&sort=note',
      'group=note&status=eq.new',
    ])
      expect(await refusal(`${other}${cursor}`), other).toMatchObject({
        ...{ code: 'MOGO_ROWS_CURSOR', status: 400 },
        detail: expect.stringContaining('it belongs to another query'),
      })
    const question = `select=id&sort=note&status=eq.new${cursor}`
    for (const as of ['sam', 'edith', 'aude'])
      expect((await refusal(question, { as })).detail, as).toContain('it belongs to another tenant or role')
    expect((await refusal(question.slice(0, -1))).detail).toContain('it was not made here')
    expect((await refusal('cursor=abc')).detail).toContain('it was not made here')
  })

  test('shows no value', async () => {
    const response = await ask('select=id&sort=email_token.desc&limit=5')
    const { next } = response.json()
    expect(Buffer.from(next, 'base64url').toString('latin1')).not.toMatch(/h1_|north/)
  })
})

describe('pages in the order of any column', () => {
  const COLUMNS = [
    ...[
      'id',
      'customer_id',
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
    ],
    ...['u256', 'flag', 'ref', 'day', 'plain_day', 'at', 'second', 'nano', 'note', 'email_token'],
  ]
  test.each(COLUMNS)('%s, forwards and backwards, ascending and descending', async (column) => {
    for (const [direction, nulls] of [
      ['asc', 'last'],
      ['desc', 'first'],
    ] as const) {
      const query = `select=id,${column === 'id' ? 'number' : column}&limit=83&sort=${column}.${direction}.nulls${nulls}`
      const expected = await expectedIds('1', `${column} ${direction} NULLS ${nulls}, id`)
      const pages = [await page(query)]
      while (pages.at(-1)?.next) pages.push(await page(`${query}&cursor=${pages.at(-1)?.next}`))
      expect(pages.flatMap(({ rows }) => rows.map(([id]) => id))).toEqual(expected)
      expect(pages.length).toBe(5)
      let at = pages.at(-1)?.prev
      for (const earlier of pages.slice(0, -1).toReversed()) {
        const back = await page(`${query}&cursor=${at}`)
        expect(back.rows).toEqual(earlier.rows)
        at = back.prev
      }
      expect(at).toBeNull()
    }
  })

  test('and of groups by any of them', async () => {
    for (const column of COLUMNS) {
      const query = `group=${column}&aggregate=count(),max(id)&sort=count.desc&limit=150`
      const found = await page(query)
      const pages = [found]
      while (pages.at(-1)?.next) pages.push(await page(`${query}&cursor=${pages.at(-1)?.next}`))
      const rows = pages.flatMap((each) => each.rows)
      expect(new Set(rows.map(([key]) => JSON.stringify(key))).size, column).toBe(rows.length)
      expect(
        rows.reduce((sum, [, count]) => sum + Number(count), 0),
        column,
      ).toBe(ORDERS)
      // What is grouped by is of the type that it is stored in.
      expect(found.columns[0]?.type).toBe((await page(`select=${column}&limit=1`)).columns[0]?.type)
    }
  })
})

describe('an entity tag', () => {
  const query = 'select=id,total&sort=total&limit=5&id=gte.100'
  const tagOf = async (text: Query = query, as = 'nora', dataset = 'orders') =>
    String((await ask(text, { as, dataset })).headers['etag'])
  const again = (tag: string, as = 'nora') => ask(query, { as, headers: { 'if-none-match': tag } })

  test('spares the rows, and the access is recorded', async () => {
    const tag = await tagOf()
    const before = tenants.records.length
    const response = await again(tag)
    expect(response.statusCode).toBe(304)
    expect(response.body).toBe('')
    expect(response.headers).toMatchObject({ etag: tag, 'cache-control': 'private, no-cache' })
    const [record, ...more] = tenants.records.slice(before)
    expect(more).toEqual([])
    expect(record).toMatchObject({ decision: 'answered', rows: 0, subject: 'nora' })
    expect(record?.id).toBe(response.headers['x-mogo-query-id'])
    expect(record?.columnsRead).toContain('orders.total')
    expect((await again('"x", *')).statusCode).toBe(200)
    expect((await again('*')).statusCode).toBe(304)
    for (const accept of ['application/x-ndjson', 'text/csv']) {
      const other = await ask(query, { headers: { accept } })
      expect(other.headers['etag']).not.toBe(tag)
      const known = await ask(query, { headers: { accept, 'if-none-match': String(other.headers['etag']) } })
      expect(known.statusCode).toBe(304)
    }
    const total = await ask(`${query}&total=exact`)
    const known = await ask(`${query}&total=exact`, {
      headers: { 'if-none-match': String(total.headers['etag']) },
    })
    expect(known.statusCode).toBe(304)
  })

  test('changes with every row of the caller that comes, goes or changes, and with no other', async () => {
    const { admin } = tenants
    const tags = [await tagOf()]
    const changed = async (): Promise<void> => {
      expect((await again(tags.at(-1) ?? '')).statusCode).toBe(200)
      const tag = await tagOf()
      expect(tags).not.toContain(tag)
      expect((await again(tag)).statusCode).toBe(304)
      tags.push(tag)
    }
    const row = { tenant: 'north', from: 50_000, count: 1 }
    await insertRows(admin, 'orders', { ...row, tenant: 'south' })
    expect((await again(tags[0] ?? '')).statusCode).toBe(304)
    await insertRows(admin, 'orders', row)
    await changed()
    await insertRows(admin, 'orders', { ...row, version: 2, columns: { number: '1' } })
    await changed()
    // One goes and one comes: as many as before.
    await insertRows(admin, 'orders', { ...row, version: 3, deleted: true })
    await insertRows(admin, 'orders', { ...row, from: 50_001 })
    await changed()
    await insertRows(admin, 'orders', { ...row, from: 50_001, version: 2, deleted: true })
    // All is as it was in the beginning, and whoever has the answer of then is told so.
    expect((await again(tags.at(-1) ?? '')).statusCode).toBe(200)
    expect(await tagOf()).toBe(tags[0])
    await insertRows(admin, 'orders', { ...row, tenant: 'south', version: 2, deleted: true })
    expect((await again(tags[0] ?? '')).statusCode).toBe(304)
    await admin('OPTIMIZE TABLE analytics.orders FINAL')
    expect((await again(tags[0] ?? '')).statusCode).toBe(304)
  })

  test('changes with related rows', async () => {
    const related = 'select=id,customers!customer_id(tier)&limit=5'
    const [tag, plain] = [await tagOf(related), await tagOf()]
    const row = { tenant: 'north', from: 0, count: 1, version: 9, columns: { tier: '5' } }
    await insertRows(tenants.admin, 'customers', row)
    expect(await tagOf(related)).not.toBe(tag)
    expect(await tagOf()).toBe(plain)
  })

  test('is another one for another scope, question, page size, page and role', async () => {
    const { next } = await page(query)
    const all = [
      await tagOf(),
      await tagOf(query, 'sam'),
      await tagOf(query, 'edith'),
      await tagOf(query, 'aude'),
      await tagOf(query.replace('limit=5', 'limit=6')),
      await tagOf(query.replace('sort=total', 'sort=total.desc')),
      await tagOf(`${query}&cursor=${next}`),
    ]
    expect(new Set(all).size).toBe(all.length)
    // The same scope has the same.
    expect(await tagOf(`${query}&role=analyst`, 'carl')).toBe(await tagOf())
  })

  test('is left out where it would cost too much, and the rows come all the same', async () => {
    const impatient = await tenants.build({ versionMillis: 0 })
    const response = await ask(query, { app: impatient, headers: { 'if-none-match': '*' } })
    expect(response.statusCode).toBe(200)
    expect(response.headers['etag']).toBeUndefined()
    expect(response.json().rowCount).toBe(5)
  })
})

describe('the access record', () => {
  test('has one entry per statement, of what was read, and no value', async () => {
    const before = tenants.records.length
    const response = await ask({
      ...{ select: 'id,customers!customer_id(tier)', note: "eq.it's", sort: 'total', purpose: 'case 4711' },
    })
    const [record, ...more] = tenants.records.slice(before)
    expect(more).toEqual([])
    expect(record).toMatchObject({
      ...{ decision: 'answered', purpose: 'case 4711', role: 'analyst', rows: 50, subject: 'nora' },
      id: response.headers['x-mogo-query-id'],
    })
    expect(record?.columnsRead.toSorted()).toEqual([
      ...['customers.id', 'customers.tenant_id', 'customers.tier'],
      ...['orders.customer_id', 'orders.id', 'orders.note', 'orders.tenant_id', 'orders.total'],
    ])
    const edges = record?.edges.map(
      ({ from, to, type }) => `${from.dataset}.${from.column} ${to.column} ${type}`,
    )
    expect(edges).toContain('customers.tier customers!customer_id.tier DIRECT')
    expect(edges).toContain('orders.note id INDIRECT')
    expect(JSON.stringify(record)).not.toContain("it's")
    const other = await ask({ select: 'id,customers!customer_id(tier)', note: 'eq.other', sort: 'total' })
    const otherRecord = tenants.records.find(({ id }) => id === other.headers['x-mogo-query-id'])
    expect(otherRecord?.sqlHash).toBe(record?.sqlHash)
  })

  test('is made of refusals too', async () => {
    const before = tenants.records.length
    await refusal('select=secret_note')
    await refusal('number=eq.x')
    await refusal('cursor=abc')
    await refusal('', { dataset: 'nothing' })
    expect(tenants.records.slice(before).map(({ decision, reason }) => [decision, reason])).toEqual([
      ['refused', 'MOGO_ROWS_COLUMN'],
      ['refused', 'MOGO_ROWS_VALUE'],
      ['refused', 'MOGO_ROWS_CURSOR'],
      ['refused', 'MOGO_DATASET_UNKNOWN'],
    ])
  })
})

/** What only the other tenant's rows hold, or files of the machine; "800" counts orders of both tenants. */
const EVIDENCE = new RegExp(`${SOUTH_MARKER}|${SOUTH_NUMBER}|"south"|"800"|:800\\b|hush|root:|/bin/`)

describe('nothing that is not the caller’s gets out', () => {
  const LEAKING: readonly Query[] = [
    { tenant_id: 'eq.south' },
    { tenant_id: 'neq.north' },
    { tenant_id: 'not.eq.north' },
    { tenant_id: 'in.(south,north)', limit: '1000' },
    { or: '(tenant_id.eq.north,tenant_id.eq.south)', sort: 'tenant_id.desc' },
    { sort: 'total.desc', select: 'total' },
    { aggregate: 'max(total)' },
    { aggregate: 'count()' },
    { group: 'tenant_id', aggregate: 'count(),max(note)' },
    { total: 'eq.77777777' },
    { note: 'like.zq-*' },
    { note: 'starts.zq' },
    [
      ['total', 'exact'],
      ['limit', '1'],
    ],
    [
      ['total', 'estimate'],
      ['limit', '1'],
    ],
  ]
  const injections = [
    "x' OR '1'='1",
    "north' OR tenant_id='south",
    '1) OR (1=1',
    '1 UNION ALL SELECT * FROM analytics.orders',
    '`id` FROM analytics.orders --',
    'id`, (SELECT max(total) FROM analytics.orders) AS `x',
    "file('/etc/passwd')",
    '{p0:Identifier}',
    'id\\`) --',
    'id\0',
    'id\n FROM system.tables',
    'source.secret_note',
    'page.o0',
    'secret_note',
    '_version',
    'orders.secret_note',
    'tenant_id) OR (1',
    '*) EXCEPT (id',
    'SETTINGS final=0',
    '1; DROP TABLE orders',
    '$$x$$',
    '"secret_note"',
    '%2527 OR 1=1',
  ]
  const PARAMETERS = [
    'select',
    'sort',
    'group',
    'aggregate',
    'limit',
    'cursor',
    'total',
    'or',
    'and',
    'not.or',
  ]

  test.each(LEAKING)('%j', async (query) => {
    for (const accept of ['application/json', 'text/csv', 'application/x-ndjson']) {
      const response = await ask(query, { headers: { accept } })
      expect(response.statusCode).toBe(200)
      expect(JSON.stringify(response.headers) + response.body).not.toMatch(EVIDENCE)
    }
  })

  test('the control: without row filters each of these leaks', async () => {
    const app = await tenants.build({ wrapScopes: withoutRowFilters })
    for (const query of LEAKING) {
      const { body } = await ask(query, { app })
      expect({ query, leaked: EVIDENCE.test(body) }, body.slice(0, 300)).toEqual({ query, leaked: true })
    }
  })

  test.each(PARAMETERS)('injections into %s', async (parameter) => {
    for (const text of injections)
      for (const value of [
        text,
        `(${text}.eq.1)`,
        `("${text.replaceAll(/["\\]/g, '\\$&')}".eq.1)`,
        `id,"${text.replaceAll(/["\\]/g, '\\$&')}"`,
        `sum(${text})`,
        `sum("${text.replaceAll(/["\\]/g, '\\$&')}")`,
        `customers!customer_id(${text})`,
      ]) {
        const response = await ask({ [parameter]: value })
        const body = response.body.replaceAll(JSON.stringify(text).slice(1, -1), '')
        expect(body, `${parameter}=${value}`).not.toMatch(EVIDENCE)
        expect(response.statusCode, `${parameter}=${value} ${response.body.slice(0, 300)}`).toBe(400)
        expect(response.json().code).toMatch(/^MOGO_ROWS_/)
      }
  })

  test('injections into values are values', async () => {
    for (const text of injections) {
      for (const operator of ['eq', 'like', 'starts', 'ilike'])
        expect(await ids({ select: 'id', note: `${operator}.~${text}` }), text).toEqual([])
      expect((await ask({ number: `eq.${text}` })).statusCode).toBe(400)
      expect(await ids({ select: 'id', or: `(note.eq."${text.replaceAll(/["\\]/g, '\\$&')}")` })).toEqual([])
      const purposeful = await ask({ select: 'id', limit: '1', purpose: text })
      expect(purposeful.json().rows).toEqual([['0']])
      const { code } = await refusal({ role: text })
      expect(code).toBe('MOGO_ACCESS_NO_ROLE')
    }
  })

  test('injections into names of columns and datasets', async () => {
    for (const text of injections) {
      const response = await ask({ [text]: 'eq.1' })
      expect(response.statusCode, text).toBe(400)
      expect(response.json().code).toBe('MOGO_ROWS_COLUMN')
      const other = await ask('', { dataset: encodeURIComponent(text) })
      expect(other.statusCode, text).toBe(404)
    }
    for (const dataset of ['analytics.orders', 'system', 'governance', '..%2fquery', 'orders%00'])
      expect((await refusal('', { dataset })).code).toBe('MOGO_DATASET_UNKNOWN')
  })

  test('columns that are not granted, in the words for those that are not there', async () => {
    for (const query of [
      'select=X',
      'X=eq.hush',
      'sort=X',
      'group=X',
      'aggregate=min(X)',
      'or=(X.eq.1)',
      'select=customers!customer_id(X)',
    ]) {
      const hidden = await refusal(query.replace('X', 'secret_note'))
      const missing = await refusal(query.replace('X', 'secret_nope'))
      expect(hidden.status).toBe(400)
      expect(hidden.detail.replace('secret_note', '?')).toBe(missing.detail.replace('secret_nope', '?'))
      expect(hidden.remedy).toBe(missing.remedy)
    }
    const hidden = await refusal('select=customers!hidden_for_id(tier)')
    const missing = await refusal('select=customers!nope_for_id(tier)')
    expect(hidden.detail.replace('hidden_for_id', '?')).toBe(missing.detail.replace('nope_for_id', '?'))
    expect(hidden.remedy).toBe(missing.remedy)
    // Whoever may read it can.
    expect((await page('select=secret_note&limit=1', { as: 'edith' })).rows).toEqual([['hush']])
  })

  test('roles, headers and other parameters give nothing more', async () => {
    expect((await refusal('role=engineer')).code).toBe('MOGO_ACCESS_NO_ROLE')
    expect((await refusal('', { as: 'carl' })).code).toBe('MOGO_ROWS_KEYLESS')
    expect((await page('role=analyst&limit=1', { as: 'carl' })).rowCount).toBe(1)
    expect((await refusal('final=eq.0&readonly=eq.0&user=eq.admin')).code).toBe('MOGO_ROWS_COLUMN')
    const response = await ask('aggregate=count()', {
      headers: { 'x-clickhouse-user': 'admin', 'x-tenant': 'south', cookie: 'tenant=south' },
    })
    expect(response.json().rows).toEqual([['400']])
    const nobody = await tenants.app.inject({ url: '/v1/datasets/orders/rows' })
    expect(nobody.statusCode).toBe(401)
  })

  test('an address that is longer than it may be is refused', async () => {
    const long = String(new URLSearchParams({ note: `eq.${'x'.repeat(5_000)}` }))
    expect(await refusal(long)).toMatchObject({ code: 'MOGO_ROWS_QUERY_LONG', status: 414 })
    expect(() => readRowsRequest(long, 100)).toThrow()
  })
})

test('the document of the routes has this one', async () => {
  const document = (await tenants.app.inject({ url: '/openapi.json' })).json()
  const { get } = document.paths['/v1/datasets/{name}/rows']
  expect(get.parameters.length).toBeGreaterThan(10)
  expect(Object.keys(get.responses)).toContain('304')
})

test('every customer is there: the fixture is what it says', async () => {
  expect((await page('aggregate=count()', { dataset: 'customers' })).rows).toEqual([[String(CUSTOMERS)]])
})

test('no log line holds SQL, a token, a value or an address', () => {
  const telling = /SELECT |eyJ|zq-|h1_|hush|case 4711|cursor=|gte\.|\beq\./
  expect(tenants.logLines.some((line) => line.includes('/v1/datasets/:name/rows'))).toBe(true)
  expect(tenants.logLines.filter((line) => telling.test(line))).toEqual([])
})
