/**
 * What stands around the row image in a Debezium envelope: source block, operation, and the end of it all. Reads the bytes once, front to
 * back, and keeps what a row needs in fields, so that no object is made per record. Most records have the shape of the one before (`tail-shape.ts`).
 */
import {
  afterValue,
  BACKSLASH,
  BAIL,
  CLOSE_BRACE,
  COLON,
  COMMA,
  endOfName,
  NINE,
  OPEN_BRACE,
  QUOTE,
  ZERO,
} from './scan.ts'
import { type TailMark, type TailNumber, TailShape } from './tail-shape.ts'

/** LSNs up to here are exact in a double; a source that has written more than 9 PB of log takes the plain path. */
const MOST_DIGITS = 15
/** Commit times that DateTime64(3) holds: up to the end of 2299, milliseconds. */
const MAX_MILLIS = Date.UTC(2300, 0, 1) - 1

const NONE = -1
/** Records of several shapes that take turns are better read in full. */
const MOST_PATIENCE = 10_000

const [SOURCE, OP, TIME, LSN, SEQUENCE, SNAPSHOT] = [
  'source',
  'op',
  'ts_ms',
  'lsn',
  'sequence',
  'snapshot',
].map((name) => Buffer.from(name, 'latin1')) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer]
/** Tell nothing about the row. */
const OTHERS = ['transaction', 'ts_ms', 'ts_us', 'ts_ns'].map((name) => Buffer.from(name, 'latin1'))

/** Reads what follows the row image. */
export class EnvelopeTail {
  /** Where the change stands in the order of commits; see `placeOf` in decode.ts. */
  position = 0
  /** Its order in its transaction; -1: that of its offset. See `placeOf` in decode.ts. */
  order = NONE
  /** Commit time, milliseconds; a record that says none takes the plain path. */
  committedAt = 0
  /** Read by a snapshot, not streamed. */
  isSnapshotRead = false
  isUpdate = false

  #lsn = NONE
  #lastCommit = NONE
  #hasSequence = false
  #op = 0
  #shape: TailShape | undefined
  /** Where this record may differ from the next one. */
  #marks: TailMark[] = []
  /** Records in a row that had another shape. */
  #surprises = 0
  /** Surprises until another shape is learnt: learning costs as much as some records. */
  #patience = 1

  /** Reads from behind the row image to the end; false if anything is not as usual. Only inserts, updates and snapshot reads are. */
  read(bytes: Buffer, from: number, end: number): boolean {
    const shape = this.#shape
    if (shape?.fits(bytes, from, end)) {
      this.#surprises = 0
      this.#lsn = shape.lsn
      this.#lastCommit = shape.lastCommit
      this.#op = shape.op
      this.committedAt = shape.time
      return this.#isUsual()
    }
    if (!this.#readAll(bytes, from, end) || !this.#isUsual()) return false
    if (++this.#surprises >= this.#patience) {
      this.#shape = TailShape.of(bytes, from, end, this.#marks)
      this.#surprises = 0
      this.#patience = Math.min(this.#patience * 2, MOST_PATIENCE)
    }
    return true
  }

  #readAll(bytes: Buffer, from: number, end: number): boolean {
    this.#marks = []
    this.#lsn = NONE
    this.#lastCommit = NONE
    this.#hasSequence = false
    this.#op = 0
    this.committedAt = NONE
    let at = from
    let hasSource = false
    while (bytes[at] === COMMA) {
      if (bytes[at + 1] !== QUOTE) return false
      const name = at + 2
      const nameEnd = endOfName(bytes, name, end)
      if (nameEnd < 0 || bytes[nameEnd + 1] !== COLON) return false
      at = nameEnd + 2
      // `before`, `after` and `schema` must not come twice, or at this place.
      if (isName(bytes, name, nameEnd, SOURCE)) {
        if (hasSource || bytes[at] !== OPEN_BRACE) return false
        hasSource = true
        at = this.#readSource(bytes, at + 1, end)
      } else if (isName(bytes, name, nameEnd, OP)) {
        if (bytes[at] !== QUOTE || bytes[at + 2] !== QUOTE) return false
        this.#op = bytes[at + 1] as number
        this.#mark('op', at + 1, at + 2)
        at += 3
      } else if (isOther(bytes, name, nameEnd)) {
        const value = at
        at = afterValue(bytes, at, end)
        this.#markNumber(bytes, 'other', value, at)
      } else return false
      if (at < 0) return false
    }
    return bytes[at] === CLOSE_BRACE && at + 1 === end && hasSource
  }

