import { describe, expect, it } from 'vitest'
import { dealRounds, FAULT_KINDS, faultWords } from '#ops/chaos/draw-faults.ts'
import { createRandom } from '#ops/demo/random.ts'

const deal = (seed: number, count: number) => {
  const next = dealRounds(createRandom(seed))
  return Array.from({ length: count }, next)
}

/** The part that a fault is about, by its name. */
const partOf = (kind: string): string => (kind.endsWith('workers') ? 'worker' : (kind.split('-')[1] ?? ''))

describe('the faults of a run', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(deal(7, 30)).toEqual(deal(7, 30))
    expect(deal(7, 30)).not.toEqual(deal(8, 30))
  })

  it('are of every kind before the deck is shuffled again', () => {
    for (const seed of [1, 2, 3]) {
      const kinds = new Set(deal(seed, 24).flatMap(({ faults }) => faults.map(({ kind }) => kind)))
      expect([...kinds].sort()).toEqual([...FAULT_KINDS].sort())
    }
  })

  it('are one or two at a time, and two are never about the same part', () => {
    const rounds = deal(11, 500)
    const pairs = rounds.filter(({ faults }) => faults.length === 2)
    expect(rounds.every(({ faults }) => faults.length === 1 || faults.length === 2)).toBe(true)
    expect(pairs.length / rounds.length).toBeGreaterThan(0.2)
    expect(pairs.length / rounds.length).toBeLessThan(0.45)
    for (const { faults } of pairs) expect(new Set(faults.map(({ kind }) => partOf(kind))).size).toBe(2)
  })

  it('leave the workers alone while a table is hidden: one that starts would make it anew', () => {
    for (const { faults } of deal(5, 500))
      if (faults.some(({ kind }) => kind === 'hide-table'))
        expect(faults.filter(({ kind }) => kind.includes('worker'))).toEqual([])
  })

  it('pause a worker for longer than its session lasts', () => {
    const pauses = deal(3, 300).flatMap(({ faults }) => faults.filter(({ kind }) => kind === 'pause-worker'))
    expect(pauses.length).toBeGreaterThan(0)
    expect(Math.min(...pauses.map(({ millis }) => millis))).toBeGreaterThan(8000)
  })

  it.each([
    [{ kind: 'kill-worker', millis: 0, target: 3 }, 'kill-worker 2'],
    [{ kind: 'hide-table', millis: 1234, target: 4 }, 'hide-table b 1.2 s'],
    [{ kind: 'kill-kafka', millis: 0, target: 4 }, 'kill-kafka'],
    [{ kind: 'third-worker', millis: 5000, target: 0 }, 'third-worker 5.0 s'],
  ] as const)('are said in words: %j', (fault, words) => {
    expect(faultWords(fault, ['a', 'b', 'c'])).toBe(words)
  })
})
