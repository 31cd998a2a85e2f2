/** The result of `mogo bench query-soak`, and whether it is good. Pure. */
import { inQuarter, type MemoryFigures, MOST_GROWTH, memoryGrowth } from '../memory-growth.ts'
import type { SoakCounts } from './soak-client.ts'

/** Memory of the API, MiB (PSS), at a second. */
export type MemorySample = { readonly at: number; readonly mb: number }

/** See above. */
export type QuerySoakFigures = SoakCounts & {
  readonly seconds: number
  readonly clients: number
  readonly requests_per_s: number
  readonly restarts: number
  readonly revocations: number
  /** Medians of the second and of the last quarter. */
  readonly memory_mb: MemoryFigures
  /** What is not as it should be, each once, and how often; empty if all is well. */
  readonly faults: readonly string[]
}

/** What is known at the end. */
export type QuerySoakFacts = {
  readonly seconds: number
  readonly clients: number
  readonly restarts: number
  readonly revocations: number
  readonly counts: SoakCounts
  /** Text -> how often. */
  readonly faults: ReadonlyMap<string, number>
  readonly memory: readonly MemorySample[]
}

/** Below that the restarts, and what is compiled and remembered at first, weigh too much. */
const JUDGED_SECONDS = 240

/** Sums up. */
export function querySoakFigures(facts: QuerySoakFacts): QuerySoakFigures {
  const { seconds, clients, restarts, revocations, counts, memory } = facts
  const of = (quarter: number) => inQuarter(memory, seconds, quarter).map(({ mb }) => mb)
  const memory_mb = memoryGrowth(of(2), of(4))
  const { growth_pct } = memory_mb
  const requests = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const faults = [...facts.faults].map(([text, times]) => `${text} (${times})`)
  if (seconds >= JUDGED_SECONDS && !(growth_pct <= MOST_GROWTH))
    faults.push(`the memory of the API has grown by ${growth_pct} %`)
  if (counts.answered === 0) faults.push('nothing was answered')
  return {
    ...counts,
    ...{ seconds, clients, restarts, revocations, faults },
    requests_per_s: Math.round(requests / seconds),
    memory_mb,
  }
}

/** The figures as lines for people. */
export function querySoakLines(figures: QuerySoakFigures): readonly string[] {
  const { memory_mb: memory, faults } = figures
  return [
    `${figures.clients} clients for ${Math.round(figures.seconds)} s: ${figures.requests_per_s} requests a second, ${figures.restarts} restarts of ClickHouse, ${figures.revocations} keys revoked`,
    `  answered ${figures.answered}, refused ${figures.refused}, to come again later ${figures.busy} (429) and ${figures.unavailable} (503), cut off ${figures.cut}, revoked ${figures.unauthorized}`,
    `  memory of the API ${memory.second} MiB -> ${memory.last} MiB (${memory.growth_pct} %)`,
    ...(faults.length === 0 ? ['well'] : faults.map((fault) => `not well: ${fault}`)),
  ]
}
