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

/** Values in JSON, by parsing it. */
function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, each) => sum + countValues(each), 1)
}

describe('the values of a record', () => {
  it('are counted as they are parsed, give or take empty ones, whatever stands in texts', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const bytes = Buffer.from(JSON.stringify(value))
        const count = countValues(value)
        // An array of n has n - 1 commas and a bracket: n values but itself.
        expect(hasMoreValues(bytes, count)).toBe(false)
        if (count > 1) expect(hasMoreValues(bytes, Math.floor((count - 1) / 2) - 1)).toBe(true)
      }),
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
