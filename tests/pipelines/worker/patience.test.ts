/** Patience: until it succeeds, behind one circuit for all, said once; by no clock that can be set back. */
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import { createPatience } from '#pipelines/worker/patience.ts'

const away = () => new MogoError('MOGO_CLICKHOUSE_UNREACHABLE', { url: 'x', detail: 'y' })
const { signal } = new AbortController()
let said: string[] = []
const logger = pino({ level: 'info' }, { write: (line: string) => void said.push(JSON.parse(line).msg) })

beforeEach(() => {
  said = []
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Something that fails until it is told to succeed. */
function failing() {
  const state = { well: false, tries: 0 }
  return {
    ...{ state },
    work: async () => {
      state.tries++
      if (!state.well) throw away()
      return state.tries
    },
  }
}

/** Lets time pass until it is done: whose turn it is to probe is drawn by lot. */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  let isDone = false
  const done = () => {
    isDone = true
  }
  promise.then(done, done)
  for (let second = 0; second < 3600 && !isDone; second++) await vi.advanceTimersByTimeAsync(1000)
  return promise
}

it('says once that it waits, and that it goes on when nobody waits any more', async () => {
  const patience = createPatience('x', logger)
  const [one, other] = [failing(), failing()]
  const both = [patience(one.work, signal), patience(other.work, signal)]
  await vi.advanceTimersByTimeAsync(5000)
  // What succeeds beside them says nothing about them.
  other.state.well = true
  await inTime(both[1] as Promise<number>)
  expect(said).toEqual(['a dependency is away; trying until it is back'])
  one.state.well = true
  await inTime(Promise.all(both))
  expect(said).toEqual(['a dependency is away; trying until it is back', 'the dependency is back'])
})

it('probes about once a second, however many wait', async () => {
  const patience = createPatience('x', logger)
  const lanes = Array.from({ length: 20 }, failing)
  const waiting = Promise.all(lanes.map(({ work }) => patience(work, signal)))
  await vi.advanceTimersByTimeAsync(10_000)
  const tries = () => lanes.reduce((sum, { state }) => sum + state.tries, 0)
  const before = tries()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(tries() - before).toBeLessThanOrEqual(20)
  expect(tries() - before).toBeGreaterThan(5)
  for (const { state } of lanes) state.well = true
  expect(await inTime(waiting)).toHaveLength(20)
})

it('does not wait for the hour by which the clock was set back', async () => {
  const patience = createPatience('x', logger)
  const { work, state } = failing()
  const waiting = patience(work, signal)
  await vi.advanceTimersByTimeAsync(30_000)
  vi.setSystemTime(Date.now() - 3_600_000)
  state.well = true
  await vi.advanceTimersByTimeAsync(10_000)
  await expect(Promise.race([waiting, Promise.resolve('waits')])).resolves.not.toBe('waits')
})

it('passes on at once what waiting does not mend', async () => {
  const fault = new MogoError('MOGO_CLICKHOUSE_REJECTED', { table: 't', engineCode: '1' })
  await expect(createPatience('x', logger)(() => Promise.reject(fault), signal)).rejects.toBe(fault)
  expect(said).toEqual([])
})
