import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import type { EventBatch, EventFeed, LineageStore } from '#lineage/ports.ts'
import { createRecorder } from '#lineage/recorder.ts'
import { accessEvent } from './facts.ts'
import { memoryStore } from './memory-store.ts'

const away = () => new MogoError('MOGO_CLICKHOUSE_UNREACHABLE', { url: 'u', detail: 'ECONNREFUSED' })
const batch: EventBatch = { events: [accessEvent('q1')], skipped: 0 }

function setUp(faults: unknown[], store: LineageStore = memoryStore()) {
  let deliver: (batch: EventBatch) => Promise<void> = () => Promise.reject(new Error('not started'))
  const feed: EventFeed = {
    start: async (handler) => {
      deliver = handler
    },
    check: async () => undefined,
    stop: async () => undefined,
    failed: new Promise(() => undefined),
  }
  const pauses: number[] = []
  const states: string[] = []
  const recorder = createRecorder({
    feed,
    store: {
      ...store,
      record: async (events) => {
        const fault = faults.shift()
        if (fault) throw fault
        await store.record(events)
      },
    },
    logger: pino({ level: 'silent' }),
    random: () => 1,
    sleep: async (millis) => {
      pauses.push(millis)
      states.push(
        await recorder.check().then(
          () => 'ready',
          (error: MogoError) => error.code,
        ),
      )
    },
  })
  return { recorder, store, pauses, states, deliver: (events: EventBatch) => deliver(events) }
}

describe('the recorder', () => {
  it('stores a batch before it is acknowledged', async () => {
    const { recorder, store, deliver } = setUp([])
    await recorder.start()
    await deliver(batch)
    expect(await store.queryRecord('q1')).toMatchObject({ id: 'q1', tenant: 'acme' })
  })

  it('tries again with growing pauses while the store is away, and is not ready meanwhile', async () => {
    const { recorder, store, deliver, pauses, states } = setUp([away(), away(), away()])
    await recorder.start()
    await deliver(batch)
    expect(pauses).toEqual([100, 200, 400])
    expect(states).toEqual([
      'MOGO_CLICKHOUSE_UNREACHABLE',
      'MOGO_CLICKHOUSE_UNREACHABLE',
      'MOGO_CLICKHOUSE_UNREACHABLE',
    ])
    await expect(recorder.check()).resolves.toBeUndefined()
    expect(await store.queryRecord('q1')).toBeDefined()
  })

  it.each([
    ['a refusal', new MogoError('MOGO_CLICKHOUSE_REJECTED', { table: 't', engineCode: '16' })],
    ['a fault that it does not know', new TypeError('x')],
  ])('does not acknowledge after %s', async (_name, fault) => {
    const { recorder, deliver, pauses } = setUp([fault])
    await recorder.start()
    await expect(deliver(batch)).rejects.toBe(fault)
    expect(pauses).toEqual([])
  })

  it('does not acknowledge when it is stopped while the store is away', async () => {
    const { recorder, deliver } = setUp([away(), away()])
    await recorder.start()
    await recorder.stop()
    await expect(deliver(batch)).rejects.toMatchObject({ code: 'MOGO_CLICKHOUSE_UNREACHABLE' })
  })

  it('goes on after a batch of nothing but bad records', async () => {
    const { recorder, deliver } = setUp([new Error('must not be called')])
    await recorder.start()
    await expect(deliver({ events: [], skipped: 3 })).resolves.toBeUndefined()
  })
})
