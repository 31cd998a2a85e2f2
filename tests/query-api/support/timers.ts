/** A clock and timers that a test turns by hand. */
import type { Timer } from '#query-api/fair-use/fair-queue.ts'

/** Makes them; `pass` runs what is due, in order. */
export function createTimers() {
  let time = 1_000_000
  const due = new Map<symbol, { readonly at: number; readonly work: () => void }>()
  const timer: Timer = (work, millis) => {
    const id = Symbol('timer')
    due.set(id, { at: time + millis, work })
    return () => void due.delete(id)
  }
  return { now: () => time, timer, pass, pending: () => due.size }

  function pass(millis: number): void {
    const end = time + millis
    for (;;) {
      const [next] = [...due].filter(([, { at }]) => at <= end).toSorted(([, a], [, b]) => a.at - b.at)
      if (!next) break
      due.delete(next[0])
      time = next[1].at
      next[1].work()
    }
    time = end
  }
}
