/** How long to wait before trying again: longer after every try, up to a limit, and never the same for all ("equal jitter"). */

const FIRST_MILLIS = 100
const LONGEST_MILLIS = 3000

/** Pause after `tries` (0, 1, …) earlier ones; `random` is 0 to 1. */
export function backoffMillis(tries: number, random: number): number {
  const whole = Math.min(LONGEST_MILLIS, FIRST_MILLIS * 2 ** Math.min(tries, 10))
  return whole / 2 + (whole / 2) * random
}
