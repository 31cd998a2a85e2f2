/**
 * Quarantine: a record that broke its contract goes, sealed, to the quarantine topic and to `governance.quarantine`, with the reason
 * codes, columns and rules, never a value. Both are keyed by the record's place, so that a record that is read twice stands there once.
 *
 * Sealed is the whole record (key, value, headers), so that it can be replayed once the contract or the source is mended; from the table: a message that
 * is too large for the topic goes there without its payload, so that it does not hold up what comes after it. A replay that
 * fails again stands at the place of the first try: its place in Kafka is only where the replay lies.
 */
import { createHash, createHmac } from 'node:crypto'
import { trace } from '@opentelemetry/api'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'
import type { KeyRing } from '#transforms/crypto/key-ring.ts'
import { openPayload, sealPayload } from '#transforms/crypto/seal.ts'
import type { Outcome, QuarantinedRow } from '#transforms/record.ts'
import type { QuarantinedRecord, QuarantineSink, RowSink, SealedRecord } from '../ports.ts'
import { traceIdOf } from '../worker/trace-links.ts'
import { packRecord, placeOf, unpackRecord } from './packed-record.ts'
import { ruleWords } from './quarantine-rules.ts'
import { openVersion, QUARANTINE_COLUMNS, type QuarantinePlace } from './quarantine-statements.ts'
import { claimsReplay, originalPlace, originalRecord } from './replayed-record.ts'

/** Sends messages to one topic; resolves when they are kept. */
export type SendMessages = (
  messages: readonly {
    readonly key: string
    readonly value: string
    /** In its place, if it is too large for the topic. */
    readonly short?: string
  }[],
) => Promise<void>

/** Larger payloads stand in the table alone: few brokers take such messages. */
const MOST_SENT = 16 * 1024 * 1024
const PAYLOAD = QUARANTINE_COLUMNS.indexOf('payload')

/** Makes the quarantine. */
export function createQuarantine(deps: {
  readonly ring: KeyRing
  readonly send: SendMessages
  readonly sink: Pick<RowSink, 'insertGovernance' | 'quarantined'>
  /** Settles open places: their records are stored. */
  readonly markReplayed: (places: readonly QuarantinePlace[]) => Promise<void>
  readonly now: () => number
}): QuarantineSink {
  const { ring, sink } = deps
  const secret = ring.derive('quarantine-row', '', '', 32)
  /** The key of a row may be personal: only who has the ring can tell which row is meant. */
  const rowKey = (dataset: CompiledDataset, key: string): string =>
    createHmac('sha256', secret)
      .update(JSON.stringify([dataset.name, key]))
      .digest('base64url')
      .slice(0, 22)

  function cellsOf(dataset: CompiledDataset, at: string, { record, faults, row }: QuarantinedRecord) {
    const replay = claimsReplay(record) ? originalPlace(record, ring) : null
    const original = originalRecord(record, ring)
    const attempts = replay?.attempt ?? 0
    const cells: Readonly<Record<(typeof QUARANTINE_COLUMNS)[number], unknown>> = {
      dataset: dataset.name,
      contract_version: dataset.contractVersion,
      topic: original.topic,
      partition: original.partition,
      offset: String(original.offset),
      at,
      codes: faults.map(({ code }) => code),
      columns: faults.map(({ column }) => column),
      payload: sealPayload(ring, placeOf(original), packRecord(original)),
      row_key: row ? rowKey(dataset, row.key) : '',
      rules: ruleWords(dataset, faults),
      trace_id: traceIdOf(record) ?? trace.getActiveSpan()?.spanContext().traceId ?? '',
      row_version: row?.version ?? '0',
      status: 'open',
      attempts,
      changed_at: at,
      changed_by: '',
      purpose: '',
      version: openVersion(attempts),
    }
    return { place: placeOf(original), cells: QUARANTINE_COLUMNS.map((name) => cells[name]) }
  }

  return {
    async knownRows(dataset, keys, transform) {
      const byRowKey = new Map(keys.map((key) => [rowKey(dataset, key), key]))
      const found = await sink.quarantined(dataset, [...byRowKey.keys()])
      return found.flatMap((sealed): readonly QuarantinedRow[] => {
        const key = byRowKey.get(sealed.rowKey)
        if (sealed.payload === '')
          return key === undefined ? [] : [unknownRow(dataset, key, sealed.rowVersion)]
        const packed = openPayload(ring, placeOf(sealed), sealed.payload)
        const record = packed && unpackRecord(sealed, packed)
        return record ? rowsIn(transform(record)) : []
      })
    },
    async resolved(dataset, records) {
      const places = records.flatMap((record): QuarantinePlace[] => {
        const place = claimsReplay(record) ? originalPlace(record, ring) : null
        const { topic, partition } = record
        return place ? [{ dataset: dataset.name, topic, partition, offset: place.offset }] : []
      })
      if (places.length > 0) await deps.markReplayed(places)
    },
    seal(dataset, records) {
      const at = new Date(deps.now()).toISOString().replace('T', ' ').replace('Z', '')
      return records.map((each) => cellsOf(dataset, at, each))
    },
    async publish(sealed) {
      await deps.send(
        sealed.map(({ place, cells }) => {
          const short = messageOf(cells.with(PAYLOAD, ''))
          const isSent = String(cells[PAYLOAD]).length <= MOST_SENT
          return { key: place, value: isSent ? messageOf(cells) : short, short }
        }),
      )
    },
    async store(sealed) {
      // A second try of a batch may find more bad records in it, and a replay fails at a place that is there already.
      const states = sealed.map(({ place, cells }) => `${place}@${String(cells.at(-1))}`)
      const token = `quarantine:${createHash('sha256').update(states.join()).digest('hex')}`
      await sink.insertGovernance(GOVERNANCE_TABLES.quarantine, QUARANTINE_COLUMNS, linesOf(sealed), token)
    },
  }
}

/** Lines of JSONCompactEachRow. A payload may be long, and has nothing that is escaped: it is written as it is, once. */
function linesOf(sealed: readonly SealedRecord[]): Buffer {
  const parts = sealed.flatMap(({ cells }) => [
    `${JSON.stringify(cells.slice(0, PAYLOAD)).slice(0, -1)},"`,
    String(cells[PAYLOAD]),
    `",${JSON.stringify(cells.slice(PAYLOAD + 1)).slice(1)}\n`,
  ])
  const lines = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0))
  let at = 0
  for (const part of parts) at += lines.write(part, at)
  return lines
}

function messageOf(cells: readonly unknown[]): string {
  return JSON.stringify(Object.fromEntries(QUARANTINE_COLUMNS.map((name, cell) => [name, cells[cell]])))
}

/** What a record says of its rows; the contract may have been mended since, and take it now. */
function rowsIn(outcome: Outcome): readonly QuarantinedRow[] {
  if (outcome.kind === 'rows') return outcome.rows.filter((row) => !row.deleted)
  return outcome.kind === 'quarantine' && outcome.row ? [outcome.row] : []
}

/** Of a dropped change nobody knows which values it had set: from there on none is known, until one is sent again. */
function unknownRow(dataset: CompiledDataset, key: string, version: string): QuarantinedRow {
  const cells = dataset.columns.filter(({ target }) => target !== null).map(() => null)
  return { key, previousKey: key, version, cells }
}
