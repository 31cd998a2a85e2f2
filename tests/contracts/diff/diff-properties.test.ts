import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change, Perspective } from '#contracts/diff/change.ts'
import { diffContracts } from '#contracts/diff/diff-contracts.ts'
import { DIFF_CODES, type DiffCode, gradeOf, inverseOf } from '#contracts/diff/grades.ts'
import { readContract } from '#contracts/model/read-contract.ts'
import { arbitraryContract } from './arbitrary-contract.ts'

function diff(older: unknown, newer: unknown, perspective: Perspective = 'consumer') {
  return diffContracts(readContract(older), readContract(newer), { perspective, values: { older, newer } })
}

const isAboutVersions = ({ code }: Change): boolean => code.startsWith('DIFF_VERSION')

/** A column that is gone does not say whether it was required. */
const plain = (code: DiffCode): DiffCode =>
  code === 'DIFF_REQUIRED_COLUMN_ADDED' ? 'DIFF_COLUMN_ADDED' : code

describe('whatever the contracts', () => {
  test('one does not differ from itself', () => {
    fc.assert(
      fc.property(arbitraryContract, (contract) => {
        const copy = structuredClone(contract)
        expect(diff(contract, copy, 'both')).toMatchObject({
          changes: [],
          requiredBump: 'none',
          declaredBump: 'none',
          breaking: false,
        })
      }),
      { numRuns: 100 },
    )
  })

  test('what is found one way is found the other way round, with the opposite direction', () => {
    fc.assert(
      fc.property(arbitraryContract, arbitraryContract, (a, b) => {
        const forth = diff(a, b).changes.filter((change) => !isAboutVersions(change))
        const back = diff(b, a).changes.filter((change) => !isAboutVersions(change))
        expect(back.map(({ code }) => plain(code)).sort()).toEqual(
          forth.map(({ code }) => plain(inverseOf(code))).sort(),
        )
        const count = (changes: readonly Change[], direction: string): number =>
          changes.filter((change) => change.direction === direction).length
        expect(count(back, 'loosens')).toBe(count(forth, 'tightens'))
        expect(count(back, 'tightens')).toBe(count(forth, 'loosens'))
      }),
      { numRuns: 200 },
    )
  })

  test('both views together are the one and the other', () => {
    fc.assert(
      fc.property(arbitraryContract, arbitraryContract, (a, b) => {
        const without = (perspective: Perspective) =>
          diff(a, b, perspective).changes.filter((change) => !isAboutVersions(change))
        expect(without('both')).toEqual([...without('consumer'), ...without('producer')])
      }),
      { numRuns: 40 },
    )
  })

  test('paths lead to what is there', () => {
    fc.assert(
      fc.property(arbitraryContract, arbitraryContract, (a, b) => {
        for (const { code, olderPath, newerPath, anchor } of diff(a, b).changes) {
          expect(olderPath !== null || newerPath !== null, code).toBe(true)
          expect(anchor.every((part) => typeof part === 'string' || part >= 0)).toBe(true)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('nothing is thrown, for any value at all', () => {
    fc.assert(
      fc.property(
        fc.anything({ maxDepth: 4 }),
        fc.oneof(fc.anything({ maxDepth: 4 }), arbitraryContract),
        (a, b) => {
          expect(Array.isArray(diff(a, b, 'both').changes)).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('values that hold themselves come to an end', () => {
    const loop: Record<string, unknown> = { property: 'other' }
    loop['value'] = loop
    const contract = { id: 'a', version: '1.0.0', customProperties: [loop], schema: [], x: loop }
    expect(diff(contract, { ...contract, x: 1 }).changes.map(({ code }) => code)).toEqual([
      'DIFF_UNKNOWN_KEY_CHANGED',
      'DIFF_VERSION_NOT_RAISED',
    ])
  })
})

describe('however large the contracts', () => {
  const many = <T>(count: number, make: (index: number) => T): readonly T[] =>
    Array.from({ length: count }, (_, index) => make(index))
  const large = (mark: string) => ({
    id: 'a',
    version: '1.0.0',
    schema: many(20, (dataset) => ({
      name: `t${dataset}`,
      // All names are others: a rename is looked for everywhere.
      properties: many(200, (index) => ({
        name: `${mark}${index}`,
        logicalType: 'string',
        description: `Column ${mark} ${index} of it.`,
      })),
      quality: many(200, (index) => ({ type: 'sql', query: `select ${mark}${index}`, mustBe: index })),
    })),
    roles: many(1000, (index) => ({
      role: `r${index}`,
      customProperties: [{ property: 'columns', value: { exclude: [`${mark}1`] } }],
    })),
  })

  test('it takes less than five seconds', () => {
    const started = performance.now()
    const { changes } = diff(large('a'), large('b'))
    expect(changes.length).toBeGreaterThan(4000)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

describe('grades', () => {
  test.each(DIFF_CODES)('%s has an inverse whose inverse it is, in the other direction', (code) => {
    const inverse = inverseOf(code)
    expect(plain(inverseOf(inverse))).toBe(plain(code))
    const opposite = { tightens: 'loosens', loosens: 'tightens', changes: 'changes' } as const
    expect(gradeOf(inverse).direction).toBe(opposite[gradeOf(code).direction])
    if (gradeOf(code).direction === 'changes') expect(inverse).toBe(code)
  })
})
