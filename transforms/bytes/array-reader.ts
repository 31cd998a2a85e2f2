/** Arrays of texts: elements of a ClickHouse array, or, where the column is nullable, their JSON text as it stands. */
import type { Rule } from '#contracts/compile/compiled-dataset.ts'
import type { CellReader } from './cell-reader.ts'
import { afterWord, BACKSLASH, BAIL, CLOSE_BRACKET, COMMA, OPEN_BRACKET } from './scan.ts'
import { type PlaceholderTest, type TextTest, textTest, writeText } from './text-reader.ts'
import { TextScan } from './text-scan.ts'

/** A longer array takes the plain path: its length would not fit the one byte that is kept for it. */
const MOST_ITEMS = 127

/**
 * True for what may be the name of a Java class, which Debezium writes for an array in an array: the plain path looks closer, and at an array of
 * nothing but NULL, too, which may have been one of several dimensions.
 */
function mayBeNested(bytes: Uint8Array, { from }: TextScan): boolean {
  let at = from
  while (bytes[at] === OPEN_BRACKET) at++
  const byte = bytes[at] as number
  // A capital, or whatever an escape of a code stands for.
  return byte === BACKSLASH ? bytes[at + 1] === 0x75 : at > from && byte >= 0x41 && byte <= 0x5a
}

/** Are all escapes the ones that JSON.stringify would write? */
function isWrittenAsUsual(bytes: Uint8Array, scan: TextScan): boolean {
  for (let at = scan.from; at < scan.to; at++)
    if (bytes[at] === BACKSLASH && !USUAL[bytes[++at] as number]) return false
  return true
}

const USUAL = new Uint8Array(256)
for (const name of '"\\bfnrt') USUAL[name.charCodeAt(0)] = 1

/** What an array of texts keeps: how many items it has, what each is like, and whether one may be NULL. */
export type TextArrayRules = {
  readonly fewest: number
  readonly most: number
  readonly test: TextTest | null
  readonly allowsNull: boolean
}

/** Rules of a column as those; undefined if one of them needs the whole array. */
export function textArrayRules(rules: readonly Rule[]): TextArrayRules | undefined {
  let [fewest, most] = [0, Number.POSITIVE_INFINITY]
  let test: TextTest | null = null
  let allowsNull = true
  for (const rule of rules) {
    if (rule.rule === 'required') continue
    if (rule.rule === 'minItems' || rule.rule === 'minLength') fewest = Math.max(fewest, rule.bound)
    else if (rule.rule === 'maxItems' || rule.rule === 'maxLength') most = Math.min(most, rule.bound)
    else if (rule.rule === 'items' && rule.kind === 'text' && test === null) {
      test = textTest(rule)
      allowsNull = rule.rules.every((each) => each.rule !== 'required')
    } else return undefined
  }
  return { fewest, most, test, allowsNull }
}

/** Array(Nullable(String)). */
export function textArrayReader(rules: TextArrayRules, isPlaceholder: PlaceholderTest): CellReader {
  const { fewest, most, test, allowsNull } = rules
  const scan = new TextScan()
  return function readTextArray(bytes, start, end, writer) {
    if (bytes[start] !== OPEN_BRACKET) return BAIL
    writer.reserve(1)
    const countAt = writer.at++
    let count = 0
    let texts = 0
    let at = start + 1
    while (bytes[at] !== CLOSE_BRACKET) {
      if (count > 0 && bytes[at++] !== COMMA) return BAIL
      writer.reserve(1)
      if (bytes[at] === 0x6e) {
        writer.bytes[writer.at++] = 1
        at = afterWord(bytes, at, 'null')
        if (at < 0 || !allowsNull) return BAIL
      } else {
        if (!scan.read(bytes, at, end) || mayBeNested(bytes, scan) || isPlaceholder(bytes, scan)) return BAIL
        if (test !== null && !test(bytes, scan)) return BAIL
        texts++
        writer.bytes[writer.at++] = 0
        if (!writeText(bytes, scan, writer)) return BAIL
        at = scan.to + 1
      }
      if (++count > MOST_ITEMS) return BAIL
    }
    if ((texts === 0 && count > 0) || count < fewest || count > most) return BAIL
    writer.bytes[countAt] = count
    return at + 1
  }
}

/** String with the JSON text of an array of texts. Escapes that are written in another way than ours take the plain path. */
export function textArrayAsJsonReader(rules: TextArrayRules, isPlaceholder: PlaceholderTest): CellReader {
  const { fewest, most, test, allowsNull } = rules
  const scan = new TextScan()
  return function readTextArrayAsJson(bytes, start, end, writer) {
    if (bytes[start] !== OPEN_BRACKET) return BAIL
    let count = 0
    let texts = 0
    let at = start + 1
    for (; bytes[at] !== CLOSE_BRACKET; count++) {
      if (count > 0 && bytes[at++] !== COMMA) return BAIL
      if (bytes[at] === 0x6e) {
        at = afterWord(bytes, at, 'null')
        if (at < 0 || !allowsNull) return BAIL
      } else {
        if (!scan.read(bytes, at, end) || mayBeNested(bytes, scan)) return BAIL
        if (scan.isEscaped && !isWrittenAsUsual(bytes, scan)) return BAIL
        if (isPlaceholder(bytes, scan) || (test !== null && !test(bytes, scan))) return BAIL
        texts++
        at = scan.to + 1
      }
    }
    if ((texts === 0 && count > 0) || count < fewest || count > most) return BAIL
    const length = at + 1 - start
    writer.reserve(length + 5)
    writer.length(length)
    writer.at += bytes.copy(writer.bytes, writer.at, start, at + 1)
    return at + 1
  }
}
