/** Values in the text form that Postgres reads, for COPY and for parameters alike. */
import type { Random } from './random.ts'

/** A moment with microseconds: those below the millisecond are drawn, so that cutting them off would show. */
export function timestampText(ms: number, random: Random): string {
  return `${new Date(ms).toISOString().slice(0, -1)}${random.digits(3)}Z`
}

/** The UTC day of a moment. */
export function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** An amount of cents as a numeric(…,2). */
export function moneyText(cents: number): string {
  return (cents / 100).toFixed(2)
}

/** An address from the ranges kept for documentation (RFC 5737, RFC 3849): nobody's. */
export function addressText(random: Random): string {
  if (random.chance(0.2)) return `2001:db8:${random.hex(4)}:${random.hex(4)}::${random.int(1, 9)}`
  const net = random.pick(['192.0.2', '198.51.100', '203.0.113'])
  return `${net}.${random.int(1, 254)}`
}

/** A phone number in international form, with or without spaces. */
export function phoneText(dialCode: string, random: Random): string {
  const [area, number] = [random.digits(3), random.digits(7)]
  return random.chance(0.4)
    ? `+${dialCode} ${area} ${number.slice(0, 3)} ${number.slice(3)}`
    : `+${dialCode}${area}${number}`
}

/** `count` sentences with a reference number here and there: text that does not compress well. */
export function longText(sentences: readonly string[], count: number, random: Random): string {
  const parts: string[] = []
  for (let i = 0; i < count; i += 1) {
    parts.push(random.pick(sentences))
    if (random.chance(0.35)) parts.push(`(ref ${random.hex(12)})`)
    if (random.chance(0.08)) parts.push('\n')
  }
  return parts.join(' ')
}
