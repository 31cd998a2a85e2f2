import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { CaptureStatus } from '#contracts/events/pipeline-health.ts'
import { type CaptureLook, captureCheck } from '#ops/jobs/capture-check.ts'
import type { NodeResult } from '#ops/jobs/run-node.ts'
import { createLogger } from '#ops/runtime/logger.ts'

const running: CaptureStatus = {
  connector: 'mogo-postgres',
  state: 'RUNNING',
  detail: '',
  tasks: [{ id: 0, state: 'RUNNING', detail: '' }],
  slotName: 'mogo',
  slot: {
    ...{
      name: 'mogo',
      active: true,
      snapshotting: false,
      walStatus: 'reserved',
      lagBytes: 10,
      retainedBytes: 20,
    },
    ...{ safeBytes: null, inactiveSeconds: null, confirmed: '100' },
  },
  position: '110',
  pending: [],
  identities: [],
  unguarded: [],
  faults: [],
  healthy: true,
}
const failed: CaptureStatus = {
  ...running,
  state: 'FAILED',
  tasks: [{ id: 0, state: 'FAILED', detail: 'ConnectException' }],
  healthy: false,
}
const slot = running.slot as NonNullable<CaptureStatus['slot']>
const saw = (status: CaptureStatus): CaptureLook => ({ status })
const fault = (code: string, passing: boolean) => ({
  code,
  message: `${code} happened.`,
  remedy: 'Do.',
  passing,
})

function setUp(applied: NodeResult = { code: 0, stdout: '{"changes":[]}', stderr: '' }) {
  const calls: string[] = []
  const lines: { level: number; msg: string; code?: string }[] = []
  const states: string[] = []
  let clock = 0
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const check = captureCheck({
    run: async (args) => {
      calls.push(args[1] ?? '')
      return applied
    },
    logger: createLogger('test', 'info', sink),
    now: () => clock,
    onState: (state) => states.push(state),
  })
  return {
    calls,
    lines,
    states,
    look: async (look: CaptureLook, atSeconds = 0) => {
      clock = atSeconds * 1000
      return check(look, new AbortController().signal)
    },
  }
}

describe('the capture check', () => {
  it('is content with a running connector and says so once', async () => {
    const { look, lines, states, calls } = setUp()
    expect(await look(saw(running))).toBe('ok')
    expect(await look(saw({ ...running, slot: { ...slot, lagBytes: 999 } }), 15)).toBe('ok')
    expect(lines.map(({ msg }) => msg)).toEqual(['capture runs'])
    expect(states).toEqual(['running', 'running'])
    expect(calls).toEqual([])
  })

  it('starts failed tasks again, less and less often while they keep failing', async () => {
    const { look, calls } = setUp()
    const appliedAt: number[] = []
    for (let seconds = 0; seconds <= 600; seconds += 15) {
      const before = calls.length
      expect(await look(saw(failed), seconds)).toBe('attention')
      if (calls.slice(before).includes('apply')) appliedAt.push(seconds)
    }
    expect(appliedAt).toEqual([0, 60, 180, 420])
  })

  it('starts at one minute again once it ran', async () => {
    const { look, calls } = setUp()
    await look(saw(failed), 0)
    await look(saw(running), 15)
    await look(saw(failed), 30)
    expect(calls).toEqual(['apply', 'apply'])
  })

  it('takes partitions in that have come or gone, and leaves every other difference to people', async () => {
    const partition = { kind: 'partition', object: 'public.events_2', change: 'read the rows' }
    const other = { kind: 'publication', object: 'mogo', change: 'add public.x' }
    const { look, calls, lines } = setUp()
    await look(saw({ ...running, pending: [other] }), 0)
    expect(calls).toEqual([])
    await look(saw({ ...running, pending: [partition, other] }), 30)
    expect(calls).toEqual(['partitions'])
    expect(lines.map(({ msg }) => msg)).toContain('changed partitions were taken in')
    // It failed: not at every look. The next one that comes is taken in at once.
    await look(saw({ ...running, pending: [partition] }), 45)
    expect(calls).toHaveLength(1)
    await look(saw(running), 60)
    await look(saw({ ...running, pending: [partition] }), 75)
    expect(calls).toHaveLength(2)
    await look(saw({ ...running, state: 'PAUSED', pending: [partition] }), 600)
    expect(calls).toHaveLength(2)
  })

  it('restarts a failed connector that has no tasks', async () => {
    const { look, calls } = setUp()
    await look(saw({ ...failed, tasks: [] }))
    expect(calls).toEqual(['apply'])
  })

  it('says that a restart did not work, with its code', async () => {
    const { look, lines } = setUp({
      code: 1,
      stdout: '',
      stderr: '{"code":"MOGO_CONNECTOR_FAILED","message":"m","remedy":"r"}',
    })
    await look(saw(failed))
    expect(lines.at(-1)).toMatchObject({
      code: 'MOGO_CONNECTOR_FAILED',
      msg: 'failed tasks could not be started again',
    })
  })

  it.each([
    ['a missing connector', saw({ ...running, state: 'MISSING', tasks: [], healthy: false }), 'unhealthy'],
    ['an idle slot', saw({ ...running, slot: { ...slot, active: false }, healthy: false }), 'unhealthy'],
    [
      'a lost slot',
      saw({ ...failed, faults: [fault('MOGO_CONNECT_UNREACHABLE', true), fault('MOGO_SLOT_LOST', false)] }),
      'unhealthy',
    ],
    [
      'Connect away',
      saw({
        ...running,
        state: 'UNKNOWN',
        healthy: false,
        faults: [fault('MOGO_CONNECT_UNREACHABLE', true)],
      }),
      'unavailable',
    ],
    ['Postgres away', { code: 'MOGO_POSTGRES_UNREACHABLE', message: 'm', isAway: true }, 'unavailable'],
    ['no answer at all', { code: 'MOGO_INTERNAL', message: 'm', isAway: false }, 'unhealthy'],
  ])('says %s once and changes nothing', async (_name, result, state) => {
    const { look, lines, states, calls } = setUp()
    expect(await look(result)).toBe('attention')
    expect(await look(result, 15)).toBe('attention')
    expect(lines).toHaveLength(1)
    expect(states).toEqual([state, state])
    expect(calls).not.toContain('apply')
  })

  it('says of a lost slot what it is and the way out, whatever else is wrong', async () => {
    const { look, lines } = setUp()
    await look(saw({ ...failed, faults: [fault('MOGO_SLOT_LOST', false)] }))
    expect(lines).toMatchObject([{ level: 50, code: 'MOGO_SLOT_LOST', msg: 'MOGO_SLOT_LOST happened. Do.' }])
  })

  it('only says that contracts and connector differ', async () => {
    const { look, lines, calls } = setUp()
    expect(
      await look(
        saw({ ...running, pending: [{ kind: 'topic', object: 't', change: 'create' }], healthy: false }),
      ),
    ).toBe('ok')
    expect(lines[0]?.msg).toBe('capture runs, but differs from the contracts: mogo capture plan')
    expect(calls).not.toContain('apply')
  })
})
