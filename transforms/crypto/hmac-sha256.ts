/**
 * HMAC-SHA256 (RFC 2104, FIPS 198-1) as two one-shot hashes with the padded keys prepared once: several times faster than
 * `createHmac`, which makes a context per call. Tests compare it with `createHmac` on random keys and messages.
 */
import { createHash, hash } from 'node:crypto'

const BLOCK = 64
const DIGEST = 32

/** Makes a keyed HMAC. The returned digest is a new Buffer of 32 bytes. */
export function createHmacSha256(key: Uint8Array): (message: string) => Buffer {
  const padded = Buffer.alloc(BLOCK)
  padded.set(key.length > BLOCK ? createHash('sha256').update(key).digest() : key)
  const outer = Buffer.alloc(BLOCK + DIGEST)
  for (let index = 0; index < BLOCK; index++) outer[index] = (padded[index] ?? 0) ^ 0x5c
  let inner = Buffer.alloc(BLOCK + 256)
  for (let index = 0; index < BLOCK; index++) inner[index] = (padded[index] ?? 0) ^ 0x36
  return (message) => {
    const most = BLOCK + message.length * 3
    if (inner.length < most) {
      const grown = Buffer.alloc(most)
      inner.copy(grown, 0, 0, BLOCK)
      inner = grown
    }
    const end = BLOCK + inner.write(message, BLOCK, 'utf8')
    hash('sha256', inner.subarray(0, end), 'buffer').copy(outer, BLOCK)
    return hash('sha256', outer, 'buffer')
  }
}
