/**
 * Texts: copied where they stand, without their escapes. Rules of texts are tested on the bytes where that is possible (lengths in characters,
 * short lists of values), else on the text.
 */
import type { Rule, ValueKind } from '#contracts/compile/compiled-dataset.ts'
import { createMatcher } from '#contracts/pattern/create-matcher.ts'
import { createRuleTest } from '#contracts/validator/column-check.ts'
import type { RowWriter } from '../rowbinary/row-writer.ts'
import type { CellReader } from './cell-reader.ts'
import { BACKSLASH, BAIL } from './scan.ts'
import { plainOf, TextScan, writeUnescaped } from './text-scan.ts'

/** Tests the text that was scanned. */
export type TextTest = (bytes: Buffer, scan: TextScan) => boolean

/** Tells the texts that stand for a value which did not change. */
export type PlaceholderTest = (bytes: Buffer, scan: TextScan) => boolean

/** More values than this are looked up in a set. */
const MOST_COMPARED = 16
const SHORT = 32

/** What a test is made for: a column, or the items of an array. */
export type TextRules = { readonly kind: ValueKind; readonly rules: readonly Rule[] }

/** The test of all rules of a text, or of JSON, which comes as one. */
export function textTest({ kind, rules }: TextRules): TextTest {
  const tests = rules.flatMap((rule) => (rule.rule === 'required' ? [] : [ruleTest(kind, rule)]))
  const [first, second, ...others] = tests
  if (first === undefined) return () => true
  if (second === undefined) return first
  return (bytes, scan) =>
    first(bytes, scan) && second(bytes, scan) && others.every((test) => test(bytes, scan))
}

function ruleTest(kind: ValueKind, rule: Rule): TextTest {
  switch (rule.rule) {
    case 'maxLength':
      return (bytes, scan) => scan.to - scan.from <= rule.bound || characters(bytes, scan) <= rule.bound
    case 'minLength':
      // A character has at most twelve bytes: an escaped surrogate pair.
      return (bytes, scan) => scan.to - scan.from >= rule.bound * 12 || characters(bytes, scan) >= rule.bound
    case 'pattern': {
      const matcher = createMatcher(rule.pattern)
      return (bytes, scan) => {
        if (scan.isPlain) return matcher.testAscii(bytes, scan.from, scan.to)
        const text = scan.text(bytes)
        return text !== undefined && matcher.test(text)
      }
    }
    case 'validValues':
      return valuesTest(rule.values)
    case 'maxProperties':
      return shortOr(rule.bound * SHORTEST_PROPERTY, exactTest(kind, rule))
    case 'maxItems':
      return shortOr(rule.bound * SHORTEST_ITEM, exactTest(kind, rule))
    default:
      return exactTest(kind, rule)
  }
}

/** Bytes of `"":0,` and of `0,`: JSON with more properties, or items, is longer than so many of them. */
const SHORTEST_PROPERTY = 5
const SHORTEST_ITEM = 2

/** True for what is too short to have too many parts; most is. */
function shortOr(most: number, exact: TextTest): TextTest {
  return (bytes, scan) => scan.to - scan.from <= most || exact(bytes, scan)
}

/** The rule as it is defined, on the text. */
function exactTest(kind: ValueKind, rule: Rule): TextTest {
  const holds = createRuleTest(kind, rule)
  return (bytes, scan) => {
    const text = scan.text(bytes)
    return text !== undefined && holds(text)
  }
}

/** Code points. */
function characters(bytes: Buffer, scan: TextScan): number {
  if (scan.isEscaped) {
    let count = 0
    for (const _ of scan.text(bytes) ?? '') count++
    return count
  }
  if (!scan.isWide) return scan.to - scan.from
  let count = 0
  // Every byte but those that continue a character.
  for (let at = scan.from; at < scan.to; at++) if (((bytes[at] as number) & 0xc0) !== 0x80) count++
  return count
}

