/** As much of Thrift's compact protocol (Apache Thrift, "Thrift Compact protocol encoding") as finding one field takes. */

/** Where the reader is. */
export type ThriftPlace = { offset: number }

const DEEPEST = 64
const TRUE = 1
const FALSE = 2
const BYTE = 3
const DOUBLE = 7
const BINARY = 8
const LIST = 9
const SET = 10
const MAP = 11
const STRUCT = 12
const UUID = 13

/** An unsigned number of up to 64 bits. @throws RangeError */
export function varint(bytes: Buffer, at: ThriftPlace): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes.readUInt8(at.offset++)
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return value
  }
  throw new RangeError('too long a number')
}

/** A signed number that was written as an unsigned one. */
export const zigzag = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n)

/** Moves behind a value of a type. @throws RangeError if there is none */
export function skipThrift(bytes: Buffer, at: ThriftPlace, type: number, depth: number): void {
  if (depth > DEEPEST || at.offset > bytes.length) throw new RangeError('not readable')
  if (type === TRUE || type === FALSE) return
  if (type === BYTE) at.offset += 1
  else if (type < DOUBLE) varint(bytes, at)
  else if (type === DOUBLE) at.offset += 8
  else if (type === BINARY) skipBinary(bytes, at)
  else if (type === LIST || type === SET) skipList(bytes, at, depth)
  else if (type === MAP) skipMap(bytes, at, depth)
  else if (type === STRUCT) skipStruct(bytes, at, depth)
  else if (type === UUID) at.offset += 16
  else throw new RangeError('unknown type')
}

function skipBinary(bytes: Buffer, at: ThriftPlace): void {
  const length = Number(varint(bytes, at))
  at.offset += length
}

function skipList(bytes: Buffer, at: ThriftPlace, depth: number): void {
  const head = bytes.readUInt8(at.offset++)
  const size = head >> 4 === 15 ? Number(varint(bytes, at)) : head >> 4
  for (let index = 0; index < size; index++) skipElement(bytes, at, head & 0x0f, depth + 1)
}

function skipMap(bytes: Buffer, at: ThriftPlace, depth: number): void {
  const size = Number(varint(bytes, at))
  if (size === 0) return
  const types = bytes.readUInt8(at.offset++)
  for (let index = 0; index < size; index++) {
    skipElement(bytes, at, types >> 4, depth + 1)
    skipElement(bytes, at, types & 0x0f, depth + 1)
  }
}

function skipStruct(bytes: Buffer, at: ThriftPlace, depth: number): void {
  for (;;) {
    const head = bytes.readUInt8(at.offset++)
    if (head === 0) return
    if (head >> 4 === 0) varint(bytes, at)
    skipThrift(bytes, at, head & 0x0f, depth + 1)
  }
}

/** Booleans take a byte in a collection, and none in a struct. */
function skipElement(bytes: Buffer, at: ThriftPlace, type: number, depth: number): void {
  if (type === TRUE || type === FALSE) at.offset += 1
  else skipThrift(bytes, at, type, depth)
}
