/**
 * A reader for the YAML that contracts are written in, some twenty times as fast as the full parser: block maps and lists, flow collections (JSON),
 * plain, quoted and block scalars, comments. It takes time and memory in proportion to the text, whatever the text.
 *
 * Whatever else there is (anchors, tags, merge keys, explicit keys, directives, tabs, several documents), and every fault of syntax, is
 * left to the full parser: this one gives up rather than guess, so that both always agree. A test holds them side by side.
 */
import { readFlow } from './flow-reader.ts'
import { plainValue, RARE_SCALAR } from './plain-value.ts'
import { foldLines, quotedValue, quoteEnd, trimEnd } from './quoted-scalar.ts'
import { NotPlain, ReadState, setKey } from './read-state.ts'
import { type OffsetOf, type SourceEntry, type SourceTree, treeOffsets } from './source-tree.ts'

/** Deepest nesting. */
const MAX_DEPTH = 150
const LONGEST_KEY = 1_000

/** A document that was read. */
export type PlainDocument = {
  readonly value: unknown
  readonly offsetOf: OffsetOf
  readonly exactNumber: (holder: object, key: string) => string | undefined
}

/** Where, and why, the reader gave up. */
export type GivenUp = { readonly offset: number; readonly tooMany: boolean }

/** Reads a document with line ends `\n`. */
export function readPlainYaml(text: string): PlainDocument | GivenUp {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const odd = text.search(/[\u0000-\u0009\u000b-\u001f\ufeff]/)
  if (odd >= 0) return { offset: odd, tooMany: false }
  const reader = new PlainReader(text)
  try {
    const value = reader.document()
    const { state } = reader
    return {
      value,
      offsetOf: treeOffsets(reader.tree),
      exactNumber: (holder, key) => state.exactNumber(holder, key),
    }
  } catch (error) {
    if (error instanceof NotPlain) return { offset: error.offset, tooMany: error.tooMany }
    throw error
  }
}

