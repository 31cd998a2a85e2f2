import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piiPlanSchema } from '#contracts/pii/pii-plan.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { mask } from '#transforms/mask.ts'
import { createProtect, REDACTED } from '#transforms/tokenize.ts'
import { MASTER } from './records.ts'

const ring = createKeyRing(MASTER)
const plan = (of: Readonly<Record<string, unknown>>) => ({
  pii: piiPlanSchema.parse(of),
  kind: 'text' as const,
  sourceType: 'text',
})

describe('a protected value', () => {
  test('has none without a plan', () =>
    expect(createProtect({ pii: null, kind: 'text', sourceType: 'text' }, ring)).toBeUndefined())

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

  test('has the same key as before, and another one by keyRef', () => {
    const token = (more: object) =>
      createProtect(plan({ method: 'hmac', domain: 'email', ...more }), ring)?.('acme', 'ada@example.org')
    expect(token({})).toBe('h1_UXRDDQ3iY05KyQZ_wyL76A')
    expect(token({ keyRef: 'second' })).not.toBe(token({}))
    expect(token({ keyRef: 'second' })).toBe(token({ keyRef: 'second' }))
  })

  test('that is NULL stays NULL, or is protected like a value', () => {
    const ofNull = (options: Readonly<Record<string, unknown>>, tenant = 'acme') =>
      createProtect(plan(options), ring)?.(tenant, null)
    for (const options of [
      { method: 'hmac', domain: 'd' },
      { method: 'ff1', domain: 'd', alphabet: 'digits' },
      { method: 'bucket', keep: 2 },
      { method: 'mask' },
      { method: 'redact' },
    ])
      expect(ofNull(options)).toBeNull()
    expect(ofNull({ method: 'redact', with: '-', onNull: 'token' })).toBe('-')
    for (const method of ['hmac', 'siv']) {
      const options = { method, domain: 'd', onNull: 'token' }
      const protect = createProtect(plan(options), ring)
      expect(ofNull(options)).toBe(ofNull(options))
      expect(ofNull(options)).not.toBe(ofNull(options, 'globex'))
      for (const text of ['', 'null', 'NULL']) expect(protect?.('acme', text)).not.toBe(ofNull(options))
    }
  })

  test('that cannot be encrypted has a code, and is never passed on', () => {
    const protect = createProtect(plan({ method: 'ff1', domain: 'card', alphabet: 'digits' }), ring)
    expect(protect?.('acme', '4111x')).toEqual({ code: 'pii_alphabet' })
    expect(protect?.('acme', 41)).toEqual({ code: 'pii_too_short' })
    expect(protect?.('acme', 4_111_111)).toMatch(/^\d{7}$/)
  })

  test('is refused under a method that this version does not have', () => {
    const vault = plan({ method: 'vault', domain: 'd', subject: 'id' })
    expect(() => createProtect(vault, ring)).toThrow(TypeError)
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

  const kept: readonly (readonly [object, string, string])[] = [
    [{ keepLast: 4 }, '4111111111111234', '9999999999991234'],
    [{ keepLast: 4, with: '*' }, '4111111111111234', '************1234'],
    [{ keepFirst: 6, keepLast: 4, with: '*' }, '4111111111111234', '411111******1234'],
    [{ keepFirst: 1 }, 'ada@example.org', 'axx@xxxxxxx.xxx'],
    [{ keepFirst: 2, keepLast: 2 }, 'abcde', 'xxxxx'],
    [{ keepFirst: 2, keepLast: 2 }, 'abcdef', 'abxxef'],
    [{ keepLast: 4 }, '12', '99'],
    [{ keepLast: 4 }, '', ''],
    [{ with: '*' }, 'Ada 12', '******'],
    [{ keepFirst: 1, with: '•' }, '😀abc', '😀•••'],
    [{ keepFirst: 1, keepLast: 2 }, `a${'b'.repeat(500)}cd`, `a${'x'.repeat(29)}cd`],
    [{ with: '*' }, 'x'.repeat(40), '*'.repeat(32)],
  ]
  test.each(kept)('%j of %j is %j', (options, text, expected) =>
    expect(createProtect(plan({ method: 'mask', ...options }), ring)?.('t', text)).toBe(expected),
  )

  test('hides at least a third, and is valid text of at most 41 characters', () => {
    const count = fc.integer({ min: 0, max: 20 })
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        count,
        count,
        (text, keepFirst, keepLast) => {
          const made = createProtect(plan({ method: 'mask', keepFirst, keepLast, with: '*' }), ring)?.(
            't',
            text,
          )
          const shape = String(made)
          expect(shape.isWellFormed() && [...shape].length <= 41).toBe(true)
          if (!text.includes('*') && keepFirst + keepLast <= 20)
            expect([...shape].filter((char) => char === '*').length * 3).toBeGreaterThanOrEqual(
              Math.min([...text].length, 30),
            )
        },
      ),
    )
  })

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
