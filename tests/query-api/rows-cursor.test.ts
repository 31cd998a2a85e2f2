/** Cursors and pages without an engine: what is in a cursor, who can read it, and that pages leave no row out. */
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { writePieces } from '#query-api/queries/write-answer.ts'
import { type Cursor, readCursor, writeCursor } from '#query-api/rows/cursor.ts'
import { entityTag, matchesTag } from '#query-api/rows/entity-tag.ts'
import { linkHeader } from '#query-api/rows/link-header.ts'
import { pageCursors } from '#query-api/rows/page-cursors.ts'
import { LARGEST_PAGE, type PageEdges, pageFormat } from '#query-api/rows/page-format.ts'
import { rowsKeys } from '#query-api/rows/rows-keys.ts'

const keys = rowsKeys('a secret of at least some length')
const owner = { scope: 'scope_1', query: 'orders by total' }

const refusal = (work: () => unknown): string => {
  try {
    work()
    return 'read'
  } catch (error) {
    return isMogoError(error) ? `${error.code}: ${error.message}` : `not of the catalogue: ${error}`
  }
}

const value = fc.option(
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase()),
    fc.bigInt().map(String),
    fc.double().map(String),
    fc.constantFrom('', '0', '00', 'nan', '-inf', '-0', 'ABC', 'abcd', '2026-01-31 08:00:00.000001'),
  ),
)
const cursor: fc.Arbitrary<Cursor> = fc.record({
  backward: fc.boolean(),
  inclusive: fc.boolean(),
  position: fc.array(value, { maxLength: 12 }),
})

