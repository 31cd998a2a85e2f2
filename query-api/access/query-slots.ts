/** How many queries of one person run at the same time: a bound, so that one person cannot take the engine from the others. */
import type { Principal } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'

const MOST = 16

/** Makes the counter. */
export function createQuerySlots(most = MOST) {
  const running = new Map<string, number>()
  return { take }

  /** Takes a slot; call what is returned when the query has ended. @throws MogoError MOGO_QUERY_BUSY */
  function take({ tenant, subject }: Principal): () => void {
    const key = JSON.stringify([tenant, subject])
    const now = running.get(key) ?? 0
    if (now >= most) throw new MogoError('MOGO_QUERY_BUSY', { limit: most })
    running.set(key, now + 1)
    let released = false
    return () => {
      if (released) return
      released = true
      const left = (running.get(key) ?? 1) - 1
      if (left === 0) running.delete(key)
      else running.set(key, left)
    }
  }
}