function valuesTest(values: readonly string[]): TextTest {
  const known = new Set(values)
  const bySet: TextTest = (bytes, scan) => {
    const text = scan.text(bytes)
    return text !== undefined && known.has(text)
  }
  if (values.length > MOST_COMPARED) return bySet
  const encoded = values.map((value) => Buffer.from(value, 'utf8'))
  return (bytes, scan) => {
    if (scan.isEscaped) return bySet(bytes, scan)
    for (const value of encoded) if (isText(bytes, scan, value)) return true
    return false
  }
}

/** Is this the text that was scanned, which has no escapes? */
export function isText(bytes: Buffer, scan: TextScan, value: Uint8Array): boolean {
  const { length } = value
  if (scan.to - scan.from !== length) return false
  for (let index = 0; index < length; index++) if (bytes[scan.from + index] !== value[index]) return false
  return true
}

/** Makes the test for placeholders, however they are written. */
export function placeholderTest(placeholders: readonly string[]): PlaceholderTest {
  const encoded = placeholders.map((text) => ({ text, bytes: Buffer.from(text, 'utf8') }))
  const hasLength = new Uint8Array(Math.max(...encoded.map((each) => each.bytes.length)) + 1)
  for (const each of encoded) hasLength[each.bytes.length] = 1
  return (bytes, scan) => {
    // Of most texts the length says enough; that of one with escapes says only that it is not shorter.
    if (!scan.isEscaped && hasLength[scan.to - scan.from] !== 1) return false
    for (const each of encoded)
      if (scan.isEscaped ? isEscapedText(bytes, scan, each) : isText(bytes, scan, each.bytes)) return true
    return false
  }
}

/** Most texts are another one before their first escape, or at it. */
function isEscapedText(
  bytes: Buffer,
  scan: TextScan,
  wanted: { readonly text: string; readonly bytes: Uint8Array },
): boolean {
  // An escape of six bytes stands for one or more of the text.
  if (scan.to - scan.from < wanted.bytes.length) return false
  let at = scan.from
  for (let index = 0; index < wanted.bytes.length; index++) {
    let byte = bytes[at++] as number
    if (byte === BACKSLASH) {
      byte = plainOf(bytes[at++] as number)
      if (byte === 0) return scan.text(bytes) === wanted.text
    }
    if (byte !== wanted.bytes[index]) return false
  }
  return at === scan.to
}

/** Writes the text with its length in front; false where it has escapes that JSON does not know. */
export function writeText(bytes: Buffer, scan: TextScan, writer: RowWriter): boolean {
  const { from, to } = scan
  const length = to - from
  writer.reserve(length + 5)
  if (!scan.isEscaped) {
    writer.length(length)
    const into = writer.bytes
    let { at } = writer
    if (length <= SHORT)
      for (let position = from; position < to; position++) into[at++] = bytes[position] as number
    else at += bytes.copy(into, at, from, to)
    writer.at = at
    return true
  }
  // The length without escapes is not known before: it takes no more bytes than that of the source.
  const start = writer.at
  const gap = lengthBytes(length)
  const written = writeUnescaped(bytes, from, to, writer, start + gap)
  if (written < 0) return false
  writer.length(written)
  if (writer.at - start < gap) writer.bytes.copyWithin(writer.at, start + gap, start + gap + written)
  writer.at += written
  return true
}

function lengthBytes(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : length < 0x10000000 ? 4 : 5
}

/** The reader of a text column that is stored as it is. */
export function textReader(options: {
  readonly test: TextTest
  readonly isPlaceholder: PlaceholderTest
}): CellReader {
  const { test, isPlaceholder } = options
  const scan = new TextScan()
  return function readText(bytes, at, end, writer) {
    if (!scan.read(bytes, at, end) || isPlaceholder(bytes, scan) || !test(bytes, scan)) return BAIL
    return writeText(bytes, scan, writer) ? scan.to + 1 : BAIL
  }
}