/** What may not begin a plain scalar, alone or before a space. */
const INDICATOR = /^(?:[,[\]{}#&*!|>'"%@`]|[-?:](?:[ \n]|$))/

class PlainReader {
  readonly state: ReadState
  /** Where the node stands that was read last. */
  tree: SourceTree = 0
  readonly #text: string
  /** The line at hand: its start, its first character of content, and the column of that. At the end of the text the column is -1. */
  #lineStart = 0
  #pos = 0
  #column = 0
  /** After the colon of the key that was read last. */
  #afterKey = 0

  constructor(text: string) {
    this.#text = text
    this.state = new ReadState(text)
  }

  document(): unknown {
    this.#advance(0, true)
    if (this.#column < 0) throw new NotPlain(0)
    const value = this.#node(-1, 0)
    if (this.#column >= 0) throw new NotPlain(this.#pos)
    return value
  }

  /** Goes to the next line with content, from the start of a line. */
  #advance(lineStart: number, isFirst = false): void {
    let start = lineStart
    let first = isFirst
    for (;;) {
      let at = start
      while (this.#text.charCodeAt(at) === 0x20) at++
      const code = this.#text.charCodeAt(at)
      if (code === 0x0a) start = at + 1
      else if (code === 0x23) start = this.#lineEnd(at) + 1
      else if (at >= this.#text.length) {
        this.#pos = this.#text.length
        this.#column = -1
        return
      } else {
        this.#lineStart = start
        this.#pos = at
        this.#column = at - start
        if (at > start || !/^(?:---|\.\.\.|%)/.test(this.#text.slice(at, at + 3))) return
        // A marker before everything else may be passed over.
        if (!first || !/^---\n/.test(this.#text.slice(at, at + 4))) throw new NotPlain(at)
        first = false
        start = at + 4
      }
    }
  }

  #lineEnd(from: number): number {
    const end = this.#text.indexOf('\n', from)
    return end < 0 ? this.#text.length : end
  }

  /** A node that begins at the place at hand, inside of what is indented by `parent`. */
  #node(parent: number, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new NotPlain(this.#pos)
    if (this.#isDash()) return this.#list(this.#column, depth)
    const key = this.#key()
    return key === undefined ? this.#inline(this.#pos, parent) : this.#map(this.#column, key, depth)
  }

  #isDash(): boolean {
    return this.#text.charCodeAt(this.#pos) === 0x2d && isBlank(this.#text.charCodeAt(this.#pos + 1))
  }

  #list(column: number, depth: number): unknown[] {
    this.state.countNode(this.#pos)
    const offset = this.#pos
    const values: unknown[] = []
    const items: SourceTree[] = []
    while (this.#column === column && this.#isDash()) {
      const dash = this.#pos
      const at = this.#afterSpaces(dash + 1)
      if (this.#isLineRest(at, dash)) {
        this.#advance(this.#lineEnd(at) + 1)
        if (this.#column > column) values.push(this.#node(column, depth + 1))
        else {
          values.push(null)
          this.tree = dash + 1
        }
      } else {
        this.#pos = at
        this.#column = at - this.#lineStart
        values.push(this.#node(column, depth + 1))
      }
      items.push(this.tree)
    }
    if (this.#column > column) throw new NotPlain(this.#pos)
    this.tree = { offset, items }
    return values
  }

  #map(column: number, firstKey: string, depth: number): Record<string, unknown> {
    this.state.countNode(this.#pos)
    const offset = this.#pos
    const record: Record<string, unknown> = {}
    const entries = new Map<string, SourceEntry>()
    let key: string | undefined = firstKey
    for (;;) {
      const keyOffset = this.#pos
      if (entries.has(key) || key === '<<') throw new NotPlain(keyOffset)
      this.state.numberText = undefined
      const value = this.#mapValue(column, depth)
      // The text may be that of a number inside of the value.
      if (this.state.numberText !== undefined && typeof value === 'number')
        this.state.keepDigits(record, key, this.state.numberText)
      setKey(record, key, value)
      entries.set(key, { key: keyOffset, value: this.tree })
      if (this.#column !== column) break
      if (this.#isDash()) throw new NotPlain(this.#pos)
      key = this.#key()
      if (key === undefined) throw new NotPlain(this.#pos)
    }
    if (this.#column > column) throw new NotPlain(this.#pos)
    this.tree = { offset, entries }
    this.state.numberText = undefined
    return record
  }

  #mapValue(column: number, depth: number): unknown {
    const after = this.#afterKey
    const at = this.#afterSpaces(after)
    if (!this.#isLineRest(at, after)) return this.#inline(at, column)
    this.#advance(this.#lineEnd(at) + 1)
    if (this.#column > column) return this.#node(column, depth + 1)
    // A list may stand at the column of its key.
    if (this.#column === column && this.#isDash()) return this.#list(column, depth + 1)
    this.state.countNode(after)
    this.tree = after
    return null
  }

  #afterSpaces(from: number): number {
    let at = from
    while (this.#text.charCodeAt(at) === 0x20) at++
    return at
  }

  /** Is the rest of the line empty or a comment? `from` is where the spaces before it began. */
  #isLineRest(at: number, from: number): boolean {
    const code = this.#text.charCodeAt(at)
    return at >= this.#text.length || code === 0x0a || (code === 0x23 && at > from)
  }

  /** The key at the place at hand, if the line begins with one; sets where its value begins. */
  #key(): string | undefined {
    const from = this.#pos
    const first = this.#text[from] ?? ''
    if (first === '"' || first === "'") {
      const end = quoteEnd(this.#text, from)
      if (end < 0) throw new NotPlain(from)
      const colon = this.#afterSpaces(end)
      if (this.#text[colon] !== ':' || !isBlank(this.#text.charCodeAt(colon + 1))) return undefined
      const key = quotedValue(this.#text, from, end)
      if (key === undefined || this.#text.slice(from, end).includes('\n') || end - from > LONGEST_KEY)
        throw new NotPlain(from)
      this.#afterKey = colon + 1
      return key
    }
    const colon = this.#colon(from)
    if (colon < 0) return undefined
    if (INDICATOR.test(this.#text.slice(from, from + 2))) {
      if (first === '[' || first === '{') return undefined
      throw new NotPlain(from)
    }
    if (colon - from > LONGEST_KEY) throw new NotPlain(from)
    const value = plainValue(trimEnd(this.#text.slice(from, colon)))
    if (value === RARE_SCALAR) throw new NotPlain(from)
    this.#afterKey = colon + 1
    return value === null ? '' : String(value)
  }

  /** The colon that ends a plain key in this line; -1 if there is none before the end or a comment. */
  #colon(from: number): number {
    for (let at = from; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at)
      if (code === 0x0a) return -1
      if (code === 0x3a && isBlank(this.#text.charCodeAt(at + 1))) return at
      if (code === 0x23 && this.#text.charCodeAt(at - 1) === 0x20) return -1
    }
    return -1
  }

  /** A scalar or flow collection that begins at `from`, up to the end of its line or lines. */
  #inline(from: number, parent: number): unknown {
    const first = this.#text[from] ?? ''
    if (first === '[' || first === '{') {
      const { value, tree, end } = readFlow(this.state, from, parent)
      this.#endLine(end)
      this.tree = tree
      this.state.numberText = undefined
      return value
    }
    this.state.countNode(from)
    this.tree = from
    if (first === '|' || first === '>') return this.#block(from, parent)
    if (first === '"' || first === "'") {
      const end = quoteEnd(this.#text, from)
      if (end < 0) throw new NotPlain(from)
      this.state.checkIndent(from, end, parent)
      const value = quotedValue(this.#text, from, end)
      if (value === undefined) throw new NotPlain(from)
      this.#endLine(end)
      return value
    }
    return this.#plain(from, parent)
  }

  /** After a node, nothing but a comment may stand in the line. */
  #endLine(end: number): void {
    const at = this.#afterSpaces(end)
    if (!this.#isLineRest(at, end)) throw new NotPlain(at)
    this.#advance(this.#lineEnd(at) + 1)
  }

  #plain(from: number, parent: number): unknown {
    if (INDICATOR.test(this.#text.slice(from, from + 2))) throw new NotPlain(from)
    let line = this.#plainLine(from)
    const lines = [line.text]
    // It goes on in lines that are indented more than what it is in.
    for (;;) {
      let start = line.end + 1
      let at = this.#afterSpaces(start)
      const blanks: string[] = []
      while (this.#text.charCodeAt(at) === 0x0a) {
        blanks.push('')
        start = at + 1
        at = this.#afterSpaces(start)
      }
      if (at >= this.#text.length || at - start <= parent || this.#text.charCodeAt(at) === 0x23) break
      if (line.hasComment || parent < 0) throw new NotPlain(at)
      line = this.#plainLine(at)
      lines.push(...blanks, line.text)
    }
    this.#advance(line.end + 1)
    if (lines.length > 1) return foldLines(lines)
    const text = lines[0] ?? ''
    const value = plainValue(text)
    if (value === RARE_SCALAR) throw new NotPlain(from)
    this.state.numberText = typeof value === 'number' ? text : undefined
    return value
  }

  /** What a plain scalar has of a line, from `from` on. */
  #plainLine(from: number): { readonly text: string; readonly end: number; readonly hasComment: boolean } {
    const end = this.#lineEnd(from)
    let text = this.#text.slice(from, end)
    const comment = text.indexOf(' #')
    if (comment >= 0) text = text.slice(0, comment)
    text = trimEnd(text)
    // `a: b: c` is a fault.
    if (text.endsWith(':') || text.includes(': ')) throw new NotPlain(from)
    return { text, end, hasComment: comment >= 0 }
  }

  /** A literal (`|`) or folded (`>`) scalar. */
  #block(from: number, parent: number): string {
    const headEnd = this.#lineEnd(from)
    const head = /^([|>])(-?)(?: +(?:#.*)?)?$/.exec(this.#text.slice(from, headEnd))
    if (!head || parent < 0) throw new NotPlain(from)
    const lines: string[] = []
    let indent = -1
    let start = headEnd + 1
    while (start < this.#text.length) {
      const end = this.#lineEnd(start)
      const at = Math.min(this.#afterSpaces(start), end)
      const isBlank = at === end
      if (!isBlank) {
        if (indent < 0) {
          indent = at - start
          if (indent <= parent || lines.some((line) => line !== '')) throw new NotPlain(start)
        }
        if (at - start < indent) {
          if (at - start > parent) throw new NotPlain(at)
          break
        }
      }
      // Spaces of empty lines before the indentation is known are kept: with them, it is not plain.
      lines.push(indent < 0 ? this.#text.slice(start, end) : this.#text.slice(start + indent, end))
      start = end + 1
    }
    if (indent < 0) throw new NotPlain(from)
    this.#advance(start)
    while (lines.at(-1)?.trim() === '') {
      if (lines.at(-1) !== '') throw new NotPlain(from)
      lines.pop()
    }
    const isFolded = head[1] === '>'
    if (isFolded && (lines[0] === '' || lines.some((line) => line.startsWith(' ')))) throw new NotPlain(from)
    return `${isFolded ? foldBlock(lines) : lines.join('\n')}${head[2] === '-' ? '' : '\n'}`
  }
}

/** Lines of a folded scalar without deeper ones: a line end is a space, and n empty lines are n line ends. */
function foldBlock(lines: readonly string[]): string {
  let text = lines[0] ?? ''
  let blanks = 0
  for (const line of lines.slice(1)) {
    if (line === '') blanks++
    else {
      text += (blanks === 0 ? ' ' : '\n'.repeat(blanks)) + line
      blanks = 0
    }
  }
  return text
}

/** A space, a line end, or the end of the text. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || Number.isNaN(code)
}
