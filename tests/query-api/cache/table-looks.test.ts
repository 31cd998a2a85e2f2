/** Looks at a table that changes in every way an engine knows: nothing that has changed is ever taken as right. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { createTableLooks, type Stamp } from '#query-api/cache/table-looks.ts'
import { readParts } from '#query-api/cache/version-statements.ts'
import type { EngineStatement, QueryEngine } from '#query-api/ports.ts'
import { shopDatasets } from '../support/shop.ts'
import { createTableModel, type TableModel } from '../support/table-model.ts'

const ORDERS = shopDatasets().find(({ name }) => name === 'orders') as CompiledDataset
const ROWS = (tenant: string | undefined) => [{ table: ORDERS.table, tenant }]

function start(
  answer?: (statement: EngineStatement, model: TableModel) => Promise<string> | string,
  fewParts = 100,
) {
  let time = 1_000_000
  const model = createTableModel(ORDERS.table, () => time)
  const engine = {
    text: async (_identity: unknown, statement: EngineStatement) =>
      answer ? answer(statement, model) : model.answer(statement),
  } as Partial<QueryEngine> as QueryEngine
  const looks = createTableLooks({
    ...{ engine, identity: { username: 'versions', password: 'p' }, database: 'analytics' },
    ...{ datasets: [ORDERS], clock: () => time, mostMillis: 0, fewParts },
  })
  const pass = (millis: number) => {
    time += millis
  }
  return { model, looks, pass }
}

async function stamped(looks: ReturnType<typeof createTableLooks>, tenant?: string): Promise<Stamp> {
  expect(await looks.look(ROWS(tenant))).toBe(true)
  const stamp = looks.stamp(ROWS(tenant))
  if (!stamp) throw new Error('no stamp')
  return stamp
}

describe('what was read', () => {
  const CASES: readonly (readonly [string, (model: TableModel) => void, { north: boolean; all: boolean }])[] =
    [
      ['is right while nothing happens', () => {}, { north: true, all: true }],
      ['is right when others get rows', (model) => model.insert('south'), { north: true, all: false }],
      ['is outdated when rows come', (model) => model.insert('north'), { north: false, all: false }],
      [
        'is outdated when a row moves away',
        (model) => model.insert('south', 'north'),
        { north: false, all: false },
      ],
      ['is right after a merge', (model) => model.merge(0, 2), { north: true, all: true }],
      ['is outdated after ALTER … DELETE', (model) => model.mutate('south'), { north: false, all: false }],
      [
        'is outdated after TRUNCATE and a load',
        (model) => {
          model.truncate()
          model.insert('south')
        },
        { north: false, all: false },
      ],
      ['is outdated when a part is dropped', (model) => model.drop(0), { north: false, all: false }],
      ['is outdated while a part is dropped', (model) => model.empty(0), { north: false, all: false }],
      [
        'is outdated when the table is exchanged',
        (model) => model.replaceAll('north'),
        { north: false, all: false },
      ],
      [
        'is right when others get rows that are merged at once',
        (model) => {
          model.insert('south')
          model.merge(0, 3)
        },
        { north: true, all: false },
      ],
      [
        'is outdated when rows come that are merged at once',
        (model) => {
          model.insert('north')
          model.merge(0, 3)
        },
        { north: false, all: false },
      ],
      [
        'is outdated when the counter of parts begins anew',
        (model) => {
          model.truncate()
          model.restart()
          model.insert('north')
          model.insert('south')
        },
        { north: false, all: false },
      ],
    ]
  test.each(CASES)('%s', async (_name, happens, expected) => {
    const { model, looks, pass } = start()
    model.insert('north', 'south')
    model.insert('north')
    pass(3_600_000)
    const stamp = await stamped(looks)
    happens(model)
    await looks.look(ROWS(undefined))
    expect({
      north: looks.isCurrent(stamp, ROWS('north')),
      all: looks.isCurrent(stamp, ROWS(undefined)),
    }).toEqual(expected)
  })

  test('before the first look of this process is outdated', async () => {
    const { model, looks } = start()
    model.insert('north')
    await stamped(looks)
    expect(looks.isCurrent(['2-12345'], ROWS('north'))).toBe(false)
    expect(looks.isCurrent([], ROWS('north'))).toBe(false)
  })

  test('of a table without rows, or one that is not here, has no stamp', async () => {
    const { model, looks } = start()
    await looks.look(ROWS('north'))
    expect(looks.stamp(ROWS('north'))).toBeUndefined()
    model.insert('north')
    const stamp = await stamped(looks, 'north')
    model.truncate()
    await looks.look(ROWS('north'))
    expect(looks.stamp(ROWS('north'))).toBeUndefined()
    expect(looks.isCurrent(stamp, ROWS('north'))).toBe(false)
  })

  test('whatever happens in whatever order, even while it is looked at, is never taken as right when it is not', async () => {
    const tenant = fc.constantFrom('north', 'south', 'east')
    const change = fc.oneof(
      fc.record({
        kind: fc.constant('insert' as const),
        tenants: fc.array(tenant, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        kind: fc.constant('merge' as const),
        at: fc.nat(4),
        count: fc.integer({ min: 2, max: 4 }),
      }),
      fc.record({ kind: fc.constant('mutate' as const), tenant }),
      fc.record({ kind: fc.constantFrom('truncate' as const, 'restart' as const) }),
    )
    // A table that is exchanged is another one: a look in that very moment may see some of each, the next one sees it.
    const exchange = fc.record({
      kind: fc.constant('exchange' as const),
      tenants: fc.array(tenant, { maxLength: 2 }),
    })
    const between = fc.oneof({ arbitrary: change, weight: 8 }, { arbitrary: exchange, weight: 1 })
    const step = fc.record({
      changes: fc.array(between, { maxLength: 3 }),
      during: fc.option(change, { nil: undefined }),
      after: fc.nat(4),
      millis: fc.nat(900_000),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.constantFrom(0, 3, 100), async (steps, few) => {
        const { model, looks, pass } = start(undefined, few)
        const kept: { readonly stamp: Stamp; readonly rows: ReadonlyMap<string | undefined, string> }[] = []
        const apply = (what: typeof between extends fc.Arbitrary<infer T> ? T : never) => {
          if (what.kind === 'insert') model.insert(...what.tenants)
          else if (what.kind === 'merge') model.merge(what.at, what.count)
          else if (what.kind === 'mutate') model.mutate(what.tenant)
          else if (what.kind === 'exchange') model.replaceAll(...what.tenants)
          else if (what.kind === 'truncate') model.truncate()
          else model.restart()
        }
        for (const { changes, during, after, millis } of steps) {
          for (const each of changes) {
            pass(1)
            apply(each)
          }
          pass(millis)
          // Before the look: this is what an answer that is asked for now must show, or something later.
          const before = new Map([...TENANTS].map((name) => [name, model.tenantsOf(name)]))
          if (during) model.beforeNext(() => apply(during), after)
          await looks.look(ROWS(undefined))
          for (const { stamp, rows } of kept)
            for (const name of TENANTS) {
              if (!looks.isCurrent(stamp, ROWS(name))) continue
              // Right as of the begin of the look, or as of now.
              expect([before.get(name), model.tenantsOf(name)]).toContain(rows.get(name))
            }
          const stamp = looks.stamp(ROWS(undefined))
          // What is read from now on is what is there now.
          if (stamp)
            kept.push({ stamp, rows: new Map([...TENANTS].map((name) => [name, model.tenantsOf(name)])) })
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
const TENANTS: readonly (string | undefined)[] = ['north', 'south', 'east', undefined]

describe('parts', () => {
  const line = (engine: string, path: string) => `orders\t${engine}\t${path}\t5\t2026-01-01 00:00:00`

  test('are read from their paths', () => {
    const paths = ['/d/store/a8b/a8b7/all_1_11_3/', '/d/store/a8b/a8b7/20260101_x_14_14_1_17/']
    expect(readParts(paths.map((path) => line('ReplacingMergeTree', path)))).toEqual([
      {
        ...{
          name: 'all_1_11_3',
          home: '/d/store/a8b/a8b7/',
          rows: 5,
          minBlock: 1,
          maxBlock: 11,
          level: 3,
          mutation: 0,
        },
        identity: '/d/store/a8b/a8b7/all_1_11_3/ 5 2026-01-01 00:00:00',
      },
      {
        ...{ name: '20260101_x_14_14_1_17', home: '/d/store/a8b/a8b7/', rows: 5 },
        ...{ minBlock: 14, maxBlock: 14, level: 1, mutation: 17 },
        identity: '/d/store/a8b/a8b7/20260101_x_14_14_1_17/ 5 2026-01-01 00:00:00',
      },
    ])
  })

  test.each([
    ['a replicated table', 'ReplicatedReplacingMergeTree', '/d/store/a8b/a8b7/all_1_1_0/'],
    ['one that lies in an object store', 'SharedReplacingMergeTree', 's3/abc/all_1_1_0/'],
    ['a name without numbers', 'ReplacingMergeTree', '/d/store/a8b/a8b7/detached/'],
    ['no path', 'ReplacingMergeTree', ''],
  ])('of %s are not known', (_name, engine, path) => {
    expect(readParts([line(engine, path)])).toBeUndefined()
  })
})

describe('a look', () => {
  test('that finds nothing new is one statement', async () => {
    const { model, looks } = start()
    model.insert('north')
    await looks.look(ROWS('north'))
    const before = model.asked.length
    await looks.look(ROWS('north'))
    expect(model.asked.length - before).toBe(1)
  })

  test('is shared by all who ask before it begins, and never by one who comes later', async () => {
    const { model, looks } = start()
    model.insert('north')
    const stamp = await stamped(looks, 'north')
    const before = model.asked.length
    const early = Array.from({ length: 50 }, () => looks.look(ROWS('north')))
    // Comes while the first one is under way: rows that are loaded now must be seen by whoever asks afterwards.
    model.beforeNext(() => undefined)
    await Promise.resolve()
    await Promise.resolve()
    await Promise.resolve()
    model.insert('north')
    const late = looks.look(ROWS('north'))
    await Promise.all([...early, late])
    expect(looks.isCurrent(stamp, ROWS('north'))).toBe(false)
    expect(
      model.asked.filter((sql) => sql.startsWith('SELECT table, engine')).length - before,
    ).toBeLessThanOrEqual(3)
  })

  test('counts for twice as long as the fastest of the last ones took, within a bound', async () => {
    const slow = (millis: number, mostMillis: number) => {
      let time = 1_000_000
      const model = createTableModel(ORDERS.table, () => time)
      model.insert('north')
      const engine = {
        async text(_identity: unknown, statement: EngineStatement) {
          time += millis
          return model.answer(statement)
        },
      } as Partial<QueryEngine> as QueryEngine
      const looks = createTableLooks({
        ...{ engine, identity: { username: 'versions', password: 'p' }, database: 'analytics' },
        ...{ datasets: [ORDERS], clock: () => time, mostMillis },
      })
      const asked = async (after: number) => {
        time += after
        const before = model.asked.length
        await looks.look(ROWS('north'))
        return model.asked.length - before
      }
      return asked
    }
    const usual = slow(2, 10)
    // It took 2, so it counts for 4 from its begin on.
    expect([await usual(0), await usual(1), await usual(0.9), await usual(0.1)]).toEqual([1, 0, 0, 1])
    const late = slow(30, 10)
    expect([await late(0), await late(0)]).toEqual([1, 1])
    const exact = slow(2, 0)
    expect([await exact(0), await exact(0)]).toEqual([1, 1])
  })

  test('that fails makes nothing known, and is not tried again at once', async () => {
    let isAway = true
    const { model, looks, pass } = start((statement, table) => {
      if (isAway) throw new Error('away')
      return table.answer(statement)
    })
    model.insert('north')
    expect(await looks.look(ROWS('north'))).toBe(false)
    isAway = false
    expect(await looks.look(ROWS('north'))).toBe(false)
    expect(model.asked).toEqual([])
    pass(2_001)
    expect(await looks.look(ROWS('north'))).toBe(true)
  })

  test('that failed leaves what was known outdated only as far as the next one finds', async () => {
    let isAway = false
    const { model, looks, pass } = start((statement, table) => {
      if (isAway) throw new Error('away')
      return table.answer(statement)
    })
    model.insert('north')
    const stamp = await stamped(looks, 'north')
    isAway = true
    expect(await looks.look(ROWS('north'))).toBe(false)
    isAway = false
    pass(2_001)
    expect(await looks.look(ROWS('north'))).toBe(true)
    expect(looks.isCurrent(stamp, ROWS('north'))).toBe(true)
  })
})
