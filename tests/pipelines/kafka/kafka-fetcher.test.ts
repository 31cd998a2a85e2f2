/** The fetcher against brokers that move, break and refuse: every record comes once, in order, and nobody is asked in a busy loop. */
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { KafkaFetcher } from '#pipelines/kafka/kafka-fetcher.ts'
import { FakeBrokers } from '../support/fake-brokers.ts'

let brokers: FakeBrokers
let fetcher: KafkaFetcher
let got: Map<string, number[]>
let lost: string[]
let pauses: number[]
/** Handing over to a topic waits for its gate. */
let gates: Map<string, Promise<void>>
const paused = new Set<string>()

function open(nodes = 1): void {
  brokers = new FakeBrokers()
  got = new Map()
  lost = []
  pauses = []
  gates = new Map()
  paused.clear()
  fetcher = new KafkaFetcher({
    connection: { brokers: FakeBrokers.addresses(nodes), tls: false, sasl: null },
    logger: pino({ level: 'silent' }),
    connect: brokers.connect,
    pauseAfter(faults) {
      pauses.push(faults)
      return 2
    },
    async records({ topic }, { offsets }, next, behind) {
      expect(paused).not.toContain(topic)
      expect(next + behind).toBeLessThanOrEqual(brokers.end(topic))
      got.get(topic)?.push(...offsets)
      await gates.get(topic)
    },
    lost: ({ topic }, why) => lost.push(`${topic} ${why}`),
  })
}

const lane = (topic: string) => ({ topic, partition: 0 })

function assign(topics: readonly string[], from = 0): void {
  for (const topic of topics) got.set(topic, [])
  fetcher.assign(topics.map((topic) => ({ ...lane(topic), from })))
}

const upTo = (end: number, from = 0) => Array.from({ length: end - from }, (_, index) => from + index)
const arrived = (topic: string, from = 0) =>
  vi.waitFor(() => expect(got.get(topic)).toEqual(upTo(brokers.end(topic), from)), {
    timeout: 5000,
    interval: 2,
  })

beforeEach(() => open())
afterEach(() => fetcher.stop())

