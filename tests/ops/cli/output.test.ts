import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderRows } from '#ops/cli/output.ts'

/** Takes colours out: whether a terminal looks is not what is tested here. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour
const plain = (text: string): string => text.replaceAll(/\u001b\[\d+m/g, '')

const columns = ['id', 'note', 'tags']
const rows = [
  { id: 1, note: 'a "quoted", note', tags: ['x', null] },
  { id: '9223372036854775807', note: null, tags: undefined },
]

describe('rows', () => {
  test('as JSON are those rows', () =>
    expect(JSON.parse(renderRows('json', columns, rows))).toEqual(JSON.parse(JSON.stringify(rows))))

  test('as NDJSON are a line each', () => {
    const lines = renderRows('ndjson', columns, rows).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines.slice(0, 2).map((line) => (JSON.parse(line) as { id: unknown }).id)).toEqual([
      1,
      '9223372036854775807',
    ])
    expect(lines[2]).toBe('')
  })

  test('as CSV are lines by RFC 4180, with a head', () => {
    expect(renderRows('csv', columns, rows)).toBe(
      'id,note,tags\r\n1,"a ""quoted"", note","[""x"",null]"\r\n9223372036854775807,,\r\n',
    )
    expect(renderRows('csv', ['a,b'], [])).toBe('"a,b"\r\n')
  })

  test('as a table have a head and no boxes', () => {
    expect(plain(renderRows('table', ['id', 'note'], [{ id: 1, note: true }, { id: 22 }]))).toBe(
      'id  note\n1   true\n22\n',
    )
  })

  test('as CSV are read again as they were, whatever they hold', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', ';', 'é') })
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), (pairs) => {
        const text = renderRows(
          'csv',
          ['a', 'b'],
          pairs.map(([a, b]) => ({ a, b })),
        )
        expect(readCsv(text)).toEqual([['a', 'b'], ...pairs])
      }),
    )
  })
})

/** A reader of RFC 4180, by its grammar. */
function readCsv(text: string): string[][] {
  const records: string[][] = []
  let fields: string[] = []
  let at = 0
  while (at < text.length) {
    const quoted = /"((?:[^"]|"")*)"/y
    quoted.lastIndex = at
    const match = quoted.exec(text)
    const plainField = /[^",\r\n]*/y
    plainField.lastIndex = at
    const field = match ? match[0] : (plainField.exec(text)?.[0] ?? '')
    fields.push(match ? (match[1] ?? '').replaceAll('""', '"') : field)
    at += field.length
    if (text[at] === ',') at++
    else if (text.slice(at, at + 2) === '\r\n') {
      records.push(fields)
      fields = []
      at += 2
    } else throw new Error(`not CSV at ${at}`)
  }
  return records
}
