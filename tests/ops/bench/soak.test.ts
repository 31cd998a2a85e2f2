import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadContracts } from '#contracts/load-contracts.ts'
import { soakContract } from '#ops/bench/soak-contract.ts'
import { type SoakSample, soakFigures, soakLines } from '#ops/bench/soak-figures.ts'
import { eventWords, planSoak } from '#ops/bench/soak-plan.ts'

const SECONDS = 400
const FACTS = { seconds: SECONDS, changes: 800_000, columns_added: 4, equal: true }

/** A sample a second; memory and lag as functions of the second. */
function samples(memory: (at: number) => number, lag: (at: number) => number = () => 0.3): SoakSample[] {
  return Array.from({ length: SECONDS }, (_, at) => ({
    at,
    memory: { 'worker-1': memory(at) },
    lag: lag(at),
  }))
}

describe('a soak', () => {
  it('is well when memory and lag stand still, whatever happened in between', () => {
    const figures = soakFigures(
      samples(
        (at) => (at < 100 ? 300 : 200 + (at % 7)),
        (at) => (at % 100 === 50 ? 20 : 0.3),
      ),
      FACTS,
    )
    expect(figures.faults).toEqual([])
    expect(figures).toMatchObject({
      changes_per_s: 2000,
      memory_mb: { 'worker-1': { second: 203, last: 203, growth_pct: 0 } },
      lag_s: { p50_second: 0.3, p50_last: 0.3, max: 20 },
    })
    expect(soakLines(figures).at(-1)).toBe('well')
  })

  it.each([
    ['memory that grows', samples((at) => 200 + at / 8), {}, /memory of worker-1 has grown by 11\.4 %/],
    [
      'a lag without an end',
      samples(
        () => 200,
        (at) => (at === 390 ? 130 : 0.3),
      ),
      {},
      /the lag was 130 s/,
    ],
    [
      'a lag that rises',
      samples(
        () => 200,
        (at) => at / 100,
      ),
      {},
      /the lag rises: 1\.5 s .* 3\.5 s/,
    ],
    ['rows that differ', samples(() => 200), { equal: false }, /source and destination differ/],
    ['memory that nobody saw', [], {}, /memory of worker-1/],
  ] as const)('is not well with %s', (_what, seen, facts, fault) => {
    expect(soakFigures(seen, { ...FACTS, ...facts }).faults.join('; ')).toMatch(fault)
  })
})

describe('the plan of a soak', () => {
  it('leaves worker 1 alone after the first quarter, and adds a column in each', () => {
    const plan = planSoak(SECONDS)
    expect(plan.map(({ at }) => at)).toEqual(plan.map(({ at }) => at).toSorted((a, b) => a - b))
    const later = plan.filter(({ at }) => at >= SECONDS / 4).map(({ event }) => eventWords(event))
    expect(later.filter((words) => words.includes('worker-1'))).toEqual([])
    const added = plan
      .filter(({ event }) => event.kind === 'add-column')
      .map(({ at }) => Math.floor((4 * at) / SECONDS))
    expect(added).toEqual([0, 1, 2, 3])
  })
})

describe('the contract of a soak', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mogo-soak-contract-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it('waits for its next version when a column comes, and has the column then', () => {
    const columnsOf = (added: number) => {
      writeFileSync(join(dir, 'bench.odcs.yaml'), soakContract(added))
      const [dataset] = loadContracts(dir)
      return {
        policy: dataset?.schemaChange,
        version: dataset?.contractVersion,
        last: dataset?.columns.at(-1)?.source,
      }
    }
    expect(columnsOf(0)).toEqual({
      policy: { added: 'hold', removed: 'hold' },
      version: '1.0.0',
      last: 'updated_at',
    })
    expect(columnsOf(2)).toEqual({
      policy: { added: 'hold', removed: 'hold' },
      version: '1.2.0',
      last: 'added_2',
    })
  })
})
