/**
 * What stands behind the row image looks the same from record to record, but for a few numbers and the letter of the operation: version of the connector, names of server,
 * database and table. A shape is that of one record that was read in full; the next ones are only compared with it, and their numbers
 * taken from between. What does not fit is read in full again.
 */
import { NINE, ZERO } from './scan.ts'
import { Literal, viewOf } from './words.ts'

/** What a number is: the time of the commit, the position of the change, that of the commit before; `other` ones tell nothing. */
export type TailNumber = 'time' | 'lsn' | 'lastCommit' | 'other'

/** A place where records differ: digits from `from` to `to`, or the one letter of the operation. */
export type TailMark = { readonly what: TailNumber | 'op'; readonly from: number; readonly to: number }

/** Digits that a double holds, and those of nanoseconds. */
const MOST_EXACT = 15
const MOST_DIGITS = 19

const [OTHER, OP, TIME, LSN, LAST_COMMIT] = [0, 1, 2, 3, 4] as const
const CODES = { other: OTHER, op: OP, time: TIME, lsn: LSN, lastCommit: LAST_COMMIT } as const

/** See above. */
export class TailShape {
  /** -1: says nothing of it. */
  time = -1
  lsn = -1
  lastCommit = -1
  op = 0
  /** One more than marks. */
  readonly #literals: readonly Literal[]
  readonly #marks: Uint8Array

  private constructor(literals: readonly Literal[], marks: Uint8Array) {
    this.#literals = literals
    this.#marks = marks
  }

  /** The shape of what stands from `from` to `end`. Marks stand in their order; of what is said twice the last counts, as everywhere in JSON. */
  static of(bytes: Buffer, from: number, end: number, marks: readonly TailMark[]): TailShape {
    const ends = [from, ...marks.map(({ to }) => to)]
    const starts = [...marks.map((mark) => mark.from), end]
    const literals = starts.map((start, index) => new Literal(bytes.subarray(ends[index], start)))
    return new TailShape(
      literals,
      Uint8Array.from(marks, ({ what }) => CODES[what]),
    )
  }

  /** Takes the numbers of a record that has this shape; false if it has another. */
  fits(bytes: Buffer, from: number, end: number): boolean {
    const literals = this.#literals
    const marks = this.#marks
    const view = viewOf(bytes)
    let at = (literals[0] as Literal).after(bytes, view, from)
    for (let index = 0; index < marks.length; index++) {
      if (at < 0) return false
      const mark = marks[index] as number
      if (mark === OP) this.op = bytes[at++] as number
      else {
        const first = at
        let value = 0
        for (;;) {
          const byte = bytes[at] as number
          if (!(byte >= ZERO && byte <= NINE)) break
          value = value * 10 + (byte - ZERO)
          at++
        }
        const count = at - first
        if (count === 0 || count > (mark === OTHER ? MOST_DIGITS : MOST_EXACT)) return false
        if (bytes[first] === ZERO && count > 1) return false
        if (mark === TIME) this.time = value
        else if (mark === LSN) this.lsn = value
        else if (mark === LAST_COMMIT) this.lastCommit = value
      }
      at = (literals[index + 1] as Literal).after(bytes, view, at)
    }
    return at === end
  }
}
