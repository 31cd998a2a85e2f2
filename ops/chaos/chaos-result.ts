/** The result of a chaos run, collected round by round. Pure. */
import { percentile } from '#ops/demo/freshness-probe.ts'
import type { Finding, PartitionCounts } from './account-records.ts'
import { KEY_SEPARATOR } from './chaos-tables.ts'
import type { Fault } from './draw-faults.ts'

/** What came of a run; the keys of the JSON. */
export type ChaosResult = {
  readonly seed: number
  readonly rounds: number
  /** Fault -> how often. */
  readonly faults: Readonly<Record<string, number>>
  readonly changes: number
  readonly lost: number
  readonly doubled: number
  /** in = stored + quarantined + filtered in every partition, and the rows are equal. */
  readonly invariant: boolean
  readonly findings: readonly Finding[]
  readonly partitions: readonly PartitionCounts[]
  /** Reason of quarantine -> records. */
  readonly quarantined: Readonly<Record<string, number>>
  readonly recovery_ms: { readonly p50: number; readonly max: number }
}

/** What was settled. */
type Settled = {
  readonly counts: readonly PartitionCounts[]
  readonly reasons: Readonly<Record<string, number>>
}

/** See {@link createScore}. */
export type Score = {
  round(faults: readonly Fault[], recoveryMillis: number): void
  settled(settlement: Settled): void
  result(findings: readonly Finding[], changes: number): ChaosResult
}

/** Most keys of a finding that are printed. */
const MOST_KEYS = 10

/** Starts to count. */
export function createScore(seed: number): Score {
  const faults = new Map<string, number>()
  const recoveries: number[] = []
  let last: Settled = { counts: [], reasons: {} }
  return {
    round(drawn, millis) {
      for (const { kind } of drawn) faults.set(kind, (faults.get(kind) ?? 0) + 1)
      recoveries.push(millis)
    },
    settled(settlement) {
      last = settlement
    },
    result(findings, changes) {
      const keysOf = (...what: readonly Finding['what'][]) =>
        findings.filter((each) => what.includes(each.what)).reduce((sum, { keys }) => sum + keys.length, 0)
      const sorted = recoveries.toSorted((a, b) => a - b)
      return {
        seed,
        rounds: recoveries.length,
        faults: Object.fromEntries(faults),
        changes,
        lost: keysOf('lost', 'missing', 'different'),
        doubled: keysOf('doubled', 'stored without a record', 'left over'),
        invariant:
          findings.length === 0 &&
          last.counts.every((count) => count.in === count.stored + count.quarantined + count.filtered),
        findings,
        partitions: last.counts,
        quarantined: last.reasons,
        recovery_ms: { p50: percentile(sorted, 0.5), max: sorted.at(-1) ?? 0 },
      }
    },
  }
}

/** The closing line. */
export function closingLine({ rounds, lost, doubled, invariant }: ChaosResult): string {
  return `${rounds} rounds, ${lost} lost, ${doubled} doubled, invariant ${invariant}`
}

/** Findings in words: tables and keys, no values. */
export function findingLines(findings: readonly Finding[], seed: number, round: number): readonly string[] {
  return findings.map(({ table, what, keys }) => {
    const shown = keys.slice(0, MOST_KEYS).map((key) => key.replaceAll(KEY_SEPARATOR, '/'))
    const more = keys.length > shown.length ? `, and ${keys.length - shown.length} more` : ''
    const which = keys.length === 0 ? '' : ` (${keys.length}): ${shown.join(', ')}${more}`
    return `seed ${seed}, round ${round}: ${table}: ${what}${which}`
  })
}
