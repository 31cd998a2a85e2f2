/** The tables about quarantine in memory, with the semantics of quarantine-statements.ts, and a service on them. */
import type { AccessEvent } from '#contracts/events/governance-event.ts'
import { packRecord, placeOf } from '#pipelines/quarantine/packed-record.ts'
import type { QuarantineStore, SealedEntry } from '#pipelines/quarantine/quarantine-ports.ts'
import { createQuarantineService } from '#pipelines/quarantine/quarantine-service.ts'
import type { QuarantineConditions, QuarantineCursor } from '#pipelines/quarantine/quarantine-statements.ts'
import { originalPlace, type ReplayMessage } from '#pipelines/quarantine/replayed-record.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { sealPayload } from '#transforms/crypto/seal.ts'
import type { RawRecord } from '#transforms/record.ts'
import { compiled } from './catalog.ts'
import { record } from './records.ts'

export const ring = createKeyRing('k'.repeat(40))

const dataset = (name: string) =>
  compiled({
    dataset: name,
    table: `public.${name}`,
    tenant: '=acme',
    columns: [
      { name: 'id', type: 'text', key: 1 },
      { name: 'email', type: 'text' },
    ],
  })
export const datasets = [dataset('orders'), dataset('people')]

/** An entry that is open. */
export function entry(
  offset: number,
  rest: Partial<SealedEntry> = {},
  of: RawRecord = record(offset, 'ana'),
): SealedEntry {
  const place = { topic: 't', partition: 0, offset: BigInt(offset) }
  return {
    ...{ dataset: 'orders', ...place, contractVersion: '1.0.0', atMillis: 1000 + offset, traceId: '' },
    faults: [{ code: 'maxLength', column: 'email', rule: 'at most 20 characters' }],
    ...{ status: 'open', attempts: 0, changedMillis: 1000 + offset, changedBy: '', purpose: '' },
    payload: sealPayload(ring, placeOf({ ...place, ...rest }), packRecord(of)),
    ...rest,
  }
}

/** What the worker makes of a replayed record; undefined: it does not come to it. */
export type Worker = (record: RawRecord, attempt: number) => 'stored' | 'quarantined' | undefined

/** A service on tables in memory, and a worker that takes what is sent. */
export function setUp(entries: readonly SealedEntry[], worker: Worker = () => 'stored') {
  const rows = entries.map((each) => ({ ...each }))
  const sent: ReplayMessage[] = []
  const recorded: AccessEvent[] = []
  const wiped: string[] = []
  const removals = new Map<string, bigint>()
  const book: { dataset: string; event: string; by?: string }[] = []
  const state = { now: 0, recording: true }

  const matches = (
    row: SealedEntry,
    { datasets: names, places, status, reason, sinceMillis }: QuarantineConditions,
  ) =>
    names.includes(row.dataset) &&
    (places === undefined || places.some((place) => placeOf(place) === placeOf(row))) &&
    (status === undefined || row.status === status) &&
    (reason === undefined || row.faults.some(({ code }) => code === reason)) &&
    (sinceMillis === undefined || row.atMillis >= sinceMillis)
  const order = (row: QuarantineCursor): string =>
    [1e15 - row.atMillis, row.dataset, row.topic, row.partition, String(row.offset).padStart(20, '0')].join()
  const select = (conditions: QuarantineConditions, page: { limit: number; after?: QuarantineCursor }) =>
    rows
      .filter((row) => matches(row, conditions) && (!page.after || order(row) > order(page.after)))
      .toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
      .slice(0, page.limit)
      .map((row) => ({ ...row }))

  const store: QuarantineStore = {
    list: async (conditions, page) => select(conditions, page).map(({ payload: _sealed, ...rest }) => rest),
    sealed: async (conditions, page) => select(conditions, page),
    count: async (conditions) => rows.filter((row) => matches(row, conditions)).length,
    async change(places, change) {
      for (const [index, row] of rows.entries()) {
        const chosen = places.some(
          (place) => place.dataset === row.dataset && placeOf(place) === placeOf(row),
        )
        if (!chosen || row.status !== 'open') continue
        const settled = change.kind === 'asked' ? {} : { status: change.kind, payload: '' }
        rows[index] = {
          ...row,
          ...settled,
          ...(change.kind === 'replayed' ? {} : { changedBy: change.by }),
          ...(change.kind === 'dropped' ? { purpose: change.purpose } : {}),
        }
      }
    },
    wipe: async (places) => void wiped.push(...places.map(placeOf)),
    removals: async () => removals,
    async paused() {
      const last = new Map(book.map((each) => [each.dataset, each.event]))
      return [...last].flatMap(([name, event]) =>
        event === 'paused' ? [{ dataset: name, sinceMillis: 0, records: 1000, quarantined: 900 }] : [],
      )
    },
    resumptions: async () => 0,
    noteBreaker: async (event) => void book.push(event),
    close: async () => {},
  }

  /** Takes what was sent, in order, as the worker does. */
  async function work(): Promise<void> {
    for (const message of sent) {
      const again = { ...message, offset: 9000n }
      const place = originalPlace(again, ring)
      if (!place) throw new Error('a replay without proof')
      const outcome = worker(again, place.attempt)
      for (const row of rows) {
        if (row.offset !== place.offset || row.status !== 'open') continue
        if (outcome === 'stored') await store.change([row], { kind: 'replayed' })
        else if (outcome === 'quarantined') Object.assign(row, { attempts: place.attempt })
      }
    }
  }

  const service = createQuarantineService({
    ...{ store, ring, datasets },
    replayer: { send: async (messages) => void sent.push(...messages), stop: async () => {} },
    now: () => state.now,
    async pause(millis) {
      state.now += millis
      await work()
    },
    async recordAccess(event) {
      if (!state.recording) throw new Error('away')
      recorded.push(event)
    },
  })
  return { service, rows, sent, recorded, wiped, removals, book, state }
}
