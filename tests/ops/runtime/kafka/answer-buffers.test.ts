/** Memory of answers: it is used again when nobody holds it any more, and never before. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerBuffers } from '#ops/runtime/kafka/answer-buffers.ts'
import { RecordBatches } from '#pipelines/kafka/record-batch.ts'
import { CODECS, encodeBatch } from '../../../pipelines/support/record-batches.ts'

const LARGE = 300_000

describe('memory of answers', () => {
  it('comes back when the last lease of it is released', () => {
    const buffers = new AnswerBuffers()
    const first = buffers.take(LARGE)
    const lease = buffers.leaseOf(first.subarray(7, 9))
    lease?.retain()
    lease?.retain()
    lease?.release()
    expect(buffers.take(LARGE).buffer).not.toBe(first.buffer)
    lease?.release()
    expect(buffers.take(20 * LARGE).buffer).not.toBe(first.buffer)
    const again = buffers.take(LARGE + 1000)
    expect([again.buffer === first.buffer, again.length]).toEqual([true, LARGE + 1000])
  })

  it('is left to Node if it is small, or larger than answers are', () => {
    const buffers = new AnswerBuffers()
    for (const bytes of [10, 200_000, 20_000_000]) {
      const taken = buffers.take(bytes)
      expect([taken.length, buffers.leaseOf(taken)]).toEqual([bytes, undefined])
    }
  })

  it('is not kept while nothing much comes', () => {
    const buffers = new AnswerBuffers()
    const first = buffers.take(LARGE)
    buffers.leaseOf(first)?.retain()
    buffers.leaseOf(first)?.release()
    for (let answers = 0; answers < 60; answers++) buffers.take(100)
    expect(buffers.take(LARGE).buffer).not.toBe(first.buffer)
  })

  it('stays as it is for as long as records of it are held, in whatever order they are let go of', async () => {
    const value = (offset: number) => Buffer.from(String(offset).padEnd(400, '.'))
    const order = fc.array(fc.nat(), { minLength: 60, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...CODECS.slice(0, 2)), order, async (codec, picks) => {
        const buffers = new AnswerBuffers()
        const used = new Set<ArrayBufferLike>()
        const held: { readonly check: () => void; readonly release: () => void }[] = []
        for (let answer = 0; answer < 6; answer++) {
          const batches = await Promise.all(
            [0, 1, 2].map((part) => {
              const records = Array.from({ length: 300 }, (_, index) => {
                const offset = answer * 900 + part * 300 + index
                return { offset, key: null, value: value(offset) }
              })
              return encodeBatch(records, { codec })
            }),
          )
          const whole = Buffer.concat(batches)
          const bytes = buffers.take(Math.max(LARGE, whole.length)).subarray(0, whole.length)
          bytes.set(whole)
          used.add(bytes.buffer)
          const reading = new RecordBatches({
            ...{ topic: 't', partition: 0, from: 0, bytes, aborted: [] },
            lease: buffers.leaseOf(bytes),
          })
          for (let taken = await reading.take(); taken; taken = await reading.take()) {
            const { records } = taken
            const first = records.offsets[0] as number
            held.push({
              check: () => expect(records.record(0).value?.equals(value(first))).toBe(true),
              release: () => records.release(),
            })
          }
          while (held.length > 2) {
            for (const { check } of held) check()
            const [gone] = held.splice((picks.pop() ?? 0) % held.length, 1)
            gone?.release()
          }
        }
        for (const { check, release } of held) {
          check()
          release()
        }
        expect(used.size).toBeLessThanOrEqual(4)
      }),
      { seed: 11, numRuns: 15 },
    )
  })
})