  /** Looks at what was read, whichever way. */
  #isUsual(): boolean {
    if (this.committedAt <= 0 || this.committedAt > MAX_MILLIS) return false
    // c, r, u
    if (this.#op !== 0x63 && this.#op !== 0x72 && this.#op !== 0x75) return false
    this.isSnapshotRead = this.#op === 0x72
    this.isUpdate = this.#op === 0x75
    if (this.#lsn < 0) return false
    const { isSnapshotRead } = this
    if (this.#lastCommit >= 0) {
      this.position = this.#lastCommit
      this.order = isSnapshotRead ? 0 : this.#lsn + 1
    } else {
      this.position = isSnapshotRead ? 0 : this.#lsn
      this.order = NONE
    }
    return true
  }

  #mark(what: TailMark['what'], from: number, to: number): void {
    this.#marks.push({ what, from, to })
  }

  /** What is no number of digits alone stays as it is. */
  #markNumber(bytes: Uint8Array, what: TailNumber, from: number, to: number): void {
    const byte = bytes[from] as number
    if (byte >= ZERO && byte <= NINE) this.#mark(what, from, to)
  }

  #readSource(bytes: Buffer, from: number, end: number): number {
    let at = from
    for (;;) {
      if (bytes[at] !== QUOTE) return BAIL
      const name = at + 1
      const nameEnd = endOfName(bytes, name, end)
      if (nameEnd < 0 || bytes[nameEnd + 1] !== COLON) return BAIL
      const value = nameEnd + 2
      at = afterValue(bytes, value, end)
      if (at < 0 || !this.#take(bytes, name, nameEnd, value, at)) return BAIL
      if (bytes[at] === CLOSE_BRACE) return at + 1
      if (bytes[at] !== COMMA) return BAIL
      at++
    }
  }

  /** Takes what is needed of the source block; false if it is not usual. */
  #take(bytes: Uint8Array, name: number, nameEnd: number, value: number, valueEnd: number): boolean {
    if (isName(bytes, name, nameEnd, TIME)) {
      this.committedAt = digits(bytes, value, valueEnd)
      this.#mark('time', value, valueEnd)
      return this.committedAt >= 0
    }
    if (isName(bytes, name, nameEnd, LSN)) {
      this.#lsn = digits(bytes, value, valueEnd)
      this.#mark('lsn', value, valueEnd)
      return this.#lsn >= 0
    }
    if (isName(bytes, name, nameEnd, SEQUENCE)) return this.#takeSequence(bytes, value, valueEnd)
    // `last` and `last_in_data_collection` end a snapshot, which the lane has to know.
    if (isName(bytes, name, nameEnd, SNAPSHOT)) return bytes[value + 1] !== 0x6c
    this.#markNumber(bytes, 'other', value, valueEnd)
    return true
  }

  /** `"[\"last commit\",\"own LSN\"]"`, the first of which may be null. */
  #takeSequence(bytes: Uint8Array, value: number, valueEnd: number): boolean {
    if (this.#hasSequence || bytes[value] !== QUOTE || bytes[value + 1] !== 0x5b) return false
    this.#hasSequence = true
    let at = value + 2
    if (bytes[at] === 0x6e) return isTextFrom(bytes, at, 'null,')
    if (bytes[at] !== BACKSLASH || bytes[at + 1] !== QUOTE) return false
    at += 2
    const start = at
    while (at < valueEnd && (bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE) at++
    if (bytes[at] !== BACKSLASH || bytes[at + 1] !== QUOTE || bytes[at + 2] !== COMMA) return false
    this.#lastCommit = digits(bytes, start, at)
    this.#mark('lastCommit', start, at)
    // The rest: `\"digits\"]"` or `null]"`.
    let rest = at + 3
    if (bytes[rest] === 0x6e) return isTextFrom(bytes, rest, 'null]"') && this.#lastCommit >= 0
    if (bytes[rest] !== BACKSLASH || bytes[rest + 1] !== QUOTE) return false
    rest += 2
    const own = rest
    while (rest < valueEnd && (bytes[rest] as number) >= ZERO && (bytes[rest] as number) <= NINE) rest++
    this.#mark('other', own, rest)
    return this.#lastCommit >= 0 && rest > own && isTextFrom(bytes, rest, '\\"]"')
  }
}

function isOther(bytes: Uint8Array, from: number, end: number): boolean {
  for (const name of OTHERS) if (isName(bytes, from, end, name)) return true
  return false
}

function isName(bytes: Uint8Array, from: number, end: number, name: Uint8Array): boolean {
  if (end - from !== name.length) return false
  for (let index = 0; index < name.length; index++) if (bytes[from + index] !== name[index]) return false
  return true
}

function isTextFrom(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++)
    if (bytes[at + index] !== text.charCodeAt(index)) return false
  return true
}

/** A whole number of at most 15 digits, no sign; -1 for anything else. */
function digits(bytes: Uint8Array, from: number, end: number): number {
  if (end <= from || end - from > MOST_DIGITS) return NONE
  let value = 0
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number
    if (byte < ZERO || byte > NINE) return NONE
    value = value * 10 + (byte - ZERO)
  }
  return value
}
