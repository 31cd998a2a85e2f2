/** What counts as reachable past a row filter: the rules, on facts. What the engine's own tables say is tested on the engine. */
import { describe, expect, test } from 'vitest'
import {
  type EngineFacts,
  type EngineGrant,
  type EngineRowPolicy,
  findExposures,
} from '#ops/runtime/exposure.ts'
import { readExposures } from '#ops/runtime/read-exposure.ts'

const SCOPE = 'scope_1'
const expected = { database: 'analytics', tables: new Set(['orders']), gates: ['gate'] }

const object = (engine: string, name = 'orders', database = 'analytics') => ({ database, name, engine })
const grant = (more: Partial<EngineGrant> = {}): EngineGrant => ({
  ...{ holder: SCOPE, access: 'SELECT', database: 'analytics', table: 'orders' },
  ...{ everyColumn: false, isRevoke: false, ...more },
})
const policy = (more: Partial<EngineRowPolicy> = {}): EngineRowPolicy => ({
  ...{ database: 'analytics', table: 'orders', hasFilter: true, isRestrictive: false },
  ...{ appliesToAll: false, appliesTo: [SCOPE], except: [], ...more },
})
const fine: EngineFacts = {
  objects: [object('ReplacingMergeTree'), object('MergeTree', 'other')],
  computed: [],
  grants: [grant(), grant({ holder: 'worker', table: '' })],
  roles: [],
  policies: [policy()],
}
const found = (more: Partial<EngineFacts>): readonly string[] =>
  findExposures({ ...fine, ...more }, expected).map(({ object, reason }) => `${object}: ${reason}`)

test('nothing is exposed by filtered grants on columns of plain tables', () => {
  expect(found({})).toEqual([])
})

describe('kinds of objects', () => {
  test.each([
    'MergeTree',
    'ReplacingMergeTree',
    'ReplicatedMergeTree',
    'ReplicatedReplacingMergeTree',
    'SharedReplacingMergeTree',
  ])('%s is a plain table', (engine) => {
    expect(found({ objects: [object(engine)] })).toEqual([])
  })

  test.each([
    'View',
    'MaterializedView',
    'WindowView',
    'LiveView',
    'Alias',
    'Buffer',
    'Join',
    'Dictionary',
    'Merge',
    'Distributed',
    'Memory',
    'Log',
    'SummingMergeTree',
    'AggregatingMergeTree',
    'CoalescingMergeTree',
    'CollapsingMergeTree',
    'VersionedCollapsingMergeTree',
    'GraphiteMergeTree',
    'ReplicatedSummingMergeTree',
    'PostgreSQL',
    'MaterializedPostgreSQL',
    'URL',
    'File',
    'S3',
    'Executable',
    'MyMergeTree',
    '',
  ])('%j is none, in the place of a table and behind a grant', (engine) => {
    const [place, ...more] = found({ objects: [object(engine)], grants: [], policies: [] })
    expect(place).toMatch(/^analytics\.orders: a .*, not a plain table$/)
    expect(more).toEqual([])
    const behind = found({
      objects: [object('ReplacingMergeTree'), object(engine, 'thing', 'elsewhere')],
      grants: [grant({ database: 'elsewhere', table: 'thing' })],
      policies: [policy({ database: 'elsewhere', table: 'thing' })],
    })
    expect(behind).toEqual([expect.stringMatching(/^elsewhere\.thing: a .*, not a plain table$/)])
  })

  test('one that nobody was given, and that stands in no table’s place, is no exposure', () => {
    expect(found({ objects: [...fine.objects, object('View', 'v'), object('Join', 'j')] })).toEqual([])
  })

  test('a Set is one wherever it is: it asks for no grant', () => {
    expect(found({ objects: [...fine.objects, object('Set', 's', 'elsewhere')] })).toEqual([
      'elsewhere.s: a Set, which IN reads without any grant',
    ])
  })

  test('a column that is computed when it is read', () => {
    const column = { database: 'analytics', table: 'orders', name: 'shown' }
    expect(found({ computed: [column, { ...column, table: 'unnamed' }] })).toEqual([
      'analytics.orders.shown: an ALIAS, which is computed when it is read',
    ])
  })
})

