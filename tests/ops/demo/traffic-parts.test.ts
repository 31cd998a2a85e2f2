/** The parts of live traffic that need no server. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPacer } from '#ops/demo/pacer.ts'
import { createRandom } from '#ops/demo/random.ts'
import { createSample } from '#ops/demo/traffic-shop.ts'
import { createTrafficCounter } from '#ops/demo/traffic-stats.ts'

describe('the pacer', () => {
  it('gives as many changes as the rate says, over any steps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 200 }), (steps) => {
        const pacer = createPacer(500, 0)
        let [now, made] = [0, 0]
        for (const step of steps) {
          now += step
          const due = Math.floor(pacer.due(now))
          pacer.spend(due)
          made += due
        }
        expect(Math.abs(made - now / 2)).toBeLessThanOrEqual(1)
        expect(pacer.missed()).toBe(0)
      }),
    )
  })

  it('does not make up for a long pause in one burst, and says what was missed', () => {
    const pacer = createPacer(400, 0)
    expect(pacer.due(10_000)).toBe(100)
    expect(pacer.missed()).toBe(3900)
  })

  it('waits longer after a transaction that was larger than what was due', () => {
    const pacer = createPacer(100, 0)
    expect(pacer.due(10)).toBe(1)
    pacer.spend(5)
    expect(pacer.due(20)).toBe(-3)
    expect(pacer.due(60)).toBe(1)
  })
})

describe('a sample', () => {
  it('keeps to its limit, and the oldest makes room', () => {
    const sample = createSample([1, 2, 3], 3)
    sample.add(4)
    sample.add(5)
    expect(sample.size()).toBe(3)
    const random = createRandom(1)
    const taken = [sample.take(random), sample.take(random), sample.take(random)]
    expect(taken.sort()).toEqual([3, 4, 5])
    expect(sample.take(random)).toBeUndefined()
    expect(sample.pick(random)).toBeUndefined()
  })
})

describe('the counter', () => {
  it('counts by table and kind, and forgets a broken row once it is mended', () => {
    const counter = createTrafficCounter()
    const row = {
      dataset: 'orders',
      tenant: 'acme',
      key: { id: 1 },
      column: 'total',
      rule: 'minimum',
      why: '',
    } as const
    counter.broke(row)
    counter.committed([
      { table: 'orders', kind: 'insert', count: 1 },
      { table: 'orders', kind: 'insert', count: 2 },
      { table: 'payments', kind: 'delete', count: 1 },
    ])
    expect(counter.snapshot(10, 0)).toMatchObject({
      changes: 4,
      transactions: 1,
      byTable: { orders: { insert: 3, update: 0, delete: 0 }, payments: { insert: 0, update: 0, delete: 1 } },
      broken: [row],
      mended: 0,
    })
    counter.mended(row)
    counter.mended(row)
    expect(counter.snapshot(10, 0)).toMatchObject({ broken: [], mended: 1 })
  })
})
