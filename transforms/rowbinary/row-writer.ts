/**
 * Bytes of rows in ClickHouse's RowBinary, in one buffer that grows. Numbers are little-endian; texts have their length in bytes in
 * front of them, as an unsigned LEB128. (Format: RowBinary in ClickHouse's documentation of formats.)
 *
 * `bytes` and `at` are open to whoever writes many small things in a row: reserve first, then write without asking again.
 */
import type { OpenTokens } from '../bytes/open-tokens.ts'

const FIRST_BYTES = 64 * 1024

/** See above. */
export class RowWriter {
  bytes: Buffer
  /** Of `bytes`, for those who write many at once. */
  view: DataView
  /** Where the next byte goes; all before it is written. */
  at = 0
  /** Where tokens are noted that may be made later; null: they are made at once. */
  openTokens: OpenTokens | null = null

  constructor(capacity: number = FIRST_BYTES) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(16, capacity))
    this.view = new DataView(this.bytes.buffer)
  }

  /** Makes room for that many bytes more. `bytes` may be another buffer afterwards. */
  reserve(count: number): void {
    const needed = this.at + count
    if (needed <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.at)
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }

  /** What is written; shares its memory. */
  written(): Buffer {
    return this.bytes.subarray(0, this.at)
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.at++] = value
  }

  /** A whole number in two's complement; the width is in bytes. */
  integer(value: bigint, width: number): void {
    this.reserve(width)
    let rest = value
    for (let index = 0; index < width; index++) {
      this.bytes[this.at++] = Number(rest & 0xffn)
      rest >>= 8n
    }
  }

  float32(value: number): void {
    this.reserve(4)
    this.at = this.bytes.writeFloatLE(value, this.at)
  }

  float64(value: number): void {
    this.reserve(8)
    this.at = this.bytes.writeDoubleLE(value, this.at)
  }

  /** Length of a text or an array. */
  length(value: number): void {
    this.reserve(5)
    let rest = value
    while (rest >= 0x80) {
      this.bytes[this.at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.at++] = rest
  }

  /** A text with its length, in UTF-8. */
  text(value: string): void {
    const most = value.length * 3
    this.reserve(most + 5)
    // One byte is enough for the length of a text that is short in any case.
    if (most < 0x80) {
      const written = this.bytes.write(value, this.at + 1, 'utf8')
      this.bytes[this.at] = written
      this.at += 1 + written
      return
    }
    const size = Buffer.byteLength(value, 'utf8')
    this.length(size)
    this.at += this.bytes.write(value, this.at, 'utf8')
  }

  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }
}
