/**
 * Brings a value into the form in which equal things are equal, before it becomes a token. Each form is its own normal form:
 * normalizing twice changes nothing.
 */
import type { PiiPlan } from '#contracts/pii/pii-plan.ts'

/** Unicode's compatibility form in lower case. Again after lowering: a few capitals have a small form that is none yet. */
const fold = (text: string): string => text.normalize('NFKC').toLowerCase().normalize('NFKC').trim()

const NORMALIZERS: Readonly<Record<PiiPlan['normalize'], (text: string) => string>> = {
  none: (text) => text,
  trim: (text) => text.trim(),
  lower: fold,
  // The local part of an address is case-sensitive by RFC 5321, and nobody treats it so.
  email: fold,
  phone: normalizePhone,
}

/** The normalizer of a plan. */
export function normalizer(kind: PiiPlan['normalize']): (text: string) => string {
  return NORMALIZERS[kind]
}

/**
 * Digits with a leading + where the number is international (`+` or `00`); an extension after x is kept. A text without any
 * digit is no number: it stays as it is, so that `unknown` and `none` do not become one token.
 */
function normalizePhone(text: string): string {
  const folded = fold(text)
  const [number = '', extension] = folded.split(/(?:ext\.?|x)\s*/)
  const digits = number.replaceAll(/\D/g, '')
  if (digits === '') return folded
  const base = folded.startsWith('+') ? `+${digits}` : digits.replace(/^00/, '+')
  return extension === undefined ? base : `${base}x${extension.replaceAll(/\D/g, '')}`
}
