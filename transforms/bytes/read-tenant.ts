/** The tenant of a row, read before its row is: keys of tokens belong to a tenant. */
import { afterValue, BACKSLASH, NINE, QUOTE, ZERO } from './scan.ts'
import type { TenantState } from './tenant-state.ts'

/** A longer number may be more than a double holds. */
const MOST_DIGITS = 15

/** Reads the value at `at`; false where it is none, or not a usual one: the plain path then says what it is. */
export function readTenant(bytes: Buffer, at: number, end: number, tenant: TenantState): boolean {
  const after = afterValue(bytes, at, end)
  if (after < 0) return false
  const isText = bytes[at] === QUOTE
  const from = isText ? at + 1 : at
  const to = isText ? after - 1 : after
  if (to === from || (!isText && !isWholeNumber(bytes, from, to))) return false
  for (let position = from; position < to; position++)
    if (bytes[position] === BACKSLASH || (bytes[position] as number) >= 0x80)
      return readAsText(bytes, at, after, tenant)
  tenant.find(bytes, from, to)
  return true
}

/** With escapes, or other characters than ASCII. */
function readAsText(bytes: Buffer, at: number, after: number, tenant: TenantState): boolean {
  try {
    const text: unknown = JSON.parse(bytes.toString('utf8', at, after))
    // U+FFFD stands for bytes that are no UTF-8.
    if (typeof text !== 'string' || !text.isWellFormed() || text.includes('\ufffd')) return false
    tenant.set(text)
    return true
  } catch {
    return false
  }
}

function isWholeNumber(bytes: Buffer, from: number, to: number): boolean {
  if (to - from > MOST_DIGITS || (bytes[from] === ZERO && to - from > 1)) return false
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number
    if (byte < ZERO || byte > NINE) return false
  }
  return true
}
