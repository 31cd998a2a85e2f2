/** A PII plan as our exports write it -> the plan as it stands in a contract: what they add to it, defaults too, is taken off. */
import type { Json } from './json-file.ts'

/** The plan. */
export function exportedPlan(written: Json): Json {
  const { storedAs: _storedAs, meaning: _meaning, ...plan } = written
  const isDefault = (key: string, value: unknown): boolean =>
    (key === 'onNull' && value === 'keep') ||
    (key === 'normalize' && value === 'none' && plan['method'] !== 'hmac')
  return Object.fromEntries(Object.entries(plan).filter(([key, value]) => !isDefault(key, value)))
}
