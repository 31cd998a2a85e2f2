import { describe, expect, test } from 'vitest'
import { diffJson } from '#contracts/check/diff-json.ts'
import type { Perspective } from '#contracts/diff/change.ts'
import { compareFiles } from '#contracts/diff/compare-files.ts'
import { DIFF_CODES } from '#contracts/diff/grades.ts'
import { DIFF_CASES } from './diff-cases.ts'
import { type Fragment, textOf } from './fragments.ts'

type JsonChange = {
  readonly code: string
  readonly severity: string
  readonly perspective: string
  readonly direction: string
  readonly dataset: string | null
  readonly column: string | null
  readonly line: number
}

/** What the command prints, parsed: the same functions, the same text. */
function changes(older: Fragment, newer: Fragment, perspective: Perspective): readonly JsonChange[] {
  const report = compareFiles(
    [
      { label: 'older.odcs.yaml', text: textOf(older) },
      { label: 'newer.odcs.yaml', text: textOf(newer) },
    ],
    { perspective, waivers: [], today: '2026-01-01' },
  )
  expect(report.unreadable).toEqual([])
  const json = JSON.parse(diffJson(report)) as { readonly changes: readonly JsonChange[] }
  return json.changes.filter(({ code }) => !code.startsWith('DIFF_VERSION'))
}

/** `CODE direction consumer producer element`, from the two views. */
function findings(older: Fragment, newer: Fragment): readonly string[] {
  const [consumer, producer] = [changes(older, newer, 'consumer'), changes(older, newer, 'producer')]
  expect(changes(older, newer, 'both')).toEqual([...consumer, ...producer])
  return consumer
    .map((change, index) => {
      const other = producer[index]
      expect(other).toMatchObject({ code: change.code, direction: change.direction, perspective: 'producer' })
      const element = [change.dataset, change.column].filter((part) => part !== null).join('.')
      return `${change.code} ${change.direction} ${change.severity} ${other?.severity} ${element}`.trim()
    })
    .sort()
}

describe('the table of differences', () => {
  test('has at least 80 cases', () => expect(DIFF_CASES.length).toBeGreaterThanOrEqual(80))

  test('has names that tell the cases apart', () => {
    const names = DIFF_CASES.map(({ name }) => name)
    expect([...new Set(names)]).toEqual(names)
  })

  test('has every code that comes from two contracts', () => {
    const found = new Set(
      DIFF_CASES.flatMap(({ forth, back }) => [...forth, ...back]).map((finding) => finding.split(' ')[0]),
    )
    const elsewhere = DIFF_CODES.filter(
      (code) =>
        code.startsWith('DIFF_VERSION') || code === 'DIFF_CONTRACT_ADDED' || code === 'DIFF_CONTRACT_REMOVED',
    )
    expect([...found, ...elsewhere].sort()).toEqual([...DIFF_CODES].sort())
  })
})

describe.each(DIFF_CASES)('$name', ({ older, newer, forth, back }) => {
  test('forth', () => expect(findings(older, newer)).toEqual([...forth].sort()))
  test('back', () => expect(findings(newer, older)).toEqual([...back].sort()))
})
