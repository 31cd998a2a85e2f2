/** One run for several callers: each sees the same bytes, and it lasts as long as somebody waits. */
import { PassThrough, type Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { startRun } from '#query-api/cache/shared-run.ts'
import { streamOf } from '../support/long-answer.ts'

const MOST = 1_000

/** A run whose answer the test writes. */
function run(most = MOST) {
  const source = new PassThrough()
  const state = { begun: 0, aborted: false }
  const shared = startRun(async (signal) => {
    state.begun++
    signal.addEventListener('abort', () => {
      state.aborted = true
      source.destroy(new Error('aborted'))
    })
    return { body: source }
  }, most)
  return { shared, source, state }
}

async function bytesOf(body: Readable): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}
const never = () => new AbortController().signal

describe('a run', () => {
  test('gives everybody the same bytes, however they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 90 }), { maxLength: 10 }),
        fc.integer({ min: 0, max: 6 }),
        async (pieces, joiners) => {
          const { shared, source, state } = run()
          const lead = shared.lead(never()).then((answer) => bytesOf(streamOf(answer)))
          const joined = Array.from({ length: joiners }, () => shared.join(never()))
          for (const piece of pieces) {
            source.write(piece)
            await turn()
          }
          source.end()
          const whole = Buffer.concat(pieces)
          expect(await lead).toEqual(whole)
          for (const end of await Promise.all(joined)) expect(end).toEqual({ kind: 'whole', body: whole })
          expect(state).toEqual({ begun: 1, aborted: false })
        },
      ),
      { numRuns: 50 },
    )
  })

  test('streams to the leader before it is whole', async () => {
    const { shared, source } = run()
    const body = streamOf(await shared.lead(never()))
    source.write('first')
    const pieces = body[Symbol.asyncIterator]()
    expect(String((await pieces.next()).value)).toBe('first')
    source.end('last')
    expect(String((await pieces.next()).value)).toBe('last')
    expect((await pieces.next()).done).toBe(true)
  })

  test('that is too large is the leader’s alone, who reads at an own pace', async () => {
    const { shared, source, state } = run(10)
    const joined = shared.join(never())
    const body = streamOf(await shared.lead(never()))
    source.write('0123456789a')
    expect(await joined).toEqual({ kind: 'large' })
    await turn()
    // Nobody reads ahead now.
    source.write('b'.repeat(100_000))
    await turn()
    expect(source.readableLength).toBeGreaterThan(0)
    source.end()
    expect((await bytesOf(body)).length).toBe(11 + 100_000)
    expect(state.aborted).toBe(false)
  })

  test('whose answer comes as a whole gives it as such to everybody', async () => {
    const start = vi.fn(async () => ({ body: Buffer.from('short') }))
    const shared = startRun(start, MOST)
    const joined = shared.join(never())
    expect(await shared.lead(never())).toEqual({ body: Buffer.from('short') })
    expect(await joined).toEqual({ kind: 'whole', body: Buffer.from('short') })
    expect(start).toHaveBeenCalledTimes(1)
  })

  test('whose whole answer is too large to share gives it to the leader', async () => {
    const shared = startRun(async () => ({ body: Buffer.from('longer than it may be') }), 10)
    expect(await shared.ended).toEqual({ kind: 'large' })
    expect(String(await bytesOf(streamOf(await shared.lead(never()))))).toBe('longer than it may be')
  })

  test('goes on for the others when the leader leaves', async () => {
    const { shared, source, state } = run()
    const leader = new AbortController()
    const body = streamOf(await shared.lead(leader.signal))
    const joined = shared.join(never())
    source.write('a')
    leader.abort(new Error('gone'))
    body.destroy()
    await turn()
    expect(state.aborted).toBe(false)
    source.end('b')
    expect(await joined).toEqual({ kind: 'whole', body: Buffer.from('ab') })
  })

  test('goes on for the leader when those who joined leave', async () => {
    const { shared, source, state } = run()
    const lead = shared.lead(never()).then((answer) => bytesOf(streamOf(answer)))
    const other = new AbortController()
    const joined = shared.join(other.signal)
    other.abort(new Error('gone'))
    await expect(joined).rejects.toThrow('gone')
    source.end('a')
    expect(String(await lead)).toBe('a')
    expect(state.aborted).toBe(false)
  })

  test('ends when the last one leaves, before its first byte and after', async () => {
    const early = startRun(
      (signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      MOST,
    )
    const leader = new AbortController()
    const lead = early.lead(leader.signal)
    leader.abort(new Error('gone'))
    await expect(lead).rejects.toThrow('gone')
    await expect(early.ended).rejects.toThrow('nobody')

    const { shared, source, state } = run()
    const body = streamOf(await shared.lead(never()))
    source.write('a')
    for await (const _piece of body) break
    expect(state.aborted).toBe(true)
  })

  test('of which the large rest is not wanted ends, too', async () => {
    const { shared, source, state } = run(10)
    const leader = new AbortController()
    const body = streamOf(await shared.lead(leader.signal))
    source.write('0123456789abcdef')
    await shared.ended
    leader.abort(new Error('gone'))
    body.on('error', () => undefined)
    body.resume()
    await turn()
    expect(state.aborted).toBe(true)
  })

  test('that fails fails for everybody, at the first byte and midway', async () => {
    const early = startRun(async () => {
      throw new Error('fault')
    }, MOST)
    await expect(early.lead(never())).rejects.toThrow('fault')
    await expect(early.join(never())).rejects.toThrow('fault')

    const { shared, source } = run()
    const body = streamOf(await shared.lead(never()))
    const joined = shared.join(never())
    source.write('a')
    await turn()
    source.destroy(new Error('midway'))
    await expect(bytesOf(body)).rejects.toThrow('midway')
    await expect(joined).rejects.toThrow('midway')
  })
})
