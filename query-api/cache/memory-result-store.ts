/** Results in the memory of the process, bounded by bytes: what was not used for longest goes first. */
import type { KeptResult, ResultStore } from './ports.ts'

/** Share of the whole that one result may take. */
const LARGEST_SHARE = 1 / 32
/** What an entry costs beside its body and key. */
const ENTRY_BYTES = 512

/** Makes the store; `bytes` is the most that it holds. */
export function createMemoryResultStore(bytes: number): ResultStore & { readonly size: () => number } {
  const kept = new Map<string, KeptResult>()
  let held = 0
  return { get, set, largest: Math.floor(bytes * LARGEST_SHARE), size: () => held }

  function get(key: string): KeptResult | undefined {
    const result = kept.get(key)
    if (!result) return undefined
    // The order of a Map is that of insertion: the last used stands last.
    kept.delete(key)
    kept.set(key, result)
    return result
  }

  function set(key: string, result: KeptResult): void {
    forget(key)
    const cost = costOf(key, result)
    if (cost > bytes * LARGEST_SHARE) return
    kept.set(key, result)
    held += cost
    for (const oldest of kept.keys()) {
      if (held <= bytes) return
      forget(oldest)
    }
  }

  function forget(key: string): void {
    const result = kept.get(key)
    if (!result) return
    kept.delete(key)
    held -= costOf(key, result)
  }
}

function costOf(key: string, { body, stamp }: KeptResult): number {
  return ENTRY_BYTES + key.length + body.length + stamp.join().length
}
