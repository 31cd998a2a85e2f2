/** The cursors around a page, from its edges and the cursor that it was asked with. */
import type { Cursor } from './cursor.ts'
import type { PageEdges } from './page-format.ts'
import type { Position } from './position.ts'

/** The pages behind and before one; null where there is none. */
export type PageCursors = { readonly next: Cursor | null; readonly prev: Cursor | null }

/**
 * Going forward there is a page before every one but the first; going backward there is one behind every one. An empty page leads back
 * over the position that it was asked with, so that nothing is between them.
 */
export function pageCursors(asked: Cursor | undefined, { first, last, more }: PageEdges): PageCursors {
  const isBackward = asked?.backward ?? false
  const at = (backward: boolean, position: Position | undefined): Cursor | null => {
    if (position) return { backward, inclusive: false, position }
    return asked ? { ...asked, backward, inclusive: !asked.inclusive } : null
  }
  return {
    next: isBackward || more ? at(false, last) : null,
    prev: (isBackward ? more : asked !== undefined) ? at(true, first) : null,
  }
}