describe('a cursor', () => {
  test('comes out as it went in, and is the same text each time', () => {
    fc.assert(
      fc.property(cursor, (each) => {
        const text = writeCursor(keys, owner, each)
        expect(text).toMatch(/^[\w-]+$/)
        expect(readCursor(keys, owner, text)).toEqual(each)
        expect(writeCursor(keys, owner, each)).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })

  test('shows nothing of the values in it', () => {
    const position = ['ada@example.org', Buffer.from('ada@example.org').toString('hex').toUpperCase(), '4711']
    const text = writeCursor(keys, owner, { backward: false, inclusive: false, position })
    const bytes = Buffer.from(text, 'base64url').toString('latin1')
    expect(bytes).not.toContain('ada')
    // One value changed changes all of it.
    const other = writeCursor(keys, owner, {
      backward: false,
      inclusive: false,
      position: [...position.slice(0, 2), '4712'],
    })
    const same = [...text].filter((char, index) => char === other[index]).length
    expect(same).toBeLessThan(text.length / 4)
  })

  test('that was changed anywhere is refused', () => {
    const text = writeCursor(keys, owner, { backward: false, inclusive: true, position: ['6E', null, '17'] })
    for (let at = 0; at < text.length; at++)
      for (const char of ['A', 'z', '_']) {
        const changed = `${text.slice(0, at)}${char}${text.slice(at + 1)}`
        if (changed !== text)
          expect(
            refusal(() => readCursor(keys, owner, changed)),
            `${at}`,
          ).toContain('MOGO_ROWS_CURSOR: The cursor cannot be used: it was not made here')
      }
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.base64String(),
          fc.nat(text.length).map((end) => text.slice(0, end)),
        ),
        (wrong) => {
          fc.pre(wrong !== text)
          expect(refusal(() => readCursor(keys, owner, wrong))).toContain('MOGO_ROWS_CURSOR: ')
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('has one text: others that decode to the same bytes are refused', () => {
    for (const value of ['1', '12', '123']) {
      const text = writeCursor(keys, owner, { backward: false, inclusive: false, position: [value] })
      for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
        const other = text.slice(0, -1) + char
        if (other !== text) expect(refusal(() => readCursor(keys, owner, other))).toContain('not made here')
      }
    }
  })

  test('of another scope, another query, or another secret is refused, each in its words', () => {
    const text = writeCursor(keys, owner, { backward: false, inclusive: false, position: ['1'] })
    expect(refusal(() => readCursor(keys, { ...owner, scope: 'scope_2' }, text))).toContain(
      'belongs to another tenant or role',
    )
    expect(refusal(() => readCursor(keys, { ...owner, query: 'orders by id' }, text))).toContain(
      'belongs to another query',
    )
    expect(refusal(() => readCursor(rowsKeys('another secret'), owner, text))).toContain(
      'it was not made here',
    )
  })

  test('is signed and sealed with keys of its own', () => {
    const { seal, sign, tag } = keys
    expect(new Set([seal, sign, tag].map((key) => key.toString('hex'))).size).toBe(3)
    expect(seal.length).toBe(64)
    const text = writeCursor(keys, owner, { backward: false, inclusive: false, position: ['1'] })
    expect(refusal(() => readCursor({ ...keys, sign: tag }, owner, text))).toContain('not made here')
    expect(refusal(() => readCursor({ ...keys, seal: Buffer.alloc(64) }, owner, text))).toContain(
      'not made here',
    )
  })

  test('has a bound, so that it fits into an address', () => {
    const long = (length: number) =>
      writeCursor(keys, owner, { backward: false, inclusive: false, position: ['é'.repeat(length)] })
    expect(long(990).length).toBeLessThanOrEqual(3_000)
    expect(readCursor(keys, owner, long(990)).position).toEqual(['é'.repeat(990)])
    expect(refusal(() => long(1_100))).toContain('MOGO_ROWS_CURSOR_LONG')
    expect(refusal(() => long(200_000))).toContain('MOGO_ROWS_CURSOR_LONG')
  })
})

describe('pages', () => {
  /** A table of numbers, in order, and a reader of one page as the engine would give it. */
  const pageOf = (table: ReadonlySet<number>, asked: Cursor | undefined, limit: number) => {
    const at = Number(asked?.position[0])
    const sorted = [...table].toSorted((a, b) => a - b)
    const beyond = sorted.filter((each) => {
      if (!asked) return true
      if (asked.inclusive && each === at) return true
      return asked.backward ? each < at : each > at
    })
    const rows = asked?.backward ? beyond.slice(-limit) : beyond.slice(0, limit)
    const position = (each: number | undefined) => (each === undefined ? undefined : [String(each)])
    const edges: PageEdges = {
      ...{ rows: rows.length, more: beyond.length > limit },
      ...{ first: position(rows[0]), last: position(rows.at(-1)) },
    }
    return { rows, cursors: pageCursors(asked, edges) }
  }
  const change = fc.record({ add: fc.array(fc.nat(400)), remove: fc.array(fc.nat(400)) })

  test('show every row that stays exactly once, in order, in both directions, whatever comes and goes', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.nat(200).map((each) => each * 2),
          { maxLength: 60 },
        ),
        fc.array(change, { maxLength: 80 }),
        fc.integer({ min: 1, max: 7 }),
        (stable, changes, limit) => {
          const table = new Set(stable)
          const left = [...changes]
          const churn = () => {
            const next = left.pop()
            // Odd numbers come and go.
            for (const each of next?.add ?? []) table.add(each * 2 + 1)
            for (const each of next?.remove ?? []) table.delete(each * 2 + 1)
          }
          const walk = (start: Cursor | undefined, towards: 'next' | 'prev'): number[] => {
            const seen: number[] = []
            let at: Cursor | null | undefined = start
            for (let steps = 0; at !== null && steps < 1000; steps++) {
              const { rows, cursors } = pageOf(table, at ?? undefined, limit)
              if (towards === 'next') seen.push(...rows)
              else seen.unshift(...rows)
              churn()
              at = cursors[towards]
            }
            return seen
          }
          const expected = stable.toSorted((a, b) => a - b)
          const forward = walk(undefined, 'next')
          expect(forward.filter((each) => each % 2 === 0)).toEqual(expected)
          expect(forward).toEqual([...new Set(forward)].toSorted((a, b) => a - b))
          const end: Cursor = { backward: true, inclusive: false, position: ['1000'] }
          const back = walk(end, 'prev')
          expect(back.filter((each) => each % 2 === 0)).toEqual(expected)
          expect(back).toEqual([...new Set(back)].toSorted((a, b) => a - b))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('lead back to where they came from', () => {
    const table = new Set(Array.from({ length: 10 }, (_, index) => index))
    const one = pageOf(table, undefined, 3)
    expect(one.cursors.prev).toBeNull()
    const two = pageOf(table, one.cursors.next ?? undefined, 3)
    expect(two.rows).toEqual([3, 4, 5])
    expect(pageOf(table, two.cursors.prev ?? undefined, 3).rows).toEqual(one.rows)
    expect(pageOf(table, two.cursors.prev ?? undefined, 3).cursors.prev).toBeNull()
    // The first page, reached from behind, leads on.
    const first = pageOf(table, two.cursors.prev ?? undefined, 3)
    expect(pageOf(table, first.cursors.next ?? undefined, 3).rows).toEqual(two.rows)
    // All behind the cursor is gone, and so is the page: it still leads back, and nothing that comes is left out.
    const empty = pageOf(new Set([0, 1, 2]), one.cursors.next ?? undefined, 3)
    expect(empty.rows).toEqual([])
    expect(pageOf(table, empty.cursors.prev ?? undefined, 3).rows).toEqual([0, 1, 2])
    expect(empty.cursors.next).toBeNull()
  })
})

describe('a page as JSON', () => {
  const run = async (
    lines: readonly (readonly unknown[])[],
    limit: number,
    backward = false,
    edgesOnly = false,
  ) => {
    let edges: PageEdges | undefined
    const finish = (found: PageEdges) => {
      edges = found
      return { next: 'n', prev: null }
    }
    const counter = pageFormat(() => ({ limit, backward, finish, edgesOnly })).begin('q1', {
      description: () => undefined,
      isTruncated: () => false,
    })
    const text = [['cursor', 'id', 'no]te'], ['Array(Nullable(String))', 'Int64', 'String'], ...lines]
      .map((line) => `${JSON.stringify(line).replace('],"', '], "')}\n`)
      .join('')
    const out: Buffer[] = []
    const bytes = Buffer.from(text)
    const pieces = [bytes.subarray(0, 7), bytes.subarray(7, 31), bytes.subarray(31)]
    for await (const piece of writePieces(Readable.from(pieces), counter, undefined)) out.push(piece)
    return { text: Buffer.concat(out).toString(), edges, rows: counter.rows() }
  }
  const row = (id: number) => [[String(id), null], String(id), `a],"b" ${id} é`]

  test('has one row less than was asked of the engine, and no positions', async () => {
    const { text, edges, rows } = await run([row(1), row(2), row(3)], 2)
    expect(JSON.parse(text)).toEqual({
      queryId: 'q1',
      columns: [
        { name: 'id', type: 'Int64' },
        { name: 'no]te', type: 'String' },
      ],
      rows: [row(1).slice(1), row(2).slice(1)],
      ...{ rowCount: 2, next: 'n', prev: null },
    })
    expect({ edges, rows }).toEqual({
      edges: { rows: 2, more: true, first: ['1', null], last: ['2', null] },
      rows: 2,
    })
  })

  test('backwards the row too many is the first', async () => {
    const { edges } = await run([row(1), row(2), row(3)], 2, true)
    expect(edges).toEqual({ rows: 2, more: true, first: ['2', null], last: ['3', null] })
  })

  test('may be the last one, or empty', async () => {
    expect((await run([row(1), row(2)], 2)).edges).toMatchObject({ rows: 2, more: false })
    const empty = await run([], 2)
    expect(JSON.parse(empty.text)).toMatchObject({ rows: [], rowCount: 0 })
    expect(empty.edges).toEqual({ rows: 0, more: false, first: undefined, last: undefined })
    expect((await run([row(1)], 2, false, true)).text).toBe('')
  })

  test('is refused when it is too large', async () => {
    const large = [['1'], '1', 'x'.repeat(LARGEST_PAGE)]
    await expect(run([large], 2)).rejects.toMatchObject({ code: 'MOGO_ROWS_PAGE_LARGE' })
  })
})

describe('headers', () => {
  test('link to the pages around, with all that was asked', () => {
    expect(
      linkHeader('/v1/datasets/orders/rows', 'a=eq.1&cursor=old&b=in.(x)', { next: 'N', prev: 'P' }),
    ).toBe(
      '</v1/datasets/orders/rows?a=eq.1&b=in.(x)&cursor=N>; rel="next", </v1/datasets/orders/rows?a=eq.1&b=in.(x)&cursor=P>; rel="prev"',
    )
    expect(linkHeader('/x', '', { next: 'N', prev: null })).toBe('</x?cursor=N>; rel="next"')
    expect(linkHeader('/x', 'a=eq.1', { next: null, prev: null })).toBeUndefined()
    // A parameter that only decodes to the name is the cursor too.
    expect(linkHeader('/x', 'c%75rsor=old', { next: 'N', prev: null })).toBe('</x?cursor=N>; rel="next"')
  })

  test('a link cannot be left, nor a header be added, whatever was asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (query) => {
        const link = linkHeader('/x', query, { next: 'N', prev: null }) ?? ''
        expect(link).toMatch(/^<[^<>"\s\u0080-\uffff]*cursor=N>; rel="next"$/)
      }),
      { numRuns: 500 },
    )
  })

  test('tags tell questions, scopes, data and secrets apart, and nothing else', () => {
    const tag = entityTag(keys, ['scope', 'query', 100, 'v1'])
    expect(tag).toMatch(/^W\/"[\w-]{24}"$/)
    expect(entityTag(keys, ['scope', 'query', 100, 'v1'])).toBe(tag)
    for (const other of [
      ['scope2', 'query', 100, 'v1'],
      ['scope', 'query2', 100, 'v1'],
      ['scope', 'query', 10, 'v1'],
      ['scope', 'query', 100, 'v2'],
      ['scope', 'query', '100', 'v1'],
    ])
      expect(entityTag(keys, other)).not.toBe(tag)
    expect(entityTag(rowsKeys('other'), ['scope', 'query', 100, 'v1'])).not.toBe(tag)
  })

  test.each([
    [undefined, false],
    ['*', true],
    ['W/"a"', true],
    ['"a"', true],
    ['"b", W/"a"', true],
    ['"b"', false],
    ['a', false],
    ['', false],
  ])('If-None-Match: %s', (header, known) => {
    expect(matchesTag(header, 'W/"a"')).toBe(known)
  })
})
