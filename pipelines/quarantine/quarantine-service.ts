/** What people do with quarantined records: list, look, open, replay, drop, let a paused table go on. Who may what is decided before. */
import { createHash, randomUUID } from 'node:crypto'
import type { Principal } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { openPayload } from '#transforms/crypto/seal.ts'
import type { RawRecord } from '#transforms/record.ts'
import { placeOf, unpackRecord } from './packed-record.ts'
import type { PausedDataset, QuarantineEntry, RecordAccess } from './quarantine-ports.ts'
import type { QuarantineConditions, QuarantineCursor, QuarantinePlace } from './quarantine-statements.ts'
import { type ReplayDeps, type Replayed, type ReplayOptions, replayRecords } from './replay-records.ts'

/** A part of what there is, and where it goes on. */
export type Page<T> = { readonly items: readonly T[]; readonly next: QuarantineCursor | null }

/** How much of it. */
export type PageWanted = { readonly limit: number; readonly after?: QuarantineCursor }

/** An opened record. */
export type OpenedRecord = { readonly entry: QuarantineEntry; readonly record: RawRecord }

/** Who opens a record, and why. */
export type Opening = {
  readonly principal: Principal
  readonly role: string
  readonly purpose: string
  readonly traceId: string
}

/** See {@link createQuarantineService}. Conditions name the datasets that the caller may work on. */
export type QuarantineService = ReturnType<typeof createQuarantineService>

