import { FF1 } from '@noble/ciphers/ff1.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ff1Symbols } from '#contracts/pii/ff1-alphabet.ts'
import { createFf1 } from '#transforms/crypto/ff1.ts'
import { createFf1Tokenizer, type Ff1Plan } from '#transforms/crypto/ff1-tokens.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { MASTER } from '../records.ts'

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const SYMBOLS = '0123456789abcdefghijklmnopqrstuvwxyz'
const numerals = (text: string): number[] => [...text].map((char) => SYMBOLS.indexOf(char))

describe('FF1 is that of NIST SP 800-38G', () => {
  const key128 = '2b7e151628aed2a6abf7158809cf4f3c'
  const key192 = `${key128}ef4359d8d580aa4f`
  const key256 = `${key192}7f036d6f04fc6a94`
  const tweak = '39383736353433323130'
  const longTweak = '3737373770717273373737'
  const long = '0123456789abcdefghi'
  test.each([
    [1, key128, 10, '', '0123456789', '2433477484'],
    [2, key128, 10, tweak, '0123456789', '6124200773'],
    [3, key128, 36, longTweak, long, 'a9tv40mll9kdu509eum'],
    [4, key192, 10, '', '0123456789', '2830668132'],
    [5, key192, 10, tweak, '0123456789', '2496655549'],
    [6, key192, 36, longTweak, long, 'xbj3kv35jrawxv32ysr'],
    [7, key256, 10, '', '0123456789', '6657667009'],
    [8, key256, 10, tweak, '0123456789', '1001623463'],
    [9, key256, 36, longTweak, long, 'xs8a0azh2avyalyzuwd'],
  ])('sample %i', (_number, key, radix, tweakHex, plain, cipher) => {
    const ff1 = createFf1(hex(key), radix, hex(tweakHex))
    expect(ff1.encrypt(numerals(plain))).toEqual(numerals(cipher))
    expect(ff1.decrypt(numerals(cipher))).toEqual(numerals(plain))
  })

  test('equals @noble/ciphers for any key, tweak, radix and length, and is undone by decrypt', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
    const input = fc
      .record({ radix: fc.oneof(fc.integer({ min: 2, max: 100 }), fc.integer({ min: 2, max: 65_535 })) })
      .chain(({ radix }) =>
        fc.record({
          radix: fc.constant(radix),
          key: bytes(32),
          tweak: fc.uint8Array({ maxLength: 40 }),
          plain: fc.array(fc.nat(radix - 1), { minLength: 7, maxLength: 128 }),
        }),
      )
    fc.assert(
      fc.property(input, ({ radix, key, tweak, plain }) => {
        const ff1 = createFf1(key, radix, tweak)
        const made = ff1.encrypt(plain)
        expect(made).toEqual(FF1(radix, key, tweak).encrypt([...plain]))
        expect(ff1.decrypt(made)).toEqual(plain)
      }),
      { numRuns: 200 },
    )
  })

  test('one value leaves nothing behind for the next, whatever their lengths', () => {
    const ff1 = createFf1(hex(key256), 10, hex(tweak))
    const values = ['0123456789', '9'.repeat(128), '01', '0123456789'].map(numerals)
    const made = values.map((value) => ff1.encrypt(value))
    expect(made).toEqual(values.map((value) => createFf1(hex(key256), 10, hex(tweak)).encrypt(value)))
  })

  test.each([0, 1, 256])('refuses %i numerals', (length) => {
    expect(() => createFf1(hex(key256), 10, hex(tweak)).encrypt(Array(length).fill(1))).toThrow(RangeError)
  })
})

const ring = createKeyRing(MASTER)
const card: Ff1Plan = { domain: 'card', alphabet: 'digits', preserve: '- ' }
const tokens = (plan: Partial<Ff1Plan> = {}, keys = ring) => createFf1Tokenizer(keys, { ...card, ...plan })
const digits = fc
  .array(fc.constantFrom(...'0123456789'), { minLength: 6, maxLength: 40 })
  .map((all) => all.join(''))

describe('a format-preserving token', () => {
  test('is the pinned one: stored tokens must be found again', () => {
    expect(tokens().token('acme', '4111-1111-1111-1111')).toMatchInlineSnapshot(`"4920-3018-1786-6302"`)
  })

  test('has the length and the alphabet of the value, and opens to it', () => {
    const alphabet = fc.constantFrom('digits', 'hex', 'alphanumeric', 'AB', 'αβγδ😀')
    const value = alphabet.chain((name) =>
      fc.record({
        name: fc.constant(name),
        symbols: fc.array(fc.constantFrom(...ff1Symbols(name)), { minLength: 20, maxLength: 128 }),
      }),
    )
    fc.assert(
      fc.property(value, fc.string(), ({ name, symbols }, tenant) => {
        const plan = tokens({ alphabet: name })
        const token = plan.token(tenant, symbols.join(''))
        if (typeof token !== 'string') throw new Error(token.code)
        expect([...token]).toHaveLength(symbols.length)
        expect(new Set([...token].filter((char) => !ff1Symbols(name).includes(char))).size).toBe(0)
        expect(plan.open(tenant, token)).toBe(symbols.join(''))
      }),
    )
  })

  test('keeps punctuation where it is', () => {
    const token = tokens().token('acme', '4111-1111 1111-1111')
    expect(token).toMatch(/^\d{4}-\d{4} \d{4}-\d{4}$/)
    expect(String(token).replaceAll(/\D/g, '')).toBe(tokens().token('acme', '4111111111111111'))
  })

  test('is equal for equal values of a domain, and differs between tenants, domains, keys, versions and secrets', () => {
    fc.assert(
      fc.property(
        fc.tuple(digits, digits).map((parts) => parts.join('')),
        fc.string(),
        (value, tenant) => {
          const made = [
            tokens().token(tenant, value),
            tokens().token(`${tenant}.`, value),
            tokens({ domain: 'iban' }).token(tenant, value),
            tokens({ keyRef: 'second' }).token(tenant, value),
            tokens({}, createKeyRing(MASTER, 2)).token(tenant, value),
            tokens({}, createKeyRing(`${MASTER}!`)).token(tenant, value),
          ]
          expect(tokens().token(tenant, value)).toBe(made[0])
          expect(new Set(made).size).toBe(made.length)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('keeps all values of a set apart', () => {
    const plan = tokens()
    const made = new Set(
      Array.from({ length: 2_000 }, (_, index) => plan.token('t', String(900_000 + index))),
    )
    expect(made.size).toBe(2_000)
  })

  test.each<readonly [string, string, Partial<Ff1Plan>]>([
    ['pii_alphabet', '4111x11111', {}],
    ['pii_alphabet', '4111.11111', {}],
    ['pii_alphabet', '１２３４５６７８', {}],
    ['pii_alphabet', '["123456"]', {}],
    ['pii_too_short', '', {}],
    ['pii_too_short', '12345', {}],
    ['pii_too_short', '1-2-3-4-5', {}],
    ['pii_too_short', '1234567', { minLength: 8 }],
    ['pii_too_short', 'abcd', { alphabet: 'hex' }],
    ['pii_too_long', '1'.repeat(129), {}],
    ['pii_too_long', '1'.repeat(1_000_000), {}],
  ])('is refused with %s for what cannot be encrypted', (code, value, plan) =>
    expect(tokens(plan).token('acme', value)).toEqual({ code }),
  )

  test('that is none opens to nothing', () => {
    expect(tokens().open('acme', 'h1_AAAA')).toBeUndefined()
    expect(tokens().open('acme', '12')).toBeUndefined()
  })
})
