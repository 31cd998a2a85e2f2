/**
 * Tells Debezium's placeholder for a value that Postgres did not send because it did not change (TOAST). The placeholder is a
 * secret random text, so that no real value can be taken for it.
 *
 * It takes the shape of the column's type (Debezium's UnchangedToastedPlaceholder): text; base64 in bytea; the only element of
 * text[], bytea[] (base64) and uuid[] (the name-based UUID of its bytes, RFC 4122 version 3); key and value of an hstore; in
 * int[] and bigint[] its bytes, one number each.
 */
import { createHash } from 'node:crypto'
import type { RawValue } from './record.ts'

/** Every text that the placeholder may be: as a value, or as the element of an array. */
export function placeholderTexts(placeholder: string): readonly string[] {
  const bytes = Buffer.from(placeholder, 'utf8')
  return [
    placeholder,
    bytes.toString('base64'),
    JSON.stringify({ [placeholder]: placeholder }),
    nameUuid(bytes),
  ]
}

/** Makes the test. */
export function unchangedTest(placeholder: string): (value: RawValue | undefined) => boolean {
  const bytes = Buffer.from(placeholder, 'utf8')
  const texts = new Set([
    placeholder,
    bytes.toString('base64'),
    JSON.stringify({ [placeholder]: placeholder }),
  ])
  const elements = new Set<unknown>([placeholder, bytes.toString('base64'), nameUuid(bytes)])
  // Java's bytes have a sign.
  const numbers = [...new Int8Array(bytes)]
  return (value) => {
    if (typeof value === 'string') return texts.has(value)
    if (!Array.isArray(value)) return false
    if (value.length === 1 && elements.has(value[0])) return true
    return value.length === numbers.length && numbers.every((number, index) => number === value[index])
  }
}

/** `UUID.nameUUIDFromBytes` of Java: MD5 with the version and variant bits of RFC 4122. */
function nameUuid(bytes: Uint8Array): string {
  const digest = createHash('md5').update(bytes).digest()
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x30
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80
  return digest.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
