import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeText } from '#contracts/parse/decode-text.ts'

describe('bytes of a file', () => {
  test('are read as UTF-8, with a byte order mark or without', () => {
    expect(decodeText(Buffer.from('größe: 漢字 😀\n'))).toBe('größe: 漢字 😀\n')
    expect(decodeText(Buffer.from('\ufeffa: 1'))).toBe('\ufeffa: 1')
    expect(decodeText(Buffer.alloc(0))).toBe('')
  })

  test.each<readonly [name: string, bytes: readonly number[], byte: number, line: number, column: number]>([
    ['a letter of Latin-1', [0x61, 0x0a, 0x62, 0xe4, 0x63], 4, 2, 2],
    ['a continuation without its beginning', [0x80], 1, 1, 1],
    ['an overlong form', [0x61, 0xc0, 0x80], 2, 1, 2],
    ['an overlong form of three bytes', [0xe0, 0x80, 0x80], 1, 1, 1],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80], 1, 1, 1],
    ['beyond the last character', [0xf4, 0x90, 0x80, 0x80], 1, 1, 1],
    ['a character that is cut', [0xc3, 0xa4, 0xf0, 0x9f, 0x98], 3, 1, 2],
    ['after a byte order mark', [0xef, 0xbb, 0xbf, 0x61, 0xff], 5, 1, 2],
  ])('%s', (_name, bytes, byte, line, column) =>
    expect(decodeText(Buffer.from(bytes))).toEqual({
      message: `byte ${byte} of the file is not UTF-8 (it may be saved as Latin-1 or Windows-1252); save the file as UTF-8`,
      line,
      column,
    }),
  )

  test.each<readonly [encoding: string, bytes: Buffer]>([
    ['UTF-16', Buffer.from('\ufeffid: x', 'utf16le')],
    ['UTF-16', Buffer.from('id: x', 'utf16le')],
    ['UTF-16', Buffer.from('\ufeffid: x', 'utf16le').swap16()],
    ['UTF-16', Buffer.from('id: x!', 'utf16le').swap16()],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0])],
    ['UTF-32', Buffer.from([0, 0, 0, 0x61])],
  ])('%s is said plainly', (encoding, bytes) =>
    expect(decodeText(bytes)).toEqual({
      message: `the file is ${encoding}; save it as UTF-8`,
      line: 1,
      column: 1,
    }),
  )

  test('are text, or the first byte that is none is said, whatever they are', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const decodes = (bytes: Buffer): boolean => {
      try {
        decoder.decode(bytes)
        return true
      } catch {
        return false
      }
    }
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        (start, rest) => {
          // Four letters first: no other encoding is guessed.
          const head = Buffer.from(`abcd${start.toWellFormed()}`)
          const bytes = Buffer.concat([head, rest])
          const decoded = decodeText(bytes)
          expect(typeof decoded === 'string').toBe(decodes(bytes))
          if (typeof decoded === 'string') return
          const byte = Number(/^byte (\d+) /.exec(decoded.message)?.[1])
          expect(byte).toBeGreaterThan(head.length)
          expect(decodes(bytes.subarray(0, byte - 1))).toBe(true)
        },
      ),
      { seed: 13, numRuns: 1_000 },
    )
  })
})
