/** Pairs the parts of two lists by one key after the other: what the first key leaves alone, the next one may bring together. */

/** Who is who; what has no partner. */
export type KeyedPairs<T> = {
  readonly pairs: readonly (readonly [older: T, newer: T])[]
  readonly removed: readonly T[]
  readonly added: readonly T[]
}

/** Pairs by keys, the strongest first; a part without a key waits for the next. Among equal keys, the first goes with the first. */
export function pairByKeys<T>(
  older: readonly T[],
  newer: readonly T[],
  keys: readonly ((item: T) => string | undefined)[],
): KeyedPairs<T> {
  const pairs: (readonly [T, T])[] = []
  let removed = older
  let added = newer
  for (const keyOf of keys) {
    const waiting = new Map<string, T[]>()
    for (const item of added.toReversed()) {
      const key = keyOf(item)
      if (key === undefined) continue
      const same = waiting.get(key)
      if (same) same.push(item)
      else waiting.set(key, [item])
    }
    const [left, right] = [new Set<T>(), new Set<T>()]
    for (const item of removed) {
      const key = keyOf(item)
      const other = key === undefined ? undefined : waiting.get(key)?.pop()
      if (other === undefined) continue
      pairs.push([item, other])
      left.add(item)
      right.add(other)
    }
    removed = removed.filter((item) => !left.has(item))
    added = added.filter((item) => !right.has(item))
  }
  return { pairs, removed, added }
}
