import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nearest } from '#contracts/nearest.ts'

describe('nearest', () => {
  const known = ['tenant_id', 'total', 'email', 'created_at']
  test.each([
    ['tenantid', 'tenant_id'],
    ['TENANT_ID', 'tenant_id'],
    ['totl', 'total'],
    ['emial', 'email'],
    ['emlai', undefined],
    ['e-mail', 'email'],
    ['create_at', 'created_at'],
    ['shipping', undefined],
    ['', undefined],
  ])('%s -> %s', (word, found) => expect(nearest(word, known)).toBe(found))

  test('takes the nearer one, and of two as near the first', () => {
    expect(nearest('abcd', ['abxx', 'abcx', 'abcy'])).toBe('abcx')
  })

  test('is one of the known words, and a known word is its own nearest', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ minLength: 1 })), (word, words) => {
        const found = nearest(word, words)
        if (found !== undefined) expect(words).toContain(found)
        const first = words[0]
        if (first !== undefined) expect(nearest(first, words)?.toLowerCase()).toBe(first.toLowerCase())
      }),
    )
  })

  test('does not search for what is no name', () => {
    expect(nearest('x'.repeat(100_000), ['x'.repeat(100_000)])).toBeUndefined()
    const start = performance.now()
    nearest(
      'x'.repeat(100),
      Array.from({ length: 100_000 }, () => 'y'.repeat(100)),
    )
    expect(performance.now() - start).toBeLessThan(5_000)
  })
})
