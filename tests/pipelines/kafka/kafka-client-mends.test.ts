/** What is mended in kafkajs: an idle client sets no timers, a commit does not outlive its generation, and a clock that is set back stops no heartbeats. */
import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mendKafkajs } from '#pipelines/kafka/kafka-client-mends.ts'

const load = createRequire(import.meta.url)

type Queue = {
  pending: unknown[]
  readonly inflight: Map<number, unknown>
  checkPendingRequests(): void
  destroy(): void
}
type Group = {
  generationId: number
  offsetManager: object
  commitOffsets(offsets: object): Promise<void>
  heartbeat(options: { readonly interval: number }): Promise<void>
}

const RequestQueue = load('kafkajs/src/network/requestQueue/index.js') as new (options: object) => Queue
const ConsumerGroup = load('kafkajs/src/consumer/consumerGroup.js') as {
  readonly prototype: Group
  new (options: object): Group
}

beforeEach(() => {
  vi.useFakeTimers()
  mendKafkajs()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('kafkajs', () => {
  it('looks after requests that wait, and only then', () => {
    const queue = new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1000, logger: { debug() {} } })
    queue.checkPendingRequests()
    expect(vi.getTimerCount()).toBe(0)
    queue.inflight.set(1, {})
    queue.pending.push({})
    queue.checkPendingRequests()
    expect(vi.getTimerCount()).toBe(1)
    queue.destroy()
  })

  it('tries a commit again within its generation, and gives it up after that', async () => {
    const commitOffsets = vi.fn<(offsets: object) => Promise<void>>()
    const group = Object.create(ConsumerGroup.prototype) as Group
    group.offsetManager = { commitOffsets }
    group.generationId = 4
    const offsets = { topics: [] }
    commitOffsets.mockRejectedValueOnce(new Error('closed'))
    await expect(group.commitOffsets(offsets)).rejects.toThrow('closed')
    await group.commitOffsets(offsets)
    // Joining is not complete: what is sent is still of the former generation, and what is tried again would be of the next.
    group.generationId = 5
    const late = { topics: [] }
    commitOffsets.mockRejectedValueOnce(new Error('closed'))
    await expect(group.commitOffsets(late)).rejects.toThrow('closed')
    group.offsetManager = { commitOffsets }
    await expect(group.commitOffsets(late)).rejects.toMatchObject({ type: 'ILLEGAL_GENERATION' })
    await expect(group.commitOffsets(offsets)).rejects.toMatchObject({
      type: 'ILLEGAL_GENERATION',
      retriable: false,
    })
    await group.commitOffsets({ topics: [] })
    expect(commitOffsets).toHaveBeenCalledTimes(4)
  })

  it('sends heartbeats whatever becomes of the clock', async () => {
    const heartbeat = vi.fn(async () => {})
    const group = new ConsumerGroup({ topics: [], logger: { namespace: () => ({}) } })
    Object.assign(group, {
      ...{ memberId: 'm', coordinator: { heartbeat } },
      instrumentationEmitter: { emit() {} },
    })
    const beat = () => group.heartbeat({ interval: 1000 })
    await beat()
    expect(heartbeat).toHaveBeenCalledTimes(0)
    vi.setSystemTime(Date.now() - 3_600_000)
    await beat()
    await beat()
    expect(heartbeat).toHaveBeenCalledTimes(1)
    vi.setSystemTime(Date.now() + 1000)
    await beat()
    expect(heartbeat).toHaveBeenCalledTimes(2)
  })
})
