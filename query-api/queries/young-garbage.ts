/**
 * Keeps the memory of long answers small: after so many bytes the young generation is collected.
 *
 * The bytes of an answer lie outside the heap of V8 and each piece is soon garbage, but V8 lets some 100 MB of such pieces pile up before
 * it looks. Nearly nothing of the young generation lives then, so that a collection takes well below a millisecond: less than 0.1 s for
 * a gigabyte.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of answers, of all together, between two collections. */
const BETWEEN = 8 * 1024 * 1024

let passed = 0
let collect: ((options: { readonly type: 'minor' }) => void) | undefined

/** Tells of bytes that have passed through. */
export function bytesPassed(count: number): void {
  passed += count
  if (passed < BETWEEN) return
  passed = 0
  collect ??= collector()
  collect({ type: 'minor' })
}

/** V8 shows its collector to contexts that are made while it is asked to. */
function collector(): NonNullable<typeof collect> {
  setFlagsFromString('--expose-gc')
  try {
    return runInNewContext('gc') as NonNullable<typeof collect>
  } finally {
    setFlagsFromString('--no-expose-gc')
  }
}
