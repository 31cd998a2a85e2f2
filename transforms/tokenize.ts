/**
 * Applies a column's PII plan: raw value -> protected text. NULL stays NULL; an unchanged value was protected when it was stored.
 */
import type { CompiledColumn } from '#contracts/compile/compiled-dataset.ts'
import type { PiiPlan } from '#contracts/model.ts'
import type { KeyRing } from './crypto/key-ring.ts'
import { createHmacTokenizer, createSivTokenizer } from './crypto/tokens.ts'
import { normalizer } from './normalize.ts'
import type { RawValue } from './record.ts'

/** Protects one value of a tenant. */
export type Protect = (tenant: string, value: RawValue) => string

/** What stands where a value was redacted. */
export const REDACTED = '[redacted]'

/** Makes the protection of a column with a plan; undefined for one without. */
export function createProtect(column: Pick<CompiledColumn, 'pii'>, ring: KeyRing): Protect | undefined {
  if (!column.pii) return undefined
  const { method, domain = '', normalize } = column.pii
  const normal = normalizer(normalize)
  const text = (value: RawValue): string => normal(typeof value === 'string' ? value : JSON.stringify(value))
  const byMethod: Readonly<Record<PiiPlan['method'], () => Protect>> = {
    hmac: () => {
      const token = createHmacTokenizer(ring, domain)
      return (tenant, value) => token(tenant, text(value))
    },
    siv: () => {
      const token = createSivTokenizer(ring, domain)
      return (tenant, value) => token(tenant, text(value))
    },
    mask: () => (_tenant, value) => mask(text(value)),
    redact: () => () => REDACTED,
    drop: () => () => '',
  }
  return byMethod[method]()
}

/** Keeps only the shape: letters become x, digits 9, and no more than 32 characters of it. */
export function mask(text: string): string {
  return text.slice(0, 32).replaceAll(/\p{L}/gu, 'x').replaceAll(/\p{N}/gu, '9')
}
