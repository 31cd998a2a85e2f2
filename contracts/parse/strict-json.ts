/**
 * JSON as the standard says (RFC 8259), for files that are called so: other programs will read them. A reader of our own, because faults need
 * places and none of the text. What people write instead (comments, commas at the end, other quotes, names without quotes) is understood,
 * said, and passed over, so that everything else can be said too.
 */

import { shortKey } from '../fault.ts'
import { NotPlain, ReadState, setKey } from './read-state.ts'
import { type OffsetOf, type SourceEntry, type SourceTree, treeOffsets } from './source-tree.ts'
import type { StructureFault } from './yaml-value.ts'

/** Deepest nesting. */
const MAX_DEPTH = 150
/** Most faults of syntax that are said. */
const MAX_FAULTS = 100

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const WORD = /[A-Za-z0-9_$.+-]+/y
const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
])
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/** A document that was read; with a fatal fault it has no value. */
export type JsonDocument = {
  readonly value: unknown
  readonly offsetOf: OffsetOf
  readonly exactNumber: (holder: object, key: string) => string | undefined
  readonly faults: readonly StructureFault[]
  /** Where there are more values than a contract can have; undefined if there are not. */
  readonly tooManyAt?: number
}

/** Reads a document. Throws nothing. */
export function readStrictJson(text: string): JsonDocument {
  const reader = new JsonReader(text)
  const { faults, state } = reader
  let value: unknown
  let tooMany: number | undefined
  try {
    value = reader.document()
  } catch (error) {
    if (error instanceof NotPlain) tooMany = error.offset
    else if (!(error instanceof Stopped)) throw error
  }
  return {
    value,
    offsetOf: treeOffsets(reader.tree),
    exactNumber: (holder, key) => state.exactNumber(holder, key),
    faults,
    ...(tooMany !== undefined && { tooManyAt: tooMany }),
  }
}

/** Ends the reading; the fault has been said. */
class Stopped extends Error {}

class JsonReader {
  readonly faults: StructureFault[] = []
  readonly state: ReadState
  /** Where the node stands that was read last. */
  tree: SourceTree = 0
  readonly #text: string
  readonly #path: (string | number)[] = []
  #at = 0

  constructor(text: string) {
    this.#text = text
    this.state = new ReadState(text)
  }

