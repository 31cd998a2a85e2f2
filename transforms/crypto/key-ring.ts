/**
 * The key ring: every key is derived from one master secret by HKDF-SHA256 (RFC 5869), bound to its purpose, tenant, token
 * domain and version. Tokens of two tenants never match, because their keys differ; tokens of one domain match within a
 * tenant, whatever the column. The version stands in the token, so that keys can be rotated.
 */
import { createHash, hkdfSync } from 'node:crypto'

/** What a key is for. */
export type KeyPurpose = 'hmac' | 'siv' | 'ff1' | 'quarantine' | 'quarantine-row' | 'quarantine-replay'

/** Derives keys. */
export type KeyRing = {
  /** Version of the keys that are used for new tokens. */
  readonly version: number
  /** A key of `length` bytes. */
  derive(purpose: KeyPurpose, tenant: string, domain: string, length: number): Buffer
}

/** Shortest master secret, bytes. */
const MIN_SECRET = 32

/** HKDF takes 1,024 bytes of info in Node: of a part that is longer than any name its hash stands there. */
const MAX_PART = 256

function bounded(part: string): string {
  return Buffer.byteLength(part) <= MAX_PART ? part : createHash('sha256').update(part).digest('hex')
}

/** Makes a key ring. `master` is the secret's text (at least 32 bytes of it). */
export function createKeyRing(master: string, version = 1): KeyRing {
  const secret = Buffer.from(master, 'utf8')
  if (secret.length < MIN_SECRET)
    throw new RangeError(`the master secret of the key ring is shorter than ${MIN_SECRET} bytes`)
  return {
    version,
    derive(purpose, tenant, domain, length) {
      // Lengths stand before the parts, so that no two lists of parts give the same bytes.
      const info = ['mogo', purpose, String(version), tenant, domain]
        .map((part) => `${Buffer.byteLength(part)}:${bounded(part)}`)
        .join('')
      return Buffer.from(hkdfSync('sha256', secret, 'mogo key ring 1', info, length))
    },
  }
}
