/**
 * Tokens that stand for personal values.
 *
 *   hmac   `h<version>_<22 chars>`   HMAC-SHA256 cut to 128 bits: one-way, equal for equal values. 128 bits keep the chance of
 *                                    any collision among 10^9 values below 10^-20.
 *   siv    `s<version>_<base64url>`  AES-SIV (RFC 5297), deterministic and reversible with the key; the domain is associated data.
 */
import { aessiv } from '@noble/ciphers/aes.js'
import { createHmacSha256 } from './hmac-sha256.ts'
import type { KeyRing } from './key-ring.ts'
import { perTenant } from './per-tenant.ts'

const HMAC_KEY_BYTES = 32
const HMAC_TOKEN_BYTES = 16
/** Two AES-256 keys: one for S2V, one for CTR. */
const SIV_KEY_BYTES = 64

/** Makes tokens of one domain. */
export type Tokenizer = (tenant: string, normalized: string) => string

/** One-way join tokens of a domain. */
export function createHmacTokenizer(ring: KeyRing, domain: string): Tokenizer {
  const mac = perTenant((tenant) => createHmacSha256(ring.derive('hmac', tenant, domain, HMAC_KEY_BYTES)))
  return (tenant, normalized) =>
    `h${ring.version}_${mac(tenant)(normalized).toString('base64url', 0, HMAC_TOKEN_BYTES)}`
}

/** Reversible tokens of a domain. */
export function createSivTokenizer(ring: KeyRing, domain: string): Tokenizer {
  const keys = perTenant((tenant) => ring.derive('siv', tenant, domain, SIV_KEY_BYTES))
  const associated = Buffer.from(domain)
  return (tenant, normalized) => {
    const sealed = aessiv(keys(tenant), associated).encrypt(Buffer.from(normalized, 'utf8'))
    return `s${ring.version}_${Buffer.from(sealed).toString('base64url')}`
  }
}

/** Opens a reversible token; undefined if it is not one, or was made with another tenant, domain or key. */
export function openSivToken(
  ring: KeyRing,
  domain: string,
  tenant: string,
  token: string,
): string | undefined {
  const match = /^s(\d+)_([A-Za-z0-9_-]+)$/.exec(token)
  if (!match || Number(match[1]) !== ring.version) return undefined
  try {
    const sealed = Buffer.from(match[2] ?? '', 'base64url')
    return Buffer.from(
      aessiv(ring.derive('siv', tenant, domain, SIV_KEY_BYTES), Buffer.from(domain)).decrypt(sealed),
    ).toString('utf8')
  } catch {
    return undefined
  }
}
