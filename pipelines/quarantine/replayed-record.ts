/**
 * Records that are replayed out of quarantine.
 *
 * A replayed record comes once more at the end of its partition, with its key, value and headers, and says in further headers at which
 * offset it first stood, and which try it is. To the worker it stands there: its row has the version that it would have if the record had been good
 * at once, so that what has been written over it since stays, whatever the order of replays.
 *
 * Everybody who may write to a raw topic could claim any offset, so the claim counts only together with a MAC: HMAC-SHA256 under a key of the
 * key ring, over place, try, key, value and the other headers, each with its length before it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { KeyRing } from '#transforms/crypto/key-ring.ts'
import type { Outcome, RawRecord } from '#transforms/record.ts'

/** Headers that a replayed record has beside its own. */
export const REPLAY_HEADERS = {
  /** Offset at which it first stood, decimal. */
  offset: 'mogo-replay-offset',
  /** Which try it is, from 1, decimal. */
  attempt: 'mogo-replay-attempt',
  /** base64url. */
  mac: 'mogo-replay-mac',
} as const

/** Code of the fault: the record claims to be a replay, and nothing proves it. */
export const REPLAY_UNPROVEN = 'replay_unproven'
/** Code of the fault: rows of this age were removed since (TRUNCATE, or a source that was read anew). */
export const REPLAY_SUPERSEDED = 'replay_superseded'

/** Where a replayed record first stood, and which try this is. */
export type OriginalPlace = { readonly offset: bigint; readonly attempt: number }

/** A record to be sent again. */
export type ReplayMessage = {
  readonly topic: string
  readonly partition: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer>>
}

const OWN: ReadonlySet<string> = new Set(Object.values(REPLAY_HEADERS))
const MOST_OFFSET = 2n ** 48n - 1n

/** True if a record says that it is a replay; whether that is so says {@link originalPlace}. Costs a look at the headers. */
export function claimsReplay(record: Pick<RawRecord, 'headers'>): boolean {
  return record.headers[REPLAY_HEADERS.offset] !== undefined
}

/** The original place of a replayed record; null if it is none, or if its MAC does not fit. */
export function originalPlace(record: RawRecord, ring: KeyRing): OriginalPlace | null {
  const offset = numberIn(record.headers[REPLAY_HEADERS.offset])
  const attempt = numberIn(record.headers[REPLAY_HEADERS.attempt])
  const given = record.headers[REPLAY_HEADERS.mac]
  if (offset === undefined || attempt === undefined || given === undefined) return null
  if (offset > MOST_OFFSET || attempt < 1n || attempt > 0xff_ff_ff_ffn) return null
  const place = { offset, attempt: Number(attempt) }
  const mac = macOf(record, place, ring)
  const bytes = Buffer.from(given.toString('latin1'), 'base64url')
  return bytes.length === mac.length && timingSafeEqual(bytes, mac) ? place : null
}

/** The record as it first stood: at its original offset and without the headers of the replay; any other record as it is. */
export function originalRecord(record: RawRecord, ring: KeyRing): RawRecord {
  const place = claimsReplay(record) ? originalPlace(record, ring) : null
  return place ? atPlace(record, place) : record
}

/** A record, as it first stood, as the message that replays it. */
export function replayMessage(record: RawRecord, attempt: number, ring: KeyRing): ReplayMessage {
  const headers = Object.fromEntries(ownHeaders(record))
  const place = { offset: record.offset, attempt }
  return {
    ...{ topic: record.topic, partition: record.partition, key: record.key, value: record.value },
    headers: {
      ...headers,
      [REPLAY_HEADERS.offset]: Buffer.from(String(place.offset)),
      [REPLAY_HEADERS.attempt]: Buffer.from(String(attempt)),
      [REPLAY_HEADERS.mac]: Buffer.from(macOf(record, place, ring).toString('base64url')),
    },
  }
}

/**
 * Gives a dataset's transform each replayed record as it first stood. A claim without proof is quarantined, and so is a replay of what
 * a TRUNCATE has removed since it was asked for: it would bring rows back that the source no longer has.
 */
export function createReplayTransform(
  transform: (record: RawRecord) => Outcome,
  deps: { readonly dataset: CompiledDataset; readonly ring: KeyRing },
): (record: RawRecord) => Outcome {
  const { dataset, ring } = deps
  let removedBelow = 0n
  const refused = (code: string): Outcome => ({ kind: 'quarantine', dataset, faults: [{ code, column: '' }] })

  return function transformReplayed(record) {
    if (!claimsReplay(record)) {
      const outcome = transform(record)
      if (outcome.kind === 'truncate' && BigInt(outcome.version) > removedBelow)
        removedBelow = BigInt(outcome.version)
      return outcome
    }
    const place = originalPlace(record, ring)
    if (!place) return refused(REPLAY_UNPROVEN)
    const outcome = transform(atPlace(record, place))
    const isGone =
      outcome.kind === 'rows' && outcome.rows.some(({ version }) => BigInt(version) < removedBelow)
    return isGone ? refused(REPLAY_SUPERSEDED) : outcome
  }
}

function atPlace(record: RawRecord, { offset }: OriginalPlace): RawRecord {
  return { ...record, offset, headers: Object.fromEntries(ownHeaders(record)) }
}

/** Headers that are not those of a replay, and have a value. */
function ownHeaders({ headers }: RawRecord): (readonly [string, Buffer])[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || OWN.has(name) ? [] : [[name, value] as const],
  )
}

function macOf(record: RawRecord, place: OriginalPlace, ring: KeyRing): Buffer {
  const mac = createHmac('sha256', ring.derive('quarantine-replay', '', '', 32))
  const part = (bytes: Buffer | string | null): void => {
    mac.update(bytes === null ? 'null:' : `${Buffer.byteLength(bytes)}:`)
    if (bytes !== null) mac.update(bytes)
  }
  for (const text of [record.topic, record.partition, place.offset, place.attempt]) part(String(text))
  part(record.key)
  part(record.value)
  const headers = ownHeaders(record).toSorted(([a], [b]) => (a < b ? -1 : 1))
  for (const [name, value] of headers) {
    part(name)
    part(value)
  }
  return mac.digest()
}

function numberIn(header: Buffer | undefined): bigint | undefined {
  const text = header?.toString('latin1') ?? ''
  return /^\d{1,16}$/.test(text) ? BigInt(text) : undefined
}
