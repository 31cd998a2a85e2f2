import { aessiv } from '@noble/ciphers/aes.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { openPayload, sealPayload } from '#transforms/crypto/seal.ts'
import { createHmacTokenizer, createSivTokenizer, openSivToken } from '#transforms/crypto/tokens.ts'
import { MASTER } from '../records.ts'

const ring = createKeyRing(MASTER)
const text = fc.string({ unit: 'grapheme', maxLength: 60 })

describe.each([
  ['hmac', createHmacTokenizer, /^h1_[A-Za-z0-9_-]{22}$/],
  ['siv', createSivTokenizer, /^s1_[A-Za-z0-9_-]{22,}$/],
] as const)('a token by %s', (_method, create, shape) => {
  const email = create(ring, 'email')

  test('is equal for equal values of one tenant and domain, whatever the column', () => {
    fc.assert(
      fc.property(text, text, (tenant, value) => {
        expect(create(ring, 'email')(tenant, value)).toBe(email(tenant, value))
        expect(email(tenant, value)).toMatch(shape)
      }),
    )
  })

  test('differs between tenants, domains, values and master secrets', () => {
    const other = create(createKeyRing(`${MASTER}!`), 'email')
    fc.assert(
      fc.property(text, text, (value, tenant) => {
        const tokens = [
          email(tenant, value),
          email(`${tenant}.`, value),
          email(tenant, `${value}.`),
          create(ring, 'phone')(tenant, value),
          other(tenant, value),
        ]
        expect(new Set(tokens).size).toBe(tokens.length)
      }),
    )
  })

  test('carries the version of its key', () => {
    const second = create(createKeyRing(MASTER, 2), 'email')('acme', 'a')
    expect(second.slice(0, 3)).toMatch(/^[hs]2_$/)
    expect(second.slice(3)).not.toBe(email('acme', 'a').slice(3))
  })

  test('takes tenants of any length', () => {
    const long = 'x'.repeat(5_000)
    expect(email(long, 'a')).toMatch(shape)
    expect(email(long, 'a')).not.toBe(email(`${long}x`, 'a'))
  })
})

test('tokens are the pinned ones: stored tokens must be found again', () => {
  expect(createHmacTokenizer(ring, 'email')('acme', 'ada@example.org')).toMatchInlineSnapshot(
    `"h1_UXRDDQ3iY05KyQZ_wyL76A"`,
  )
  expect(createSivTokenizer(ring, 'person_name')('acme', 'Ada Lovelace')).toMatchInlineSnapshot(
    `"s1_vwAbcUiGWWmMAAliHTWG91Om4BIG7NVQi-SkrQ"`,
  )
})

describe('a reversible token', () => {
  const make = createSivTokenizer(ring, 'person_name')

  test('is opened by its key, for any text', () => {
    fc.assert(
      fc.property(text, text, (tenant, value) => {
        expect(openSivToken(ring, 'person_name', tenant, make(tenant, value))).toBe(value)
      }),
    )
  })

  test('is opened by no other tenant, domain, master secret or version', () => {
    const token = make('acme', 'Ada')
    expect(openSivToken(ring, 'person_name', 'globex', token)).toBeUndefined()
    expect(openSivToken(ring, 'email', 'acme', token)).toBeUndefined()
    expect(openSivToken(createKeyRing(`${MASTER}!`), 'person_name', 'acme', token)).toBeUndefined()
    expect(openSivToken(createKeyRing(MASTER, 2), 'person_name', 'acme', token)).toBeUndefined()
    expect(
      openSivToken(createKeyRing(MASTER, 2), 'person_name', 'acme', token.replace('s1', 's2')),
    ).toBeUndefined()
  })

  test('that was changed anywhere is not opened', () => {
    const token = make('acme', 'Ada Lovelace, London')
    const bytes = Buffer.from(token.slice(3), 'base64url')
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(
          openSivToken(ring, 'person_name', 'acme', `s1_${changed.toString('base64url')}`),
        ).toBeUndefined()
      }),
    )
  })

  test.each([
    '',
    's1_',
    's1_AA',
    'h1_AAAAAAAAAAAAAAAAAAAAAA',
    'sx_AAAA',
    's1_!!!!',
    's99999999999999999999_AAAA',
  ])('%j is none', (token) => expect(openSivToken(ring, 'person_name', 'acme', token)).toBeUndefined())
})

