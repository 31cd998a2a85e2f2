/**
 * A breaker per dataset: if most of the latest records break the contract, the contract or the source is wrong, and going on would only fill
 * the quarantine. The table is then paused until a person lets it go on, or the worker starts anew; other tables do not notice.
 *
 *   closed -> tripped    more than `share` of the last `records` records were quarantined
 *   tripped -> closed    resumed; what was seen before is forgotten
 *
 * Pure: no clock, no I/O.
 */

/** When to trip. The window holds at least `records` records, and no older batch than that takes. A share of 1 never trips. */
export type BreakerLimits = { readonly share: number; readonly records: number }

/** A paused dataset, and what tripped its breaker. */
export type TrippedDataset = {
  readonly dataset: string
  readonly records: number
  readonly quarantined: number
}

/** See {@link createQuarantineBreaker}. */
export type QuarantineBreaker = {
  /** Adds a batch. Replayed records are not to be counted: they are known to be bad, and asked for by a person. */
  observe(dataset: string, records: number, quarantined: number): void
  tripped(dataset: string): boolean
  /** All that are tripped. */
  paused(): readonly TrippedDataset[]
  /** Lets a dataset go on; false if it was not tripped. */
  resume(dataset: string): boolean
  /** Calls back whenever a dataset trips or is resumed. */
  onChange(listener: (dataset: string, tripped: boolean) => void): void
}

type Counts = { readonly records: number; readonly quarantined: number }
type Window = { batches: Counts[]; records: number; quarantined: number; tripped: boolean }

/** Makes the breakers. */
export function createQuarantineBreaker(limits: BreakerLimits): QuarantineBreaker {
  const windows = new Map<string, Window>()
  const listeners: ((dataset: string, tripped: boolean) => void)[] = []

  function changed(dataset: string, tripped: boolean): void {
    for (const listener of listeners) listener(dataset, tripped)
  }

  return {
    observe(dataset, records, quarantined) {
      const window = windows.get(dataset) ?? { batches: [], records: 0, quarantined: 0, tripped: false }
      windows.set(dataset, window)
      if (window.tripped || records === 0) return
      slide(window, { records, quarantined }, limits.records)
      if (window.records < limits.records || window.quarantined <= limits.share * window.records) return
      window.tripped = true
      changed(dataset, true)
    },
    tripped: (dataset) => windows.get(dataset)?.tripped ?? false,
    paused: () =>
      [...windows].flatMap(([dataset, { tripped, records, quarantined }]) =>
        tripped ? [{ dataset, records, quarantined }] : [],
      ),
    resume(dataset) {
      if (!windows.get(dataset)?.tripped) return false
      windows.delete(dataset)
      changed(dataset, false)
      return true
    },
    onChange: (listener) => void listeners.push(listener),
  }
}

/** Adds a batch and lets go of the oldest ones, as long as enough records are left. */
function slide(window: Window, batch: Counts, atLeast: number): void {
  window.batches.push(batch)
  window.records += batch.records
  window.quarantined += batch.quarantined
  let oldest = window.batches[0]
  while (oldest && window.records - oldest.records >= atLeast) {
    window.batches.shift()
    window.records -= oldest.records
    window.quarantined -= oldest.quarantined
    oldest = window.batches[0]
  }
}
