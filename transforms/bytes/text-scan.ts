/** Looks at a JSON text once, and tells what its readers need to know. */
import { isUtf8 } from 'node:buffer'
import type { RowWriter } from '../rowbinary/row-writer.ts'
import { BACKSLASH, hex4, QUOTE } from './scan.ts'
import { firstMarked, marksOfBackslash, marksOfText, viewOf } from './words.ts'

/** The last text that was looked at. */
export class TextScan {
  /** Behind the opening quote. */
  from = 0
  /** The closing quote. */
  to = 0
  /** Has a backslash in it. */
  isEscaped = false
  /** Has a byte of 0x80 or more in it. */
  isWide = false

  /** ASCII without escapes. */
  get isPlain(): boolean {
    return !this.isEscaped && !this.isWide
  }

  /** `at` is the opening quote. False if this is no text, or not one in UTF-8. */
  read(bytes: Buffer, at: number, end: number): boolean {
    if (bytes[at] !== QUOTE) return false
    const view = viewOf(bytes)
    const lastWord = end - 4
    let position = at + 1
    let isEscaped = false
    let isWide = false
    while (position < end) {
      if (position <= lastWord) {
        const marks = marksOfText(view.getInt32(position, true))
        if (marks === 0) {
          position += 4
          continue
        }
        position += firstMarked(marks)
      }
      const byte = bytes[position] as number
      if (byte === QUOTE) break
      position++
      if (byte === BACKSLASH) {
        isEscaped = true
        position++
      } else if (byte < 0x20) return false
      else if (byte >= 0x80) {
        isWide = true
        // Others of the kind follow.
        while ((bytes[position] as number) >= 0x80 && position < end) position++
      }
    }
    if (position >= end) return false
    this.from = at + 1
    this.to = position
    this.isEscaped = isEscaped
    this.isWide = isWide
    return !isWide || isUtf8(bytes.subarray(at, position))
  }

  /** The text that stands here. Undefined where JSON does not know the escape. */
  text(bytes: Buffer): string | undefined {
    if (!this.isEscaped)
      return this.isWide
        ? bytes.toString('utf8', this.from, this.to)
        : bytes.toString('latin1', this.from, this.to)
    try {
      const parsed: unknown = JSON.parse(bytes.toString('utf8', this.from - 1, this.to + 1))
      return typeof parsed === 'string' ? parsed : undefined
    } catch {
      return undefined
    }
  }
}

/**
 * Writes the text without its escapes where the writer stands, which has room for as many bytes as are in the source, at `start`; returns how many were
 * written. -1 for halves of surrogate pairs and escapes that JSON does not know.
 */
export function writeUnescaped(
  bytes: Buffer,
  from: number,
  to: number,
  writer: RowWriter,
  start: number,
): number {
  const view = viewOf(bytes)
  const into = writer.bytes
  const intoView = writer.view
  const lastWord = to - 4
  let at = start
  for (let position = from; position < to; position++) {
    while (position <= lastWord) {
      const word = view.getInt32(position, true)
      // What follows a backslash is written over.
      intoView.setInt32(at, word, true)
      const marks = marksOfBackslash(word)
      if (marks !== 0) {
        const plain = firstMarked(marks)
        position += plain
        at += plain
        break
      }
      position += 4
      at += 4
    }
    const byte = bytes[position] as number
    if (byte !== BACKSLASH) {
      if (position < to) into[at++] = byte
      continue
    }
    const escaped = bytes[++position] as number
    if (escaped === 0x75) {
      let code = hex4(bytes, position + 1)
      if (code < 0 || position + 4 >= to) return -1
      position += 4
      if (code >= 0xd800 && code < 0xe000) {
        if (code >= 0xdc00 || bytes[position + 1] !== BACKSLASH || bytes[position + 2] !== 0x75) return -1
        const low = hex4(bytes, position + 3)
        if (low < 0xdc00 || low >= 0xe000 || position + 6 >= to) return -1
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
        position += 6
      }
      at = writeCodePoint(code, into, at)
      continue
    }
    const plain = plainOf(escaped)
    if (plain === 0) return -1
    into[at++] = plain
  }
  return at - start
}

/** The byte that this one stands for behind a backslash; 0 for `u` and what JSON does not know. */
export function plainOf(escaped: number): number {
  return escaped < 0x80 ? (PLAIN[escaped] as number) : 0
}

/** What stands for itself after a backslash, and what stands for something else. */
const PLAIN = new Uint8Array(128)
for (const [name, code] of [
  ['"', 0x22],
  ['\\', 0x5c],
  ['/', 0x2f],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
] as const)
  PLAIN[name.charCodeAt(0)] = code

function writeCodePoint(code: number, into: Buffer, start: number): number {
  let at = start
  if (code < 0x80) into[at++] = code
  else if (code < 0x800) {
    into[at++] = 0xc0 | (code >> 6)
    into[at++] = 0x80 | (code & 0x3f)
  } else if (code < 0x10000) {
    into[at++] = 0xe0 | (code >> 12)
    into[at++] = 0x80 | ((code >> 6) & 0x3f)
    into[at++] = 0x80 | (code & 0x3f)
  } else {
    into[at++] = 0xf0 | (code >> 18)
    into[at++] = 0x80 | ((code >> 12) & 0x3f)
    into[at++] = 0x80 | ((code >> 6) & 0x3f)
    into[at++] = 0x80 | (code & 0x3f)
  }
  return at
}
