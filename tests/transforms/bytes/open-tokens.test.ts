/** Tokens that are made later, in the memory in which they were noted. */
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillTokens, NotedKey, OpenTokens, placeTokens } from '#transforms/bytes/open-tokens.ts'
import { hmacKey } from '#transforms/crypto/hmac-sha256.ts'

const TOKEN = 22
const KEYS = [
  Buffer.alloc(32, 1),
  Buffer.alloc(32, 2),
  Buffer.from('a longer key than a block has: '.repeat(4)),
]

/** `taken`: the row is written after all. `send`: what is noted so far goes to the other thread. */
const STEP = fc.record({
  key: fc.nat(KEYS.length - 1),
  message: fc.oneof(
    fc.string({ maxLength: 60, unit: 'grapheme' }),
    fc.string({ minLength: 3000, maxLength: 5000 }),
  ),
  taken: fc.boolean(),
  send: fc.boolean(),
})

function tokenOf(key: Buffer, message: string): string {
  return createHmac('sha256', key).update(message).digest().subarray(0, 16).toString('base64url')
}

test('every gap gets the token of its message and key, whatever was taken back and however it was sent', () => {
  const property = fc.property(fc.array(STEP, { maxLength: 40 }), fc.nat(4), (steps, words) => {
    const memory = () => new ArrayBuffer(4 * words)
    const open = new OpenTokens(memory())
    const keys = KEYS.map((key) => new NotedKey(hmacKey(key)))
    const row = Buffer.alloc(steps.length * TOKEN)
    const expected = Buffer.alloc(row.length)
    const send = () => {
      const notes = open.take(memory())
      fillTokens(notes)
      placeTokens(notes, row)
    }
    for (const [index, { key: number, message, taken, send: sends }] of steps.entries()) {
      const key = keys[number] as NotedKey
      const before = open.at
      const start = open.begin(key, message.length * 3)
      open.end(key, open.bytes.write(message, start), index * TOKEN)
      if (taken) expected.write(tokenOf(KEYS[number] as Buffer, message), index * TOKEN)
      else open.takeBack(before)
      if (sends) send()
    }
    send()
    expect(row.toString('latin1')).toBe(expected.toString('latin1'))
  })
  fc.assert(property, { seed: 7, numRuns: 200 })
})