describe('AES-SIV is that of RFC 5297', () => {
  const hex = (value: string): Uint8Array => new Uint8Array(Buffer.from(value.replaceAll(/\s/g, ''), 'hex'))

  test('A.1, deterministic', () => {
    const key = hex('fffefdfc fbfaf9f8 f7f6f5f4 f3f2f1f0 f0f1f2f3 f4f5f6f7 f8f9fafb fcfdfeff')
    const associated = hex('10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627')
    const sealed = aessiv(key, associated).encrypt(hex('11223344 55667788 99aabbcc ddee'))
    expect(Buffer.from(sealed).toString('hex')).toBe(
      '85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c',
    )
  })

  test('A.2, with a nonce', () => {
    const key = hex('7f7e7d7c 7b7a7978 77767574 73727170 40414243 44454647 48494a4b 4c4d4e4f')
    const parts = [
      '00112233 44556677 8899aabb ccddeeff deaddada deaddada ffeeddcc bbaa9988 77665544 33221100',
      '10203040 50607080 90a0',
      '09f91102 9d74e35b d84156c5 635688c0',
    ].map(hex)
    const plain = Buffer.from('this is some plaintext to encrypt using SIV-AES')
    expect(Buffer.from(aessiv(key, ...parts).encrypt(plain)).toString('hex')).toBe(
      '7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d',
    )
  })
})

describe('the key ring', () => {
  test('refuses a short master secret, and does not repeat it', () => {
    expect(() => createKeyRing('too short')).toThrow(RangeError)
    expect(() => createKeyRing('too short')).not.toThrow(/too short/)
  })

  test('gives different keys for different parts, however they are cut', () => {
    const keys = [
      ring.derive('hmac', 'ab', 'c', 32),
      ring.derive('hmac', 'a', 'bc', 32),
      ring.derive('hmac', '', 'abc', 32),
      ring.derive('siv', 'ab', 'c', 32),
      ring.derive('hmac', '1:a', 'b', 32),
    ].map((key) => key.toString('hex'))
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('gives keys of the length that is asked for', () => {
    expect(ring.derive('siv', 't', 'd', 64)).toHaveLength(64)
  })
})

describe('a sealed payload', () => {
  const place = 'mogo.public.orders/0/17'

  test('is opened at its place, and differs each time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (payload, where) => {
        const sealed = sealPayload(ring, where, payload)
        expect(openPayload(ring, where, sealed)).toEqual(Buffer.from(payload))
        expect(sealPayload(ring, where, payload)).not.toBe(sealed)
      }),
    )
  })

  test('shows nothing of what it holds', () => {
    const sealed = Buffer.from(sealPayload(ring, place, Buffer.from('ada@example.org')), 'base64')
    expect(sealed.includes('ada')).toBe(false)
  })

  test('is not opened at another place, with another key, or changed', () => {
    const sealed = sealPayload(ring, place, Buffer.from('ada@example.org'))
    const bytes = Buffer.from(sealed, 'base64')
    expect(openPayload(ring, 'mogo.public.orders/0/18', sealed)).toBeUndefined()
    expect(openPayload(createKeyRing(`${MASTER}!`), place, sealed)).toBeUndefined()
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(openPayload(ring, place, changed.toString('base64'))).toBeUndefined()
      }),
    )
    for (const cut of [0, 1, 12, 27, 28, bytes.length - 1])
      expect(openPayload(ring, place, bytes.subarray(0, cut).toString('base64'))).toBeUndefined()
    expect(openPayload(ring, place, 'not base64 at all !')).toBeUndefined()
  })
})
