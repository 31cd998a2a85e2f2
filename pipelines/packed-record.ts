/** A record and its place as they are sealed: JSON with the bytes in base64. */
import { z } from 'zod'
import type { RawRecord } from '#transforms/record.ts'

/** Place of a record; also the associated data of its seal. */
export function placeOf(record: Pick<RawRecord, 'topic' | 'partition' | 'offset'>): string {
  return `${record.topic}/${record.partition}/${record.offset}`
}

/** What is sealed: JSON with the bytes in base64. */
export function packRecord(record: RawRecord): Buffer {
  const base64 = (bytes: Buffer | null | undefined) => bytes?.toString('base64') ?? null
  const headers = Object.entries(record.headers).map(([name, value]) => [name, base64(value)])
  return Buffer.from(
    JSON.stringify({
      key: base64(record.key),
      value: base64(record.value),
      headers: Object.fromEntries(headers),
    }),
  )
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

const packedSchema = z.object({
  key: z.string().nullable(),
  value: z.string().nullable(),
  headers: z.record(z.string(), z.string().nullable()),
})
