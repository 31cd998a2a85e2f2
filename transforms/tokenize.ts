/**
 * Applies a column's PII plan: raw value -> protected text. NULL stays NULL; an unchanged value was protected when it was stored.
 */
import type { CompiledColumn } from '#contracts/compile/compiled-dataset.ts'
import type { PiiPlan } from '#contracts/model.ts'
import type { KeyRing } from './crypto/key-ring.ts'
import { createHmacTokenizer, createSivTokenizer } from './crypto/tokens.ts'
import { normalizer } from './normalize.ts'
import type { RawValue } from './record.ts'
import { textOf } from './text-of.ts'

/** Protects one value of a tenant. */
export type Protect = (tenant: string, value: RawValue) => string

/** What stands where a value was redacted. */
export const REDACTED = '[redacted]'

/** Makes the protection of a column with a plan; undefined for one without. */
export function createProtect(column: Pick<CompiledColumn, 'pii'>, ring: KeyRing): Protect | undefined {
  if (!column.pii) return undefined
  const { method, domain = '', normalize } = column.pii
  const normal = normalizer(normalize)
  // What is nested too deeply to be written has no text; it is protected like the empty one.
  const text = (value: RawValue): string => normal(textOf(value) ?? '')
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

/** Longest shape that is kept, characters. */
const MAX_SHAPE = 32
/** More code units than that many characters need, so that a long text is not walked to its end. */
const MAX_UNITS = MAX_SHAPE * 2

/**
 * Keeps only the shape: letters (and their marks) become x, numbers 9, everything else that is not ASCII `?`, and no more than
 * 32 characters of it.
 */
export function mask(text: string): string {
  const shape = [...text.slice(0, MAX_UNITS)].slice(0, MAX_SHAPE).join('')
  return shape
    .replaceAll(/[\p{L}\p{M}]/gu, 'x')
    .replaceAll(/\p{N}/gu, '9')
    .replaceAll(/[^\x20-\x7e]/gu, '?')
}
