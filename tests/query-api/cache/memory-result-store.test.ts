/** Results in memory: never more bytes than allowed, the last used stay. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMemoryResultStore } from '#query-api/cache/memory-result-store.ts'

const result = (bytes: number) => ({ body: Buffer.alloc(bytes), stamp: ['1-1'], rightAt: 0 })

describe('the store', () => {
  test('never holds more than its bytes, and what it gives is what was set last', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 40 }),
      bytes: fc.nat(9_000),
      isRead: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), fc.array(step, { maxLength: 80 }), (bytes, steps) => {
        const store = createMemoryResultStore(bytes)
        const last = new Map<string, unknown>()
        for (const { key, bytes: size, isRead } of steps) {
          if (isRead) {
            const found = store.get(String(key))
            if (found) expect(found).toBe(last.get(String(key)))
          } else {
            const entry = result(size)
            last.set(String(key), entry)
            store.set(String(key), entry)
          }
          expect(store.size()).toBeGreaterThanOrEqual(0)
          expect(store.size()).toBeLessThanOrEqual(bytes)
        }
      }),
    )
  })

  test('forgets what was not used for longest', () => {
    const store = createMemoryResultStore(64_000)
    for (let key = 0; key < 31; key++) store.set(String(key), result(1_480))
    store.get('0')
    for (let key = 31; key < 36; key++) store.set(String(key), result(1_480))
    expect(store.get('0')).toBeDefined()
    expect(store.get('1')).toBeUndefined()
    expect(store.get('35')).toBeDefined()
  })

  test('keeps nothing that would take the place of many', () => {
    const store = createMemoryResultStore(160_000)
    store.set('small', result(100))
    store.set('large', result(store.largest + 1))
    expect(store.get('large')).toBeUndefined()
    expect(store.get('small')).toBeDefined()
  })

  test('does not keep an old result where the new one is too large', () => {
    const store = createMemoryResultStore(160_000)
    store.set('a', result(100))
    store.set('a', result(100_000))
    expect(store.get('a')).toBeUndefined()
    expect(store.size()).toBe(0)
  })
})
