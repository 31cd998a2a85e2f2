/**
 * Counts the rows of an Arrow IPC stream on its way (Arrow columnar format, "IPC streaming format").
 *
 * A message is 0xFFFFFFFF, the length of its metadata, the metadata (a FlatBuffers `Message`) and its body. Read are only the
 * kind of a message, the length of its body and, of a RecordBatch, its number of rows; bodies are skipped.
 */
import { arrowMessage, LARGEST_METADATA } from './arrow-message.ts'
import { NOTHING, type RowCounter } from './row-counter.ts'

/** A stream of another shape passes unharmed; its rows are then -1, "not known". */
export function createArrowCounter(): RowCounter {
  let rows = 0
  let held: Buffer = Buffer.alloc(0)
  let skip = 0
  let lost = false
  return {
    take(piece) {
      if (lost) return piece
      try {
        read(piece)
      } catch {
        lost = true
      }
      return piece
    },
    end: () => NOTHING,
    rows: () => (lost ? -1 : rows),
  }

  function read(chunk: Buffer): void {
    let rest = chunk
    while (rest.length > 0) {
      if (skip > 0) {
        const step = Math.min(skip, rest.length)
        skip -= step
        rest = rest.subarray(step)
        continue
      }
      held = held.length === 0 ? rest : Buffer.concat([held, rest])
      if (held.length < 8) return
      const length = held.readInt32LE(4)
      if (held.readInt32LE(0) !== -1 || length < 0 || length > LARGEST_METADATA)
        throw new RangeError('not Arrow')
      if (held.length < 8 + length) return
      if (length > 0) {
        const { batchRows, bodyLength } = arrowMessage(held.subarray(8, 8 + length))
        rows += batchRows ?? 0
        skip = bodyLength
      }
      rest = held.subarray(8 + length)
      held = Buffer.alloc(0)
    }
  }
}
