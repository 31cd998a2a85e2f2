/**
 * Quarantine: a record that broke its contract goes, sealed, to the quarantine topic and to `governance.quarantine`, with the reason
 * codes and columns, never a value. Both are keyed by the record's place, so that a record that is read twice stands there once.
 *
 * Sealed is the whole record (key, value, headers), so that it can be replayed once the contract or the source is mended.
 */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'
import type { KeyRing } from '#transforms/crypto/key-ring.ts'
import { openPayload, sealPayload } from '#transforms/crypto/seal.ts'
import type { RawRecord } from '#transforms/record.ts'
import { QUARANTINE_COLUMNS } from './governance-statements.ts'
import type { QuarantineSink, RowSink } from './ports.ts'

/** Sends messages to one topic; resolves when they are kept. */
export type SendMessages = (
  messages: readonly { readonly key: string; readonly value: string }[],
) => Promise<void>

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

/** Makes the quarantine. */
export function createQuarantine(deps: {
  readonly ring: KeyRing
  readonly send: SendMessages
  readonly sink: Pick<RowSink, 'insertGovernance' | 'quarantined'>
  readonly now: () => number
}): QuarantineSink {
  const secret = deps.ring.derive('quarantine-row', '', '', 32)
  /** The key of a row may be personal: only who has the ring can tell which row is meant. */
  const rowKey = (dataset: CompiledDataset, key: string): string =>
    createHmac('sha256', secret)
      .update(JSON.stringify([dataset.name, key]))
      .digest('base64url')
      .slice(0, 22)

  return {
    async ofRows(dataset, keys) {
      const found = await deps.sink.quarantined(
        dataset,
        keys.map((key) => rowKey(dataset, key)),
      )
      return found.flatMap((sealed) => {
        const packed = openPayload(deps.ring, placeOf(sealed), sealed.payload)
        return (packed && unpackRecord(sealed, packed)) ?? []
      })
    },
    seal(dataset, records) {
      const at = new Date(deps.now()).toISOString().replace('T', ' ').replace('Z', '')
      return records.map(({ record, faults, row }) => ({
        place: placeOf(record),
        cells: [
          ...[
            dataset.name,
            dataset.contractVersion,
            record.topic,
            record.partition,
            String(record.offset),
            at,
          ],
          faults.map(({ code }) => code),
          faults.map(({ column }) => column),
          sealPayload(deps.ring, placeOf(record), packRecord(record)),
          row ? rowKey(dataset, row.key) : '',
        ],
      }))
    },
    async publish(sealed) {
      await deps.send(
        sealed.map(({ place, cells }) => ({
          key: place,
          value: JSON.stringify(
            Object.fromEntries(QUARANTINE_COLUMNS.map((name, cell) => [name, cells[cell]])),
          ),
        })),
      )
    },
    async store(sealed) {
      const lines = Buffer.from(sealed.map(({ cells }) => `${JSON.stringify(cells)}\n`).join(''))
      // The count is in the token: a second try may find more bad records in the same range.
      const token = `${sealed[0]?.place}-${sealed.at(-1)?.place}:${sealed.length}:quarantine`
      await deps.sink.insertGovernance(GOVERNANCE_TABLES.quarantine, QUARANTINE_COLUMNS, lines, token)
    },
  }
}
