/**
 * Records -> a record batch (message format v2), uncompressed, as a producer without idempotence or transactions sends it. Pure.
 *
 * Format: https://kafka.apache.org/documentation/#recordbatch; the head in bytes:
 *
 *    0 base offset int64     16 magic int8           27 base timestamp int64   51 producer epoch int16
 *    8 length int32          17 CRC-32C uint32       35 max timestamp int64    53 base sequence int32
 *   12 leader epoch int32    21 attributes int16     43 producer id int64      57 records int32
 *                            23 last offset delta int32
 */
import { crc32c } from './kafka-crc32c.ts'

/** A record that is written; texts are sent as UTF-8. */
export type WrittenRecord = {
  readonly key: string
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
}

const HEAD_BYTES = 61
const LENGTH_END = 12
const CRC_AT = 17
const CRC_END = 21
/** A length takes up to five bytes; a record has these two, two of its key and value, one of its headers' count, and its offset. */
const MOST_VARINT = 5
const RECORD_BYTES = 6 * MOST_VARINT + 2
/** UTF-8 takes up to three bytes for a code unit of a text. */
const UNIT_BYTES = 3

/** Makes the batch of one record or more, all of one time (milliseconds since 1970). */
export function writeBatch(records: readonly WrittenRecord[], time: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + records.reduce((sum, record) => sum + mostBytes(record), 0))
  let at = HEAD_BYTES
  for (const [index, record] of records.entries()) at = writeRecord(bytes, at, record, index)
  bytes.writeBigInt64BE(0n, 0)
  bytes.writeInt32BE(at - LENGTH_END, 8)
  bytes.writeInt32BE(-1, 12)
  bytes.writeInt8(2, 16)
  bytes.writeInt16BE(0, 21)
  bytes.writeInt32BE(records.length - 1, 23)
  bytes.writeBigInt64BE(BigInt(time), 27)
  bytes.writeBigInt64BE(BigInt(time), 35)
  bytes.writeBigInt64BE(-1n, 43)
  bytes.writeInt16BE(-1, 51)
  bytes.writeInt32BE(-1, 53)
  bytes.writeInt32BE(records.length, 57)
  bytes.writeUInt32BE(crc32c(bytes.subarray(CRC_END, at)), CRC_AT)
  return bytes.subarray(0, at)
}

function mostBytes({ key, value, headers }: WrittenRecord): number {
  let units = key.length + value.length
  let names = 0
  for (const name in headers) {
    units += name.length + (headers[name] ?? '').length
    names += 1
  }
  return units * UNIT_BYTES + names * 2 * MOST_VARINT + RECORD_BYTES
}

/** Returns where it ends. */
function writeRecord(bytes: Buffer, start: number, record: WrittenRecord, index: number): number {
  const { key, value, headers } = record
  const names = Object.keys(headers)
  const keyBytes = Buffer.byteLength(key)
  const valueBytes = Buffer.byteLength(value)
  // Attributes and the time since the batch's take a byte each.
  let length = 2 + sizeOf(index) + sizeOf(keyBytes) + keyBytes + sizeOf(valueBytes) + valueBytes
  length += sizeOf(names.length)
  for (const name of names) length += sizeOfText(name) + sizeOfText(headers[name] ?? '')
  let at = writeVarint(bytes, start, length)
  bytes[at++] = 0
  bytes[at++] = 0
  at = writeVarint(bytes, at, index)
  at = writeText(bytes, at, key, keyBytes)
  at = writeText(bytes, at, value, valueBytes)
  at = writeVarint(bytes, at, names.length)
  for (const name of names) {
    const text = headers[name] ?? ''
    at = writeText(bytes, at, name, Buffer.byteLength(name))
    at = writeText(bytes, at, text, Buffer.byteLength(text))
  }
  return at
}

function sizeOfText(text: string): number {
  const bytes = Buffer.byteLength(text)
  return sizeOf(bytes) + bytes
}

function writeText(bytes: Buffer, start: number, text: string, length: number): number {
  const at = writeVarint(bytes, start, length)
  return at + bytes.write(text, at, 'utf8')
}

/** Bytes of a length, count or offset as {@link writeVarint} writes it. */
function sizeOf(value: number): number {
  let size = 1
  for (let left = value * 2; left >= 128; left = Math.floor(left / 128)) size += 1
  return size
}

/** Zigzag, seven bits a byte, the lowest first. Values are not negative, and below 2^31. */
function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start
  let left = value * 2
  for (; left >= 128; left = Math.floor(left / 128)) bytes[at++] = (left % 128) | 128
  bytes[at++] = left
  return at
}
