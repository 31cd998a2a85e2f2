/** When data is served and when not, as audits find something, find it mended, or cannot be made. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import type { Exposure } from '#ops/runtime/exposure.ts'
import { createExposureWatch, unexposedSession } from '#query-api/access/exposure-watch.ts'

const FOUND: readonly Exposure[] = [{ object: 'analytics.orders', reason: 'a View, not a plain table' }]
const away = () => new MogoError('MOGO_CLICKHOUSE_UNREACHABLE', { url: 'http://x', detail: 'ECONNREFUSED' })

let outcome: readonly Exposure[] | MogoError = []
let audits = 0
const lines: unknown[] = []
const logger = {
  error: (...line: unknown[]) => void lines.push(line),
  warn: (...line: unknown[]) => void lines.push(line),
  info: (...line: unknown[]) => void lines.push(line),
} as never

const make = () =>
  createExposureWatch({
    audit: async () => {
      audits += 1
      if (outcome instanceof MogoError) throw outcome
      return outcome
    },
    logger,
    now: () => Date.now(),
    ...{ everyMillis: 10_000, soonMillis: 1_000 },
  })

beforeEach(() => {
  vi.useFakeTimers()
  outcome = []
  audits = 0
  lines.length = 0
})
afterEach(() => vi.useRealTimers())

const code = (watch: ReturnType<typeof make>): Promise<string> =>
  watch.assertNothingExposed().then(
    () => 'open',
    (error: unknown) => (error instanceof MogoError ? error.code : String(error)),
  )

test('whoever comes first waits for the first audit, all for the same one', async () => {
  const watch = make()
  expect(await Promise.all([code(watch), code(watch), code(watch)])).toEqual(['open', 'open', 'open'])
  expect(audits).toBe(1)
  expect(await code(watch)).toBe('open')
  expect(audits).toBe(1)
  watch.stop()
})

test('what is found closes, is named in the log once, and opens again when it is mended', async () => {
  const watch = make()
  outcome = FOUND
  watch.start()
  expect(await code(watch)).toBe('MOGO_EXPOSED')
  await vi.advanceTimersByTimeAsync(3_500)
  expect(audits).toBe(4)
  expect(await code(watch)).toBe('MOGO_EXPOSED')
  expect(JSON.stringify(lines)).toContain('analytics.orders')
  expect(lines).toHaveLength(1)
  outcome = []
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await code(watch)).toBe('open')
  expect(lines).toHaveLength(2)
  watch.stop()
})

test('the fault that callers see names nothing', async () => {
  const watch = make()
  outcome = FOUND
  await expect(watch.assertNothingExposed()).rejects.toMatchObject({
    code: 'MOGO_EXPOSED',
    status: 503,
    message: expect.not.stringContaining('orders'),
    remedy: expect.not.stringContaining('orders'),
  })
  watch.stop()
})

test('it is found within a period, however busy callers are', async () => {
  const watch = make()
  watch.start()
  expect(await code(watch)).toBe('open')
  outcome = FOUND
  await vi.advanceTimersByTimeAsync(9_000)
  expect(await code(watch)).toBe('open')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await code(watch)).toBe('MOGO_EXPOSED')
  watch.stop()
})

test('an audit that cannot be made leaves open for a while, then closes, and tries again soon', async () => {
  const watch = make()
  watch.start()
  expect(await code(watch)).toBe('open')
  outcome = away()
  await vi.advanceTimersByTimeAsync(39_000)
  expect(await code(watch)).toBe('open')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await code(watch)).toBe('MOGO_CLICKHOUSE_UNREACHABLE')
  outcome = []
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await code(watch)).toBe('open')
  watch.stop()
})

test('without any audit nothing is served', async () => {
  const watch = make()
  outcome = away()
  expect(await code(watch)).toBe('MOGO_CLICKHOUSE_UNREACHABLE')
  watch.stop()
})

test('an audit that cannot be made does not forget what was found', async () => {
  const watch = make()
  outcome = FOUND
  expect(await code(watch)).toBe('MOGO_EXPOSED')
  outcome = away()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await code(watch)).toBe('MOGO_EXPOSED')
  watch.stop()
})

test('nothing runs after it was stopped', async () => {
  const watch = make()
  watch.start()
  await code(watch)
  watch.stop()
  await vi.advanceTimersByTimeAsync(100_000)
  expect(audits).toBe(1)
})

test('a session runs nothing while something is exposed', async () => {
  const watch = make()
  const run = vi.fn(async () => 'rows')
  const session = unexposedSession({ run } as never, watch)
  outcome = FOUND
  await expect(session.run({} as never, async () => 'rows')).rejects.toMatchObject({ code: 'MOGO_EXPOSED' })
  expect(run).not.toHaveBeenCalled()
  outcome = []
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await session.run({} as never, async () => 'rows')).toBe('rows')
  watch.stop()
})
