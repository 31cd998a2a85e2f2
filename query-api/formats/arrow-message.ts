/** Reads the metadata of an Arrow IPC message (Arrow columnar format, "Encapsulated message format"): a FlatBuffers `Message`. */

const RECORD_BATCH = 3

/** Largest metadata of a message. */
export const LARGEST_METADATA = 16 * 1024 * 1024

/** What is read of a message. */
export type ArrowMessage = {
  /** Rows of a RecordBatch; `undefined` of another kind. */
  readonly batchRows: number | undefined
  /** Bytes that follow the metadata. */
  readonly bodyLength: number
}

/** @throws RangeError if it is none */
export function arrowMessage(metadata: Buffer): ArrowMessage {
  const root = metadata.readUInt32LE(0)
  const bodyAt = fieldAt(metadata, root, 3)
  return {
    batchRows: batchRows(metadata, root),
    bodyLength: bodyAt === undefined ? 0 : Number(metadata.readBigInt64LE(bodyAt)),
  }
}

function batchRows(metadata: Buffer, root: number): number | undefined {
  const kindAt = fieldAt(metadata, root, 1)
  if (kindAt === undefined || metadata.readUInt8(kindAt) !== RECORD_BATCH) return undefined
  const headerAt = fieldAt(metadata, root, 2)
  if (headerAt === undefined) throw new RangeError('no header')
  const batch = headerAt + metadata.readUInt32LE(headerAt)
  const lengthAt = fieldAt(metadata, batch, 0)
  return lengthAt === undefined ? 0 : Number(metadata.readBigInt64LE(lengthAt))
}

/** Position of a field of a FlatBuffers table, or undefined if it has its default. */
function fieldAt(buffer: Buffer, table: number, field: number): number | undefined {
  const vtable = table - buffer.readInt32LE(table)
  const slot = 4 + field * 2
  if (slot >= buffer.readUInt16LE(vtable)) return undefined
  const offset = buffer.readUInt16LE(vtable + slot)
  return offset === 0 ? undefined : table + offset
}
