/** Bytes by four say what bytes one by one say. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstMarked, Literal, marksOfBackslash, marksOfText, viewOf } from '#transforms/bytes/words.ts'

const isSpecial = (byte: number): boolean => byte < 0x20 || byte >= 0x80 || byte === 0x22 || byte === 0x5c

/** The place of the first byte of which it holds, as the marks of the word say it; -1 if there are none. */
function first(bytes: readonly number[], marks: (word: number) => number): number {
  const found = marks(viewOf(Uint8Array.from(bytes)).getInt32(0, true))
  return found === 0 ? -1 : firstMarked(found)
}

describe('marks of a word', () => {
  test('are at the first byte that a text may not simply go on with, whatever stands around it', () => {
    const around = [0x20, 0x21, 0x23, 0x5b, 0x5d, 0x61, 0x7f, 0x22, 0x5c, 0x00, 0x1f, 0x80, 0xff]
    for (let byte = 0; byte < 256; byte++)
      for (let place = 0; place < 4; place++)
        for (const other of around) {
          const bytes = [other, other, other, other]
          bytes[place] = byte
          expect(first(bytes, marksOfText)).toBe(bytes.findIndex(isSpecial))
          expect(first(bytes, marksOfBackslash)).toBe(bytes.indexOf(0x5c))
        }
  })

  test('are there for just those words that have such a byte', () => {
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0x20, 0x22, 0x5c, 0x7f, 0x80, 0x61),
    )
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), (bytes) => {
        expect(first(bytes, marksOfText)).toBe(bytes.findIndex(isSpecial))
        expect(first(bytes, marksOfBackslash)).toBe(bytes.indexOf(0x5c))
      }),
      { numRuns: 20_000 },
    )
  })
})

describe('a literal', () => {
  const any = fc.uint8Array({ maxLength: 40 })

  test('is found where it stands, and nowhere else', () => {
    fc.assert(
      fc.property(any, any, any, fc.nat(3), (before, literal, behind, shift) => {
        const bytes = Uint8Array.from([...before, ...literal, ...behind])
        const view = viewOf(bytes)
        const found = new Literal(literal)
        expect(found.after(bytes, view, before.length)).toBe(before.length + literal.length)
        const at = before.length + shift
        const isThere =
          at + literal.length <= bytes.length && literal.every((byte, index) => bytes[at + index] === byte)
        expect(found.after(bytes, view, at)).toBe(isThere ? at + literal.length : -1)
      }),
      { numRuns: 5000 },
    )
  })

  test('is not found where one byte differs, also where eight of them are a zero or no number', () => {
    const eights = [
      [0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0x80],
      [1, 0, 0, 0, 0, 0, 0xf8, 0x7f],
      [0, 0, 0, 0, 0, 0, 0xf0, 0x7f],
      [0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68],
    ]
    for (const eight of eights) {
      const literal = new Literal(Uint8Array.from([...eight, 0x2c]))
      expect(
        literal.after(Uint8Array.from([...eight, 0x2c]), viewOf(Uint8Array.from([...eight, 0x2c])), 0),
      ).toBe(9)
      for (let place = 0; place < 9; place++)
        for (const flip of [1, 0x80]) {
          const bytes = Uint8Array.from([...eight, 0x2c])
          bytes[place] = (bytes[place] as number) ^ flip
          expect(literal.after(bytes, viewOf(bytes), 0)).toBe(-1)
        }
    }
  })

  test('is not looked for beyond the end', () => {
    const bytes = Uint8Array.from([1, 2, 3])
    expect(new Literal(Uint8Array.from([2, 3, 4])).after(bytes, viewOf(bytes), 1)).toBe(-1)
  })
})
