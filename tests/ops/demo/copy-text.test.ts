/** COPY text: what is written is read back as it was, whatever the text. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrayText, type CopyRow, copyChunks, copyField, copyLine } from '#ops/demo/copy-text.ts'

const UNESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** Reads a COPY field as the manual describes it, with no help from the code under test. */
function readField(field: string): string | null {
  if (field === '\\N') return null
  let text = ''
  for (let i = 0; i < field.length; i += 1) {
    if (field[i] !== '\\') text += field[i]
    else {
      i += 1
      text += UNESCAPES[field[i]!] ?? field[i]
    }
  }
  return text
}

const plain = (value: CopyRow[number]): string | null =>
  value === null ? null : typeof value === 'boolean' ? (value ? 't' : 'f') : String(value)

const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('\\', '\t', '\n', '\r', '\b', '\f', '\v', 'N', '.', '"'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  })
  .map((value) => value.replaceAll('\u0000', '').toWellFormed())
const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))

describe('COPY text', () => {
  it('reads back as the values that were written', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), (row) => {
        const line = copyLine(row)
        expect(line.endsWith('\n')).toBe(true)
        const fields = line.slice(0, -1).split('\t')
        expect(fields.map(readField)).toEqual(row.map(plain))
      }),
      { numRuns: 500 },
    )
  })

  it('never holds a bare line end inside a row', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(copyField(value)).not.toMatch(/[\n\r\t]/)
      }),
    )
  })

  it.each([
    [null, '\\N'],
    ['\\N', '\\\\N'],
    ['\\.', '\\\\.'],
    ['', ''],
    [0, '0'],
    [false, 'f'],
  ])('writes %j as %j', (value, written) => {
    expect(copyField(value)).toBe(written)
  })

  it('is the same text, however it is cut into pieces', () => {
    const rows = Array.from({ length: 50 }, (_, n): CopyRow => [n, `row ${n} ü 日本`])
    const whole = rows.map(copyLine).join('')
    for (const size of [1, 100, 1_000_000]) {
      expect(Buffer.concat([...copyChunks(rows, size)]).toString()).toBe(whole)
    }
  })

  it('quotes the elements of an array, and keeps NULL apart from the word', () => {
    expect(arrayText(['a "b"', 'c\\d', null, 'NULL', ''])).toBe('{"a \\"b\\"","c\\\\d",NULL,"NULL",""}')
    expect(arrayText([])).toBe('{}')
  })
})
