/**
 * Reads the text of a parameter from left to right: marks, names and values.
 *
 * A *name* ends at one of `. , ( ) ! "`, a *value* at `,` or `)`. Whatever holds one of these stands in double quotes, where a
 * backslash takes the character after it as it is: `"a,b"`, `"say \"no\""`.
 */
import type { ParameterFault } from './parameter-fault.ts'

/** A name, and whether it was quoted: only a plain one can be a keyword. */
export type ScannedName = { readonly text: string; readonly quoted: boolean }

/** Reads one text; every method moves on behind what it took. */
export type Scanner = {
  /** True if nothing is left. */
  atEnd(): boolean
  /** True if the mark comes next. */
  sees(mark: string): boolean
  /** Takes the mark if it comes next. */
  takes(mark: string): boolean
  /** @throws MogoError if the mark does not come next */
  expect(mark: string): void
  /** @throws MogoError if there is no name */
  name(): ScannedName
  /** @throws MogoError if there is no value */
  value(): string
  /** A list in parentheses: `(a,"b,c")`. @throws MogoError if there is none, or it is empty */
  list<T>(item: () => T): readonly T[]
  /** @throws MogoError if something is left */
  end(): void
}

const NAME = /[^.,()!"]+/y
const VALUE = /[^,()"]+/y
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy

/** Makes a scanner; its faults are those of the parameter. */
export function createScanner(text: string, fault: ParameterFault): Scanner {
  let at = 0
  const scanner: Scanner = {
    atEnd: () => at >= text.length,
    sees: (mark) => text.startsWith(mark, at),
    takes(mark) {
      if (!scanner.sees(mark)) return false
      at += mark.length
      return true
    },
    expect(mark) {
      if (!scanner.takes(mark)) throw fault(`${mark} is missing ${place()}`)
    },
    name() {
      const quoted = match(QUOTED)
      if (quoted !== undefined) return { text: unescaped(quoted), quoted: true }
      const plain = match(NAME)
      if (plain === undefined) throw fault(`a name is missing ${place()}`)
      return { text: plain, quoted: false }
    },
    value() {
      const quoted = match(QUOTED)
      const plain = quoted === undefined ? match(VALUE) : unescaped(quoted)
      if (plain === undefined) throw fault(`a value is missing ${place()}; the empty one is written ""`)
      if (scanner.atEnd() || scanner.sees(',') || scanner.sees(')')) return plain
      throw fault(`a value with one of , ( ) " in it stands in double quotes, ${place()}`)
    },
    list(item) {
      scanner.expect('(')
      const items = [item()]
      while (scanner.takes(',')) items.push(item())
      scanner.expect(')')
      return items
    },
    end() {
      if (!scanner.atEnd()) throw fault(`something is left over ${place()}`)
    },
  }
  return scanner

  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found === null) return undefined
    at = pattern.lastIndex
    return found[1] ?? found[0]
  }

  /** A place, and not what stands there: it may be a value. */
  function place(): string {
    return at >= text.length ? 'at its end' : `at character ${at + 1}`
  }
}

function unescaped(quoted: string): string {
  return quoted.replaceAll(/\\(.)/gs, '$1')
}
