import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PiiPlan } from '#contracts/model.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { createProtect, mask, REDACTED } from '#transforms/tokenize.ts'
import { MASTER } from './records.ts'

const ring = createKeyRing(MASTER)
const plan = (of: Partial<PiiPlan> & Pick<PiiPlan, 'method'>) => ({
  pii: { normalize: 'none', onNull: 'keep', domain: undefined, ...of } as PiiPlan,
})

describe('a protected value', () => {
  test('has none without a plan', () => expect(createProtect({ pii: null }, ring)).toBeUndefined())

  test('is normalized before it becomes a token', () => {
    const email = createProtect(plan({ method: 'hmac', domain: 'email', normalize: 'email' }), ring)
    expect(email?.('acme', ' Ada@Example.org ')).toBe(email?.('acme', 'ada@example.org'))
    expect(email?.('acme', 'ada@example.org')).not.toBe(email?.('globex', 'ada@example.org'))
  })

  test('that is a number, a list or an object has a token too, the same each time', () => {
    const protect = createProtect(plan({ method: 'hmac', domain: 'd' }), ring)
    expect(protect?.('t', 12)).toBe(protect?.('t', '12'))
    expect(protect?.('t', ['a', null])).toBe(protect?.('t', '["a",null]'))
    expect(protect?.('t', { toString: 1 })).toBe(protect?.('t', '{"toString":1}'))
  })

  test('is a constant where it is redacted', () => {
    const redact = createProtect(plan({ method: 'redact' }), ring)
    expect([redact?.('a', 'Ada'), redact?.('b', 12)]).toEqual([REDACTED, REDACTED])
  })
})

describe('a mask', () => {
  test.each([
    ['DE89 3704 0044', 'xx99 9999 9999'],
    ['ada@example.org', 'xxx@xxxxxxx.xxx'],
    ['José', 'xxxx'],
    ['Jose\u0301', 'xxxxx'],
    ['日本 ४२', 'xx 99'],
    ['★ ½', '? 9'],
    ['a\u0000\n', 'x??'],
    ['', ''],
    ['x'.repeat(40), 'x'.repeat(32)],
    ['𝒳'.repeat(40), 'x'.repeat(32)],
    [`${'a'.repeat(31)}😀b`, `${'x'.repeat(31)}?`],
  ])('of %j is %j', (text, shape) => expect(mask(text)).toBe(shape))

  test('keeps no letter and no number, is never longer than 32, and is valid text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shape = mask(text)
        expect(shape).toMatch(/^[\x20-\x7e]{0,32}$/)
        expect(shape.replaceAll(/[x9]/g, '')).not.toMatch(/[A-Za-z0-9]/)
      }),
    )
  })
})
