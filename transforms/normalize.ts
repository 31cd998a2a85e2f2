/** Brings a value into the form in which equal things are equal, before it becomes a token. */
import type { PiiPlan } from '#contracts/model.ts'

const NORMALIZERS: Readonly<Record<PiiPlan['normalize'], (text: string) => string>> = {
  none: (text) => text,
  trim: (text) => text.trim(),
  lower: (text) => text.trim().normalize('NFKC').toLowerCase(),
  // The local part of an address is case-sensitive by RFC 5321, and nobody treats it so.
  email: (text) => text.trim().normalize('NFKC').toLowerCase(),
  phone: normalizePhone,
}

/** The normalizer of a plan. */
export function normalizer(kind: PiiPlan['normalize']): (text: string) => string {
  return NORMALIZERS[kind]
}

/** Digits with a leading + where the number is international (`+` or `00`); an extension after x is kept. */
function normalizePhone(text: string): string {
  const trimmed = text.trim().normalize('NFKC').toLowerCase()
  const [number = '', extension] = trimmed.split(/(?:ext\.?|x)\s*/)
  const digits = number.replaceAll(/\D/g, '')
  const base = trimmed.startsWith('+') ? `+${digits}` : digits.replace(/^00/, '+')
  return extension === undefined ? base : `${base}x${extension.replaceAll(/\D/g, '')}`
}
