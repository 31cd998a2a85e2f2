/**
 * Pairs the parts of two lists by one key after the other: what the first key leaves alone, the next one may bring together. The order of
 * the lists says nothing: among equal keys, parts are paired in the order of their first keys.
 */

/** Who is who, in the order of the newer list; what has no partner, in the order of its own. */
export type KeyedPairs<T> = {
  readonly pairs: readonly (readonly [older: T, newer: T])[]
  readonly removed: readonly T[]
  readonly added: readonly T[]
}

/** Tells what makes two parts one; a part without a key waits for the next. */
export type KeyOf<T> = (item: T) => string | undefined

/** Pairs by keys, the strongest first: it tells all parts apart that differ. */
export function pairByKeys<T>(
  older: readonly T[],
  newer: readonly T[],
  keys: readonly [KeyOf<T>, ...(readonly KeyOf<T>[])],
): KeyedPairs<T> {
  const partners = new Map<T, T>()
  let left = inOrderOf(older, keys[0])
  let right = inOrderOf(newer, keys[0])
  for (const keyOf of keys) {
    const waiting = new Map<string, T[]>()
    for (const item of right.toReversed()) {
      const key = keyOf(item)
      if (key === undefined) continue
      const same = waiting.get(key)
      if (same) same.push(item)
      else waiting.set(key, [item])
    }
    const paired = new Set<T>()
    for (const item of left) {
      const key = keyOf(item)
      const other = key === undefined ? undefined : waiting.get(key)?.pop()
      if (other === undefined) continue
      partners.set(other, item)
      paired.add(item)
    }
    left = left.filter((item) => !paired.has(item))
    right = right.filter((item) => !partners.has(item))
  }
  const alone = new Set(left)
  return {
    pairs: newer.flatMap((item) => {
      const other = partners.get(item)
      return other === undefined ? [] : [[other, item] as const]
    }),
    removed: older.filter((item) => alone.has(item)),
    added: newer.filter((item) => !partners.has(item)),
  }
}

function inOrderOf<T>(items: readonly T[], keyOf: KeyOf<T>): readonly T[] {
  return items
    .map((item) => [keyOf(item) ?? '', item] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, item]) => item)
}
