import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countedTail } from '#contracts/validator/counted-tail.ts'

describe('a counted class at the end', () => {
  const patterns = [
    '^[a-z][a-z0-9-]{1,30}$',
    '^\\+[0-9][0-9 ()-]{6,22}$',
    '^a{3}[a-c]{0,2}$',
    '^[ab]{2}x[b-d]{1,3}$',
  ]

  test.each(patterns)('%s allows the same without its count', (pattern) => {
    const counted = countedTail(pattern)
    if (!counted) throw new Error('not found')
    const [whole, rest] = [new RegExp(pattern, 'u'), new RegExp(counted.pattern, 'u')]
    const texts = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'abcxz09+- ()😀\n'), maxLength: 34 }),
      fc.stringMatching(whole),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const fits = text.length >= counted.minimum && text.length <= counted.maximum && rest.test(text)
        expect(fits).toBe(whole.test(text))
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    '^[A-Z]{2}$',
    '^x[^a]{1,2}$',
    '^(a|b)[a-z]{1,3}$',
    '^a+[a-z]{1,3}$',
    '^[a\\d]{1,2}$',
    '^😀[a-z]{1,2}$',
    '^.[a-z]{1,2}$',
    '^\\d[a-z]{1,2}$',
    '^a{1,2}[a-z]{1,2}$',
    '^$[a-z]{0,2}$',
    '[a-z]{1,2}$',
    '^[a-z]{1,2}',
  ])('%s is left as it is', (pattern) => expect(countedTail(pattern)).toBeUndefined())
})
