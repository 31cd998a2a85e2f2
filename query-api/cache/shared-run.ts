/**
 * One run of a statement that several callers wait for.
 *
 * The one who began it, the *leader*, gets the answer as it comes. Whoever joins gets it when it is whole, so that nobody has to begin anew
 * with half an answer sent. The run reads ahead of the leader up to a bound; an answer beyond that is the leader's alone, and those
 * who joined are told to run for themselves. The run ends early only when nobody is left.
 */
import { Readable } from 'node:stream'
import type { EngineAnswer } from '../ports.ts'

/** What became of it: the whole answer, or one that is too large to share. */
export type RunEnd = { readonly kind: 'whole'; readonly body: Buffer } | { readonly kind: 'large' }

/** See the header. */
export type SharedRun = {
  /** For the leader: resolves with the first byte. Rejects with what the run failed with, or when the leader's signal is aborted. */
  lead(signal: AbortSignal): Promise<EngineAnswer>
  /** For everybody else. Rejects as {@link SharedRun.lead}. */
  join(signal: AbortSignal): Promise<RunEnd>
  /** Resolves when it has ended; rejects with what it failed with. */
  readonly ended: Promise<RunEnd>
}

const TAKEN = Buffer.alloc(0)

/** Begins a run. `most`: bytes that are shared. */
export function startRun(start: (signal: AbortSignal) => Promise<EngineAnswer>, most: number): SharedRun {
  const nobody = new AbortController()
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<RunEnd>()
  const pieces: Buffer[] = []
  let more = Promise.withResolvers<void>()
  let rest: AsyncIterator<Buffer> | undefined
  let isOver = false
  /** The answer, if it came as a whole. */
  let whole: Buffer | undefined
  let waiting = 0
  // Whoever waits sees the faults; there may be nobody.
  begun.promise.catch(() => undefined)
  ended.promise.catch(() => undefined)
  void read()
  return { lead, join, ended: ended.promise }

  async function read(): Promise<void> {
    try {
      const { body } = await start(nobody.signal)
      if (Buffer.isBuffer(body)) {
        pieces.push(body)
        whole = body.length <= most ? body : undefined
        finish(whole ? { kind: 'whole', body: whole } : { kind: 'large' })
        begun.resolve()
        return
      }
      begun.resolve()
      const source = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
      let bytes = 0
      for (let piece = await source.next(); !piece.done; piece = await source.next()) {
        pieces.push(piece.value)
        bytes += piece.value.length
        if (bytes > most) {
          rest = source
          return finish({ kind: 'large' })
        }
        wake()
      }
      finish({ kind: 'whole', body: Buffer.concat(pieces) })
    } catch (error) {
      begun.reject(error)
      ended.reject(error)
      isOver = true
      wake()
    }
  }

  function finish(end: RunEnd): void {
    isOver = true
    ended.resolve(end)
    wake()
    // Nobody takes the rest of a large one.
    if (end.kind === 'large' && waiting === 0) void rest?.return?.()
  }

  function wake(): void {
    more.resolve()
    more = Promise.withResolvers<void>()
  }

  async function lead(signal: AbortSignal): Promise<EngineAnswer> {
    const leave = enter()
    const done = () => {
      signal.removeEventListener('abort', leave)
      leave()
    }
    signal.addEventListener('abort', leave, { once: true })
    try {
      await unlessAborted(begun.promise, signal)
    } catch (error) {
      done()
      throw error
    }
    if (!whole) return { body: flow(done) }
    done()
    return { body: whole }
  }

  /** The answer as it comes: what was read ahead, then the rest, at the pace of its reader. */
  function flow(done: () => void): Readable {
    let next = 0
    let isReading = false
    let isAsked = false
    return new Readable({
      read() {
        isAsked = true
        if (!isReading) void work(this)
      },
      destroy(error, closed) {
        done()
        closed(error)
      },
    })

    async function work(reader: Readable): Promise<void> {
      isReading = true
      try {
        while (isAsked) {
          isAsked = false
          await fill(reader)
        }
      } catch (error) {
        reader.destroy(error as Error)
      }
      isReading = false
    }

    /** Gives until the reader has enough. */
    async function fill(reader: Readable): Promise<void> {
      for (let wants = true; wants && !reader.destroyed; ) {
        const piece = pieces[next]
        if (piece) {
          // Of a large answer nobody else takes a piece.
          if (rest) pieces[next] = TAKEN
          next++
          wants = reader.push(piece)
        } else if (!isOver) await more.promise
        else wants = await takeRest(reader)
      }
    }

    async function takeRest(reader: Readable): Promise<boolean> {
      await ended.promise
      const piece = await rest?.next()
      if (piece && !piece.done) return reader.push(piece.value)
      rest = undefined
      return reader.push(null)
    }
  }

  async function join(signal: AbortSignal): Promise<RunEnd> {
    const leave = enter()
    try {
      return await unlessAborted(ended.promise, signal)
    } finally {
      leave()
    }
  }

  /** Counts a caller in; what is returned counts it out, once. The last one ends the run. */
  function enter(): () => void {
    let isHere = true
    waiting++
    return () => {
      if (!isHere) return
      isHere = false
      waiting--
      if (waiting === 0 && (!isOver || rest)) nobody.abort(new Error('nobody waits for the answer'))
    }
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw signal.reason
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
