import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readStrictJson } from '#contracts/parse/strict-json.ts'
import { parseContract } from '#contracts/parse.ts'

const said = (text: string): readonly string[] =>
  readStrictJson(text).faults.map(({ offset, message }) => `${offset}: ${message}`)
/** Faults of syntax; a key twice is none of JSON's own grammar. */
const isRefused = (text: string): boolean =>
  readStrictJson(text).faults.some(({ code }) => code === 'CONTRACT_SYNTAX')
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('strict JSON', () => {
  const cases: readonly (readonly [text: string, ...faults: readonly string[]])[] = [
    ['{"a": [1, -2.5e3, true, false, null, "x\\u00e9\\n"]}'],
    ['{"a": 1,}', '7: JSON has no comma after the last element'],
    ['[1, 2, ]', '5: JSON has no comma after the last element'],
    ["{'a': 'b'}", '1: JSON has double quotes only', '6: JSON has double quotes only'],
    ['{a: 1}', '1: a key must be in double quotes'],
    ['// x\n[1] # y', '0: JSON has no comments', '9: JSON has no comments'],
    ['[1 /* x */]', '3: JSON has no comments'],
    ['{"a": 1, "a": 2}', '9: the key a stands twice in one object'],
    ['[01, .5, +1, 0x1F, 1.]', ...[1, 5, 9, 13, 19].map((at) => `${at}: not a number as JSON writes it`)],
    [
      '[NaN, True, yes]',
      ...[1, 6, 12].map(
        (at) => `${at}: a value must be a text in double quotes, a number, true, false or null`,
      ),
    ],
    ['["a\tb\nc"]', '3: a line end, a tab or another control character in a text must be escaped'],
    ['["\\x41"]', '2: not an escape of JSON'],
    ['["\\u12"]', '2: not an escape of JSON'],
    ['{"a" 1}', '5: a colon is expected after a key'],
    ['[1 2]', '3: a comma is expected between two elements'],
    ['[1', '2: the text ends before a closing bracket'],
    ['{', '1: the text ends before a closing brace'],
    ['["a', '1: a text that is not closed'],
    ['[/* x', '1: JSON has no comments', '1: a comment that is not closed'],
    ['[1] 2', '4: something follows the end of the document'],
    ['', '0: the file is empty'],
    ['kind: x', '0: the file is called JSON, and is not'],
    ['['.repeat(200), '151: nested too deeply'],
  ]
  test.each(cases.map(([text, ...faults]) => [text, faults] as const))('%j', (text, faults) =>
    expect(said(text)).toEqual(faults),
  )

  test('has the values that JSON.parse has, and refuses what it refuses', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (value, space) => {
        const text = JSON.stringify(value, undefined, space)
        const document = readStrictJson(text)
        // A word alone is JSON, but never a contract.
        if (/^[a-z-]/.test(text)) return
        expect(document.faults).toEqual([])
        expect(document.value).toEqual(JSON.parse(text))
      }),
      { seed: 11, numRuns: 500 },
    )
  })

  test('refuses what JSON.parse refuses, wherever a text is changed', () => {
    const signs = fc.constantFrom(...'{}[],:"\'\\/*#0-+.e1tn \n\t\u0000')
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), signs, fc.boolean(), (value, place, sign, isCut) => {
        const text = JSON.stringify([value])
        const at = place % text.length
        const changed = text.slice(0, at) + (isCut ? '' : sign) + text.slice(at + (isCut ? 1 : 0))
        fc.pre(changed.startsWith('[') || changed.startsWith('{'))
        expect(isRefused(changed)).toBe(!isJson(changed))
      }),
      { seed: 12, numRuns: 3_000 },
    )
  })

  test('says the place of every value, and keeps the digits of long numbers', () => {
    const text = '{\n  "id": "x",\n  "schema": [{"name": "a"}, {"name": 12345678901234567890}]\n}'
    const { locate, value } = parseContract(text, 'json')
    expect(locate(['schema', 1, 'name'])).toEqual({ line: 3, column: 38 })
    expect(locate(['schema', 1, 'name'], 'key')).toEqual({ line: 3, column: 30 })
    const { exactNumber, value: read } = readStrictJson(text)
    const holder = (read as { schema: readonly object[] }).schema[1] ?? {}
    expect(exactNumber(holder, 'name')).toBe('12345678901234567890')
    expect(value).toEqual(JSON.parse(text))
  })

  test('stops at too many faults, and at too many values', () => {
    expect(said(`[${'+1,'.repeat(5_000)}1]`)).toHaveLength(101)
    expect(parseContract(`[${'1,'.repeat(200_000)}1]`, 'json').faults[0]?.code).toBe('CONTRACT_TOO_LARGE')
  })
})
