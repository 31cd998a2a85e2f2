/** A record and its place as they are sealed: JSON with the bytes in base64. */
import { z } from 'zod'
import type { RawRecord } from '#transforms/record.ts'

/** Place of a record; also the associated data of its seal. */
export function placeOf(record: Pick<RawRecord, 'topic' | 'partition' | 'offset'>): string {
  return `${record.topic}/${record.partition}/${record.offset}`
}

/** Bytes that are written as base64 at once; three make four characters. */
const SLICE = 3 * 64 * 1024

/** What is sealed: JSON with the bytes in base64. A value may be large: it is written to its place, and nothing is made of it in between. */
export function packRecord({ key, value, headers }: RawRecord): Buffer {
  const base64 = (bytes: Buffer | null | undefined) => bytes?.toString('base64') ?? null
  const named = Object.entries(headers).map(([name, bytes]) => [name, base64(bytes)])
  const rest = JSON.stringify({ key: base64(key), headers: Object.fromEntries(named) })
  const [begin, end] = value === null ? [`{"value":null,`, ''] : [`{"value":"`, '",']
  const after = Buffer.from(`${end}${rest.slice(1)}`)
  const length = value === null ? 0 : 4 * Math.ceil(value.length / 3)
  const packed = Buffer.allocUnsafe(begin.length + length + after.length)
  let at = packed.write(begin)
  for (let from = 0; value !== null && from < value.length; from += SLICE)
    at += packed.write(value.toString('base64', from, from + SLICE), at, 'latin1')
  after.copy(packed, at)
  return packed
}

/** The record of what {@link packRecord} packed; undefined if that is something else. */
export function unpackRecord(
  place: Pick<RawRecord, 'topic' | 'partition' | 'offset'>,
  packed: Buffer,
): RawRecord | undefined {
  const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'base64'))
  try {
    const { key, value, headers } = packedSchema.parse(JSON.parse(packed.toString('utf8')))
    return {
      ...{ topic: place.topic, partition: place.partition, offset: place.offset },
      ...{ key: bytes(key), value: bytes(value) },
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [name, bytes(text) ?? undefined]),
      ),
    }
  } catch {
    return undefined
  }
}

/** Not `z.record`, which leaves out a header with the name `__proto__`. */
const headersSchema = z.custom<Readonly<Record<string, string | null>>>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((text) => text === null || typeof text === 'string'),
)

const packedSchema = z.object({
  key: z.string().nullable(),
  value: z.string().nullable(),
  headers: headersSchema,
})
