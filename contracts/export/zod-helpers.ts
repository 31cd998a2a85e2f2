/**
 * Functions that an exported module brings along, because zod has no words for what they ask: ranges of numbers and moments that are text,
 * exactly, whatever their length. They say what the validator says (`validator/`); a test holds both side by side.
 */

/** Texts by the name of the function, in the order in which they stand in a module. */
export const ZOD_HELPERS = {
  digitsOf: `/** Digits and scale of a plain decimal number; undefined for anything else. */
function digitsOf(text: string): { readonly digits: bigint; readonly scale: number } | undefined {
  const match = /^([+-]?)([0-9]+)(?:[.]([0-9]+))?(?:[eE]([+-]?[0-9]{1,4}))?$/.exec(text.trim())
  if (!match) return undefined
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] = match
  const digits = BigInt(\`\${sign === '-' ? '-' : ''}\${whole}\${fraction}\`)
  const scale = fraction.length - Number(exponent)
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}
`,
  orderOf: `/** Negative, zero or positive as a number is below, at or above the bound; undefined for what is no finite number. */
function orderOf(value: unknown, bound: string): number | undefined {
  if (typeof value === 'number') {
    const limit = Number(bound)
    return value < limit ? -1 : value > limit ? 1 : value === limit ? 0 : undefined
  }
  const [a, b] = [digitsOf(String(value)), digitsOf(bound)]
  if (!a || !b) return undefined
  const scale = Math.max(a.scale, b.scale)
  const difference = a.digits * 10n ** BigInt(scale - a.scale) - b.digits * 10n ** BigInt(scale - b.scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
`,
  isMultiple: `/** Is a number a multiple of the step, in decimals? True for what is no finite number. */
function isMultiple(value: unknown, step: string): boolean {
  const [a, b] = [digitsOf(String(value)), digitsOf(step)]
  if (!a || !b || b.digits === 0n) return true
  const scale = Math.max(a.scale, b.scale)
  return (a.digits * 10n ** BigInt(scale - a.scale)) % (b.digits * 10n ** BigInt(scale - b.scale)) === 0n
}
`,
  isoText: `/** A date or timestamp in UTC, so that it can be compared as text. */
function isoText(text: string): string {
  const iso = text.replace(' ', 'T')
  return iso.endsWith('Z') ? iso.slice(0, -1) : iso.replace(/[+]00(?::?00)?$/, '')
}
`,
  momentOrder: `/** Negative, zero or positive as a moment is before, at or after the bound, as far as the shorter of the two goes. */
function momentOrder(text: string, bound: string): number {
  const [moment, limit] = [isoText(text), isoText(bound)]
  const length = Math.min(moment.length, limit.length)
  const [a, b] = [moment.slice(0, length), limit.slice(0, length)]
  return a < b ? -1 : a > b ? 1 : 0
}
`,
} as const

/** See {@link ZOD_HELPERS}. */
export type ZodHelper = keyof typeof ZOD_HELPERS

/** What a helper calls. */
const NEEDS: Readonly<Partial<Record<ZodHelper, readonly ZodHelper[]>>> = {
  orderOf: ['digitsOf'],
  isMultiple: ['digitsOf'],
  momentOrder: ['isoText'],
}

/** The texts of those that are used, and of what they call. */
export function helperTexts(used: ReadonlySet<ZodHelper>): readonly string[] {
  const all = new Set([...used].flatMap((name) => [name, ...(NEEDS[name] ?? [])]))
  return Object.entries(ZOD_HELPERS).flatMap(([name, text]) => (all.has(name as ZodHelper) ? [text] : []))
}
