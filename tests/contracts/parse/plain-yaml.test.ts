/** The reader of plain YAML against the full parser: where it reads a document at all, values and places are the same. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import type { DocumentPath } from '#contracts/fault.ts'
import { createOffsetOf } from '#contracts/parse/locate.ts'
import { readPlainYaml } from '#contracts/parse/plain-yaml.ts'
import { yamlValue } from '#contracts/parse/yaml-value.ts'
import { RICH_DOCUMENT } from '../shape/rich-document.ts'
import { mutated, scraps, written } from './yaml-arbitraries.ts'

/** Asserts that both agree; false if the plain reader left the text to the full one. */
function agree(text: string): boolean {
  const plain = readPlainYaml(text)
  if (!('value' in plain)) return false
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' })
  expect(document.errors).toEqual([])
  const full = yamlValue(document.contents)
  expect(full.faults).toEqual([])
  expect(plain.value).toEqual(full.value)
  const offsetOf = createOffsetOf(document.contents, full.targets)
  const visit = (value: unknown, other: unknown, path: DocumentPath): void => {
    // An empty value has no place of its own.
    if (value === null) return
    for (const what of ['value', 'key'] as const)
      expect([...path, what, plain.offsetOf(path, what)]).toEqual([...path, what, offsetOf(path, what)])
    if (typeof value !== 'object' || typeof other !== 'object' || other === null) return
    for (const [key, item] of Object.entries(value)) {
      const twin = (other as Readonly<Record<string, unknown>>)[key]
      if (!Array.isArray(value)) expect(plain.exactNumber(value, key)).toBe(full.exactNumber(other, key))
      visit(item, twin, [...path, Array.isArray(value) ? Number(key) : key])
    }
  }
  visit(plain.value, full.value, [])
  return true
}

const DIRS = ['../../../ops/demo/contracts', '../../../../shared/specs/odcs/examples'].map((dir) =>
  fileURLToPath(new URL(dir, import.meta.url)),
)
const files = DIRS.flatMap((dir) =>
  existsSync(dir)
    ? readdirSync(dir)
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => join(dir, name))
    : [],
)

describe('the reader of plain YAML', () => {
  test('agrees with the full parser on contracts as they are, and reads them', () => {
    for (const file of files)
      expect(agree(readFileSync(file, 'utf8').replaceAll('\r\n', '\n')), file).toBe(true)
    expect(agree(RICH_DOCUMENT)).toBe(true)
  })

  test('keeps the digits of a number for its own key alone', () => {
    expect(agree('a: [{ "": { "": 0.0000010000000000000002 } }]\n')).toBe(true)
    expect(agree('a: { b: { c: 1000000100000000000000001, d: 1, e: x } }\nf: 2\n')).toBe(true)
    expect(agree('a:\n  b:\n    c: 1000000100000000000000001\n    d: x\nf: 2\n')).toBe(true)
  })

  const all: readonly (readonly [string, fc.Arbitrary<string>, number])[] = [
    ['values in every style', written, 0.9],
    ['values in every style with a scrap put in', mutated, 0.3],
    ['scraps', scraps, 0.1],
  ]
  test.each(all)('agrees with the full parser on %s', (_name, texts, least) => {
    let read = 0
    const runs = 1_500
    fc.assert(
      fc.property(texts, (text) => {
        if (agree(text)) read++
      }),
      { numRuns: runs },
    )
    expect(read / runs).toBeGreaterThan(least)
  })

  const plain: readonly (readonly [text: string, value: unknown])[] = [
    ['a: 1\nb:\n- x\n-   y: z\n    w: 1\nc:', { a: 1, b: ['x', { y: 'z', w: 1 }], c: null }],
    ['---\na: b # c\n# d\n', { a: 'b' }],
    ['a: |\n  x\n   y\n\n  z\n\nb: >-\n  p\n  q\n\n  r\n', { a: 'x\n y\n\nz\n', b: 'p q\nr' }],
    ['a: some\n  more\n\n  words\n', { a: 'some more\nwords' }],
    ['a: "x\\\n   \\ y\\u00e9"\n', { a: 'x yé' }],
    ["'a b': 'it''s'\n", { 'a b': "it's" }],
    [
      '{a: [1, {b: c, "d":e}], f: http://x/?y=z#w, g}',
      { a: [1, { b: 'c', d: 'e' }], f: 'http://x/?y=z#w', g: null },
    ],
    [
      'a: +1\nb: 1e3\nc: 1.0.0\nd: ~\ne: yes\nf: 0012\n',
      { a: 1, b: 1000, c: '1.0.0', d: null, e: 'yes', f: 12 },
    ],
    ['1: a\ntrue: b\n', { '1': 'a', true: 'b' }],
  ]
  test.each(plain)('reads %j', (text, value) => {
    expect(agree(text)).toBe(true)
    expect(readPlainYaml(text)).toMatchObject({ value })
  })

  test('keeps the digits of numbers that a double cannot hold', () => {
    const text = 'a: 12345678901234567890\nb: {c: +0.12345678901234567890, d: 100}\n'
    expect(agree(text)).toBe(true)
    const plain = readPlainYaml(text)
    if (!('value' in plain)) throw new Error('not read')
    const value = plain.value as { a: number; b: { c: number } }
    expect(plain.exactNumber(value, 'a')).toBe('12345678901234567890')
    expect(plain.exactNumber(value.b, 'c')).toBe('0.12345678901234567890')
    expect(plain.exactNumber(value.b, 'd')).toBeUndefined()
  })

  const left: readonly (readonly [what: string, text: string])[] = [
    ['an anchor', 'a: &x 1'],
    ['an alias', 'a: *x'],
    ['a tag', 'a: !!str 1'],
    ['a merge key', 'a: {b: 1}\nc:\n  <<: {d: 1}'],
    ['an explicit key', '? a\n: b'],
    ['a tab', 'a:\t1'],
    ['two documents', 'a: 1\n---\nb: 2'],
    ['a directive', '%YAML 1.2\n---\na: 1'],
    ['a key that stands twice', 'a: 1\na: 2'],
    ['a pair in a list', '[a: 1]'],
    ['a hexadecimal number', 'a: 0x1f'],
    ['infinity', 'a: .inf'],
    ['keeping of line ends', 'a: |+\n  x\n\n'],
    ['a fault of indentation', 'a:\n    b: 1\n  c: 2'],
    ['a fault of quotes', 'a: "b'],
    ['a colon too many', 'a: b: c'],
    ['what is nested too deeply', `${'['.repeat(200)}${']'.repeat(200)}`],
    ['a map inside of a map on one line', 'a: - b'],
  ]
  test.each(left)('leaves %s to the full parser', (_what, text) => expect(agree(text)).toBe(false))

  test('stops where there are too many values', () => {
    expect(readPlainYaml('- a\n'.repeat(160_000))).toMatchObject({ tooMany: true })
  })
})
