/**
 * HMAC-SHA256 (RFC 2104, FIPS 198-1) as two one-shot hashes with the padded keys prepared once: several times faster than
 * `createHmac`, which makes a context per call, and without a Buffer per digest. Tests compare it with `createHmac` on random keys and messages.
 */
import { createHash, hash } from 'node:crypto'

const BLOCK = 64
const DIGEST = 32

/** A key in its two padded forms, as words: setting sixteen of them one by one is faster than one call that sets 64 bytes. */
export type HmacKey = { readonly inner: Int32Array; readonly outer: Int32Array }

/** Where a message begins in the buffer that {@link hmacSha256} is given: the padded key is put before it. */
export const MESSAGE_START = BLOCK

/** Prepares a key. */
export function hmacKey(key: Uint8Array): HmacKey {
  const padded = key.length > BLOCK ? createHash('sha256').update(key).digest() : key
  const inner = new Uint8Array(BLOCK).fill(0x36)
  const outer = new Uint8Array(BLOCK).fill(0x5c)
  for (let index = 0; index < padded.length; index++) {
    inner[index] = (padded[index] as number) ^ 0x36
    outer[index] = (padded[index] as number) ^ 0x5c
  }
  return { inner: new Int32Array(inner.buffer), outer: new Int32Array(outer.buffer) }
}

/** One scratch for all: nothing is kept in it from one message to the next. */
const outerMessage = Buffer.alloc(BLOCK + DIGEST)
const outerKey = keyWords(outerMessage)

function keyWords(bytes: Buffer): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, BLOCK / 4)
}

function setKey(into: Int32Array, key: Int32Array): void {
  for (let index = 0; index < BLOCK / 4; index++) into[index] = key[index] as number
}

/** Room for a message, with its beginnings: a hash takes all of what it is given, and making a view costs a tenth of hashing it. */
export class HmacBuffer {
  readonly bytes: Buffer
  /** Where the padded key goes. */
  readonly key: Int32Array
  readonly #beginnings: (Buffer | undefined)[]

  /** `size`: of the longest message, in bytes. */
  constructor(size: number) {
    this.bytes = Buffer.alloc(BLOCK + size)
    this.key = keyWords(this.bytes)
    this.#beginnings = new Array(BLOCK + size + 1).fill(undefined)
  }

  /** The first bytes. */
  upTo(end: number): Buffer {
    let beginning = this.#beginnings[end]
    if (beginning === undefined) {
      beginning = this.bytes.subarray(0, end)
      this.#beginnings[end] = beginning
    }
    return beginning
  }
}

/** The digest of a message of `length` bytes that stands in `buffer` from {@link MESSAGE_START} on; one character per byte. */
export function hmacSha256(key: HmacKey, buffer: HmacBuffer, length: number): string {
  setKey(buffer.key, key.inner)
  const inner = hash('sha256', buffer.upTo(BLOCK + length), 'binary')
  setKey(outerKey, key.outer)
  for (let index = 0; index < DIGEST; index++) outerMessage[BLOCK + index] = inner.charCodeAt(index)
  return hash('sha256', outerMessage, 'binary')
}

/** Makes a keyed HMAC of texts. The returned digest is a new Buffer of 32 bytes. */
export function createHmacSha256(key: Uint8Array): (message: string) => Buffer {
  const prepared = hmacKey(key)
  let buffer = new HmacBuffer(256)
  return (message) => {
    const most = message.length * 3
    if (buffer.bytes.length - BLOCK < most) buffer = new HmacBuffer(most)
    return Buffer.from(hmacSha256(prepared, buffer, buffer.bytes.write(message, BLOCK, 'utf8')), 'latin1')
  }
}
