/**
 * Entity tags (RFC 9110, 8.8.3) of answers, and requests that carry one.
 *
 * A tag is an HMAC over the scope, the question and the versions of the data that the caller sees: it shows nothing of them, and is
 * another one for every scope. It is weak: two answers with the same rows differ in their query ids, formats and compression aside.
 */
import { createHmac } from 'node:crypto'
import type { RowsKeys } from './rows-keys.ts'

const TAG_BYTES = 18

/** Makes the tag of what is in the parts. */
export function entityTag(keys: RowsKeys, parts: readonly (string | number)[]): string {
  const mac = createHmac('sha256', keys.tag).update(JSON.stringify(parts)).digest()
  return `W/"${mac.toString('base64url', 0, TAG_BYTES)}"`
}

/** True if the header If-None-Match has the tag; the weak comparison, in which `W/` does not matter. */
export function matchesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  const opaque = tag.replace(/^W\//, '')
  return [...header.matchAll(/"[^"]*"/g)].some(([text]) => text === opaque)
}
