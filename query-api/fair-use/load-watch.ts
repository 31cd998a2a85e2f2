/**
 * How late this process is: by how much its timers come too late, as a rule. A single long pause (garbage, a large document) does not count; a
 * process that cannot follow does.
 */

/** See the header. */
export type LoadWatch = {
  /** Milliseconds: the median of the last few turns. */
  delay(): number
  close(): void
}

const EVERY_MILLIS = 50
const TURNS = 5

/** Begins to watch. It keeps no process alive. */
export function createLoadWatch(): LoadWatch {
  const late = Array.from({ length: TURNS }, () => 0)
  let last = performance.now()
  let delay = 0
  const timer = setInterval(() => {
    const now = performance.now()
    late.shift()
    late.push(Math.max(0, now - last - EVERY_MILLIS))
    last = now
    delay = late.toSorted((a, b) => a - b)[TURNS >> 1] ?? 0
  }, EVERY_MILLIS)
  timer.unref()
  return { delay: () => delay, close: () => clearInterval(timer) }
}
