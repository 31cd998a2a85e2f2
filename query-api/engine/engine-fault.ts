/**
 * A fault that the engine reports. Its text may hold values of rows, so it is private to the few functions that take names out
 * of it, and never reaches a message or a log: `message` has the code alone.
 */
export class EngineFault extends Error {
  readonly code: number
  /** Symbolic name, such as ILLEGAL_TYPE_OF_ARGUMENT; empty if unknown. */
  readonly symbol: string
  readonly #text: string

  constructor(code: number, text: string) {
    super(`engine code ${code}`)
    this.name = 'EngineFault'
    this.code = code
    this.#text = text
    this.symbol =
      /\(([A-Z][A-Z0-9_]{2,60})\)(?: \(version [^()]*\))?\s*$/.exec(text.slice(-300).trimEnd())?.[1] ?? ''
  }

  /** Parses `Code: 62. DB::Exception: …`. */
  static of(text: string): EngineFault {
    return new EngineFault(Number(/Code: (\d{1,6})\./.exec(text.slice(0, 200))?.[1] ?? 0), text)
  }

  /** The first group of a pattern in the engine's text; only for what the caller wrote. */
  find(pattern: RegExp): string | undefined {
    return pattern.exec(this.#text)?.[1]
  }
}

/** Codes by which the engine says that it does not know an identity. */
export const AUTH_CODES: ReadonlySet<number> = new Set([192, 193, 194, 516])
