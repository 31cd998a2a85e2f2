/**
 * Texts that passed the gate, so that a text that is asked again is not checked again: two round trips to the engine, more than all the rest that a
 * short query costs here.
 *
 * A plan belongs to a scope, whose name is a hash over its rights and the contracts, and to the exact text: other rights, other contracts or another
 * letter are another plan. Values of parameters are not part of it: they are typed literals wherever they stand. The one type that would make a
 * name of a value is refused by the gate, and a text that has its word in it is not kept in any case. The names of parameters that came are part of it, since
 * a text whose parameter is missing does not pass. What is kept decides nothing alone: the
 * engine checks grants and row filters each time. Refusals are not kept. A plan is forgotten when the engine refuses its query, since a table may have
 * changed, and after some minutes.
 */
import { LRUCache } from 'lru-cache'
import type { AccessScope } from '#contracts/compile/access-scope.ts'
import type { EngineParameters } from '../ports.ts'
import type { CheckedQuery } from './gate.ts'

/** What a plan is found by. */
export type PlanKey = {
  readonly scope: AccessScope
  readonly sql: string
  readonly parameters: EngineParameters
}

/** See above. */
export type PlanCache = {
  get(key: PlanKey): CheckedQuery | undefined
  put(key: PlanKey, plan: CheckedQuery): void
  forget(key: PlanKey): void
}

/** Bounds; defaults are below. */
export type PlanCacheOptions = {
  /** Milliseconds of a clock that never goes back, and is not at 0. */
  readonly now: () => number
  readonly mostPlans?: number
  /** Characters of all texts. */
  readonly mostText?: number
  readonly millis?: number
}

const MOST_PLANS = 2000
const MOST_TEXT = 4 * 1024 * 1024
const MILLIS = 5 * 60_000

/** The engine knows it by just this word, as it stands. */
const NAME_TYPE = /identifier/i

/** Makes the cache; the plan that was asked for longest ago goes first. */
export function createPlanCache(options: PlanCacheOptions): PlanCache {
  const { now, mostPlans = MOST_PLANS, mostText = MOST_TEXT, millis = MILLIS } = options
  const plans = new LRUCache<string, CheckedQuery>({
    max: mostPlans,
    maxSize: mostText,
    // The text that runs is about as long as the one that was asked.
    sizeCalculation: ({ sql }, key) => key.length + sql.length,
    ttl: millis,
    ttlResolution: 0,
    perf: { now },
  })
  return {
    get: (key) => plans.get(keyOf(key)),
    put(key, plan) {
      if (!NAME_TYPE.test(key.sql)) plans.set(keyOf(key), plan)
    },
    forget(key) {
      plans.delete(keyOf(key))
    },
  }
}

/** A scope's name has no line break, so no two keys are the same text. */
function keyOf({ scope, sql, parameters }: PlanKey): string {
  const names = Object.keys(parameters)
  return `${scope.name}\n${names.length === 0 ? '' : JSON.stringify(names.sort())}\n${sql}`
}
