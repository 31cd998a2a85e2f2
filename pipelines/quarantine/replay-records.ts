/**
 * Replays quarantined records: opens them, sends them again to the partitions that they came from, and waits until the worker has said what
 * became of them. See replayed-record.ts for what keeps their order.
 *
 * What a TRUNCATE (or a source that was read anew) has removed since is not sent: it would bring rows back that the source no longer
 * has. Such records are dropped, and said to be superseded.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { KeyRing } from '#transforms/crypto/key-ring.ts'
import { openPayload } from '#transforms/crypto/seal.ts'
import { createDecode } from '#transforms/decode.ts'
import type { RawRecord } from '#transforms/record.ts'
import { versionOf } from '#transforms/version.ts'
import { epochOf } from '../worker/epoch-transform.ts'
import { placeOf, unpackRecord } from './packed-record.ts'
import type { QuarantineEntry, QuarantineStore, Replayer, SealedEntry } from './quarantine-ports.ts'
import { replayMessage } from './replayed-record.ts'

/**
 * What became of a record: `stored`; `quarantined` again; `waiting`: the worker has not come to it yet (it may be paused or behind);
 * `superseded`: see above; `unreadable`: sealed with another key ring; `matched`: a dry run, nothing was done.
 */
export type ReplayOutcome = 'stored' | 'quarantined' | 'waiting' | 'superseded' | 'unreadable' | 'matched'

/** A record with its outcome. */
export type Replayed = { readonly entry: QuarantineEntry; readonly outcome: ReplayOutcome }

/** What replaying needs. */
export type ReplayDeps = {
  readonly store: QuarantineStore
  readonly replayer: Replayer
  readonly ring: KeyRing
  readonly datasets: readonly CompiledDataset[]
  readonly now: () => number
  readonly pause: (millis: number) => Promise<unknown>
}

/** Who asks, and how. */
export type ReplayOptions = { readonly by: string; readonly dryRun: boolean; readonly waitMillis: number }

const LOOK_MILLIS = 150
const SUPERSEDED = 'superseded: its rows were removed since'

type Opened = { readonly entry: SealedEntry; readonly record: RawRecord }

/** Replays open records; the outcomes are in the order of the entries. */
export async function replayRecords(
  entries: readonly SealedEntry[],
  deps: ReplayDeps,
  options: ReplayOptions,
): Promise<readonly Replayed[]> {
  const { store, ring } = deps
  const outcomes = new Map<SealedEntry, ReplayOutcome>()
  const opened: Opened[] = []
  const removals = await store.removals([...new Set(entries.map(({ dataset }) => dataset))])
  const versionIn = versions(deps.datasets)
  for (const entry of entries) {
    const packed = openPayload(ring, placeOf(entry), entry.payload)
    const record = packed && unpackRecord(entry, packed)
    const version = record && versionIn(entry.dataset, record)
    if (!record) outcomes.set(entry, 'unreadable')
    else if (version !== undefined && version < (removals.get(entry.dataset) ?? 0n))
      outcomes.set(entry, 'superseded')
    else {
      outcomes.set(entry, options.dryRun ? 'matched' : 'waiting')
      opened.push({ entry, record })
    }
  }
  if (!options.dryRun) {
    const superseded = entries.filter((entry) => outcomes.get(entry) === 'superseded')
    await store.change(superseded, { kind: 'dropped', by: options.by, purpose: SUPERSEDED })
    await store.wipe(superseded)
    await send(opened, deps, options)
    await settle(opened, outcomes, deps, options.waitMillis)
  }
  return entries.map((entry) => ({ entry, outcome: outcomes.get(entry) ?? 'waiting' }))
}

/** A record of a topic that several datasets read is sent once: each of them takes it. */
async function send(opened: readonly Opened[], deps: ReplayDeps, { by }: ReplayOptions): Promise<void> {
  if (opened.length === 0) return
  await deps.store.change(
    opened.map(({ entry }) => entry),
    { kind: 'asked', by },
  )
  const byPlace = [...Map.groupBy(opened, ({ entry }) => placeOf(entry)).values()]
  const messages = byPlace.flatMap((ofPlace) => {
    const attempt = Math.max(...ofPlace.map(({ entry }) => entry.attempts)) + 1
    const [first] = ofPlace
    return first ? [{ first, attempt }] : []
  })
  const inOrder = messages.toSorted((a, b) => order(a.first.record, b.first.record))
  await deps.replayer.send(
    inOrder.map(({ first, attempt }) => replayMessage(first.record, attempt, deps.ring)),
  )
}

function order(a: RawRecord, b: RawRecord): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1
  return a.partition - b.partition || Number(a.offset - b.offset)
}

/** Looks at the places until each is settled, or the time is up. */
async function settle(
  opened: readonly Opened[],
  outcomes: Map<SealedEntry, ReplayOutcome>,
  { store, now, pause }: ReplayDeps,
  waitMillis: number,
): Promise<void> {
  const deadline = now() + waitMillis
  let left = opened.map(({ entry }) => entry)
  while (left.length > 0) {
    const datasets = [...new Set(left.map(({ dataset }) => dataset))]
    const found = await store.list({ datasets, places: left }, { limit: left.length * datasets.length })
    const states = new Map(found.map((entry) => [keyOf(entry), entry]))
    for (const entry of left) {
      const state = states.get(keyOf(entry))
      if (state?.status === 'replayed') outcomes.set(entry, 'stored')
      else if (state && state.attempts > entry.attempts) outcomes.set(entry, 'quarantined')
    }
    left = left.filter((entry) => outcomes.get(entry) === 'waiting')
    if (left.length === 0 || now() >= deadline) return
    await pause(LOOK_MILLIS)
  }
}

function keyOf(entry: QuarantineEntry): string {
  return `${entry.dataset} ${placeOf(entry)}`
}

/** Row version of a record, by its dataset; undefined if the record cannot be read. */
function versions(
  datasets: readonly CompiledDataset[],
): (dataset: string, record: RawRecord) => bigint | undefined {
  const decoders = new Map(datasets.map((dataset) => [dataset.name, createDecode(dataset)]))
  return (dataset, record) => {
    const decoded = decoders.get(dataset)?.(record)
    if (decoded?.kind !== 'change') return undefined
    return BigInt(versionOf(epochOf(record), decoded.change.position, decoded.change.order))
  }
}
