/** Records that would take too much to read are no rows, and cost little to be refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasMoreValues } from '#transforms/count-values.ts'
import { createDecode } from '#transforms/decode.ts'
import { MOST_FAST_BYTES, MOST_VALUES } from '#transforms/limits.ts'
import { datasetOf, KEY } from '../contracts/contract-text.ts'
import { envelope, rawRecord } from './records.ts'

const decode = createDecode(datasetOf({ properties: [...KEY] }))
const withNote = (json: string) =>
  Buffer.from(JSON.stringify(envelope({ after: { id: 1, note: '#' } })).replace('"#"', () => json))

/** Items of all arrays and objects in JSON, by parsing it; an empty one counts as if it had one. */
function countItems(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const items = Object.values(value)
  return items.reduce((sum: number, each) => sum + countItems(each), Math.max(items.length, 1))
}

describe('the values of a record', () => {
  it('are counted as they are parsed, and empty ones as two, whatever stands in texts', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const bytes = Buffer.from(JSON.stringify(value))
        const count = countItems(value)
        expect(hasMoreValues(bytes, count)).toBe(false)
        if (count > 0) expect(hasMoreValues(bytes, count - 1)).toBe(true)
      }),
      { examples: [[[{ '': [{}, {}] }]]] },
    )
  })

  it.each(['"', '"\\', '[["', '\\"[['])('may be no JSON: %s', (text) => {
    expect(hasMoreValues(Buffer.from(text), 5)).toBe(false)
  })

  it('may be very many in a record that the byte path takes, and no more than so many in a larger one', () => {
    const small = withNote(`[0${',0'.repeat(MOST_FAST_BYTES / 2 - 1000)}]`)
    expect(small.length).toBeLessThan(MOST_FAST_BYTES)
    expect(decode(rawRecord(small)).kind).toBe('change')
    const filler = `"${'x'.repeat(MOST_FAST_BYTES)}",`
    expect(decode(rawRecord(withNote(`[${filler}0${',0'.repeat(MOST_VALUES - 100)}]`))).kind).toBe('change')
    expect(decode(rawRecord(withNote(`[${filler}0${',0'.repeat(MOST_VALUES)}]`)))).toEqual({
      kind: 'fault',
      fault: { code: 'too_many_values', column: '' },
    })
  })

  it('may be one text of any length, with commas and brackets', () => {
    const text = JSON.stringify(',[{"'.repeat(2 * MOST_VALUES))
    expect(decode(rawRecord(withNote(text))).kind).toBe('change')
  })
})
