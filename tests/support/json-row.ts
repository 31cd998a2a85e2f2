/** Stored row -> one line of JSONCompactEachRow. */
import type { StoredRow } from '#transforms/record.ts'

/** The line, with its line break. Every unresolved cell must have been filled. */
export function jsonRow(row: StoredRow): string {
  return `[${row.cells.join(',')}]\n`
}