describe('grants', () => {
  test.each<[string, Partial<EngineGrant>, string]>([
    ['on everything', { database: '', table: '', everyColumn: true }, '*.*: all of it is granted to scope_1'],
    ['on a database', { table: '', everyColumn: true }, 'analytics.*: all of it is granted to scope_1'],
    ['on a whole table', { everyColumn: true }, 'analytics.orders: every column is granted to scope_1'],
    ['of another kind', { access: 'dictGet' }, 'analytics.orders: dictGet is granted to scope_1'],
    ['to write', { access: 'INSERT' }, 'analytics.orders: INSERT is granted to scope_1'],
    ['to the gate', { holder: 'gate' }, 'analytics.orders: SELECT is granted to gate, which may only parse'],
    ['to a companion', { holder: 'fresh_1' }, 'analytics.orders: fresh_1 has no row filter there'],
    ['on a table without a filter', { table: 'other' }, 'analytics.other: scope_1 has no row filter there'],
    [
      'on a table that is not there yet, without a filter',
      { table: 'later' },
      'analytics.later: scope_1 has no row filter there',
    ],
  ])('%s', (_case, more, text) => {
    expect(found({ grants: [...fine.grants, grant(more)] })).toEqual([text])
  })

  test('of others, and rights that are taken away, are nobody’s business', () => {
    const everything = { database: '', table: '', everyColumn: true }
    expect(
      found({
        grants: [
          ...fine.grants,
          grant({ holder: 'worker', ...everything }),
          grant({ isRevoke: true, table: '' }),
        ],
      }),
    ).toEqual([])
  })

  test('a scope of former contracts keeps what is plain and filtered', () => {
    const former = { table: 'former' }
    expect(
      found({
        objects: [...fine.objects, object('ReplacingMergeTree', 'former')],
        grants: [grant(former)],
        policies: [policy(former)],
      }),
    ).toEqual([])
  })

  test('a role, to a scope or to the gate', () => {
    expect(
      found({
        roles: [
          { holder: SCOPE, role: 'boss' },
          { holder: 'gate', role: 'boss' },
          { holder: 'worker', role: 'boss' },
        ],
      }),
    ).toEqual(['role boss: given to gate', 'role boss: given to scope_1'])
  })
})

describe('row filters', () => {
  const missing = ['analytics.orders: scope_1 has no row filter there']
  const widened = ['analytics.orders: a row filter for everybody widens that of scope_1']
  const forAll = policy({ appliesToAll: true, appliesTo: [] })
  test.each<[string, EngineRowPolicy[], readonly string[]]>([
    ['none', [], missing],
    ['of another user', [policy({ appliesTo: ['scope_2'] })], missing],
    ['of another table', [policy({ table: 'other' })], missing],
    ['of another database', [policy({ database: 'elsewhere' })], missing],
    ['without an expression', [policy({ hasFilter: false })], missing],
    ['for everybody alone', [forAll], missing],
    ['its own', [policy()], []],
    ['its own, of the whole database', [policy({ table: '' })], []],
    ['one for everybody beside it', [policy(), forAll], widened],
    ['one for everybody but it', [policy(), { ...forAll, except: [SCOPE] }], []],
    ['one for everybody, held by a restrictive one', [policy(), policy({ isRestrictive: true }), forAll], []],
    ['a restrictive one for everybody', [policy(), { ...forAll, isRestrictive: true }], []],
  ])('%s', (_case, policies, faults) => {
    expect(found({ policies })).toEqual(faults)
  })
})

test('each exposure is told once, in an order that does not depend on the engine’s', () => {
  const facts: Partial<EngineFacts> = {
    objects: [object('View'), object('Set', 's')],
    grants: [grant(), grant({ holder: 'worker', table: '' })],
  }
  const told = found(facts)
  expect(told).toEqual([
    'analytics.orders: a View, not a plain table',
    'analytics.s: a Set, which IN reads without any grant',
  ])
  expect(
    found({ objects: facts.objects?.toReversed() ?? [], grants: facts.grants?.toReversed() ?? [] }),
  ).toEqual(told)
})

test('thousands of scopes are looked through in a moment', () => {
  const holders = Array.from({ length: 4_000 }, (_, index) => `scope_${index}`)
  const tables = ['orders', 'a', 'b', 'c', 'd']
  const all = holders.flatMap((holder) => tables.map((table) => ({ holder, table })))
  const facts = {
    objects: tables.map((name) => object('ReplacingMergeTree', name)),
    grants: all.map((each) => grant(each)),
    policies: all.slice(1).map(({ holder, table }) => policy({ table, appliesTo: [holder] })),
  }
  const started = performance.now()
  expect(found(facts)).toEqual(['analytics.orders: scope_0 has no row filter there'])
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('an identity that does not even see its own grants cannot audit', async () => {
  const blind = async (): Promise<readonly unknown[]> => []
  await expect(readExposures(blind, expected, 'query_api_audit')).rejects.toMatchObject({
    code: 'MOGO_EXPOSURE_UNREADABLE',
    params: { user: 'query_api_audit' },
  })
})
