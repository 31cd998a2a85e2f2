/**
 * Notices a reader who takes nothing: while a piece waits to be taken, a clock runs.
 *
 * What a reader takes is what the operating system lets this process write. It has buffers of its own (some megabytes on one machine), so
 * a reader who is slow, but takes some 100 kB/s, is far from the limit.
 */
import { MogoError } from '#contracts/errors.ts'

/** How long a piece may wait, milliseconds. Below the time after which the engine gives up sending (30 s). */
export const STALL_MILLIS = 20_000

/** Makes the guard of one answer. `cut` is called once, if at all. */
export function createStallGuard(millis: number, cut: (fault: MogoError) => void) {
  let timer: NodeJS.Timeout | undefined
  return { begin, end }

  /** A piece is there to be taken. */
  function begin(): void {
    timer = setTimeout(() => cut(new MogoError('MOGO_QUERY_STALLED', { seconds: millis / 1000 })), millis)
  }

  /** It was taken, or nobody waits for it any more. */
  function end(): void {
    clearTimeout(timer)
  }
}
