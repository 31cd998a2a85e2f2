/**
 * Applies a column's PII plan: raw value -> protected text, or the code of why it cannot be protected (the record is then
 * quarantined; nothing is ever passed on in clear). NULL stays NULL, or becomes a token of its own where the plan says so. An unchanged
 * value was protected when it was stored.
 */
import type { CompiledColumn } from '#contracts/compile/compiled-dataset.ts'
import type { PiiPlan, PlanOf } from '#contracts/pii/pii-plan.ts'
import { textOf } from '#contracts/validator/text-of.ts'
import { createBucket } from './bucket.ts'
import { createFf1Tokenizer } from './crypto/ff1-tokens.ts'
import { keyDomain } from './crypto/key-domain.ts'
import type { KeyRing } from './crypto/key-ring.ts'
import { perTenant } from './crypto/per-tenant.ts'
import { createHmacTokenizer, createSivTokenizer, type Tokenizer } from './crypto/tokens.ts'
import { createMask } from './mask.ts'
import { normalizer } from './normalize.ts'
import type { RawValue } from './record.ts'

/** A protected value: text, NULL, or a stable code of why there is none. */
export type Protected = string | null | { readonly code: string }

/** Protects one value of a tenant; NULL too. */
export type Protect = (tenant: string, value: RawValue) => Protected

/** What stands where a value was redacted. */
export const REDACTED = '[redacted]'

/** What is protected: the plan, and what the type of the values is. */
export type ProtectedColumn = Pick<CompiledColumn, 'pii' | 'kind' | 'sourceType'>

/**
 * Makes the protection of a column with a plan; undefined for one without.
 *
 * @throws TypeError for a plan that this version cannot carry out: the pipeline does not start with it
 */
export function createProtect(column: ProtectedColumn, ring: KeyRing): Protect | undefined {
  const { pii } = column
  if (!pii) return undefined
  const protect = protectValue(pii, column, ring)
  const ofNull = protectNull(pii, ring)
  return (tenant, value) =>
    value === null ? (ofNull === undefined ? null : ofNull(tenant)) : protect(tenant, value)
}

function protectValue(plan: PiiPlan, column: ProtectedColumn, ring: KeyRing): Protect {
  const normal = normalizer(plan.normalize)
  // What is nested too deeply to be written has no text; it is protected like the empty one.
  const text = (value: RawValue): string => normal(textOf(value) ?? '')
  switch (plan.method) {
    case 'hmac':
    case 'siv': {
      const token = tokenizer(plan, ring, '')
      return (tenant, value) => token(tenant, text(value))
    }
    case 'ff1': {
      const { token } = createFf1Tokenizer(ring, plan)
      return (tenant, value) => token(tenant, text(value))
    }
    case 'bucket': {
      const bucket = createBucket(plan, column)
      return (_tenant, value) => bucket(value)
    }
    case 'mask': {
      const mask = createMask(plan)
      return (_tenant, value) => mask(text(value))
    }
    case 'redact':
      return () => plan.with ?? REDACTED
    case 'drop':
      return () => ''
    default:
      throw new TypeError(`a plan of the method ${plan.method} cannot be carried out by this version`)
  }
}

/** The token of NULL, one per tenant and domain; undefined where NULL stays NULL. */
function protectNull(plan: PiiPlan, ring: KeyRing): ((tenant: string) => string) | undefined {
  if (plan.onNull !== 'token') return undefined
  if (plan.method === 'redact') return () => plan.with ?? REDACTED
  // A key of its own: no text has the token of NULL. (No domain and no keyRef has a # in it.)
  const token = tokenizer(plan, ring, '#null')
  return perTenant((tenant) => token(tenant, ''))
}

function tokenizer(plan: PlanOf<'hmac'> | PlanOf<'siv'>, ring: KeyRing, suffix: string): Tokenizer {
  const domain = `${keyDomain(plan)}${suffix}`
  return plan.method === 'hmac' ? createHmacTokenizer(ring, domain) : createSivTokenizer(ring, domain)
}
