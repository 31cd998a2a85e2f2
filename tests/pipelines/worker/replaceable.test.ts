/** One thing runs at a time, and another takes its place without a gap that nobody minds. */
import { describe, expect, it } from 'vitest'
import { createReplaceable } from '#pipelines/worker/replaceable.ts'

/** Things by name, and what is done to them. `broken` cannot be made. */
function setUp() {
  const events: string[] = []
  const failures = new Map<string, (error: Error) => void>()
  const stops = new Map<string, Promise<void>>()
  const starts = new Map<string, Promise<void>>()
  const make = (name: string) => {
    if (name === 'broken') throw new Error('cannot be made')
    const failed = Promise.withResolvers<never>()
    failures.set(name, failed.reject)
    return {
      name,
      async start() {
        events.push(`start ${name}`)
        await starts.get(name)
      },
      async stop() {
        events.push(`stop ${name}`)
        await stops.get(name)
      },
      failed: failed.promise,
    }
  }
  const place = createReplaceable(make, 'first' as string)
  let failure: unknown
  place.failed.catch((error) => {
    failure = error
  })
  return { place, events, failures, stops, starts, failure: () => failure }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a thing that can be replaced', () => {
  it('ends before the next one starts, and who asks is told of the one that runs', async () => {
    const { place, events, stops } = setUp()
    const gate = Promise.withResolvers<void>()
    stops.set('first', gate.promise)
    const replaced = place.replace('second')
    await settled()
    expect([place.current.name, events]).toEqual(['second', ['start first', 'stop first']])
    gate.resolve()
    await replaced
    expect(events).toEqual(['start first', 'stop first', 'start second'])
  })

  it('is replaced once for each wish, in their order', async () => {
    const { place, events } = setUp()
    await Promise.all([place.replace('second'), place.replace('third')])
    expect(events).toEqual(['start first', 'stop first', 'start second', 'stop second', 'start third'])
  })

  it('goes on if the next one cannot be made', async () => {
    const { place, events } = setUp()
    await expect(place.replace('broken')).rejects.toThrow('cannot be made')
    expect([place.current.name, events]).toEqual(['first', ['start first']])
    await place.replace('second')
    expect(place.current.name).toBe('second')
  })

  it('makes way even if its end is a fault', async () => {
    const { place, events, stops } = setUp()
    const fault = Promise.reject(new Error('no end'))
    fault.catch(() => {})
    stops.set('first', fault)
    await expect(place.replace('second')).rejects.toThrow('no end')
    expect([place.current.name, events.at(-1)]).toEqual(['second', 'start second'])
  })

  it('tells of a fault of the one that runs, and of no other', async () => {
    const { place, failures, failure } = setUp()
    await place.replace('second')
    failures.get('first')?.(new Error('of the former one'))
    await settled()
    expect(failure()).toBeUndefined()
    failures.get('second')?.(new Error('of the one that runs'))
    await settled()
    expect(failure()).toMatchObject({ message: 'of the one that runs' })
  })

  it('tells of a start that fails, but not of one that its own end has cut short', async () => {
    const cut = setUp()
    const start = Promise.withResolvers<void>()
    cut.starts.set('second', start.promise)
    await cut.place.replace('second')
    await cut.place.stop()
    start.reject(new Error('aborted'))
    await settled()
    expect(cut.failure()).toBeUndefined()

    const fails = setUp()
    const fault = Promise.reject(new Error('cannot start'))
    fault.catch(() => {})
    fails.starts.set('second', fault)
    await fails.place.replace('second')
    await settled()
    expect(fails.failure()).toMatchObject({ message: 'cannot start' })
  })

  it('stops after the exchange under way, and starts nothing then', async () => {
    const { place, events, stops } = setUp()
    const gate = Promise.withResolvers<void>()
    stops.set('first', gate.promise)
    const replaced = place.replace('second')
    await settled()
    const stopped = place.stop()
    gate.resolve()
    await Promise.all([replaced, stopped])
    await place.replace('third')
    expect(events).toEqual(['start first', 'stop first', 'stop second'])
  })
})
