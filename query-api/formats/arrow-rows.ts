/**
 * Counts the rows of an Arrow IPC stream on its way (Arrow columnar format, "IPC streaming format").
 *
 * A message is 0xFFFFFFFF, the length of its metadata, the metadata (a FlatBuffers `Message`) and its body. Read are only the
 * kind of a message, the length of its body and, of a RecordBatch, its number of rows; bodies are skipped.
 */
import { Transform } from 'node:stream'
import type { RowCounter } from './row-counter.ts'

const RECORD_BATCH = 3
const LARGEST_METADATA = 16 * 1024 * 1024

/** A stream of another shape passes unharmed; its rows are then -1, "not known". */
export function createArrowCounter(): RowCounter {
  let rows = 0
  let held: Buffer = Buffer.alloc(0)
  let skip = 0
  let lost = false
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!lost) {
        try {
          read(chunk)
        } catch {
          lost = true
        }
      }
      done(null, chunk)
    },
  })
  return { stream, rows: () => (lost ? -1 : rows) }

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
      if (length > 0) skip = message(held.subarray(8, 8 + length))
      rest = held.subarray(8 + length)
      held = Buffer.alloc(0)
    }
  }

  /** Returns the length of the body. */
  function message(metadata: Buffer): number {
    const root = metadata.readUInt32LE(0)
    const kindAt = fieldAt(metadata, root, 1)
    if (kindAt !== undefined && metadata.readUInt8(kindAt) === RECORD_BATCH) {
      const headerAt = fieldAt(metadata, root, 2)
      if (headerAt === undefined) throw new RangeError('no header')
      const batch = headerAt + metadata.readUInt32LE(headerAt)
      const lengthAt = fieldAt(metadata, batch, 0)
      if (lengthAt !== undefined) rows += Number(metadata.readBigInt64LE(lengthAt))
    }
    const bodyAt = fieldAt(metadata, root, 3)
    return bodyAt === undefined ? 0 : Number(metadata.readBigInt64LE(bodyAt))
  }
}

/** Position of a field of a FlatBuffers table, or undefined if it has its default. */
function fieldAt(buffer: Buffer, table: number, field: number): number | undefined {
  const vtable = table - buffer.readInt32LE(table)
  const slot = 4 + field * 2
  if (slot >= buffer.readUInt16LE(vtable)) return undefined
  const offset = buffer.readUInt16LE(vtable + slot)
  return offset === 0 ? undefined : table + offset
}
