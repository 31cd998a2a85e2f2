import { expect, it } from 'vitest'
import type { Finding } from '#ops/chaos/account-records.ts'
import { closingLine, createScore, findingLines } from '#ops/chaos/chaos-result.ts'
import { KEY_SEPARATOR } from '#ops/chaos/chaos-tables.ts'

const FAULT = { kind: 'kill-worker', millis: 0, target: 0 } as const
const COUNTS = { table: 't', partition: 0, in: 3, stored: 2, quarantined: 1, filtered: 0 }

it('closes with what was lost and doubled, and whether the counts come out even', () => {
  const score = createScore(5)
  score.round([FAULT], 900)
  score.round([FAULT, { ...FAULT, kind: 'kill-kafka' }], 100)
  score.settled({ counts: [COUNTS], reasons: { maxLength: 1 } })
  const well = score.result([], 1000)
  expect(well).toMatchObject({
    faults: { 'kill-worker': 2, 'kill-kafka': 1 },
    recovery_ms: { p50: 100, max: 900 },
    quarantined: { maxLength: 1 },
  })
  expect(closingLine(well)).toBe('2 rounds, 0 lost, 0 doubled, invariant true')
  const findings: readonly Finding[] = [
    { table: 't', what: 'missing', keys: ['a', 'b'] },
    { table: 't', what: 'doubled', keys: ['c'] },
  ]
  expect(closingLine(score.result(findings, 1000))).toBe('2 rounds, 2 lost, 1 doubled, invariant false')
  score.settled({ counts: [{ ...COUNTS, in: 4 }], reasons: {} })
  expect(score.result([], 1000).invariant).toBe(false)
})

it('names tables and keys of what was found, some of them', () => {
  const keys = Array.from({ length: 12 }, (_, id) => `ash${KEY_SEPARATOR}${id}`)
  expect(findingLines([{ table: 'orders', what: 'lost', keys }], 7, 3)).toEqual([
    'seed 7, round 3: orders: lost (12): ash/0, ash/1, ash/2, ash/3, ash/4, ash/5, ash/6, ash/7, ash/8, ash/9, and 2 more',
  ])
  expect(findingLines([{ table: 'orders', what: 'stuck', keys: [] }], 7, 3)).toEqual([
    'seed 7, round 3: orders: stuck',
  ])
})
