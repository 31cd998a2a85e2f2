/**
 * A token bucket: how many changes are due now, at a steady rate.
 *
 * The bucket holds a quarter of a second's worth: after a pause (a slow commit, a sleeping laptop) the traffic does not make
 * up for what it missed in one burst. What it could not make up is told as `missed`.
 */

/** A pacer. */
export type Pacer = {
  /** Changes due at `now` (milliseconds, monotonic). */
  readonly due: (now: number) => number
  /** Takes changes out of the bucket; may go below zero if a transaction was larger than what was due. */
  readonly spend: (changes: number) => void
  /** Changes that were due and had to be given up. */
  readonly missed: () => number
}

/** A pacer that starts empty at `start`. */
export function createPacer(ratePerSecond: number, start: number): Pacer {
  const capacity = Math.max(1, ratePerSecond / 4)
  let level = 0
  let last = start
  let missed = 0
  return {
    due(now) {
      level += ((now - last) * ratePerSecond) / 1000
      last = now
      if (level > capacity) {
        missed += level - capacity
        level = capacity
      }
      return level
    },
    spend(changes) {
      level -= changes
    },
    missed: () => Math.floor(missed),
  }
}
