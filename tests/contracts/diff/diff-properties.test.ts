import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change, Perspective } from '#contracts/diff/change.ts'
import { diffContracts } from '#contracts/diff/diff-contracts.ts'
import { DIFF_CODES, type DiffCode, gradeOf, inverseOf } from '#contracts/diff/grades.ts'
import { requiredBump } from '#contracts/diff/version.ts'
import { readContract } from '#contracts/model/read-contract.ts'
import { arbitraryContract } from './arbitrary-contract.ts'

function diff(older: unknown, newer: unknown, perspective: Perspective = 'consumer') {
  return diffContracts(readContract(older), readContract(newer), { perspective })
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
      { numRuns: 100, seed: 20_260_501 },
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
      { numRuns: 200, seed: 20_260_502 },
    )
  })

  test('both views together are the one and the other', () => {
    fc.assert(
      fc.property(arbitraryContract, arbitraryContract, (a, b) => {
        const without = (perspective: Perspective) =>
          diff(a, b, perspective).changes.filter((change) => !isAboutVersions(change))
        expect(without('both')).toEqual([...without('consumer'), ...without('producer')])
      }),
      { numRuns: 40, seed: 20_260_503 },
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
      { numRuns: 40, seed: 20_260_504 },
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
      { numRuns: 300, seed: 20_260_505 },
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

describe('in whatever order', () => {
  /** Lists in which the order of the items says nothing. */
  const UNORDERED = new Set([
    ...['tags', 'roles', 'servers', 'slaProperties', 'support', 'team', 'quality', 'relationships'],
    ...['enum', 'synonyms', 'include', 'exclude', 'required', 'validValues'],
  ])

  /** The same document, its keys and those lists the other way round. */
  function turned(value: unknown, key = ''): unknown {
    if (Array.isArray(value)) {
      const items = value.map((item: unknown) => turned(item))
      return UNORDERED.has(key) ? items.reverse() : items
    }
    if (typeof value !== 'object' || value === null) return value
    const { property } = value as { readonly property?: unknown }
    const entries = Object.entries(value).map(([name, part]) => [
      name,
      turned(part, property === 'validValues' ? 'validValues' : name),
    ])
    return Object.fromEntries(entries.reverse())
  }

  test('a contract does not differ from itself', () => {
    fc.assert(
      fc.property(arbitraryContract, (contract) => {
        expect(diff(contract, turned(contract), 'both').changes).toEqual([])
      }),
      { numRuns: 100, seed: 20_260_511 },
    )
  })

  test('two contracts differ in the same things', () => {
    const said = (changes: readonly Change[]): readonly string[] =>
      changes.map(({ code, dataset, column }) => JSON.stringify([code, dataset, column])).sort()
    fc.assert(
      fc.property(arbitraryContract, arbitraryContract, (a, b) => {
        expect(said(diff(a, turned(b)).changes)).toEqual(said(diff(a, b).changes))
      }),
      { numRuns: 100, seed: 20_260_512 },
    )
  })
})

describe('the version that is required', () => {
  const BUMPS = ['none', 'patch', 'minor', 'major']
  const size = (bump: string): number => BUMPS.indexOf(bump)

  test('is never less for more changes', () => {
    fc.assert(
      fc.property(arbitraryContract, arbitraryContract, fc.nat(), (a, b, cut) => {
        const { changes, versions } = diff(a, b, 'both')
        const some = changes.slice(0, cut % (changes.length + 1))
        expect(size(requiredBump(some, versions.older))).toBeLessThanOrEqual(
          size(requiredBump(changes, versions.older)),
        )
      }),
      { numRuns: 60, seed: 20_260_513 },
    )
  })

  test('is for both views that of the one which needs more', () => {
    fc.assert(
      fc.property(arbitraryContract, arbitraryContract, (a, b) => {
        const [consumer, producer, both] = (['consumer', 'producer', 'both'] as const).map((perspective) =>
          size(diff(a, b, perspective).requiredBump),
        )
        expect(both).toBe(Math.max(consumer ?? 0, producer ?? 0))
      }),
      { numRuns: 40, seed: 20_260_514 },
    )
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
  const where = (view: 'consumer' | 'producer', direction: string): readonly DiffCode[] =>
    DIFF_CODES.filter((code) => gradeOf(code).direction === direction && gradeOf(code)[view] !== 'info')

  test('are information for readers where a contract tightens, but for access and protection', () =>
    expect(where('consumer', 'tightens')).toEqual([
      'DIFF_CLASSIFICATION_RAISED',
      'DIFF_PII_PLAN_ADDED',
      'DIFF_ROLE_REMOVED',
      'DIFF_ROLE_COLUMNS_NARROWED',
    ]))

  test('are information for writers where it loosens, but for what goes, access and protection', () =>
    expect(where('producer', 'loosens')).toEqual([
      'DIFF_CONTRACT_REMOVED',
      'DIFF_STATUS_WITHDRAWN',
      'DIFF_DATASET_REMOVED',
      'DIFF_COLUMN_REMOVED',
      'DIFF_CLASSIFICATION_LOWERED',
      'DIFF_PII_PLAN_REMOVED',
      'DIFF_ROLE_ADDED',
      'DIFF_ROLE_COLUMNS_WIDENED',
      'DIFF_DEPRECATED',
    ]))

  test.each(DIFF_CODES)('%s has an inverse whose inverse it is, in the other direction', (code) => {
    const inverse = inverseOf(code)
    expect(plain(inverseOf(inverse))).toBe(plain(code))
    const opposite = { tightens: 'loosens', loosens: 'tightens', changes: 'changes' } as const
    expect(gradeOf(inverse).direction).toBe(opposite[gradeOf(code).direction])
    if (gradeOf(code).direction === 'changes') expect(inverse).toBe(code)
  })
})
