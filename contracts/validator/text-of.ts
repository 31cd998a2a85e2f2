/** A value of a row as text. */
import type { RowValue } from './row.ts'

/**
 * Text as it is, everything else as JSON. Undefined for a value that is nested too deeply to be written: Debezium sends none, but
 * a topic can hold anything. (`String(value)` is not used: an object with a key `toString` would make it throw.)
 */
export function textOf(value: RowValue): string | undefined {
  if (typeof value === 'string') return value
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
