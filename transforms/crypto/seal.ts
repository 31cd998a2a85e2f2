/**
 * Seals payloads that must be kept but not read: AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D), the place of the record as
 * associated data, so that a payload cannot be moved to another place. Layout: nonce | tag | ciphertext, base64.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'

const NONCE = 12
const TAG = 16
const KEY = 32
/** A payload may be large: it is sealed in slices, so that it is in memory once. */
const SLICE = 256 * 1024

/** Seals bytes for a place such as `topic/partition/offset`. */
export function sealPayload(ring: KeyRing, place: string, payload: Uint8Array): string {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', ring.derive('quarantine', '', '', KEY), nonce)
  cipher.setAAD(Buffer.from(place))
  const sealed = Buffer.allocUnsafe(NONCE + TAG + payload.length)
  let at = nonce.copy(sealed) + TAG
  for (let from = 0; from < payload.length; from += SLICE)
    at += cipher.update(payload.subarray(from, from + SLICE)).copy(sealed, at)
  cipher.final()
  cipher.getAuthTag().copy(sealed, NONCE)
  return sealed.toString('base64')
}

/** Opens what {@link sealPayload} sealed; undefined if key, place or bytes differ. */
export function openPayload(ring: KeyRing, place: string, sealed: string): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  if (bytes.length < NONCE + TAG) return undefined
  const decipher = createDecipheriv(
    'aes-256-gcm',
    ring.derive('quarantine', '', '', KEY),
    bytes.subarray(0, NONCE),
  )
  decipher.setAAD(Buffer.from(place))
  decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()])
  } catch {
    return undefined
  }
}
