import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalizer } from '#transforms/normalize.ts'

const KINDS = ['none', 'trim', 'lower', 'email', 'phone'] as const

describe('normalized', () => {
  const cases: readonly (readonly [(typeof KINDS)[number], string, string])[] = [
    ['none', ' A ', ' A '],
    ['trim', ' A ', 'A'],
    ['lower', ' Ada LOVELACE\u00a0', 'ada lovelace'],
    ['lower', 'ＡＤＡ', 'ada'],
    ['email', ' Ada@Example.ORG ', 'ada@example.org'],
    ['phone', '+49 (30) 1234-567', '+49301234567'],
    ['phone', '0049 30 1234567', '+49301234567'],
    ['phone', '030 / 1234567', '0301234567'],
    ['phone', '+1 555 0100 ext. 12', '+15550100x12'],
    ['phone', '＋４９ ３０', '+4930'],
    ['phone', 'unknown', 'unknown'],
    ['phone', '', ''],
  ]
  test.each(cases)('by %s, %j is %j', (kind, text, normal) => expect(normalizer(kind)(text)).toBe(normal))

  test('phone numbers without a digit stay apart', () => {
    expect(normalizer('phone')('none')).not.toBe(normalizer('phone')('unknown'))
  })

  test('in Unicode: equal forms of one text are one', () => {
    expect(normalizer('email')('Jose\u0301@x.org')).toBe(normalizer('email')('JOSÉ@x.org'))
  })

  test.each(KINDS)('%s twice is %s once, for any text', (kind) => {
    const normal = normalizer(kind)
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc
        .array(fc.constantFrom('+', '0', '00', '1', 'x', 'ext.', 'ext ', ' ', '(', '-', 'a'))
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(text, (value) => {
        expect(normal(normal(value))).toBe(normal(value))
      }),
      { numRuns: 500 },
    )
  })

  test('twice is once for every character there is', () => {
    const normal = normalizer('email')
    const unstable: string[] = []
    for (let code = 0; code <= 0x10ffff; code++) {
      const once = normal(`a${String.fromCodePoint(code)}`)
      if (normal(once) !== once) unstable.push(code.toString(16))
    }
    expect(unstable).toEqual([])
  })
})
