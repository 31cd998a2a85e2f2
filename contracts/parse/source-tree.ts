/** Where each value of a document stands: the tree beside the values that a reader builds. */
import type { DocumentPath } from '../fault.ts'

/** Offset of a scalar, or of a map or list with those within. */
export type SourceTree = number | SourceMap | SourceList
/** A map. */
export type SourceMap = { readonly offset: number; readonly entries: ReadonlyMap<string, SourceEntry> }
/** A list. */
export type SourceList = { readonly offset: number; readonly items: readonly SourceTree[] }
/** A key with its value. */
export type SourceEntry = { readonly key: number; readonly value: SourceTree }

/** Offset of the node at a path, or of its nearest parent; with `key`, of the key where the last part is one. */
export type OffsetOf = (path: DocumentPath, what?: 'value' | 'key') => number

/** The look-up in a tree. */
export function treeOffsets(root: SourceTree): OffsetOf {
  return (path, what = 'value') => {
    let tree = root
    for (const [depth, part] of path.entries()) {
      if (typeof tree === 'number') break
      if ('items' in tree) {
        const item = typeof part === 'number' ? tree.items[part] : undefined
        if (item === undefined) break
        tree = item
        continue
      }
      const entry = tree.entries.get(String(part))
      if (!entry) break
      if (what === 'key' && depth === path.length - 1) return entry.key
      tree = entry.value
    }
    return typeof tree === 'number' ? tree : tree.offset
  }
}
