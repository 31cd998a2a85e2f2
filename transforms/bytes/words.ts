/**
 * Bytes by four: most of a record is text in which nothing happens, and looking at four bytes at once is several times as fast as looking at each. An unaligned
 * read of a DataView is one instruction once it is compiled.
 *
 * The tests for a byte in a word are those of Hacker's Delight (Warren, 2012), 6-1: the lowest byte that is marked is one for sure; those above it may be
 * marked because of it.
 */

const ONES = 0x01010101
const SIGNS = 0x80808080 | 0

let lastBytes: Uint8Array | undefined
let lastView: DataView = new DataView(new ArrayBuffer(0))

/** The view of these bytes; that of the last ones is kept, since records come many to a buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== lastBytes) {
    lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    lastBytes = bytes
  }
  return lastView
}

/** Marks what a text may not simply go on with: quote, backslash, control characters, and what is not ASCII. 0 if there is none. */
export function marksOfText(word: number): number {
  const quote = word ^ 0x22222222
  const backslash = word ^ 0x5c5c5c5c
  return (
    (((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) | ((word - 0x20202020) & ~word) | word) &
    SIGNS
  )
}

/** Marks backslashes. */
export function marksOfBackslash(word: number): number {
  const backslash = word ^ 0x5c5c5c5c
  return (backslash - ONES) & ~backslash & SIGNS
}

/** Which byte of the word is the first marked one, from 0. */
export function firstMarked(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >>> 3
}

/** Bytes that are expected to stand somewhere. */
export class Literal {
  readonly length: number
  readonly #words: Int32Array
  readonly #rest: Uint8Array

  constructor(bytes: Uint8Array) {
    const view = viewOf(bytes)
    this.length = bytes.length
    this.#words = Int32Array.from({ length: bytes.length >> 2 }, (_, index) => view.getInt32(index * 4, true))
    this.#rest = Uint8Array.from(bytes.subarray(this.#words.length * 4))
  }

  /** The position behind them, if they stand at `at`; else -1. `view` is that of `bytes`. */
  after(bytes: Uint8Array, view: DataView, at: number): number {
    const words = this.#words
    const rest = this.#rest
    if (at + this.length > bytes.length) return -1
    let position = at
    for (let index = 0; index < words.length; index++) {
      if (view.getInt32(position, true) !== words[index]) return -1
      position += 4
    }
    for (let index = 0; index < rest.length; index++) if (bytes[position++] !== rest[index]) return -1
    return position
  }
}
