/** A PII plan in words: short for lineage and tables, whole for people who read a catalogue. */
import { PII_METHODS } from './pii-methods.ts'
import type { PiiPlan } from './pii-plan.ts'

/** In a word or two: `hmac(email)`, `bucket(year)`, `mask(last 4)`. */
export function piiText(plan: PiiPlan): string {
  const options = optionWords(plan)
  return options === '' ? plan.method : `${plan.method}(${options})`
}

function optionWords(plan: PiiPlan): string {
  switch (plan.method) {
    case 'hmac':
    case 'siv':
    case 'ff1':
      return plan.keyRef === undefined ? plan.domain : `${plan.domain}, key ${plan.keyRef}`
    case 'vault':
      return plan.domain
    case 'bucket':
      return bucketWords(plan)
    case 'mask':
      return keptWords(plan)
    default:
      return ''
  }
}

function bucketWords(plan: Extract<PiiPlan, { method: 'bucket' }>): string {
  if (plan.width !== undefined) return `width ${plan.width}`
  if (plan.boundaries !== undefined) return plan.boundaries.join(', ')
  return plan.unit ?? (plan.keep === undefined ? '' : `first ${plan.keep}`)
}

function keptWords({ keepFirst = 0, keepLast = 0 }: Extract<PiiPlan, { method: 'mask' }>): string {
  return [keepFirst > 0 ? `first ${keepFirst}` : '', keepLast > 0 ? `last ${keepLast}` : '']
    .filter((part) => part !== '')
    .join(', ')
}

/** What each method does, as the start of a sentence. */
const DOES: Readonly<Record<PiiPlan['method'], string>> = {
  hmac: 'one-way token',
  siv: 'reversible token',
  ff1: 'reversible token of the same format',
  vault: 'token; the value lies in the vault',
  bucket: 'range instead of the value',
  mask: 'shape of the value',
  redact: 'constant instead of the value',
  drop: 'not stored',
}

/** A whole line: `one-way token, hmac(email); equal within the domain email of a tenant; normalized as email; subject id`. */
export function piiDescription(plan: PiiPlan): string {
  const parts = [plan.method === 'drop' ? DOES.drop : `${DOES[plan.method]}, ${piiText(plan)}`]
  if (PII_METHODS[plan.method].token && 'domain' in plan)
    parts.push(`equal within the domain ${plan.domain} of a tenant`)
  if (plan.normalize !== 'none') parts.push(`normalized as ${plan.normalize}`)
  if (plan.onNull === 'token') parts.push('NULL is protected too')
  if (plan.subject !== undefined) parts.push(`subject ${plan.subject}`)
  return parts.join('; ')
}
