/**
 * The head of a record batch (message format v2), in its own words, and how batches lie one after another. Pure.
 *
 *    0 base offset int64      16 magic int8           27 base timestamp int64   51 producer epoch int16
 *    8 length int32 (*)       17 CRC-32C uint32 (+)   35 max timestamp int64    53 base sequence int32
 *   12 leader epoch int32     21 attributes int16     43 producer id int64      57 records int32
 *                             23 last offset delta int32
 *   (*) of what follows it    (+) over what follows it
 */

/** Bytes before the records. */
export const HEAD_BYTES = 61
/** The checksum covers everything from here to the end of the batch. */
export const CRC_END = 21
const LENGTH_AT = 8
const LENGTH_END = 12
const MAGIC_AT = 16

/** A batch in a buffer. */
export type BatchHead = {
  /** Where it begins and ends. */
  readonly at: number
  readonly end: number
  readonly magic: number
  readonly crc: number
  readonly baseOffset: number
  /** Of its last record, or what it was before compaction took it. */
  readonly lastOffset: number
  readonly count: number
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number
  readonly transactional: boolean
  /** The end of a transaction, not data. */
  readonly control: boolean
  readonly producerId: number
}

/** Reads the head of a whole batch; of one that is too short to have a head, all but its place, magic and first offset is zero. */
export function readBatchHead(bytes: Buffer, at: number): BatchHead {
  const end = batchEnd(bytes, at)
  const magic = bytes.length > at + MAGIC_AT ? bytes.readInt8(at + MAGIC_AT) : -1
  const baseOffset = readInt64(bytes, at)
  if (magic !== 2 || end - at < HEAD_BYTES) return { ...NO_HEAD, at, end, magic, baseOffset }
  const attributes = bytes.readInt16BE(at + 21)
  return {
    at,
    end,
    magic,
    crc: bytes.readUInt32BE(at + 17),
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(at + 23),
    count: bytes.readInt32BE(at + 57),
    codec: attributes & 7,
    transactional: (attributes & 16) !== 0,
    control: (attributes & 32) !== 0,
    producerId: readInt64(bytes, at + 43),
  }
}

const NO_HEAD = {
  ...{ crc: 0, lastOffset: 0, count: 0, codec: 0, transactional: false, control: false, producerId: -1 },
}

/** Where the batches of a fetch end, and what comes after them. */
export type BatchExtent = {
  /** End of the last whole batch. */
  readonly whole: number
  /** Offset after the last whole batch; -1 if there is none. */
  readonly nextOffset: number
  /** Bytes of the first batch if not even that is whole; else 0. */
  readonly missing: number
}

/** Looks at the lengths only. A length that makes no sense ends the walk there, as if the rest were one batch: its reader says what is wrong. */
export function batchExtent(bytes: Buffer): BatchExtent {
  let whole = 0
  let nextOffset = -1
  while (whole + LENGTH_END <= bytes.length) {
    const end = batchEnd(bytes, whole)
    if (end > bytes.length) break
    const { lastOffset } = readBatchHead(bytes, whole)
    nextOffset = Math.max(nextOffset, lastOffset + 1)
    whole = end
  }
  const missing = whole === 0 && bytes.length >= LENGTH_END ? batchEnd(bytes, 0) : 0
  return { whole, nextOffset, missing }
}

function batchEnd(bytes: Buffer, at: number): number {
  const length = bytes.readInt32BE(at + LENGTH_AT)
  return length < 0 ? bytes.length : at + LENGTH_END + length
}

/** An int64 as a number: offsets and producer ids stay below 2^53. */
export function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
}
