/**
 * Ends an Arrow IPC stream at a limit: record batches are passed on while they fit; the one that does not is held and cut between two
 * rows by apache-arrow. The end mark follows, so that the stream is whole.
 */
import { RecordBatchReader, RecordBatchStreamWriter } from 'apache-arrow'
import { MogoError } from '#contracts/errors.ts'
import { arrowMessage, LARGEST_METADATA } from './arrow-message.ts'
import type { AnswerLimit, RowCut } from './row-cut.ts'

/** Continuation mark and a length of zero. */
const END_OF_STREAM = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])
const EMPTY = Buffer.alloc(0)
/** Bytes before the metadata of a message. */
const HEAD = 8
/** Largest batch that is held to be cut. */
const LARGEST_BATCH = 256 * 1024 * 1024

/** Makes the cutter of one answer. */
export function createArrowCut(limit: AnswerLimit): RowCut {
  /** Schema and dictionaries, without which a batch cannot be read. */
  const before: Buffer[] = []
  /** What is there of a message that is not whole; joined when it is, or when its head may be. */
  let held: Buffer[] = []
  let heldBytes = 0
  /** Bytes that a message needs before it can be looked at again. */
  let needed = HEAD
  /** Bytes of a body that are passed on as they are. */
  let pass = 0
  let rows = 0
  let bytes = 0
  let full = false
  return { take, end: () => (full ? EMPTY : Buffer.concat(held)), isFull: () => full }

  function take(chunk: Buffer): Buffer {
    const parts: Buffer[] = []
    let rest = chunk
    while (rest.length > 0 && !full) {
      if (pass > 0) {
        const step = Math.min(pass, rest.length)
        parts.push(rest.subarray(0, step))
        pass -= step
        rest = rest.subarray(step)
        continue
      }
      held.push(rest)
      heldBytes += rest.length
      if (heldBytes < needed) break
      const all = held.length === 1 ? rest : Buffer.concat(held)
      const taken = message(all)
      if (taken === undefined) {
        held = [all]
        heldBytes = all.length
        break
      }
      parts.push(taken.out)
      rest = all.subarray(taken.used)
      held = []
      heldBytes = 0
      needed = HEAD
    }
    return Buffer.concat(parts)
  }

  /** What becomes of the message that these bytes begin with; `undefined`, and `needed` set, if too little of it is there. */
  function message(all: Buffer): { readonly used: number; readonly out: Buffer } | undefined {
    const length = all.readInt32LE(4)
    if (all.readInt32LE(0) !== -1 || length < 0 || length > LARGEST_METADATA)
      throw new RangeError('not an Arrow stream')
    const head = HEAD + length
    if (all.length < head) return needs(head)
    if (length === 0) return passOn(head)
    const { batchRows, bodyLength } = arrowMessage(all.subarray(HEAD, head))
    const whole = head + bodyLength
    if (batchRows !== undefined && rows + batchRows <= limit.rows && bytes + whole <= limit.bytes) {
      rows += batchRows
      bytes += whole
      pass = bodyLength
      return passOn(head)
    }
    if (whole > LARGEST_BATCH)
      throw new MogoError('MOGO_QUERY_LIMIT', { limit: '256 MiB in a record batch that is to be cut' })
    if (all.length < whole) return needs(whole)
    const out = all.subarray(0, whole)
    if (batchRows === undefined) {
      before.push(out)
      return passOn(whole)
    }
    full = true
    return {
      used: whole,
      out: Buffer.concat([firstRows(out, Math.min(batchRows, limit.rows - rows)), END_OF_STREAM]),
    }

    function passOn(count: number) {
      return { used: count, out: all.subarray(0, count) }
    }
  }

  function needs(count: number): undefined {
    needed = count
  }

  /** As many of the first rows of a batch, at most so many, as fit into the bytes that are left. */
  function firstRows(batch: Buffer, most: number): Buffer {
    const [whole] = [...RecordBatchReader.from(Buffer.concat([...before, batch, END_OF_STREAM]))]
    if (!whole) return EMPTY
    for (let count = most; count > 0; ) {
      const writer = new RecordBatchStreamWriter()
      writer.write(whole.slice(0, count))
      writer.finish()
      const message = lastBatch(Buffer.from(writer.toUint8Array(true)))
      if (bytes + message.length <= limit.bytes) return message
      const share = Math.floor((count * (limit.bytes - bytes)) / message.length)
      count = Math.max(0, Math.min(count - 1, share))
    }
    return EMPTY
  }
}

/** The record batch of a small stream: what stands behind its other messages. */
function lastBatch(stream: Buffer): Buffer {
  for (let at = 0; at + 8 <= stream.length; ) {
    const head = 8 + stream.readInt32LE(at + 4)
    if (head === 8) break
    const { batchRows, bodyLength } = arrowMessage(stream.subarray(at + 8, at + head))
    if (batchRows !== undefined) return stream.subarray(at, at + head + bodyLength)
    at += head + bodyLength
  }
  throw new RangeError('no record batch')
}
