/** Where in the text a path of the document stands. Looked up only when a fault is said. */
import { type Alias, isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from 'yaml'
import type { OffsetOf } from './source-tree.ts'

/** Maps above this many keys are indexed, so that many faults in one large map do not take time in its square. */
const INDEXED_FROM = 16

type Found = { readonly key: ParsedNode | null; readonly value: ParsedNode | null }

/** Makes the look-up for a document. */
export function createOffsetOf(
  contents: ParsedNode | null,
  targets: ReadonlyMap<Alias, ParsedNode>,
): OffsetOf {
  const indexes = new WeakMap<object, Map<string, Found>>()
  const follow = (node: ParsedNode | null): ParsedNode | null =>
    node !== null && isAlias(node) ? (targets.get(node) ?? null) : node

  const inMap = (map: YAMLMap.Parsed, name: string): Found | undefined => {
    const nameOf = (key: unknown): string => (isScalar(key) && key.value !== null ? String(key.value) : '')
    const { items } = map
    if (items.length < INDEXED_FROM) {
      const pair = items.find((one) => nameOf(one.key) === name)
      if (pair) return { key: pair.key, value: pair.value }
    } else {
      let index = indexes.get(map)
      if (!index) {
        index = new Map()
        for (const pair of items) {
          const key = nameOf(pair.key)
          if (!index.has(key)) index.set(key, { key: pair.key, value: pair.value })
        }
        indexes.set(map, index)
      }
      const found = index.get(name)
      if (found) return found
    }
    return inMerged(map, name)
  }

  const inMerged = (map: YAMLMap.Parsed, name: string): Found | undefined => {
    const merge = items(map).find((pair) => isScalar(pair.key) && pair.key.value === '<<')
    const source = follow(merge?.value ?? null)
    const sources = isSeq(source) ? (source.items as readonly ParsedNode[]).map(follow) : [source]
    for (const one of sources) {
      const found = isMap(one) && one !== map ? inMap(one as YAMLMap.Parsed, name) : undefined
      if (found) return found
    }
    return undefined
  }

  return (path, what = 'value') => {
    let node = follow(contents)
    let offset = node?.range[0] ?? 0
    for (const [depth, part] of path.entries()) {
      let next: ParsedNode | null = null
      if (isMap(node)) {
        const found = inMap(node as YAMLMap.Parsed, String(part))
        if (!found) break
        if (what === 'key' && depth === path.length - 1) return found.key?.range[0] ?? offset
        next = found.value
        // A key without a value: the key itself is the place.
        offset = next?.range[0] ?? found.key?.range[0] ?? offset
      } else if (isSeq(node) && typeof part === 'number') {
        next = (node.items[part] as ParsedNode | undefined) ?? null
        if (next === null) break
        offset = next.range[0]
      } else break
      node = follow(next)
    }
    return offset
  }
}

function items(map: YAMLMap.Parsed): YAMLMap.Parsed['items'] {
  return map.items
}