describe('the fetcher', () => {
  it('hands over every record once and in order, whatever happens to brokers and lanes', async () => {
    const topics = ['a', 'b', 'c']
    const topic = fc.constantFrom(...topics)
    const node = fc.integer({ min: 1, max: 3 })
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.tuple(fc.constant('append' as const), topic, fc.integer({ min: 1, max: 30 })),
      },
      { weight: 2, arbitrary: fc.tuple(fc.constant('lead' as const), topic, node) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('away' as const), topic, node) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('back' as const), topic, node) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.constant('refuse' as const), topic, fc.constantFrom(0, 5, 9, 29, 56)),
      },
      { weight: 2, arbitrary: fc.tuple(fc.constant('pause' as const), topic, fc.constant(0)) },
      { weight: 2, arbitrary: fc.tuple(fc.constant('resume' as const), topic, fc.constant(0)) },
      { weight: 4, arbitrary: fc.tuple(fc.constant('wait' as const), topic, fc.nat(4)) },
    )
    const resume = (name: string): void => {
      paused.delete(name)
      fetcher.resume(lane(name))
    }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        await fetcher.stop()
        open(3)
        brokers.pace = 20
        for (const [index, name] of topics.entries()) brokers.make(name, index + 1)
        assign(topics)
        for (const [what, name, number] of steps) {
          if (what === 'append') await brokers.append(name, number)
          if (what === 'lead') brokers.lead(name, number)
          if (what === 'away') brokers.away(number, true)
          if (what === 'back') brokers.away(number, false)
          if (what === 'refuse') brokers.refuse(name, number)
          if (what === 'pause') fetcher.pause(lane(name))
          if (what === 'pause') paused.add(name)
          if (what === 'resume') resume(name)
          if (what === 'wait') await delay(number)
        }
        for (const number of [1, 2, 3]) brokers.away(number, false)
        for (const name of topics) {
          brokers.refuse(name, 0)
          resume(name)
          await brokers.append(name, 1)
        }
        for (const name of topics) await arrived(name)
        expect(lost).toEqual([])
        expect(() => fetcher.check()).not.toThrow()
      }),
      { seed: 42, numRuns: 60 },
    )
  }, 60_000)

  it('hands over nothing of a former assignment, and begins where it is told', async () => {
    brokers.make('a', 1)
    await brokers.append('a', 10)
    const gate = Promise.withResolvers<void>()
    gates.set('a', gate.promise)
    assign(['a'])
    await vi.waitFor(() => expect(got.get('a')).toHaveLength(10))
    const former = got.get('a') as number[]
    await brokers.append('a', 10)
    // Fetched, but not handed over yet.
    await vi.waitFor(() => expect(brokers.seen.at(-1)?.asks[0]?.from).toBe(10))
    fetcher.release()
    gate.resolve()
    assign(['a'], 5)
    await arrived('a', 5)
    expect(former).toEqual(upTo(10))
  })

  it('does not hold up a lane because another one is slow, or has nothing', async () => {
    brokers.pace = 1_000_000
    for (const name of ['idle', 'slow', 'busy']) brokers.make(name, 1)
    gates.set('slow', new Promise(() => {}))
    assign(['idle', 'slow', 'busy'])
    await vi.waitFor(() => expect(brokers.seen).toHaveLength(1))
    await brokers.append('slow', 1)
    await arrived('slow')
    for (let round = 0; round < 20; round++) {
      await brokers.append('slow', 1)
      await brokers.append('busy', 1)
      await arrived('busy')
    }
    expect(got.get('slow')).toEqual([0])
  })

  it('has one request under way while there is nothing, on a connection that waits', async () => {
    brokers.pace = 1_000_000
    const topics = ['a', 'b', 'c', 'd']
    for (const name of topics) brokers.make(name, 1)
    assign(topics)
    await vi.waitFor(() => expect(brokers.seen).toHaveLength(1))
    await delay(30)
    expect(brokers.seen).toHaveLength(1)
    expect(brokers.seen[0]?.asks.map(({ topic }) => topic)).toEqual(topics)
    // A record of one: it is answered at once, and then there is one request for all again.
    await brokers.append('c', 1)
    await arrived('c')
    await vi.waitFor(() => expect(brokers.seen).toHaveLength(2))
    expect(brokers.seen[1]?.asks).toHaveLength(4)
  })

  it('brings lanes together again that were asked on two connections', async () => {
    brokers.make('a', 1)
    brokers.make('b', 1)
    const soon = { timeout: 5000, interval: 2 }
    assign(['a', 'b'])
    await vi.waitFor(() => expect(brokers.seen).toHaveLength(1), soon)
    fetcher.pause(lane('b'))
    await vi.waitFor(() => expect(brokers.seen.at(-1)?.asks).toHaveLength(1), soon)
    fetcher.resume(lane('b'))
    await vi.waitFor(
      () => expect(brokers.seen.at(-1)).toMatchObject({ waitMillis: 20, asks: [{ topic: 'b' }] }),
      soon,
    )
    const together = { waitMillis: 500, asks: [{}, {}] }
    await vi.waitFor(() => expect(brokers.seen.at(-1)).toMatchObject(together), soon)
  })

  it('gets a record that is larger than the limit, beside lanes that always have more', async () => {
    brokers.make('large', 1)
    for (const name of ['a', 'b']) {
      brokers.make(name, 1)
      for (let batch = 0; batch < 30; batch++) await brokers.append(name, 4, 100_000)
    }
    await brokers.append('large', 1, 5_000_000)
    await brokers.append('large', 1, 3_000_000)
    assign(['a', 'b', 'large'])
    for (const name of ['large', 'a', 'b']) await arrived(name)
  })

  it('asks on both connections while lanes have more than an answer holds, and a lane without anything each time', async () => {
    for (const name of ['a', 'b']) {
      brokers.make(name, 1)
      for (let batch = 0; batch < 60; batch++) await brokers.append(name, 4, 100_000)
    }
    brokers.make('idle', 1)
    assign(['a', 'b', 'idle'])
    for (const name of ['a', 'b']) await arrived(name)
    const asked = brokers.seen.map(({ waitMillis, asks }) => [
      waitMillis,
      asks
        .map(({ topic }) => topic)
        .toSorted()
        .join(),
    ])
    expect(asked).toContainEqual([20, 'b'])
    expect(asked).toContainEqual([500, 'a,idle'])
  })

  it('tells of a lane whose offset the log does not have, once', async () => {
    brokers.make('a', 1)
    await brokers.append('a', 10)
    brokers.expire('a', 10)
    assign(['a'], 3)
    await vi.waitFor(() => expect(lost).toEqual(['a offset']))
    await delay(20)
    expect([lost, got.get('a')]).toEqual([['a offset'], []])
  })

  it('tells of a topic that was made anew, although its offsets would fit', async () => {
    brokers.make('a', 1)
    await brokers.append('a', 3)
    assign(['a'])
    await arrived('a')
    brokers.make('a', 1)
    await brokers.append('a', 5)
    await vi.waitFor(() => expect(lost).toEqual(['a topic']))
    expect(got.get('a')).toEqual(upTo(3))
    assign(['a'])
    await arrived('a')
    expect(lost).toEqual(['a topic'])
  })

  it('does not take a topic for a new one that it had no lanes of meanwhile', async () => {
    brokers.make('a', 1)
    brokers.make('b', 1)
    await brokers.append('a', 3)
    assign(['a'])
    await arrived('a')
    assign(['b'])
    brokers.make('a', 1)
    await brokers.append('a', 3)
    assign(['a', 'b'])
    await arrived('a')
    expect(lost).toEqual([])
  })

  it('waits longer and longer for a broker that is away, and says what is wrong with a lane that is refused', async () => {
    brokers.make('a', 1)
    await brokers.append('a', 3)
    brokers.away(1, true)
    assign(['a'])
    await delay(40)
    expect(brokers.connects).toBeLessThanOrEqual(pauses.length + 1)
    expect(Math.max(...pauses)).toBeGreaterThan(2)
    brokers.away(1, false)
    await arrived('a')
    brokers.refuse('a', 29)
    await vi.waitFor(() =>
      expect(() => fetcher.check()).toThrow(
        expect.objectContaining({
          params: expect.objectContaining({ detail: 'TOPIC_AUTHORIZATION_FAILED' }),
        }),
      ),
    )
    const [before, start] = [brokers.seen.length, pauses.length]
    await delay(40)
    expect(brokers.seen.length - before).toBeLessThanOrEqual(pauses.length - start + 1)
    brokers.refuse('a', 0)
    await vi.waitFor(() => expect(() => fetcher.check()).not.toThrow())
  })

  it('stops at once, whatever is under way', async () => {
    brokers.pace = 1_000_000
    brokers.make('a', 1)
    assign(['a'])
    await vi.waitFor(() => expect(brokers.seen).toHaveLength(1))
    await fetcher.stop()
    const { connects } = brokers
    await brokers.append('a', 1)
    await delay(20)
    expect([brokers.connects, brokers.seen.length, got.get('a')]).toEqual([connects, 1, []])
  })
})
