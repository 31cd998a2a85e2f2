/** The first record of fetched batches that is one: marks of transactions, and what was taken back, take offsets, too. Pure. */
import { type BatchHead, HEAD_BYTES, readBatchHead, readInt64 } from '../record-batch-head.ts'

/** `writtenAt`: milliseconds, of the batch that holds the record. `at`: its offset, or that of its batch. */
export type UnreadRecord = { readonly at: number; readonly writtenAt: number }

/** What a look at some batches found: the first record, or where to look on; `next` is `from` if there was no whole batch. */
export type UnreadLook = { readonly found: UnreadRecord | null; readonly next: number }

/** A transaction that was taken back. */
type Aborted = { readonly producerId: number; readonly firstOffset: number }

const BASE_TIMESTAMP_AT = 27

/** Looks through the batches of one partition, as Kafka sends them; those before `from` are passed over, the last may be cut. */
export function firstUnread(bytes: Buffer, from: number, aborted: readonly Aborted[]): UnreadLook {
  let next = from
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const head = readBatchHead(bytes, at)
    if (head.magic !== 2) break
    if (head.lastOffset >= from && holdsRecords(head, aborted))
      return {
        found: { at: Math.max(from, head.baseOffset), writtenAt: readInt64(bytes, at + BASE_TIMESTAMP_AT) },
        next: head.baseOffset,
      }
    next = Math.max(next, head.lastOffset + 1)
    at = head.end
  }
  return { found: null, next }
}

function holdsRecords(head: BatchHead, aborted: readonly Aborted[]): boolean {
  if (head.control || head.count === 0) return false
  return !(
    head.transactional &&
    aborted.some(
      ({ producerId, firstOffset }) => producerId === head.producerId && firstOffset <= head.baseOffset,
    )
  )
}
