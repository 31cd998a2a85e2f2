/**
 * Runs an automaton over values: does the pattern match anywhere? Exactly what `new RegExp(pattern, 'u').test(value)` says, in time that is
 * at worst proportional to the length of the value by the number of states.
 *
 *     places (states of the automaton, what stood before) --kind of the next character--> places
 *
 * What followed from a place and a kind is kept, so that a character usually costs one look into a table: the automaton becomes a
 * deterministic one, as far as values ask for it. What is kept is bounded. Once the bound is reached, the rest of the value is read
 * without keeping anything, and the next value begins with an empty table: a pattern whose table never fits costs what it costs
 * without one, and hostile values cannot spoil the table for good.
 */
import type { Automaton } from './build-automaton.ts'
import { createCharacterKinds, EDGE } from './character-kinds.ts'
import { askedContext, createFollowStates } from './follow-states.ts'

/** Numbers that are kept of one pattern: states of places, and entries of their tables. Half a megabyte. */
const KEPT = 50_000

/** What a place costs beside its states and its table. */
const PLACE = 20

/** Where the automaton may be before a character. */
type Place = {
  readonly states: readonly number[]
  /** What stood before it: `EDGE`, `WORD`, … */
  readonly before: number
  /** By kind of the next character. */
  readonly next: (Place | undefined)[]
  /** Whether the pattern matches if the value ends here; undefined as long as nobody asked. */
  atEnd: boolean | undefined
  /** Of its entries in the table of ASCII; 0 if it has none yet. */
  number: number
}

const ASCII = 128
const [MATCHED, LOST] = [1, 2] as const

/** The test, and how many states it has looked at: all its work but one look into the table per character. */
export type AutomatonRun = {
  readonly test: (value: string) => boolean
  /**
   * The same of a value in ASCII that lies in `bytes`, without making a text of it; undefined if nothing more can be kept, and the text has to be
   * tested.
   */
  readonly testAscii: (bytes: Uint8Array, from: number, to: number) => boolean | undefined
  readonly looked: () => number
}

/** Makes it. `isAnchored`: a match begins at the start of the value, or not at all. */
export function runAutomaton(
  automaton: Automaton,
  { isAnchored = false, kept: most = KEPT }: { isAnchored?: boolean; kept?: number } = {},
): AutomatonRun {
  const { follow, count } = createFollowStates(automaton)
  const asked = askedContext(automaton)
  const { kindOf, members, contexts } = createCharacterKinds(automaton.sets, asked)
  const none = new Uint8Array(automaton.sets.length)
  const matched: Place = { states: [], before: 0, next: [], atEnd: true, number: MATCHED }
  const lost: Place = { states: [], before: 0, next: [], atEnd: false, number: LOST }
  const begin = (): Place => ({
    states: [automaton.start],
    before: EDGE & asked,
    next: [],
    atEnd: undefined,
    number: 0,
  })
  let start = begin()
  let places = new Map<string, Place>()
  let kept = 0

  /** Where one character leads. A match may begin at it, too, unless the pattern is anchored. */
  const placeAfter = ({ states, before }: Place, kind: number): Place => {
    const context = contexts[kind] ?? 0
    const next = follow(states, before, context, members[kind] ?? none)
    if (next === 'matched') return matched
    if (next.length === 0 && isAnchored) return lost
    return {
      states: isAnchored || next.includes(automaton.start) ? next : [...next, automaton.start],
      before: context,
      next: [],
      atEnd: undefined,
      number: 0,
    }
  }

  const matchesAtEnd = (place: Place): boolean => {
    place.atEnd ??= follow(place.states, place.before, EDGE, none) === 'matched'
    return place.atEnd
  }

  /** The same place that is kept, if there is one; adds what is new. */
  const keep = (from: Place, kind: number): Place => {
    let place = placeAfter(from, kind)
    if (place !== matched && place !== lost) {
      const key = `${place.before},${place.states.toSorted((one, other) => one - other).join()}`
      const same = places.get(key)
      if (same) place = same
      else {
        places.set(key, place)
        kept += place.states.length + PLACE
      }
    }
    kept += Math.max(0, kind + 1 - from.next.length)
    from.next[kind] = place
    return place
  }

  const testFrom = (from: Place, value: string, first: number): boolean => {
    let place = from
    for (let at = first; at < value.length; at++) {
      const code = value.codePointAt(at) ?? 0
      if (code > 0xffff) at++
      place = placeAfter(place, kindOf(code))
      if (place === matched) return true
      if (place === lost) return false
    }
    return matchesAtEnd(place)
  }

  const beginAnew = (): void => {
    start = begin()
    places = new Map()
    numbered = []
    table = new Int32Array(0)
    kept = 0
  }

  /** Kinds of the ASCII characters that were met, 0 for others. */
  const ascii = new Int32Array(ASCII)
  const kindAt = (code: number): number => {
    const kind = kindOf(code)
    if (code < ascii.length) ascii[code] = kind
    return kind
  }

  const test = (value: string): boolean => {
    let place = start
    for (let at = 0; at < value.length; at++) {
      let code = value.charCodeAt(at)
      const from = at
      if (code >= 0xd800 && code <= 0xdbff) {
        code = value.codePointAt(at) ?? 0
        if (code > 0xffff) at++
      }
      const kind = (code < 128 && ascii[code]) || kindAt(code)
      let next = place.next[kind]
      if (next === undefined) {
        if (kept >= most) {
          beginAnew()
          return testFrom(place, value, from)
        }
        next = keep(place, kind)
      }
      if (next === matched) return true
      if (next === lost) return false
      place = next
    }
    return matchesAtEnd(place)
  }

  /** Places as numbers, 128 entries for each in one table: a byte costs one look. 0 is not known yet, 1 matched, 2 lost. */
  let table = new Int32Array(0)
  let numbered: (Place | undefined)[] = []
  const numberOf = (place: Place): number => {
    if (place === matched) return MATCHED
    if (place === lost) return LOST
    if (place.number === 0) {
      place.number = Math.max(numbered.length, LOST + 1)
      numbered[place.number] = place
      kept += ASCII
      if (table.length < (place.number + 1) * ASCII) {
        const grown = new Int32Array((place.number + 1) * 2 * ASCII)
        grown.set(table)
        table = grown
      }
    }
    return place.number
  }

  const testAscii = (bytes: Uint8Array, from: number, to: number): boolean | undefined => {
    let place = start.number
    if (place === 0) {
      if (kept >= most) return undefined
      place = numberOf(start)
    }
    for (let at = from; at < to; at++) {
      const code = bytes[at] as number
      let next = table[place * ASCII + code] as number
      if (next === 0) {
        if (kept >= most) return undefined
        const kind = ascii[code] || kindAt(code)
        const leaving = numbered[place] as Place
        next = numberOf(leaving.next[kind] ?? keep(leaving, kind))
        table[place * ASCII + code] = next
      }
      if (next <= LOST) return next === MATCHED
      place = next
    }
    return matchesAtEnd(numbered[place] as Place)
  }
  return { test, testAscii, looked: count }
}
