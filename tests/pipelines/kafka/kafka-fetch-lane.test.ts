/** A lane of the fetcher: what it asks for, keeps and hands over. */
import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { FetchLane } from '#pipelines/kafka/kafka-fetch-lane.ts'
import { encodeBatch } from '../support/record-batches.ts'

let handed: { readonly offsets: number[]; readonly next: number; readonly behind: number }[]
let gates: PromiseWithResolvers<void>[]
let events: string[]
let lane: FetchLane

/** Handing over waits for the next gate, if there is one. */
beforeEach(() => {
  handed = []
  gates = []
  events = []
  lane = new FetchLane(
    { topic: 't', partition: 0, from: 10 },
    {
      async records(_lane, { offsets }, next, behind) {
        handed.push({ offsets: [...offsets], next, behind })
        await gates.shift()?.promise
      },
      hungry: () => {},
      damaged: (_lane, error) => events.push((error as { code: string }).code),
      sound: () => events.push('sound'),
      pauseAfter: () => 1,
    },
  )
})

/** A batch of one record, large enough to be handed over alone. */
const batch = (offset: number) => encodeBatch([{ offset, key: null, value: Buffer.alloc(300_000) }])

async function answer(offsets: readonly number[], lastStable = 100): Promise<void> {
  const bytes = Buffer.concat(await Promise.all(offsets.map(batch)))
  lane.answered({ topic: 't', partition: 0, errorCode: 0, lastStable, aborted: [], bytes })
}

const asked = () => lane.ask('', 1000).from
const offsets = () => handed.flatMap((each) => each.offsets)
/** A lane looks at the event loop now and then. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await turn()
}

describe('a lane', () => {
  it('hands batches over one after the other, and says where it stands', async () => {
    expect([lane.hungry, asked(), lane.hungry]).toEqual([true, 10, false])
    await answer([10, 11])
    await settle()
    expect(handed).toEqual([
      { offsets: [10], next: 11, behind: 89 },
      { offsets: [11], next: 12, behind: 88 },
    ])
    expect([lane.hungry, asked()]).toEqual([true, 12])
  })

  it('asks for the next fetch while one is worked off, but keeps no more than that', async () => {
    const gate = Promise.withResolvers<void>()
    gates = [gate]
    asked()
    await answer([10, 11])
    await settle()
    expect([offsets(), lane.hungry, asked()]).toEqual([[10], true, 12])
    await answer([12])
    await settle()
    expect([offsets(), lane.hungry]).toEqual([[10], false])
    gate.resolve()
    await settle()
    expect([offsets(), lane.hungry, asked()]).toEqual([[10, 11, 12], true, 13])
  })

  it('hands over nothing more once it is paused, keeps what it has, and goes on where it was', async () => {
    const gate = Promise.withResolvers<void>()
    gates = [gate]
    asked()
    await answer([10, 11])
    await settle()
    lane.pause()
    gate.resolve()
    await settle()
    expect([offsets(), lane.hungry]).toEqual([[10], false])
    lane.resume()
    await settle()
    expect([offsets(), asked()]).toEqual([[10, 11], 12])
  })

  it('keeps what comes while it is paused', async () => {
    asked()
    lane.pause()
    await answer([10])
    await settle()
    expect([offsets(), lane.hungry]).toEqual([[], false])
    lane.resume()
    lane.pause()
    lane.resume()
    await settle()
    expect(offsets()).toEqual([10])
  })

  it('hands over nothing once it has ended, whatever comes', async () => {
    const gate = Promise.withResolvers<void>()
    gates = [gate]
    asked()
    await answer([10, 11])
    await settle()
    asked()
    lane.end()
    gate.resolve()
    await answer([12])
    lane.resume()
    await settle()
    expect([offsets(), lane.hungry, lane.holdsRecords]).toEqual([[10], false, false])
  })

  it('asks again from behind what was handed over if the rest is damaged, after a pause', async () => {
    asked()
    const [good, bad] = [await batch(10), await batch(11)]
    bad[bad.length - 1] = 1
    const bytes = Buffer.concat([good, bad])
    lane.answered({ topic: 't', partition: 0, errorCode: 0, lastStable: 12, aborted: [], bytes })
    await vi.waitFor(() => expect(events).toEqual(['MOGO_KAFKA_RECORDS_DAMAGED']))
    expect(offsets()).toEqual([10])
    await vi.waitFor(() => expect(lane.hungry).toBe(true))
    expect(asked()).toBe(11)
    await answer([11])
    await settle()
    expect([offsets(), events.at(-1), asked()]).toEqual([[10, 11], 'sound', 12])
  })

  it('asks for as much as a batch needs that did not come whole', async () => {
    asked()
    const whole = await batch(10)
    const bytes = whole.subarray(0, 5000)
    lane.answered({ topic: 't', partition: 0, errorCode: 0, lastStable: 12, aborted: [], bytes })
    expect(lane.hungry).toBe(true)
    expect(lane.ask('', 1000)).toMatchObject({ from: 10, maxBytes: whole.length })
    await answer([10])
    await settle()
    expect([offsets(), lane.ask('', 1000).maxBytes]).toEqual([[10], 1000])
  })
})
