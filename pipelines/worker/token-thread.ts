/**
 * A second thread for tokens, which take a quarter of the time of a row: while this thread reads rows, that one fills in their tokens. It starts when it
 * is needed, takes one piece of work after the other, and ends when there was none for a while: a backlog is worked off, and its memory is given back.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { MogoError } from '#contracts/errors.ts'
import type { TokenNotes } from '#transforms/bytes/open-tokens.ts'

/** Makes tokens elsewhere. */
export type TokenThread = {
  /** Memory to take notes in. What was in it is left over. */
  memory(): ArrayBuffer
  /** Resolves to the same notes, filled in, in memory that is to be released. Rejects if the thread has failed. */
  fill(notes: TokenNotes): Promise<TokenNotes>
  release(memory: ArrayBuffer): void
  /** Rejects when the thread has failed: batches lack tokens that nobody makes any more, so the process has to start anew. */
  readonly failed: Promise<never>
  isRunning(): boolean
  /** Ends the thread; what it has not made is never made. */
  close(): Promise<void>
}

/** Notes of some ten thousand tokens: waking the other thread costs as much as making some hundred. */
export const NOTES_BYTES = 512 * 1024
const MOST_FREE = 8
/** The thread keeps nothing: it needs no large heap. */
const HEAP = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 }
const SCRIPT = join(import.meta.dirname, 'token-thread-main.ts')

/** The thread ends after so long without work. */
const IDLE_MILLIS = 10_000

/** Null where there is no second core for it. */
export function createTokenThread(
  cores: number = availableParallelism(),
  idleMillis = IDLE_MILLIS,
): TokenThread | null {
  if (cores < 2) return null
  let free: ArrayBuffer[] = []
  const waiting: PromiseWithResolvers<TokenNotes>[] = []
  const { promise: failed, reject } = Promise.withResolvers<never>()
  // Whoever waits for it hears of it; nobody has to.
  failed.catch(() => {})
  let thread: Worker | null = null
  let idle: NodeJS.Timeout | undefined
  let failure: MogoError | null = null

  function start(): Worker {
    const started = new Worker(SCRIPT, { resourceLimits: HEAP })
    started.on('message', (notes: TokenNotes) => waiting.shift()?.resolve(notes))
    const fail = (cause?: unknown): void => reject(refuse(cause))
    started.on('error', fail)
    started.on('messageerror', fail)
    started.on('exit', () => {
      if (started === thread) fail()
    })
    started.unref()
    return started
  }

  /** Refuses what waits, and all that comes. */
  function refuse(cause?: unknown): MogoError {
    failure ??= new MogoError('MOGO_INTERNAL', { where: 'the thread that makes tokens' }, { cause })
    for (const each of waiting.splice(0)) each.reject(failure)
    return failure
  }

  function endLater(): void {
    clearTimeout(idle)
    idle = setTimeout(() => (waiting.length > 0 ? endLater() : void end()), idleMillis)
    idle.unref()
  }

  async function end(): Promise<void> {
    const ending = thread
    thread = null
    free = []
    await ending?.terminate()
  }

  return {
    failed,
    memory: () => free.pop() ?? new ArrayBuffer(NOTES_BYTES),
    fill(notes) {
      if (failure) return Promise.reject(failure)
      thread ??= start()
      endLater()
      const answer = Promise.withResolvers<TokenNotes>()
      thread.postMessage(notes, [notes.memory])
      waiting.push(answer)
      return answer.promise
    },
    release(memory) {
      if (free.length < MOST_FREE && memory.byteLength === NOTES_BYTES) free.push(memory)
    },
    isRunning: () => thread !== null,
    async close() {
      clearTimeout(idle)
      await end()
      refuse()
    },
  }
}
