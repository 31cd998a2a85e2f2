import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { captureCheck } from '#ops/jobs/capture-check.ts'
import type { NodeResult } from '#ops/jobs/run-node.ts'
import { createLogger } from '#ops/runtime/logger.ts'

const running = {
  connector: 'mogo-postgres',
  state: 'RUNNING',
  tasks: [{ id: 0, state: 'RUNNING', detail: '' }],
  slot: { name: 'mogo', active: true, walStatus: 'reserved', lagBytes: 10 },
  pending: [],
  healthy: true,
}
const failed = {
  ...running,
  state: 'FAILED',
  tasks: [{ id: 0, state: 'FAILED', detail: 'ConnectException' }],
  healthy: false,
}
const answer = (status: object): NodeResult => ({
  code: 'healthy' in status && status.healthy === true ? 0 : 1,
  stdout: `${JSON.stringify(status)}\n`,
  stderr: '',
})
const fault = (code: number, name: string): NodeResult => ({
  code,
  stdout: '',
  stderr: `${JSON.stringify({ code: name, message: `${name} happened`, remedy: 'r' })}\n`,
})

function setUp(applied: NodeResult = { code: 0, stdout: '{"changes":[]}', stderr: '' }) {
  const calls: string[] = []
  const lines: { level: number; msg: string }[] = []
  const states: string[] = []
  let clock = 0
  let status: NodeResult = answer(running)
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const job = captureCheck({
    cron: '* * * * * *',
    run: async (args) => {
      calls.push(args[1] ?? '')
      return args[1] === 'status' ? status : applied
    },
    logger: createLogger('test', 'info', sink),
    now: () => clock,
    onState: (state) => states.push(state),
  })
  return {
    calls,
    lines,
    states,
    look: async (result: NodeResult, atSeconds = 0) => {
      status = result
      clock = atSeconds * 1000
      return job.run(new AbortController().signal)
    },
  }
}

describe('the capture check', () => {
  it('is content with a running connector and says so once', async () => {
    const { look, lines, states, calls } = setUp()
    expect(await look(answer(running))).toBe('ok')
    expect(await look(answer({ ...running, slot: { ...running.slot, lagBytes: 999 } }), 15)).toBe('ok')
    expect(lines.map(({ msg }) => msg)).toEqual(['capture runs'])
    expect(states).toEqual(['running', 'running'])
    expect(calls).toEqual(['status', 'status'])
  })

  it('starts failed tasks again, less and less often while they keep failing', async () => {
    const { look, calls } = setUp()
    const appliedAt: number[] = []
    for (let seconds = 0; seconds <= 600; seconds += 15) {
      const before = calls.length
      expect(await look(answer(failed), seconds)).toBe('attention')
      if (calls.slice(before).includes('apply')) appliedAt.push(seconds)
    }
    expect(appliedAt).toEqual([0, 60, 180, 420])
  })

  it('starts at one minute again once it ran', async () => {
    const { look, calls } = setUp()
    await look(answer(failed), 0)
    await look(answer(running), 15)
    await look(answer(failed), 30)
    expect(calls).toEqual(['status', 'apply', 'status', 'status', 'apply'])
  })

  it('restarts a failed connector that has no tasks', async () => {
    const { look, calls } = setUp()
    await look(answer({ ...failed, tasks: [] }))
    expect(calls).toEqual(['status', 'apply'])
  })

  it('says that a restart did not work, with its code', async () => {
    const { look, lines } = setUp(fault(1, 'MOGO_CONNECTOR_FAILED'))
    await look(answer(failed))
    expect(lines.at(-1)).toMatchObject({
      code: 'MOGO_CONNECTOR_FAILED',
      msg: 'failed tasks could not be started again',
    })
  })

  it.each([
    ['a missing connector', answer({ ...running, state: 'MISSING', tasks: [], healthy: false }), 'unhealthy'],
    [
      'an idle slot',
      answer({ ...running, slot: { ...running.slot, active: false }, healthy: false }),
      'unhealthy',
    ],
    ['a lost slot', fault(1, 'MOGO_SLOT_LOST'), 'unhealthy'],
    ['Connect away', fault(3, 'MOGO_CONNECT_UNREACHABLE'), 'unavailable'],
    ['no answer at all', { code: null, stdout: '', stderr: '' }, 'unhealthy'],
  ])('says %s once and changes nothing', async (_name, result, state) => {
    const { look, lines, states, calls } = setUp()
    expect(await look(result)).toBe('attention')
    expect(await look(result, 15)).toBe('attention')
    expect(lines).toHaveLength(1)
    expect(states).toEqual([state, state])
    expect(calls).not.toContain('apply')
  })

  it('only says that contracts and connector differ', async () => {
    const { look, lines, calls } = setUp()
    expect(await look(answer({ ...running, pending: [{}] }))).toBe('ok')
    expect(lines[0]?.msg).toBe('capture runs, but differs from the contracts: mogo capture plan')
    expect(calls).not.toContain('apply')
  })
})