/** Makes the service. */
export function createQuarantineService(deps: ReplayDeps & { readonly recordAccess: RecordAccess }) {
  const { store, ring, datasets, now } = deps

  async function page<T extends QuarantineEntry>(
    ask: (wanted: PageWanted) => Promise<readonly T[]>,
    wanted: PageWanted,
  ): Promise<Page<T>> {
    const found = await ask({ ...wanted, limit: wanted.limit + 1 })
    const items = found.slice(0, wanted.limit)
    const last = items.at(-1)
    return { items, next: last && found.length > items.length ? cursorOf(last) : null }
  }

  /** @throws MogoError MOGO_QUARANTINE_UNKNOWN, MOGO_QUARANTINE_SETTLED for places that were named and are not open */
  async function mustBeOpen({ datasets: names, places = [] }: QuarantineConditions): Promise<void> {
    if (places.length === 0) return
    const found = await store.list({ datasets: names, places }, { limit: places.length * names.length })
    for (const place of places) {
      const states = found.filter((entry) => placeOf(entry) === placeOf(place))
      const [first] = states
      if (!first) throw new MogoError('MOGO_QUARANTINE_UNKNOWN', { place: placeOf(place) })
      if (states.every(({ status }) => status !== 'open'))
        throw new MogoError('MOGO_QUARANTINE_SETTLED', { place: placeOf(place), status: first.status })
    }
  }

  return {
    /** Records, the latest first. */
    list: (conditions: QuarantineConditions, wanted: PageWanted): Promise<Page<QuarantineEntry>> =>
      page((each) => store.list(conditions, each), wanted),

    count: (conditions: QuarantineConditions): Promise<number> => store.count(conditions),

    /** Those of the datasets that are paused. */
    async paused(names: readonly string[]): Promise<readonly PausedDataset[]> {
      return (await store.paused()).filter(({ dataset }) => names.includes(dataset))
    },

    /** The records at one place: one per dataset that reads its topic. @throws MogoError MOGO_QUARANTINE_UNKNOWN */
    async show(
      names: readonly string[],
      place: Omit<QuarantinePlace, 'dataset'>,
    ): Promise<readonly QuarantineEntry[]> {
      const found = await store.list({ datasets: names, places: [place] }, { limit: names.length })
      if (found.length === 0) throw new MogoError('MOGO_QUARANTINE_UNKNOWN', { place: placeOf(place) })
      return found
    },

    /**
     * Opens a record. That it was opened, by whom and why, is kept before it is answered.
     *
     * @throws MogoError MOGO_QUARANTINE_UNKNOWN, MOGO_QUARANTINE_SETTLED, MOGO_QUARANTINE_SEALED, MOGO_ACCESS_NOT_RECORDED
     */
    async open(
      names: readonly string[],
      place: Omit<QuarantinePlace, 'dataset'>,
      opening: Opening,
    ): Promise<OpenedRecord> {
      const where = { place: placeOf(place) }
      await mustBeOpen({ datasets: names, places: [place] })
      const conditions = { datasets: names, places: [place], status: 'open' }
      const found = await store.sealed(conditions, { limit: names.length })
      const [sealed] = found
      if (!sealed) throw new MogoError('MOGO_QUARANTINE_UNKNOWN', where)
      const packed = openPayload(ring, placeOf(sealed), sealed.payload)
      const record = packed && unpackRecord(sealed, packed)
      if (!record) throw new MogoError('MOGO_QUARANTINE_SEALED', where)
      const { payload: _sealed, ...entry } = sealed
      const columns = found.flatMap(({ dataset }) => sourceColumns(datasets, dataset))
      await deps.recordAccess(accessEvent(where.place, columns, record, opening, now()))
      return { entry, record }
    },

    /** Replays open records. @throws MogoError as in {@link mustBeOpen}, MOGO_KAFKA_UNREACHABLE */
    async replay(
      conditions: QuarantineConditions,
      wanted: PageWanted,
      options: ReplayOptions,
    ): Promise<Page<Replayed>> {
      await mustBeOpen(conditions)
      const open = { ...conditions, status: 'open' }
      const { items, next } = await page((each) => store.sealed(open, each), wanted)
      return { items: await replayRecords(items, deps, options), next }
    },

    /** Drops open records: they stay in the list, without their payload. @throws MogoError as in {@link mustBeOpen} */
    async drop(
      conditions: QuarantineConditions,
      wanted: PageWanted,
      options: { readonly by: string; readonly purpose: string; readonly dryRun: boolean },
    ): Promise<Page<QuarantineEntry>> {
      await mustBeOpen(conditions)
      const found = await page((each) => store.list({ ...conditions, status: 'open' }, each), wanted)
      if (!options.dryRun && found.items.length > 0) {
        await store.change(found.items, { kind: 'dropped', by: options.by, purpose: options.purpose })
        await store.wipe(found.items)
      }
      return found
    },

    /** Lets a paused dataset go on, on every worker. False if it was not paused. */
    async resume(dataset: string, by: string): Promise<boolean> {
      const paused = await store.paused()
      if (!paused.some((each) => each.dataset === dataset)) return false
      await store.noteBreaker({ dataset, event: 'resumed', by })
      return true
    },
  }
}

function cursorOf({ dataset, topic, partition, offset, atMillis }: QuarantineEntry): QuarantineCursor {
  return { dataset, topic, partition, offset, atMillis }
}

/** All source columns of a dataset: a record in clear has each of them. */
function sourceColumns(datasets: readonly CompiledDataset[], name: string): readonly string[] {
  const dataset = datasets.find((each) => each.name === name)
  return [...(dataset?.columns.map(({ source }) => `${name}.${source}`) ?? []), `${name}.quarantine`]
}

function accessEvent(
  place: string,
  columnsRead: readonly string[],
  record: RawRecord,
  { principal, role, purpose, traceId }: Opening,
  nowMillis: number,
) {
  return {
    type: 'access' as const,
    id: randomUUID(),
    at: new Date(nowMillis).toISOString(),
    subject: principal.subject,
    tenant: principal.tenant,
    role,
    purpose,
    decision: 'answered' as const,
    reason: '',
    // What was asked for: an auditor who knows the place finds the record by it.
    sqlHash: createHash('sha256').update(`quarantine ${place}`).digest('hex'),
    columnsRead: [...new Set(columnsRead)],
    policyVersion: '',
    rows: 1,
    bytes: (record.key?.length ?? 0) + (record.value?.length ?? 0),
    durationMs: 0,
    traceId,
    edges: [],
  }
}
