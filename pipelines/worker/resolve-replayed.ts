/**
 * Fills unchanged values in a batch that may hold replayed records.
 *
 * A replayed record lies late in the log but is early in the order of versions. So it is no history for the other rows of its batch (they know
 * what it says from the quarantine, where it still stands), and those are none for it: each is filled by itself, from what the table and
 * the quarantine knew below its version.
 */

import type { QuarantinedRecord } from '../ports.ts'
import { claimsReplay } from '../quarantine/replayed-record.ts'
import type { BatchRow } from './batcher.ts'
import { type Resolved, type RowHistory, resolveUnchanged } from './resolve-unchanged.ts'

/** As {@link resolveUnchanged}. Replayed rows come first: the last row of a batch then still has the highest version of its key. */
export async function resolveReplayed(
  batch: { readonly rows: readonly BatchRow[]; readonly quarantined: readonly QuarantinedRecord[] },
  history: RowHistory,
): Promise<Resolved> {
  const isReplay = ({ record }: Pick<BatchRow, 'record'>): boolean => claimsReplay(record)
  if (!batch.rows.some(isReplay) && !batch.quarantined.some(isReplay)) return resolveUnchanged(batch, history)
  const others = {
    rows: batch.rows.filter((row) => !isReplay(row)),
    quarantined: batch.quarantined.filter((record) => !isReplay(record)),
  }
  const results: Resolved[] = []
  for (const rows of Map.groupBy(batch.rows.filter(isReplay), ({ record }) => record).values())
    results.push(await resolveUnchanged({ rows, quarantined: [] }, history))
  results.push(await resolveUnchanged(others, history))
  return {
    rows: results.flatMap(({ rows }) => rows),
    unknown: results.flatMap(({ unknown }) => unknown),
  }
}
