/**
 * HMAC-SHA256 (RFC 2104, FIPS 198-1) as two one-shot hashes with the padded keys prepared once: several times faster than
 * `createHmac`, which makes a context per call, and without a Buffer per digest. Tests compare it with `createHmac` on random keys and messages.
 */
import { createHash, hash } from 'node:crypto'

const BLOCK = 64
const DIGEST = 32

/** A key in its two padded forms. */
export type HmacKey = { readonly inner: Uint8Array; readonly outer: Uint8Array }

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
  return { inner, outer }
}

/** One scratch for all: nothing is kept in it from one message to the next. */
const outerMessage = Buffer.alloc(BLOCK + DIGEST)

/** The digest of a message of `length` bytes that stands in `buffer` from {@link MESSAGE_START} on; one character per byte. */
export function hmacSha256(key: HmacKey, buffer: Buffer, length: number): string {
  buffer.set(key.inner, 0)
  const inner = hash('sha256', buffer.subarray(0, BLOCK + length), 'binary')
  outerMessage.set(key.outer, 0)
  outerMessage.write(inner, BLOCK, DIGEST, 'latin1')
  return hash('sha256', outerMessage, 'binary')
}

/** Makes a keyed HMAC of texts. The returned digest is a new Buffer of 32 bytes. */
export function createHmacSha256(key: Uint8Array): (message: string) => Buffer {
  const prepared = hmacKey(key)
  let buffer = Buffer.alloc(BLOCK + 256)
  return (message) => {
    const most = BLOCK + message.length * 3
    if (buffer.length < most) buffer = Buffer.alloc(most)
    return Buffer.from(hmacSha256(prepared, buffer, buffer.write(message, BLOCK, 'utf8')), 'latin1')
  }
}
