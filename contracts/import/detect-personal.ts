/**
 * Looks at sampled values of one column and counts what they look like. A value never leaves the detector: what comes out is a kind
 * and a share.
 *
 * E-mail addresses, IP addresses, IBANs (check digits, ISO 13616) and card numbers (Luhn, ISO/IEC 7812) are hard to mistake. Phone numbers
 * are not, so only forms count that hardly anything else has: with a leading `+` or `00` and groups, brackets, or the groups of North America. Names of
 * people and dates of birth cannot be told from other words and dates; those are guessed from the column's name only.
 */
import { isIP } from 'node:net'
import type { Detected, SampledColumn } from './imported-table.ts'

/** Fewer values than this say nothing. */
const LEAST_VALUES = 3
/** Share from which a column is taken for one of a kind. */
const THRESHOLD: Readonly<Record<Detected, number>> = {
  email: 0.5,
  iban: 0.5,
  card: 0.5,
  phone: 0.6,
  ip: 0.6,
  email_inside: 0.2,
}
/** Longest part of a value that is looked at, characters. */
const MAX_LENGTH = 512

const EMAIL = /^[^\s@<>"',;]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i
const EMAIL_INSIDE = /[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}\.[a-z]{2,24}/i

/** Counts values of one column. */
export type PersonalDetector = {
  /** Takes one value. NULL and empty texts do not count. */
  add(value: unknown): void
  /** What the values so far look like; undefined if there are too few. */
  result(): SampledColumn | undefined
}

/** Makes a detector for one column. */
export function createPersonalDetector(): PersonalDetector {
  const counts = new Map<Detected, number>()
  let seen = 0
  return {
    add(value) {
      if (value === null || value === undefined) return
      const text = String(value).slice(0, MAX_LENGTH).trim()
      if (text === '') return
      seen++
      const kind = kindOf(text)
      if (kind) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    },
    result() {
      if (seen < LEAST_VALUES) return undefined
      const [kind, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? []
      const share = Math.round(((count ?? 0) / seen) * 100) / 100
      const isKind = kind !== undefined && (count ?? 0) >= LEAST_VALUES && share >= THRESHOLD[kind]
      return isKind ? { detected: kind, share } : { detected: null, share: 0 }
    },
  }
}

function kindOf(text: string): Detected | undefined {
  if (EMAIL.test(text)) return 'email'
  if (isIP(text.replace(/\/\d{1,3}$/, '')) !== 0) return 'ip'
  if (isIban(text)) return 'iban'
  if (isCard(text)) return 'card'
  if (isPhone(text)) return 'phone'
  return EMAIL_INSIDE.test(text) ? 'email_inside' : undefined
}

/** ISO 13616: letters are numbers from 10, the first four characters go last, and the whole is 1 modulo 97. */
function isIban(text: string): boolean {
  const plain = text.replaceAll(/[ -]/g, '').toUpperCase()
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(plain)) return false
  let rest = 0
  for (const char of plain.slice(4) + plain.slice(0, 4)) {
    const digit = Number.parseInt(char, 36)
    rest = (rest * (digit > 9 ? 100 : 10) + digit) % 97
  }
  return rest === 1
}

/** ISO/IEC 7812: 13 to 19 digits of a payment network whose check digit is right (Luhn). */
function isCard(text: string): boolean {
  if (!/^[2-6]\d{3}(?:[ -]?\d{2,6}){2,4}$/.test(text)) return false
  const digits = text.replaceAll(/[ -]/g, '')
  if (digits.length < 13 || digits.length > 19) return false
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index])
    const doubled = index % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

function isPhone(text: string): boolean {
  if (!/^(?:\+|00)?[\d\s()./-]{7,24}$/.test(text)) return false
  const digits = text.replaceAll(/\D/g, '').length
  if (digits < 7 || digits > 15) return false
  if (/^(?:\+|00[1-9]\d{0,2}[ ./-])/.test(text)) return true
  return /^\(?\d{3}\)?[ .-]?\d{3}[ .-]\d{4}$/.test(text) || /^\(\d{2,5}\) ?[\d ./-]+$/.test(text)
}
