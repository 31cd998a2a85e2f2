/**
 * Which faults a round has. Kinds are dealt from a shuffled deck, so that a run of some length has all of them; a third of the rounds have two
 * at a time, of parts that do not get in each other's way. Pure: the seed decides.
 */
import type { Random } from '#ops/demo/random.ts'

/** Kinds of faults. */
export type FaultKind =
  | 'kill-worker'
  | 'kill-both-workers'
  | 'stop-worker'
  | 'pause-worker'
  | 'third-worker'
  | 'kill-clickhouse'
  | 'pause-clickhouse'
  | 'kill-kafka'
  | 'pause-kafka'
  | 'kill-connect'
  | 'kill-postgres'
  | 'cut-capture'
  | 'hide-table'
  | 'refuse-inserts'

/** A fault as it is carried out. */
export type Fault = {
  readonly kind: FaultKind
  /** How long it lasts; 0 if it is over at once. Milliseconds. */
  readonly millis: number
  /** Which worker, or which table, counted from 0. */
  readonly target: number
}

/** A round: a rest, then its faults, side by side. */
export type Round = { readonly restMillis: number; readonly faults: readonly Fault[] }

type Part = 'worker' | 'clickhouse' | 'kafka' | 'connect' | 'postgres'

type Shape = {
  /** Parts that the fault needs for itself. */
  readonly parts: readonly Part[]
  /** Least and greatest length, milliseconds. */
  readonly millis: readonly [number, number]
  /** Cards in the deck. */
  readonly cards: number
}

/** The session of a worker lasts 8 s: who is paused for longer has lost its lanes when it wakes. */
const BEYOND_SESSION: Shape['millis'] = [9_000, 13_000]
const SOME_SECONDS: Shape['millis'] = [1_000, 5_000]
const AT_ONCE: Shape['millis'] = [0, 0]

const SHAPES: Readonly<Record<FaultKind, Shape>> = {
  'kill-worker': { parts: ['worker'], millis: AT_ONCE, cards: 3 },
  'kill-both-workers': { parts: ['worker'], millis: AT_ONCE, cards: 1 },
  'stop-worker': { parts: ['worker'], millis: AT_ONCE, cards: 2 },
  'pause-worker': { parts: ['worker'], millis: BEYOND_SESSION, cards: 2 },
  'third-worker': { parts: ['worker'], millis: [3_000, 7_000], cards: 2 },
  'kill-clickhouse': { parts: ['clickhouse'], millis: AT_ONCE, cards: 2 },
  'pause-clickhouse': { parts: ['clickhouse'], millis: SOME_SECONDS, cards: 1 },
  'kill-kafka': { parts: ['kafka', 'connect'], millis: AT_ONCE, cards: 1 },
  'pause-kafka': { parts: ['kafka'], millis: SOME_SECONDS, cards: 1 },
  'kill-connect': { parts: ['connect'], millis: AT_ONCE, cards: 1 },
  'kill-postgres': { parts: ['postgres', 'connect'], millis: AT_ONCE, cards: 1 },
  'cut-capture': { parts: ['postgres'], millis: AT_ONCE, cards: 2 },
  // A worker that starts meanwhile would make the table anew.
  'hide-table': { parts: ['clickhouse', 'worker'], millis: SOME_SECONDS, cards: 2 },
  'refuse-inserts': { parts: ['clickhouse'], millis: SOME_SECONDS, cards: 2 },
}

/** All kinds. */
export const FAULT_KINDS = Object.keys(SHAPES) as readonly FaultKind[]

const SHARE_OF_PAIRS = 1 / 3
const LONGEST_REST_MILLIS = 1500

/** Deals rounds without end. */
export function dealRounds(random: Random): () => Round {
  let deck: FaultKind[] = []

  /** The next card that may be played beside these; none if there is none. */
  function deal(taken: readonly Part[]): FaultKind | undefined {
    if (deck.length === 0) deck = shuffle(fullDeck(), random)
    const index = deck.findIndex((kind) => SHAPES[kind].parts.every((part) => !taken.includes(part)))
    return index < 0 ? undefined : deck.splice(index, 1)[0]
  }

  return () => {
    const restMillis = random.int(0, LONGEST_REST_MILLIS)
    const first = deal([]) as FaultKind
    const second = random.chance(SHARE_OF_PAIRS) ? deal(SHAPES[first].parts) : undefined
    const faults = [first, ...(second ? [second] : [])].map((kind): Fault => {
      const [least, most] = SHAPES[kind].millis
      return { kind, millis: random.int(least, most), target: random.int(0, 5) }
    })
    return { restMillis, faults }
  }
}

function fullDeck(): FaultKind[] {
  return FAULT_KINDS.flatMap((kind) => Array.from({ length: SHAPES[kind].cards }, () => kind))
}

/** Fisher and Yates. */
function shuffle<T>(items: T[], random: Random): T[] {
  for (let index = items.length - 1; index > 0; index--) {
    const other = random.int(0, index)
    const item = items[index] as T
    items[index] = items[other] as T
    items[other] = item
  }
  return items
}

/** A fault in words for people. */
export function faultWords({ kind, millis, target }: Fault, tables: readonly string[]): string {
  const seconds = millis === 0 ? '' : ` ${(millis / 1000).toFixed(1)} s`
  if (kind === 'hide-table' || kind === 'refuse-inserts')
    return `${kind} ${tables[target % tables.length]}${seconds}`
  if (kind === 'kill-worker' || kind === 'stop-worker' || kind === 'pause-worker')
    return `${kind} ${workerOf(target) + 1}${seconds}`
  return `${kind}${seconds}`
}

/** Which of the two workers a fault is about. */
export function workerOf(target: number): number {
  return target % 2
}
