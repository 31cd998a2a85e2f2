/** What is true of every plan of a method, for all who ask: compiler, lint, exports, diff. */
import type { PiiPlan } from './pii-plan.ts'

/** See {@link PII_METHODS}. */
export type PiiMethod = {
  /** The column is stored as `<name>_token`, so that nobody takes a token for the value. */
  readonly token: boolean
  /** Two values stay two values: fit for a key. */
  readonly keepsApart: boolean
  /** With the key (or the vault) the value can be had again. */
  readonly reversible: boolean
}

/** The methods. */
export const PII_METHODS: Readonly<Record<PiiPlan['method'], PiiMethod>> = {
  hmac: { token: true, keepsApart: true, reversible: false },
  siv: { token: true, keepsApart: true, reversible: true },
  ff1: { token: true, keepsApart: true, reversible: true },
  vault: { token: true, keepsApart: true, reversible: true },
  bucket: { token: false, keepsApart: false, reversible: false },
  mask: { token: false, keepsApart: false, reversible: false },
  redact: { token: false, keepsApart: false, reversible: false },
  drop: { token: false, keepsApart: false, reversible: false },
}

/** The name under which a property is stored; null if it is not. */
export function storedName(name: string, plan: PiiPlan | null): string | null {
  if (plan === null) return name
  if (plan.method === 'drop') return null
  return PII_METHODS[plan.method].token ? `${name}_token` : name
}
