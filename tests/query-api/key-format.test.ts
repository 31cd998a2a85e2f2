/** The text of an API key: what is one, what is none, and that only its hash is ever compared. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitsHash, hashOfKey, keyIdOf, newAccessKey } from '#query-api/access/key-format.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const keys = fc
  .tuple(bytes(12), bytes(32))
  .map(([id, secret]) => newAccessKey((length) => (length === 12 ? id : secret)))

describe('a key', () => {
  test('has the form that scanners look for, and names itself', () => {
    fc.assert(
      fc.property(keys, ({ id, text }) => {
        expect(text).toMatch(/^mogo_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
        expect(text).toHaveLength(67)
        expect(keyIdOf(text)).toBe(id)
        expect(text.slice(5, 17)).toBe(id)
      }),
    )
  })

  test('holds all 256 bits: different secrets are different texts', () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), (one, other) => {
        const made = (secret: Uint8Array) =>
          newAccessKey((length) => (length === 12 ? new Uint8Array(12) : secret)).text
        expect(made(one) === made(other)).toBe(Buffer.compare(one, other) === 0)
      }),
    )
  })

  test('of the same bytes never changes its form', () => {
    const random = (length: number) => new Uint8Array(length).fill(255)
    expect(newAccessKey(random).text).toBe(
      'mogo_9UJPXvb7vdJ1_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp12df7rs',
    )
  })

  test('with one character changed, or two that are changed about, is none', () => {
    fc.assert(
      fc.property(
        keys,
        fc.nat(66),
        fc.nat(66),
        fc.constantFrom(...'09AZaz_-'),
        ({ text }, at, other, char) => {
          const changed = text.slice(0, at) + char + text.slice(at + 1)
          if (changed !== text) expect(keyIdOf(changed)).toBeUndefined()
          const signs = [...text]
          ;[signs[at], signs[other]] = [signs[other] as string, signs[at] as string]
          if (signs.join('') !== text) expect(keyIdOf(signs.join(''))).toBeUndefined()
        },
      ),
    )
  })

  test('with something before, after or left out is none', () => {
    fc.assert(
      fc.property(keys, fc.string({ minLength: 1 }), fc.nat(66), ({ text }, more, at) => {
        for (const other of [more + text, text + more, text.slice(0, at), text.slice(at + 1)])
          expect(keyIdOf(other)).toBeUndefined()
      }),
    )
  })

  test('fits its own hash alone', () => {
    fc.assert(
      fc.property(keys, keys, (one, other) => {
        expect(hashOfKey(one.text)).toMatch(/^[0-9a-f]{64}$/)
        expect(fitsHash(one.text, hashOfKey(one.text))).toBe(true)
        if (one.text !== other.text) expect(fitsHash(other.text, hashOfKey(one.text))).toBe(false)
      }),
    )
  })
})

test('any other text is none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((rest) => `mogo_${rest}`),
      ),
      (text) => {
        expect(keyIdOf(text)).toBeUndefined()
      },
    ),
  )
})

test('ids are not the same twice', () => {
  const ids = Array.from({ length: 5000 }, () => newAccessKey().id)
  expect(new Set(ids).size).toBe(ids.length)
})
