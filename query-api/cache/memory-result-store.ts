/** Results in the memory of the process, bounded by bytes: what was not used for longest goes first. */
import { LRUCache } from 'lru-cache'
import type { KeptResult, ResultStore } from './ports.ts'

/** Share of the whole that one result may take. */
const LARGEST_SHARE = 1 / 32
/** What an entry costs beside its body and key. */
const ENTRY_BYTES = 512

/** Makes the store; `bytes` is the most that it holds. */
export function createMemoryResultStore(bytes: number): ResultStore & { readonly size: () => number } {
  const largest = Math.floor(bytes * LARGEST_SHARE)
  const kept = new LRUCache<string, KeptResult>({
    maxSize: Math.max(1, bytes),
    // One that is set and too large takes the place of the former one all the same: that is outdated.
    maxEntrySize: Math.max(1, largest),
    sizeCalculation: (result, key) => costOf(key, result),
  })
  return {
    get: (key) => kept.get(key),
    set(key, result) {
      kept.set(key, result)
    },
    largest,
    size: () => kept.calculatedSize,
  }
}

function costOf(key: string, { body, stamp }: KeptResult): number {
  return ENTRY_BYTES + key.length + body.length + stamp.join().length
}
