/** What the work on quarantined records needs of its surroundings, in our words. */
import type { AccessEvent } from '#contracts/events/governance-event.ts'
import type {
  QuarantineConditions,
  QuarantineCursor,
  QuarantinePlace,
  StateChange,
} from './quarantine-statements.ts'
import type { ReplayMessage } from './replayed-record.ts'

/** A quarantined record without its payload. */
export type QuarantineEntry = QuarantinePlace & {
  readonly contractVersion: string
  /** When it was quarantined, last; milliseconds since 1970. */
  readonly atMillis: number
  readonly faults: readonly { readonly code: string; readonly column: string; readonly rule: string }[]
  readonly traceId: string
  readonly status: 'open' | 'replayed' | 'dropped'
  readonly attempts: number
  readonly changedMillis: number
  readonly changedBy: string
  readonly purpose: string
}

/** The same with its sealed payload. */
export type SealedEntry = QuarantineEntry & { readonly payload: string }

/** A dataset that is paused. */
export type PausedDataset = {
  readonly dataset: string
  readonly sinceMillis: number
  readonly records: number
  readonly quarantined: number
}

/** The tables about quarantine. Every method throws MOGO_CLICKHOUSE_UNREACHABLE while they are away. */
export type QuarantineStore = {
  /** The latest first. */
  list(
    conditions: QuarantineConditions,
    page: { readonly limit: number; readonly after?: QuarantineCursor },
  ): Promise<readonly QuarantineEntry[]>
  /** The same with payloads. */
  sealed(
    conditions: QuarantineConditions,
    page: { readonly limit: number; readonly after?: QuarantineCursor },
  ): Promise<readonly SealedEntry[]>
  count(conditions: QuarantineConditions): Promise<number>
  /** Writes the next state of those of the places that are open. */
  change(places: readonly QuarantinePlace[], change: StateChange): Promise<void>
  /** Takes the payloads of places out of all former states. */
  wipe(places: readonly QuarantinePlace[]): Promise<void>
  /** Below which version rows were removed, by dataset; datasets that had no removal are not in it. */
  removals(datasets: readonly string[]): Promise<ReadonlyMap<string, bigint>>
  paused(): Promise<readonly PausedDataset[]>
  resumptions(dataset: string): Promise<number>
  noteBreaker(event: {
    readonly dataset: string
    readonly event: 'paused' | 'resumed'
    readonly worker?: string
    readonly records?: number
    readonly quarantined?: number
    readonly by?: string
  }): Promise<void>
  close(): Promise<void>
}

/** Sends records again; resolves when they are kept. @throws MogoError MOGO_KAFKA_UNREACHABLE */
export type Replayer = {
  send(messages: readonly ReplayMessage[]): Promise<void>
  stop(): Promise<void>
}

/** Keeps the record of an access; resolves when it is kept. @throws MogoError MOGO_ACCESS_NOT_RECORDED */
export type RecordAccess = (event: AccessEvent) => Promise<void>
