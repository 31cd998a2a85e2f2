/**
 * Flow collections of YAML (`[a, b]`, `{a: 1}`), and so JSON, for the plain-YAML reader. What is rare in them (pairs in lists, collections as keys,
 * plain scalars over several lines, anchors, tags) is left to the full parser.
 */
import { plainValue, RARE_SCALAR } from './plain-value.ts'
import { quotedValue, quoteEnd, trimEnd } from './quoted-scalar.ts'
import { NotPlain, type ReadState, setKey } from './read-state.ts'
import type { SourceEntry, SourceTree } from './source-tree.ts'

/** Deepest nesting. */
const MAX_DEPTH = 100

/** Reads the collection that begins at `from`; lines after the first must be indented more than `parent`. */
export function readFlow(
  state: ReadState,
  from: number,
  parent: number,
): { readonly value: unknown; readonly tree: SourceTree; readonly end: number } {
  const reader = new FlowReader(state, from, parent)
  const value = reader.node(0)
  return { value, tree: reader.tree, end: reader.at }
}

class FlowReader {
  at: number
  /** Where the node stands that was read last. */
  tree: SourceTree = 0
  readonly #state: ReadState
  readonly #text: string
  readonly #parent: number

  constructor(state: ReadState, from: number, parent: number) {
    this.#state = state
    this.#text = state.text
    this.at = from
    this.#parent = parent
  }

  node(depth: number): unknown {
    this.#state.countNode(this.at)
    const char = this.#text[this.at]
    if (char === '[') return this.#list(depth)
    if (char === '{') return this.#map(depth)
    const from = this.at
    const value = this.#scalar()
    this.tree = from
    return value
  }

  #list(depth: number): unknown[] {
    if (depth > MAX_DEPTH) throw new NotPlain(this.at)
    const offset = this.at++
    const values: unknown[] = []
    const items: SourceTree[] = []
    for (;;) {
      this.#space()
      if (this.#text[this.at] === ']') break
      values.push(this.node(depth + 1))
      items.push(this.tree)
      this.#space()
      if (!this.#comma(']')) break
    }
    this.at++
    this.tree = { offset, items }
    return values
  }

  #map(depth: number): Record<string, unknown> {
    if (depth > MAX_DEPTH) throw new NotPlain(this.at)
    const offset = this.at++
    const record: Record<string, unknown> = {}
    const entries = new Map<string, SourceEntry>()
    for (;;) {
      this.#space()
      if (this.#text[this.at] === '}') break
      const key = this.at
      if (/[[{]/.test(this.#text[key] ?? '')) throw new NotPlain(key)
      this.#state.countNode(key)
      const isQuoted = /["']/.test(this.#text[key] ?? '')
      const scalar = this.#scalar()
      const name = scalar === null ? '' : String(scalar)
      if (entries.has(name) || name === '<<') throw new NotPlain(key)
      while (this.#text[this.at] === ' ') this.at++
      let value: unknown = null
      let tree: SourceTree = this.at
      if (this.#text[this.at] === ':') {
        if (!isQuoted && !/^[\s,[\]{}]?$/.test(this.#text[this.at + 1] ?? '')) throw new NotPlain(this.at)
        this.at++
        tree = this.at
        this.#space()
        if (!/[,}]/.test(this.#text[this.at] ?? '')) {
          this.#state.numberText = undefined
          value = this.node(depth + 1)
          tree = this.tree
          const end = this.#state.numberText
          if (end !== undefined && typeof value === 'number') this.#state.keepDigits(record, name, end)
        }
      }
      setKey(record, name, value)
      entries.set(name, { key, value: tree })
      this.#space()
      if (!this.#comma('}')) break
    }
    this.at++
    this.tree = { offset, entries }
    return record
  }

  /** Passes over a comma; false at the end of the collection. */
  #comma(close: string): boolean {
    const char = this.#text[this.at]
    if (char === close) return false
    if (char !== ',') throw new NotPlain(this.at)
    this.at++
    return true
  }

  #scalar(): string | number | boolean | null {
    const from = this.at
    const char = this.#text[from] ?? ''
    this.#state.numberText = undefined
    if (char === '"' || char === "'") {
      const end = quoteEnd(this.#text, from)
      if (end < 0) throw new NotPlain(from)
      this.#state.checkIndent(from, end, this.#parent)
      const value = quotedValue(this.#text, from, end)
      if (value === undefined) throw new NotPlain(from)
      this.at = end
      return value
    }
    if (/^[,[\]{}&*!|>%@`#\n]?$/.test(char) || /^[-?:][\s,[\]{}]?$/.test(this.#text.slice(from, from + 2)))
      throw new NotPlain(from)
    const text = trimEnd(this.#text.slice(from, this.#plainEnd(from)))
    this.at = from + text.length
    // A plain scalar that goes on in the next line.
    const before = this.at
    if (this.#text.charCodeAt(this.#lineSpace()) === 0x0a) {
      this.#space()
      if (!/[,\]}]/.test(this.#text[this.at] ?? '')) throw new NotPlain(before)
    }
    const value = plainValue(text)
    if (value === RARE_SCALAR) throw new NotPlain(from)
    if (typeof value === 'number') this.#state.numberText = text
    return value
  }

  /** End of a plain scalar on one line. */
  #plainEnd(from: number): number {
    let at = from
    for (; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at)
      if (code === 0x0a || ENDS_PLAIN.has(code)) break
      if (
        code === 0x3a &&
        (isSpaceOrEnd(this.#text, at + 1) || ENDS_PLAIN.has(this.#text.charCodeAt(at + 1)))
      )
        break
      if (code === 0x23 && this.#text.charCodeAt(at - 1) === 0x20) break
    }
    return at
  }

  #lineSpace(): number {
    let at = this.at
    while (this.#text[at] === ' ') at++
    return this.#text[at] === '#' && at > this.at ? this.#text.indexOf('\n', at) : at
  }

  /** Passes over spaces, line ends and comments. */
  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.at)
      if (code === 0x20) this.at++
      else if (code === 0x0a) {
        this.at = this.#state.nextLine(this.at + 1, this.#parent)
      } else if (code === 0x23 && /[ \n]/.test(this.#text[this.at - 1] ?? '')) {
        const end = this.#text.indexOf('\n', this.at)
        if (end < 0) throw new NotPlain(this.at)
        this.at = end
      } else if (Number.isNaN(code)) throw new NotPlain(this.at)
      else return
    }
  }
}

/** `,`, `[`, `]`, `{` and `}`. */
const ENDS_PLAIN: ReadonlySet<number> = new Set([0x2c, 0x5b, 0x5d, 0x7b, 0x7d])

function isSpaceOrEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code === 0x20 || code === 0x0a || at >= text.length
}
