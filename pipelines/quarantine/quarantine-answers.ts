/** Quarantined records as they are answered over HTTP, and places and cursors as they are asked for. Pure. */
import { z } from 'zod'
import { MogoError } from '#contracts/errors.ts'
import { placeOf } from './packed-record.ts'
import type { QuarantineEntry } from './quarantine-ports.ts'
import type { QuarantinedRecordAnswer } from './quarantine-schemas.ts'
import type { OpenedRecord, Page } from './quarantine-service.ts'
import type { QuarantineCursor, QuarantinePlace } from './quarantine-statements.ts'
import type { Replayed, ReplayOutcome } from './replay-records.ts'

/** One record. */
export function recordAnswer(entry: QuarantineEntry): QuarantinedRecordAnswer {
  return {
    place: placeOf(entry),
    dataset: entry.dataset,
    contractVersion: entry.contractVersion,
    quarantinedAt: new Date(entry.atMillis).toISOString(),
    faults: entry.faults.map((fault) => ({ ...fault })),
    traceId: entry.traceId,
    status: entry.status,
    attempts: entry.attempts,
    changedAt: new Date(entry.changedMillis).toISOString(),
    changedBy: entry.changedBy,
    purpose: entry.purpose,
  }
}

/** What became of replays. */
export function replayed({ items, next }: Page<Replayed>) {
  const count = (wanted: ReplayOutcome) => items.filter(({ outcome }) => outcome === wanted).length
  return {
    stored: count('stored'),
    quarantined: count('quarantined'),
    waiting: count('waiting'),
    superseded: count('superseded'),
    unreadable: count('unreadable'),
    matched: count('matched'),
    records: items.map(({ entry, outcome }) => ({ place: placeOf(entry), dataset: entry.dataset, outcome })),
    next: textOfCursor(next),
  }
}

/** What was dropped. */
export function dropped({ items, next }: Page<QuarantineEntry>, dryRun: boolean) {
  return {
    dropped: dryRun ? 0 : items.length,
    matched: dryRun ? items.length : 0,
    records: items.map((entry) => ({ place: placeOf(entry), dataset: entry.dataset })),
    next: textOfCursor(next),
  }
}

/** An opened record, in clear. */
export function openedRecord({ entry, record }: OpenedRecord) {
  return {
    record: recordAnswer(entry),
    key: readable(record.key),
    value: readable(record.value),
    headers: Object.fromEntries(
      Object.entries(record.headers).map(([name, value]) => [name, readable(value ?? null)]),
    ),
  }
}

function readable(bytes: Buffer | null): string | { base64: string } | null {
  if (bytes === null) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { base64: bytes.toString('base64') }
  }
}

/** A place that fits the schema. */
export function placeIn(text: string): Omit<QuarantinePlace, 'dataset'> {
  const [topic = '', partition = '', offset = ''] = text.split('/')
  return { topic, partition: Number(partition), offset: BigInt(offset) }
}

const cursorSchema = z.tuple([
  z.int().min(0),
  z.string(),
  z.string(),
  z.int().min(0),
  z.string().regex(/^\d{1,18}$/),
])

/** The cursor of a page as text. */
export function textOfCursor(cursor: QuarantineCursor | null): string | null {
  if (!cursor) return null
  const { atMillis, dataset, topic, partition, offset } = cursor
  return Buffer.from(JSON.stringify([atMillis, dataset, topic, partition, String(offset)])).toString(
    'base64url',
  )
}

/** A cursor that came back. @throws MogoError MOGO_REQUEST_INVALID if it is none of ours */
export function cursorIn(text: string | undefined): { readonly after?: QuarantineCursor } {
  if (text === undefined) return {}
  try {
    const read = cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    const [atMillis, dataset, topic, partition, offset] = read
    return { after: { atMillis, dataset, topic, partition, offset: BigInt(offset) } }
  } catch {
    throw new MogoError('MOGO_REQUEST_INVALID', { detail: 'cursor: not one that was answered' })
  }
}
