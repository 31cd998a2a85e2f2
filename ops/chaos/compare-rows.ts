/** Source rows against stored rows of one table, by key and hash. Pure. */
import { collectFindings, type Finding } from './account-records.ts'

/** A row: its key as text, and a hash of its values that is the same on both sides. */
export type HashedRow = { readonly key: string; readonly hash: string }

/** Finds what differs; `excluded` keys are those whose last change is in quarantine. */
export function compareRows(
  table: string,
  source: readonly HashedRow[],
  stored: readonly HashedRow[],
  excluded: (key: string) => boolean,
): readonly Finding[] {
  const found = collectFindings()
  const there = new Map<string, string>()
  for (const { key, hash } of stored) {
    if (there.has(key)) found.add(table, 'doubled', key)
    there.set(key, hash)
  }
  for (const { key, hash } of source) {
    const copy = there.get(key)
    there.delete(key)
    if (excluded(key)) continue
    if (copy === undefined) found.add(table, 'missing', key)
    else if (copy !== hash) found.add(table, 'different', key)
  }
  for (const key of there.keys()) if (!excluded(key)) found.add(table, 'left over', key)
  return found.all()
}
