/**
 * Which alerts fire: a state for each rule and subject, moved on by looks.
 *
 *   quiet   -> waiting   the condition holds
 *   waiting -> quiet     it does not, or was not seen: what was not seen has not held
 *   waiting -> firing    it has held, at every look, for the rule's time            (told)
 *   firing  -> clearing  it does not hold
 *   clearing -> firing   it holds again
 *   clearing -> quiet    it has not held, at every look, for the rule's clear time  (told)
 *
 * While nothing is known (the part does not answer) what fires goes on, and what was clearing fires: no news is not good news. A subject that is gone while
 * others are known is one for which the condition does not hold. Pure: time is an argument.
 */
import type { AlertRule } from './alert-rules.ts'
import type { Sample } from './health-metrics.ts'

/** An alert that begins or ends. `value`: what the figure was; null if its subject is gone. */
export type AlertEvent = {
  readonly rule: AlertRule
  readonly subject: string
  readonly state: 'firing' | 'resolved'
  readonly value: number | null
}

/** An alert that was firing before: of a former run. */
export type FormerAlert = { readonly alert: string; readonly subject: string }

/** See above. */
export type AlertBook = {
  /** Takes what was firing before this run; an alert whose rule is gone is not taken. */
  restore(firing: readonly FormerAlert[]): void
  /** Moves on; `now` in milliseconds, never going back. */
  look(samples: readonly Sample[], now: number): readonly AlertEvent[]
  /** How many fire now. */
  firing(): number
}

type State = { readonly kind: 'waiting' | 'firing' | 'clearing'; readonly since: number }

/** Makes a book. */
export function createAlertBook(rules: readonly AlertRule[]): AlertBook {
  /** Rule -> subject -> state; quiet ones are not there. */
  const states = new Map(rules.map(({ alert }) => [alert, new Map<string, State>()]))

  function lookAt(rule: AlertRule, samples: readonly Sample[], now: number): readonly AlertEvent[] {
    const known = new Map(
      samples.filter(({ metric }) => metric === rule.metric).map(({ subject, value }) => [subject, value]),
    )
    const book = states.get(rule.alert) ?? new Map<string, State>()
    const events: AlertEvent[] = []
    for (const subject of new Set([...known.keys(), ...book.keys()])) {
      const value = known.get(subject) ?? null
      const before = book.get(subject)
      const next =
        known.size === 0 ? unseen(before, now) : step(rule, before, value !== null && holds(rule, value), now)
      if (next) book.set(subject, next)
      else book.delete(subject)
      if (isTold(before) !== isTold(next))
        events.push({ rule, subject, state: isTold(next) ? 'firing' : 'resolved', value })
    }
    return events
  }

  return {
    restore(firing) {
      for (const { alert, subject } of firing)
        states.get(alert)?.set(subject, { kind: 'firing', since: Number.NEGATIVE_INFINITY })
    },
    look: (samples, now) => rules.flatMap((rule) => lookAt(rule, samples, now)),
    firing: () => [...states.values()].flatMap((book) => [...book.values()]).filter(isTold).length,
  }
}

function step(rule: AlertRule, before: State | undefined, isMet: boolean, now: number): State | undefined {
  const kind = before?.kind
  const since = before?.since ?? now
  if (isMet) {
    if (kind === 'firing') return before
    if (kind === 'clearing') return { kind: 'firing', since: now }
    return { kind: now - since >= rule.for * 1000 ? 'firing' : 'waiting', since }
  }
  if (kind === undefined || kind === 'waiting') return undefined
  const clearingSince = kind === 'clearing' ? since : now
  return now - clearingSince >= rule.clear * 1000 ? undefined : { kind: 'clearing', since: clearingSince }
}

function unseen(before: State | undefined, now: number): State | undefined {
  return isTold(before) ? { kind: 'firing', since: now } : undefined
}

function isTold(state: State | undefined): boolean {
  return state?.kind === 'firing' || state?.kind === 'clearing'
}

function holds({ above, below }: AlertRule, value: number): boolean {
  return above === undefined ? value < (below ?? Number.NEGATIVE_INFINITY) : value > above
}

/** A text of a rule with its places filled in. */
export function alertText(text: string, subject: string, value: number | null): string {
  const shown = value === null ? '?' : String(Math.round(value * 100) / 100)
  return text.replaceAll('{subject}', subject).replaceAll('{value}', shown)
}
