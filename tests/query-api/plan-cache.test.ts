/** Plans that were checked: found by scope, text and names of parameters, bounded, forgotten. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccessScope } from '#contracts/compile/access-scope.ts'
import type { CheckedQuery } from '#query-api/gate/gate.ts'
import { createPlanCache, type PlanKey } from '#query-api/gate/plan-cache.ts'

const scopeOf = (name: string): AccessScope => ({
  ...{ name, tenant: 'north', role: 'analyst', policyVersion: '1', datasets: [] },
})
const keyOf = (sql: string, parameters = {}, scope = 'scope_a'): PlanKey => ({
  ...{ scope: scopeOf(scope), sql, parameters },
})
const planOf = (sql: string): CheckedQuery => ({
  sql,
  lineage: { tables: [], reads: [], outputs: [] } as never,
})

describe('a plan', () => {
  const cache = createPlanCache({ now: () => 0 })
  cache.put(keyOf('SELECT 1', { a: '1', b: '2' }), planOf('SELECT 1'))

  test('is found by its text, scope and names, whatever the values', () => {
    expect(cache.get(keyOf('SELECT 1', { b: '5', a: '' }))?.sql).toBe('SELECT 1')
  })

  test.each([
    ['another scope', keyOf('SELECT 1', { a: '1', b: '2' }, 'scope_b')],
    ['another text', keyOf('SELECT 1 ', { a: '1', b: '2' })],
    ['a parameter less', keyOf('SELECT 1', { a: '1' })],
    ['a parameter more', keyOf('SELECT 1', { a: '1', b: '2', c: '3' })],
    ['names in the text', keyOf('["a","b"]\nSELECT 1')],
  ])('is not found with %s', (_what, key) => {
    expect(cache.get(key)).toBeUndefined()
  })

  test('is not kept where a value could become a name', () => {
    const key = keyOf('SELECT {c:Identifier} FROM t', { c: 'x' })
    cache.put(key, planOf('x'))
    expect(cache.get(key)).toBeUndefined()
  })

  test('is forgotten when told so, and after its time', () => {
    let now = 1
    const timed = createPlanCache({ now: () => now, millis: 1000 })
    timed.put(keyOf('SELECT 2'), planOf('SELECT 2'))
    timed.put(keyOf('SELECT 3'), planOf('SELECT 3'))
    timed.forget(keyOf('SELECT 2'))
    expect(timed.get(keyOf('SELECT 2'))).toBeUndefined()
    now = 1001
    expect(timed.get(keyOf('SELECT 3'))).toBeDefined()
    now = 1002
    expect(timed.get(keyOf('SELECT 3'))).toBeUndefined()
  })
})

test('no more plans, and no more text, than may be are kept, and those asked for last stay', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 12 }))), (steps) => {
      const cache = createPlanCache({ now: () => 0, mostPlans: 4, mostText: 200 })
      const model: number[] = []
      const text = (index: number) => 'x'.repeat(index + 1)
      const size = (index: number) => 'scope_a\n\n'.length + 2 * (index + 1)
      for (const [isPut, index] of steps) {
        const place = model.indexOf(index)
        if (place >= 0) model.splice(place, 1)
        if (isPut) cache.put(keyOf(text(index)), planOf(text(index)))
        else expect(cache.get(keyOf(text(index))) !== undefined).toBe(place >= 0)
        if (isPut || place >= 0) model.push(index)
        while (model.length > 4 || model.reduce((sum, each) => sum + size(each), 0) > 200) model.shift()
      }
    }),
  )
})
