/** Versions of what a caller sees, without an engine: what is asked, as whom, and when it is given up. */
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { accessScope } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import { createScopeSession } from '#query-api/access/scope-session.ts'
import { createDataVersion } from '#query-api/datasets/data-version.ts'
import { EngineFault } from '#query-api/engine/engine-fault.ts'
import type { EngineIdentity, EngineStatement, QueryEngine, ScopeStore } from '#query-api/ports.ts'
import { shopDatasets } from './support/shop.ts'

const DATASETS = shopDatasets()
const [ORDERS] = DATASETS
if (!ORDERS) throw new Error('no orders')
const scopeOf = (tenant: string) =>
  accessScope(DATASETS, { subject: 'x', tenant, roles: ['analyst'], attributes: {} }, 'analyst')

type Answer = (statement: EngineStatement) => Promise<string>

/** A reader on an engine that answers as it is told. */
function reader(answer: Answer, patienceMillis = 1_000, ensureMillis = 0) {
  const asked: { identity: EngineIdentity; sql: string }[] = []
  let time = 1_000_000
  const engine = {
    async text(identity, statement) {
      asked.push({ identity, sql: statement.sql })
      return answer(statement)
    },
  } as Partial<QueryEngine> as QueryEngine
  const store: ScopeStore = {
    async ensure(scopes) {
      await wait(ensureMillis)
      return scopes.map(({ name }) => ({ username: name, password: 'p' }))
    },
    forget() {},
    gate: () => ({ username: 'gate', password: 'p' }),
  }
  const versions = createDataVersion({
    ...{ engine, database: 'analytics', now: () => time, patienceMillis },
    session: createScopeSession(store, 'analytics'),
  })
  return {
    asked,
    of: (tenant = 'north') => versions.of(scopeOf(tenant), ORDERS as NonNullable<typeof ORDERS>),
    pass: (millis: number) => {
      time += millis
    },
  }
}

/** Answers when it is told to stop, as the engine does. */
const slow: Answer = async ({ signal }) => {
  await wait(5_000, undefined, signal ? { signal } : {})
  return '1\t1\n'
}

describe('a version', () => {
  test('is read by the identity that sees times and nothing else', async () => {
    const { of, asked } = reader(async () => '400\t123\n')
    expect(await of()).toEqual({ rows: 400, text: '400\t123' })
    expect(asked).toEqual([
      {
        identity: { username: scopeOf('north').name.replace('scope_', 'fresh_'), password: 'p' },
        sql: 'SELECT count() AS n, sum(sipHash64(`_committed_at`, `_loaded_at`)) AS s FROM `analytics`.`orders`',
      },
    ])
  })

  test('is never kept', async () => {
    let count = 0
    const { of } = reader(async () => `${++count}\t0\n`)
    expect([(await of())?.rows, (await of())?.rows]).toEqual([1, 2])
  })

  test('that takes too long is given up, for this scope and a minute', async () => {
    const { of, asked, pass } = reader(slow, 20)
    expect(await of()).toBeUndefined()
    expect(await of()).toBeUndefined()
    expect(asked.length).toBe(1)
    expect(await of('south')).toBeUndefined()
    expect(asked.length).toBe(2)
    pass(60_001)
    expect(await of()).toBeUndefined()
    expect(asked.length).toBe(3)
  })

  test('waits for a new scope as long as that takes', async () => {
    const { of } = reader(async () => '1\t1\n', 20, 100)
    expect(await of()).toEqual({ rows: 1, text: '1\t1' })
  })

  test('is none where the engine refuses, and with no patience at all', async () => {
    const refused = reader(async () => {
      throw EngineFault.of('Code: 158. DB::Exception: too many rows')
    })
    expect(await refused.of()).toBeUndefined()
    expect(await reader(async () => '1\t1\n', 0).of()).toBeUndefined()
  })

  test('says so where the engine is away', async () => {
    const away = reader(async () => {
      throw new MogoError('MOGO_UNAVAILABLE', { what: 'ClickHouse' })
    })
    await expect(away.of()).rejects.toMatchObject({ code: 'MOGO_UNAVAILABLE' })
  })
})
