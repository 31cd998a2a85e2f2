/** What the readers of plain YAML share: the text, the limits, and how they give up. */
import { exactDigits } from './plain-value.ts'

/** Most values in a document. */
export const MAX_VALUES = 150_000

/** Ends the reading: here is something that the reader of plain YAML leaves to the full parser. */
export class NotPlain extends Error {
  readonly offset: number
  readonly tooMany: boolean
  constructor(offset: number, tooMany = false) {
    super('not plain YAML')
    this.offset = offset
    this.tooMany = tooMany
  }
}

/** State of one reading. */
export class ReadState {
  readonly text: string
  /** Text of the number that was read last; undefined if it was no number. */
  numberText: string | undefined
  #values = 0
  readonly #exact = new WeakMap<object, Map<string, string>>()

  constructor(text: string) {
    this.text = text
  }

  /** Counts a value. */
  countNode(offset: number): void {
    if (++this.#values > MAX_VALUES) throw new NotPlain(offset, true)
  }

  /** Keeps the text of a number that a double cannot hold. */
  keepDigits(holder: object, key: string, source: string): void {
    const digits = exactDigits(source)
    if (digits === undefined) return
    const numbers = this.#exact.get(holder) ?? new Map<string, string>()
    numbers.set(key, digits)
    this.#exact.set(holder, numbers)
  }

  /** See {@link keepDigits}. */
  exactNumber(holder: object, key: string): string | undefined {
    return this.#exact.get(holder)?.get(key)
  }

  /** The first character of the next line with content, at or after a line's start; it must be indented more than `parent`. */
  nextLine(lineStart: number, parent: number): number {
    let start = lineStart
    for (;;) {
      let at = start
      while (this.text.charCodeAt(at) === 0x20) at++
      const code = this.text.charCodeAt(at)
      if (code === 0x0a) start = at + 1
      else if (code === 0x23) {
        const end = this.text.indexOf('\n', at)
        if (end < 0) throw new NotPlain(at)
        start = end + 1
      } else {
        if (at - start <= parent || Number.isNaN(code)) throw new NotPlain(at)
        // A document marker ends everything.
        if (at === start && /^(?:---|\.\.\.)/.test(this.text.slice(at, at + 3))) throw new NotPlain(at)
        return at
      }
    }
  }

  /** Lines after the first, of what stands between two offsets, must be indented more than `parent`. */
  checkIndent(from: number, end: number, parent: number): void {
    for (
      let line = this.text.indexOf('\n', from);
      line >= 0 && line < end;
      line = this.text.indexOf('\n', line + 1)
    ) {
      let at = line + 1
      while (this.text.charCodeAt(at) === 0x20) at++
      if (this.text.charCodeAt(at) !== 0x0a && at - line - 1 <= Math.max(parent, 0)) throw new NotPlain(at)
    }
  }
}

/** A key may be `__proto__`: it is a key like any other. */
export function setKey(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true })
  else record[key] = value
}
