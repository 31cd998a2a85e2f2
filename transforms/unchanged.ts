/**
 * Tells Debezium's placeholder for a value that Postgres did not send because it did not change (TOAST). The placeholder is a
 * secret random text, so that no real value can be taken for it. In arrays it is the only element, in bytea it is base64.
 */
import type { RawValue } from './record.ts'

/** Makes the test. */
export function unchangedTest(placeholder: string): (value: RawValue | undefined) => boolean {
  const encoded = Buffer.from(placeholder, 'utf8').toString('base64')
  return (value) => {
    if (typeof value === 'string') return value === placeholder || value === encoded
    return Array.isArray(value) && value.length === 1 && value[0] === placeholder
  }
}
