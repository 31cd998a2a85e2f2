import { describe, expect, it } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import type { RenderedScope } from '#ops/embedded/clickhouse-config.ts'
import { faultOfGrants, mergeScopes, ScopeBook } from '#ops/embedded/scope-book.ts'
import { temporaryFolder } from './temporary-folder.ts'

const scope = (name: string, filter = "t = 'a'"): RenderedScope => ({
  name,
  passwordSha256: 'b'.repeat(64),
  grants: ['GRANT SELECT(`id`, `t`) ON `analytics`.`orders`'],
  rowFilters: [{ database: 'analytics', table: 'orders', filter }],
})

describe('the grants of a scope', () => {
  const grants = (grant: string): RenderedScope => ({ ...scope('s'), grants: [grant] })
  it.each([
    ['columns of a filtered table', 'GRANT SELECT(`id`, `t`) ON `analytics`.`orders`', undefined],
    ['names without quotes', 'GRANT SELECT(id,t) ON analytics.orders', undefined],
    ['a whole filtered table', 'GRANT SELECT ON analytics.orders', undefined],
    [
      'a table without a filter',
      'GRANT SELECT(id) ON analytics.customers',
      'analytics.customers has no row filter',
    ],
    [
      'a whole database',
      'GRANT SELECT ON analytics.*',
      'grant 1 is not GRANT SELECT(columns) ON database.table',
    ],
    ['everything', 'GRANT ALL ON *.*', 'grant 1 is not GRANT SELECT(columns) ON database.table'],
    [
      'more than one thing',
      'GRANT SELECT, INSERT ON analytics.orders',
      'grant 1 is not GRANT SELECT(columns) ON database.table',
    ],
    [
      'a grant that can be handed on',
      'GRANT SELECT ON analytics.orders WITH GRANT OPTION',
      'grant 1 is not GRANT SELECT(columns) ON database.table',
    ],
  ])('on %s', (_case, grant, fault) => {
    expect(faultOfGrants(grants(grant))).toBe(fault)
  })
})

describe('the scope book', () => {
  const stateDir = (): string => temporaryFolder('scopes')
  const engine = (canParse = true) => {
    const starts: string[][] = []
    const book = (b: ScopeBook) => ({
      canParse: async () => canParse,
      restart: async () => void starts.push(b.current().map((s) => s.name)),
    })
    return { starts, book }
  }

  it('merges by name, in the order of names', () => {
    const merged = mergeScopes([scope('b'), scope('a')], [scope('b', '1'), scope('c')])
    expect(merged.map(({ name, rowFilters }) => [name, rowFilters[0]?.filter])).toEqual([
      ['a', "t = 'a'"],
      ['b', '1'],
      ['c', "t = 'a'"],
    ])
  })

  it('restarts the engine when something changed, and not when nothing did', async () => {
    const book = new ScopeBook(stateDir())
    const { starts, book: at } = engine()
    expect(await book.put([scope('a')], at(book))).toEqual({ changed: true })
    expect(await book.put([scope('a')], at(book))).toEqual({ changed: false })
    expect(await book.put([scope('b')], at(book))).toEqual({ changed: true })
    expect(starts).toEqual([['a'], ['a', 'b']])
  })

  it('remembers scopes over a restart of everything', async () => {
    const dir = stateDir()
    const book = new ScopeBook(dir)
    await book.put([scope('a')], engine().book(book))
    expect(new ScopeBook(dir).current()).toEqual([scope('a')])
  })

  it('does not touch the engine for a row filter that it could not parse', async () => {
    const book = new ScopeBook(stateDir())
    const { starts, book: at } = engine(false)
    const error = await book.put([scope('a', 't = (')], at(book)).catch((e: unknown) => e)
    expect(isMogoError(error, 'MOGO_SCOPES_REJECTED')).toBe(true)
    expect((error as Error).message).toContain('the row filter of analytics.orders is not one expression')
    expect(starts).toEqual([])
    expect(book.current()).toEqual([])
  })

  it('goes back to the former scopes when the engine does not start with the new ones', async () => {
    const dir = stateDir()
    const book = new ScopeBook(dir)
    await book.put([scope('a')], engine().book(book))
    const starts: string[][] = []
    const error = await book
      .put([scope('b')], {
        canParse: async () => true,
        restart: async () => {
          starts.push(book.current().map((s) => s.name))
          if (starts.length === 1) throw new Error('does not start')
        },
      })
      .catch((e: unknown) => e)
    expect(isMogoError(error, 'MOGO_SCOPES_REJECTED')).toBe(true)
    expect(starts).toEqual([['a', 'b'], ['a']])
    expect(new ScopeBook(dir).current()).toEqual([scope('a')])
  })
})
