/**
 * Reading JSON where it lies: positions in a buffer, never text. A position of {@link BAIL} says that something is not as usual; whoever reads
 * then leaves the record to the plain path, which knows what is wrong with it, if anything.
 *
 * Only what Kafka Connect's JsonConverter writes has to be known here: no white space between tokens.
 */
import { isUtf8 } from 'node:buffer'
import { firstMarked, marksOfText, viewOf } from './words.ts'

/** Not usual: the plain path has to look. */
export const BAIL = -1

/** Bytes of JSON. */
export const QUOTE = 0x22
export const COMMA = 0x2c
export const COLON = 0x3a
export const BACKSLASH = 0x5c
export const OPEN_BRACE = 0x7b
export const CLOSE_BRACE = 0x7d
export const OPEN_BRACKET = 0x5b
export const CLOSE_BRACKET = 0x5d
export const MINUS = 0x2d
export const ZERO = 0x30
export const NINE = 0x39

/** Longest nesting that is walked over. */
const MOST_DEPTH = 64

/** The position after `null`, `true` or `false`, of which the first letter has been seen. */
export function afterWord(bytes: Uint8Array, at: number, word: 'null' | 'true' | 'false'): number {
  for (let index = 1; index < word.length; index++)
    if (bytes[at + index] !== word.charCodeAt(index)) return BAIL
  return at + word.length
}

/** The position of the closing quote of a text in UTF-8; `at` is behind the opening one. */
export function endOfText(bytes: Buffer, at: number, end: number): number {
  const view = viewOf(bytes)
  let all = 0
  for (let position = at; position < end; position++) {
    while (position <= end - 4) {
      const marks = marksOfText(view.getInt32(position, true))
      if (marks !== 0) {
        position += firstMarked(marks)
        break
      }
      position += 4
    }
    if (position >= end) return BAIL
    const byte = bytes[position] as number
    if (byte === QUOTE) return all < 0x80 || isUtf8(bytes.subarray(at, position)) ? position : BAIL
    all |= byte
    if (byte === BACKSLASH) {
      position++
      if (bytes[position] === 0x75) {
        if (hex4(bytes, position + 1) < 0) return BAIL
        position += 4
      } else if (!ESCAPABLE[bytes[position] as number]) return BAIL
    } else if (byte < 0x20) return BAIL
  }
  return BAIL
}

/** The same for a text of ASCII without escapes, as are names that Debezium makes. */
export function endOfName(bytes: Uint8Array, at: number, end: number): number {
  for (let position = at; position < end; position++) {
    const byte = bytes[position] as number
    if (byte === QUOTE) return position
    if (byte === BACKSLASH || byte < 0x20 || byte >= 0x80) return BAIL
  }
  return BAIL
}

/** What may stand behind a backslash, `u` aside. */
const ESCAPABLE = new Uint8Array(256)
for (const name of '"\\/bfnrt') ESCAPABLE[name.charCodeAt(0)] = 1

/** The number that four hexadecimal digits make. */
export function hex4(bytes: Uint8Array, from: number): number {
  let code = 0
  for (let index = 0; index < 4; index++) {
    const byte = bytes[from + index] as number
    const digit =
      byte >= ZERO && byte <= NINE
        ? byte - ZERO
        : byte >= 0x61 && byte <= 0x66
          ? byte - 0x57
          : byte >= 0x41 && byte <= 0x46
            ? byte - 0x37
            : -1
    if (digit < 0) return BAIL
    code = (code << 4) | digit
  }
  return code
}

/** The position after a number. */
export function afterNumber(bytes: Uint8Array, at: number): number {
  const first = bytes[at] === MINUS ? at + 1 : at
  let position = bytes[first] === ZERO ? first + 1 : afterDigits(bytes, first)
  if (position >= 0 && bytes[position] === 0x2e) position = afterDigits(bytes, position + 1)
  if (position >= 0 && ((bytes[position] as number) | 0x20) === 0x65) {
    const sign = bytes[position + 1]
    position = afterDigits(bytes, position + (sign === MINUS || sign === 0x2b ? 2 : 1))
  }
  return position
}

function afterDigits(bytes: Uint8Array, at: number): number {
  let position = at
  for (;;) {
    const byte = bytes[position] as number
    if (!(byte >= ZERO && byte <= NINE)) return position === at ? BAIL : position
    position++
  }
}

/** The position after any value. Strict: what JSON.parse would not take is none. */
export function afterValue(bytes: Buffer, at: number, end: number, depth = 0): number {
  switch (bytes[at]) {
    case QUOTE: {
      const closing = endOfText(bytes, at + 1, end)
      return closing < 0 ? BAIL : closing + 1
    }
    case 0x6e:
      return afterWord(bytes, at, 'null')
    case 0x74:
      return afterWord(bytes, at, 'true')
    case 0x66:
      return afterWord(bytes, at, 'false')
    case OPEN_BRACE:
    case OPEN_BRACKET:
      return depth < MOST_DEPTH ? afterNested(bytes, at, end, depth + 1) : BAIL
    default:
      return afterNumber(bytes, at)
  }
}

function afterNested(bytes: Buffer, at: number, end: number, depth: number): number {
  const isObject = bytes[at] === OPEN_BRACE
  const closing = isObject ? CLOSE_BRACE : CLOSE_BRACKET
  let position = at + 1
  if (bytes[position] === closing) return position + 1
  for (;;) {
    if (isObject) {
      const name = bytes[position] === QUOTE ? endOfText(bytes, position + 1, end) : BAIL
      if (name < 0 || bytes[name + 1] !== COLON) return BAIL
      position = name + 2
    }
    position = afterValue(bytes, position, end, depth)
    if (position < 0) return BAIL
    const next = bytes[position++]
    if (next === closing) return position
    if (next !== COMMA) return BAIL
  }
}
