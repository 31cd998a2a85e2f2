import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHmacSha256 } from '#transforms/crypto/hmac-sha256.ts'

const expected = (key: Uint8Array, message: string): string =>
  createHmac('sha256', key).update(message).digest('hex')

test('equals createHmac for any key and message', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'binary', maxLength: 400 }),
      (key, message) => {
        expect(createHmacSha256(key)(message).toString('hex')).toBe(expected(key, message))
      },
    ),
  )
})

test.each([0, 1, 63, 64, 65, 131])('equals createHmac for a key of %i bytes', (length) => {
  const key = new Uint8Array(length).fill(0xaa)
  expect(createHmacSha256(key)('what do ya want').toString('hex')).toBe(expected(key, 'what do ya want'))
})

test('gives the digest of RFC 4231, test case 2', () => {
  expect(createHmacSha256(Buffer.from('Jefe'))('what do ya want for nothing?').toString('hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})

test('one message leaves nothing behind for the next, whatever their lengths', () => {
  const key = Buffer.from('key')
  const mac = createHmacSha256(key)
  const messages = ['short', 'x'.repeat(100_000), '', '😀'.repeat(90), 'é', 'short']
  const made = messages.map((message) => mac(message))
  expect(made.map((digest) => digest.toString('hex'))).toEqual(
    messages.map((message) => expected(key, message)),
  )
})
