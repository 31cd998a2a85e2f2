/** What a plain (unquoted) scalar of YAML 1.2 stands for, by the core schema (YAML 1.2.2, section 10.3.2). */

const NUMBER = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
/** Forms that are rare: octal, hexadecimal, infinity, not a number. */
const RARE = /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const DIGITS = /^[-+]?(\d+)(?:\.(\d+))?$/

const WORDS: ReadonlyMap<string, null | boolean> = new Map<string, null | boolean>([
  ['', null],
  ['~', null],
  ['null', null],
  ['Null', null],
  ['NULL', null],
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
])

/** Stands for a scalar that {@link plainValue} leaves to the full parser. */
export const RARE_SCALAR = Symbol('rare')

/** The value. */
export function plainValue(text: string): string | number | boolean | null | typeof RARE_SCALAR {
  // Most scalars are words: a look at the first character and the length is enough.
  const first = text.charCodeAt(0)
  const isNumeric = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2e
  if (isNumeric) {
    if (NUMBER.test(text)) return Number(text)
    return RARE.test(text) ? RARE_SCALAR : text
  }
  if (text.length > 5) return text
  const word = WORDS.get(text)
  return word === undefined ? text : word
}

/** The text of a number if it has more digits than a double holds; undefined for every other. */
export function exactDigits(source: string): string | undefined {
  if (source.length < 16) return undefined
  const digits = DIGITS.exec(source)
  if (!digits || `${digits[1]}${digits[2] ?? ''}`.replace(/^0+/, '').length <= 15) return undefined
  return source.replace(/^\+/, '')
}
