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

type Entry = { readonly plan: CheckedQuery; readonly until: number; readonly size: number }

/** Makes the cache; the plan that was asked for longest ago goes first. */
export function createPlanCache(options: PlanCacheOptions): PlanCache {
  const { now, mostPlans = MOST_PLANS, mostText = MOST_TEXT, millis = MILLIS } = options
  const entries = new Map<string, Entry>()
  let text = 0

  function remove(key: string): void {
    text -= entries.get(key)?.size ?? 0
    entries.delete(key)
  }

  return {
    get(planKey) {
      const key = keyOf(planKey)
      const found = entries.get(key)
      if (found === undefined) return undefined
      entries.delete(key)
      if (found.until <= now()) {
        text -= found.size
        return undefined
      }
      entries.set(key, found)
      return found.plan
    },
    put(planKey, plan) {
      if (NAME_TYPE.test(planKey.sql)) return
      const key = keyOf(planKey)
      remove(key)
      // The text that runs is about as long as the one that was asked.
      const size = key.length + plan.sql.length
      if (size > mostText) return
      entries.set(key, { plan, until: now() + millis, size })
      text += size
      for (const oldest of entries.keys()) {
        if (entries.size <= mostPlans && text <= mostText) break
        remove(oldest)
      }
    },
    forget: (planKey) => remove(keyOf(planKey)),
  }
}

/** A scope's name has no line break, so no two keys are the same text. */
function keyOf({ scope, sql, parameters }: PlanKey): string {
  const names = Object.keys(parameters)
  return `${scope.name}\n${names.length === 0 ? '' : JSON.stringify(names.sort())}\n${sql}`
}