  document(): unknown {
    this.#space()
    if (this.#at >= this.#text.length) this.#stop('the file is empty')
    if (/[A-Za-z_$-]/.test(this.#text[this.#at] ?? '')) this.#stop('the file is called JSON, and is not')
    const value = this.#value(0)
    this.#space()
    if (this.#at < this.#text.length) this.#stop('something follows the end of the document')
    return value
  }

  #value(depth: number): unknown {
    if (depth > MAX_DEPTH) this.#stop('nested too deeply')
    this.state.countNode(this.#at)
    const char = this.#text[this.#at]
    if (char === '{') return this.#object(depth)
    if (char === '[') return this.#array(depth)
    this.tree = this.#at
    this.state.numberText = undefined
    if (char === '"' || char === "'") return this.#string(char)
    return this.#plain()
  }

  #object(depth: number): Record<string, unknown> {
    const offset = this.#at++
    const record: Record<string, unknown> = {}
    const entries = new Map<string, SourceEntry>()
    while (this.#more('}')) {
      const keyOffset = this.#at
      const key = this.#key()
      this.#path.push(key)
      if (entries.has(key))
        this.#say(`the key ${shortKey(key)} stands twice in one object`, keyOffset, 'CONTRACT_DUPLICATE_KEY')
      this.#space()
      if (this.#text[this.#at] !== ':') this.#stop('a colon is expected after a key')
      this.#at++
      this.#space()
      const value = this.#value(depth + 1)
      const digits = this.state.numberText
      if (digits !== undefined && typeof value === 'number') this.state.keepDigits(record, key, digits)
      setKey(record, key, value)
      entries.set(key, { key: keyOffset, value: this.tree })
      this.#path.pop()
      this.#comma('}')
    }
    this.tree = { offset, entries }
    this.state.numberText = undefined
    return record
  }

  #array(depth: number): unknown[] {
    const offset = this.#at++
    const values: unknown[] = []
    const items: SourceTree[] = []
    while (this.#more(']')) {
      this.#path.push(values.length)
      values.push(this.#value(depth + 1))
      items.push(this.tree)
      this.#path.pop()
      this.#comma(']')
    }
    this.tree = { offset, items }
    this.state.numberText = undefined
    return values
  }

  /** Is there another element? Passes over the end where there is none. */
  #more(close: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== close) return true
    this.#at++
    return false
  }

  /** Passes over the comma after an element. */
  #comma(close: string): void {
    this.#space()
    const char = this.#text[this.#at]
    if (char === close) return
    if (char === undefined)
      this.#stop(`the text ends before a ${close === '}' ? 'closing brace' : 'closing bracket'}`)
    if (char !== ',') this.#stop('a comma is expected between two elements')
    const comma = this.#at++
    this.#space()
    if (this.#text[this.#at] === close) this.#say('JSON has no comma after the last element', comma)
  }

  #key(): string {
    const from = this.#at
    const char = this.#text[from] ?? ''
    if (char === '"' || char === "'") return this.#string(char)
    const word = this.#word()
    if (word === '')
      this.#stop(char === '' ? 'the text ends before a closing brace' : 'a key in double quotes is expected')
    this.#say('a key must be in double quotes', from)
    return word
  }

  #string(quote: string): string {
    const from = this.#at++
    if (quote === "'") this.#say('JSON has double quotes only', from)
    let value = ''
    let start = this.#at
    let saidControl = false
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined) this.#stop('a text that is not closed', from)
      if (char === quote) break
      if (char === '\\') {
        value += this.#text.slice(start, this.#at) + this.#escape()
        start = this.#at
        continue
      }
      if (char < ' ' && !saidControl) {
        this.#say('a line end, a tab or another control character in a text must be escaped', this.#at)
        saidControl = true
      }
      this.#at++
    }
    value += this.#text.slice(start, this.#at++)
    return value
  }

  #escape(): string {
    const from = this.#at
    const next = this.#text[from + 1] ?? ''
    const escaped = ESCAPES.get(next)
    this.#at = from + 2
    if (escaped !== undefined) return escaped
    const hex = this.#text.slice(from + 2, from + 6)
    if (next === 'u' && /^[0-9a-fA-F]{4}$/.test(hex)) {
      this.#at = from + 6
      return String.fromCharCode(Number.parseInt(hex, 16))
    }
    this.#say('not an escape of JSON', from)
    return next
  }

  #plain(): number | boolean | null | string {
    const from = this.#at
    NUMBER.lastIndex = from
    const number = NUMBER.exec(this.#text)?.[0] ?? ''
    const word = this.#word()
    if (word === '')
      this.#stop(this.#at >= this.#text.length ? 'the text ends before a value' : 'a value is expected')
    if (word === number) {
      this.state.numberText = number
      return Number(number)
    }
    const known = WORDS.get(word)
    if (known !== undefined) return known
    const lenient = Number(word)
    if (/^[-+.0-9]/.test(word) && !Number.isNaN(lenient)) {
      this.#say('not a number as JSON writes it', from)
      return lenient
    }
    this.#say('a value must be a text in double quotes, a number, true, false or null', from)
    return word
  }

  /** What stands here up to the next sign or space. */
  #word(): string {
    WORD.lastIndex = this.#at
    const word = WORD.exec(this.#text)?.[0] ?? ''
    this.#at += word.length
    return word
  }

  /** Passes over space, and over comments, which are said. */
  #space(): void {
    for (;;) {
      const char = this.#text[this.#at]
      if (char === ' ' || char === '\n' || char === '\t' || char === '\r') this.#at++
      else if (char === '#' || (char === '/' && /[/*]/.test(this.#text[this.#at + 1] ?? ''))) this.#comment()
      else return
    }
  }

  #comment(): void {
    const from = this.#at
    this.#say('JSON has no comments', from)
    const isBlock = this.#text.startsWith('/*', from)
    const end = isBlock ? this.#text.indexOf('*/', from + 2) : this.#text.indexOf('\n', from)
    if (end < 0 && isBlock) this.#stop('a comment that is not closed', from)
    this.#at = end < 0 ? this.#text.length : end + (isBlock ? 2 : 1)
  }

  #say(
    message: string,
    offset: number,
    code: StructureFault['code'] = 'CONTRACT_SYNTAX',
    fatal = false,
  ): void {
    if (this.faults.length < MAX_FAULTS)
      this.faults.push({ code, message, path: [...this.#path], offset, fatal })
    else this.#stop('more faults of syntax than can be said', offset)
  }

  #stop(message: string, offset = this.#at): never {
    this.faults.push({ code: 'CONTRACT_SYNTAX', message, path: [...this.#path], offset, fatal: true })
    throw new Stopped()
  }
}
