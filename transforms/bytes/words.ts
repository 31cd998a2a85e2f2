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

/**
 * Marks what a text may not simply go on with: quote, backslash, control characters, and what is not ASCII. 0 if there is none. (That a byte of 0x80 or
 * more is marked anyway spares the tests of the others their second half.)
 */
export function marksOfText(word: number): number {
  return (((word ^ 0x22222222) - ONES) | ((word ^ 0x5c5c5c5c) - ONES) | (word - 0x20202020) | word) & SIGNS
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

/** Bytes that are expected to stand somewhere. Compared by eight, as doubles: equal ones have the same bits, unless they are zeros or not a number. */
export class Literal {
  readonly length: number
  readonly #doubles: Float64Array
  readonly #rest: Uint8Array

  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.length = bytes.length
    const doubles = Float64Array.from({ length: bytes.length >> 3 }, (_, index) =>
      view.getFloat64(index * 8, true),
    )
    this.#doubles = doubles.some((double) => double === 0 || Number.isNaN(double))
      ? new Float64Array()
      : doubles
    this.#rest = Uint8Array.from(bytes.subarray(this.#doubles.length * 8))
  }

  /** The position behind them, if they stand at `at`; else -1. `view` is that of `bytes`. */
  after(bytes: Uint8Array, view: DataView, at: number): number {
    const doubles = this.#doubles
    const rest = this.#rest
    if (at + this.length > bytes.length) return -1
    let position = at
    for (let index = 0; index < doubles.length; index++) {
      if (view.getFloat64(position, true) !== doubles[index]) return -1
      position += 8
    }
    for (let index = 0; index < rest.length; index++) if (bytes[position++] !== rest[index]) return -1
    return position
  }
}
