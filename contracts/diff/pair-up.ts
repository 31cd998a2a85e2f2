/**
 * Which part of the older contract is which part of the newer one: by name, and what is left by what tells a rename.
 *
 * A rename is seen by, in this order: the same id; the same name in the data store; the same name but for its case; the one best
 * likeness. Each only where it is unique on both sides, so that the result is the same when the contracts change places.
 * A column that kept its name is itself, whatever its id: readers use the name.
 */

/** What can be paired. */
export type Named = {
  readonly name: string
  readonly id?: string
  readonly physicalName?: string
}

/** A part and its position. */
export type Placed<T> = { readonly item: T; readonly index: number }

/** One part in both. */
export type Pair<T> = { readonly older: Placed<T>; readonly newer: Placed<T>; readonly renamed: boolean }

/** Who is who. */
export type Pairing<T> = {
  readonly pairs: readonly Pair<T>[]
  readonly removed: readonly Placed<T>[]
  readonly added: readonly Placed<T>[]
}

/** How alike two parts are that lost their partner, from 0 to 1. `neighbours`: does the part before or after them match? */
export type Likeness<T> = (older: T, newer: T, neighbours: boolean) => number

/** From here on, likeness means a rename. */
const LIKE = 0.7
/** Likeness is looked for among at most so many on a side: it takes time in the square of them. */
const MAX_LEFT = 100

/** Pairs the parts of two lists. */
export function pairUp<T extends Named>(
  older: readonly T[],
  newer: readonly T[],
  likeness: Likeness<T>,
): Pairing<T> {
  const pairs: Pair<T>[] = []
  let left = older.map((item, index) => ({ item, index }))
  let right = newer.map((item, index) => ({ item, index }))
  const join = (renamed: boolean, matches: readonly (readonly [Placed<T>, Placed<T>])[]): void => {
    if (matches.length === 0) return
    for (const [from, to] of matches)
      pairs.push({ older: from, newer: to, renamed: renamed && from.item.name !== to.item.name })
    const [lefts, rights] = [new Set(matches.map(([from]) => from)), new Set(matches.map(([, to]) => to))]
    left = left.filter((part) => !lefts.has(part))
    right = right.filter((part) => !rights.has(part))
  }
  join(false, inOrder(left, right))
  if (left.length > 0 && right.length > 0) {
    join(
      true,
      unique(left, right, ({ id }) => id),
    )
    join(
      true,
      unique(left, right, ({ name, physicalName }) => physicalName ?? name),
    )
    join(
      true,
      unique(left, right, ({ name }) => name.toLowerCase()),
    )
    join(true, mostAlike(left, right, pairs, likeness))
  }
  pairs.sort((a, b) => a.newer.index - b.newer.index)
  return { pairs, removed: left, added: right }
}

/** Equal names; where a name stands twice, the first with the first. */
function inOrder<T extends Named>(
  left: readonly Placed<T>[],
  right: readonly Placed<T>[],
): (readonly [Placed<T>, Placed<T>])[] {
  const byName = new Map<string, Placed<T>[]>()
  for (const part of right) {
    const same = byName.get(part.item.name)
    if (same) same.push(part)
    else byName.set(part.item.name, [part])
  }
  for (const parts of byName.values()) parts.reverse()
  return left.flatMap((part) => {
    const other = byName.get(part.item.name)?.pop()
    return other ? [[part, other] as const] : []
  })
}

/** Equal keys that each side has once. */
function unique<T>(
  left: readonly Placed<T>[],
  right: readonly Placed<T>[],
  keyOf: (item: T) => string | undefined,
): (readonly [Placed<T>, Placed<T>])[] {
  const once = (parts: readonly Placed<T>[]): Map<string, Placed<T> | undefined> => {
    const byKey = new Map<string, Placed<T> | undefined>()
    for (const part of parts) {
      const key = keyOf(part.item)
      if (key !== undefined && key !== '') byKey.set(key, byKey.has(key) ? undefined : part)
    }
    return byKey
  }
  const others = once(right)
  return [...once(left)].flatMap(([key, part]) => {
    const other = others.get(key)
    return part && other ? [[part, other] as const] : []
  })
}

/** Those that are each other's one best likeness. */
function mostAlike<T>(
  left: readonly Placed<T>[],
  right: readonly Placed<T>[],
  pairs: readonly Pair<T>[],
  likeness: Likeness<T>,
): (readonly [Placed<T>, Placed<T>])[] {
  if (left.length > MAX_LEFT || right.length > MAX_LEFT) return []
  const partner = new Map(pairs.map(({ older, newer }) => [older.index, newer.index]))
  const neighbours = (from: Placed<T>, to: Placed<T>): boolean =>
    partner.get(from.index - 1) === to.index - 1 ||
    partner.get(from.index + 1) === to.index + 1 ||
    (from.index === 0 && to.index === 0)
  const scores = left.map((from) => right.map((to) => likeness(from.item, to.item, neighbours(from, to))))
  const column = (index: number): number[] => scores.map((row) => row[index] ?? 0)
  return left.flatMap((from, row) => {
    const best = theBest(scores[row] ?? [])
    const other = best === undefined ? undefined : right[best]
    return best !== undefined && other && theBest(column(best)) === row ? [[from, other] as const] : []
  })
}

/** Position of the one highest score; undefined if it is shared, or too low. */
function theBest(scores: readonly number[]): number | undefined {
  const highest = Math.max(...scores)
  const at = scores.indexOf(highest)
  return highest >= LIKE && scores.lastIndexOf(highest) === at ? at : undefined
}
