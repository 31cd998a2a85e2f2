/** The unread records in fetched batches: marks of transactions, and what was taken back, take offsets, too. Pure. */
import { type BatchHead, HEAD_BYTES, readBatchHead, readInt64 } from '../kafka/record-batch-head.ts'

/** What a look through some batches found. */
export type UnreadLook = {
  /** Records. */
  readonly records: number
  /** When the first of them was written, milliseconds: the time of its batch; null if there is none. */
  readonly writtenAt: number | null
  /** Up to where was looked; the offset that was begun with if there was no whole head of a batch. */
  readonly next: number
}

/** A transaction that was taken back. */
type Aborted = { readonly producerId: number; readonly firstOffset: number }

const BASE_TIMESTAMP_AT = 27

/** Looks through the batches of one partition, as Kafka sends them; what is before `from` is passed over, the last may be cut. */
export function unreadRecords(bytes: Buffer, from: number, aborted: readonly Aborted[]): UnreadLook {
  let next = from
  let records = 0
  let writtenAt: number | null = null
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const head = readBatchHead(bytes, at)
    if (head.magic !== 2) break
    if (head.lastOffset >= from) {
      if (holdsRecords(head, aborted)) {
        writtenAt ??= readInt64(bytes, at + BASE_TIMESTAMP_AT)
        records += head.baseOffset < from ? head.lastOffset - from + 1 : head.count
      }
      next = head.lastOffset + 1
    }
    at = head.end
  }
  return { records, writtenAt, next }
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
