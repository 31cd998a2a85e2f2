/** What the API answers about quarantined records, and how it is shown. The shapes are those of /openapi.json. */
import { z } from 'zod'
import { renderTable } from './output.ts'

const recordSchema = z.object({
  place: z.string(),
  dataset: z.string(),
  contractVersion: z.string(),
  quarantinedAt: z.string(),
  faults: z.array(z.object({ code: z.string(), column: z.string(), rule: z.string() })),
  traceId: z.string(),
  status: z.string(),
  attempts: z.int(),
  changedAt: z.string(),
  changedBy: z.string(),
  purpose: z.string(),
})
/** A quarantined record. */
export type QuarantinedRecord = z.output<typeof recordSchema>

export const listAnswer = z.object({
  records: z.array(recordSchema),
  total: z.int(),
  next: z.string().nullable(),
  paused: z.array(
    z.object({ dataset: z.string(), since: z.string(), records: z.int(), quarantined: z.int() }),
  ),
})
export const placeAnswer = z.object({ records: z.array(recordSchema) })

const bytes = z.union([z.string(), z.object({ base64: z.string() })]).nullable()
export const openAnswer = z.object({ key: bytes, value: bytes, headers: z.record(z.string(), bytes) })

/** Outcomes of replays, in the order in which they are told. */
export const OUTCOMES = ['stored', 'quarantined', 'superseded', 'waiting', 'unreadable', 'matched'] as const
const count = z.int()
export const replayAnswer = z.object({
  ...{
    stored: count,
    quarantined: count,
    waiting: count,
    superseded: count,
    unreadable: count,
    matched: count,
  },
  records: z.array(z.object({ place: z.string(), dataset: z.string(), outcome: z.string() })),
  next: z.string().nullable(),
})
export const dropAnswer = z.object({
  dropped: count,
  matched: count,
  records: z.array(z.object({ place: z.string(), dataset: z.string() })),
  next: z.string().nullable(),
})
export const resumeAnswer = z.object({ dataset: z.string(), resumed: z.boolean() })

/** Columns of the list. */
export const LIST_COLUMNS = ['place', 'dataset', 'fault', 'status', 'attempts', 'quarantined'] as const

/** A record as a row of the list. */
export function listRow(record: QuarantinedRecord): Readonly<Record<string, string | number>> {
  return {
    place: record.place,
    dataset: record.dataset,
    fault: record.faults.map(faultText).join('; '),
    status: record.status,
    attempts: record.attempts,
    quarantined: record.quarantinedAt,
  }
}

/** A record for people, as lines. */
export function recordText(record: QuarantinedRecord): string {
  const changed =
    record.status === 'open'
      ? []
      : [['changed', `${record.changedAt}${record.changedBy ? ` by ${record.changedBy}` : ''}`]]
  return renderTable(
    [record.place, record.status],
    [
      ['dataset', `${record.dataset} ${record.contractVersion}`],
      ...record.faults.map((fault) => ['fault', faultText(fault)]),
      ['quarantined', record.quarantinedAt],
      ['failed replays', String(record.attempts)],
      ...changed,
      ...(record.purpose ? [['why', record.purpose]] : []),
      ...(record.traceId ? [['trace', record.traceId]] : []),
    ],
  )
}

/** Bytes of a record for people. */
export function bytesText(value: z.output<typeof bytes>): string {
  if (value === null) return '(null)'
  return typeof value === 'string' ? value : `base64:${value.base64}`
}

/** `email: at most 20 characters (maxLength)`. */
function faultText({ code, column, rule }: QuarantinedRecord['faults'][number]): string {
  const words = rule === code ? code : `${rule} (${code})`
  return column === '' ? words : `${column}: ${words}`
}
