/** What people are told of the pipeline's health. */
import { describe, expect, it } from 'vitest'
import {
  checkCapture,
  checkCarried,
  checkIdentities,
  checkPipeline,
  checkViews,
} from '#ops/cli/doctor-pipeline.ts'
import { captureLines, STATUS_COLUMNS, statusRows, troubles, verdict } from '#ops/cli/pipeline-report.ts'
import { wellCapture, wellDataset, wellHealth } from '#tests/support/pipeline-health.ts'

const lost = {
  code: 'MOGO_SLOT_LOST',
  message: 'The slot is lost.',
  remedy: 'Run `mogo capture apply --resnapshot`.',
  passing: false,
}
const lostHealth = wellHealth({
  capture: wellCapture({ slot: null, faults: [lost], healthy: false }),
  datasets: [wellDataset('orders', { state: 'cut off', states: ['cut off'], detail: 'changes are missing' })],
})
const alert = {
  ...{ alert: 'lag', subject: 'orders', severity: 'warning' as const, since: '2026-01-01T00:00:00.000Z' },
  ...{ message: 'It waits.', remedy: 'Look.' },
}

describe('the table', () => {
  it('has a row for each dataset, in the columns that are promised', () => {
    const [row] = statusRows(wellHealth())
    expect(Object.keys(row ?? {})).toEqual([...STATUS_COLUMNS])
    expect(row).toEqual({
      ...{ dataset: 'orders', state: 'flowing', 'lag events': 0, 'lag seconds': 0, 'lag bytes': 100 },
      ...{ 'p50 ms': 40, 'p95 ms': 90, 'rows/s': 12.5, 'quarantined 1h': 0, 'last loaded': '5 s ago' },
    })
  })

  it('is followed by connector, task, slot, workers and the last comparison', () => {
    const verified = { at: '2025-12-31T21:00:05.000Z', different: 0, explained: 2 }
    const capture = wellCapture({ pending: [{ kind: 'topic', object: 't', change: 'create' }] })
    expect(captureLines(wellHealth({ capture, datasets: [wellDataset('orders', { verified })] }))).toEqual([
      'connector  shop-postgres  RUNNING',
      'task 0     RUNNING',
      'slot       mogo  active, reserved, 100 B behind, keeps 2 kB, no limit',
      'contracts  1 change(s) to make: mogo capture plan',
      'workers    1',
      'verified   1 dataset(s), 3 h ago: equal to the source',
    ])
  })

  it('says how long nobody has read the slot, and how much is left', () => {
    const slot = wellCapture().slot
    if (!slot) throw new Error('no slot')
    const idle = { ...slot, active: false, inactiveSeconds: 61.4, safeBytes: 3 * 1024 ** 3 }
    expect(captureLines(wellHealth({ capture: wellCapture({ slot: idle }) }))).toContain(
      'slot       mogo  not active for 61 s, reserved, 100 B behind, keeps 2 kB, 3 GB until in danger',
    )
  })

  it('names the cause of a failure', () => {
    const tasks = [{ id: 0, state: 'FAILED', detail: 'PSQLException: gone' }]
    const [connector] = captureLines(wellHealth({ capture: wellCapture({ state: 'FAILED', tasks }) }))
    expect(connector).toBe('connector  shop-postgres  FAILED  PSQLException: gone')
  })
})

describe('what is wrong', () => {
  it('is nothing if all is well', () => {
    expect(troubles(wellHealth())).toEqual([])
    expect(verdict(wellHealth())).toBe('well: 2 dataset(s), nothing waits, visible within 90 ms (p95)')
  })

  it('is nothing while only changes of the contracts wait to be applied', () => {
    const pending = [{ kind: 'topic', object: 't', change: 'create' }]
    expect(troubles(wellHealth({ capture: wellCapture({ pending, healthy: false }) }))).toEqual([])
  })

  it('is a lost slot, with the way out, and what is cut off by it', () => {
    expect(troubles(lostHealth).map(({ code }) => code)).toEqual(['MOGO_SLOT_LOST', 'orders'])
    expect(troubles(lostHealth).every(({ remedy }) => remedy.includes('--resnapshot'))).toBe(true)
    expect(verdict(lostHealth)).toBe('not well: The slot is lost. (and 1 more) See `mogo pipeline status`.')
  })

  it('is a connector that was paused', () => {
    const capture = wellCapture({ state: 'PAUSED', healthy: false })
    expect(troubles(wellHealth({ capture }))).toMatchObject([{ code: 'MOGO_CONNECTOR_FAILED' }])
  })

  it('is a connector that was paused, also while changes wait to be applied', () => {
    const pending = [{ kind: 'topic', object: 't', change: 'create' }]
    const capture = wellCapture({ state: 'PAUSED', healthy: false, pending })
    expect(troubles(wellHealth({ capture }))).toHaveLength(1)
  })

  it.each(['stopped', 'held', 'paused', 'expired', 'unread', 'unknown'] as const)(
    'is a dataset that is %s',
    (state) => {
      const datasets = [wellDataset('orders', { state, states: [state], detail: 'why' })]
      const [trouble] = troubles(wellHealth({ datasets }))
      expect(trouble?.message).toBe(`orders is ${state}: why.`)
      expect(trouble?.remedy).not.toBe('See `mogo doctor`.')
    },
  )

  it('is an alert that fires, and a part that is away', () => {
    const fault = {
      part: 'kafka' as const,
      code: 'MOGO_KAFKA_UNREACHABLE',
      message: 'm',
      remedy: 'r',
      passing: true,
    }
    expect(troubles(wellHealth({ alerts: [alert], faults: [fault] })).map(({ code }) => code)).toEqual([
      'MOGO_KAFKA_UNREACHABLE',
      'alert lag (orders)',
    ])
  })
})

describe('the doctor', () => {
  it('is content with what is well', () => {
    for (const check of [checkCapture, checkIdentities, checkCarried, checkViews, checkPipeline])
      expect(check(wellHealth()).state).toBe('ok')
  })

  it('names a lost slot and the way out', () => {
    expect(checkCapture(lostHealth)).toEqual({
      state: 'fault',
      detail: 'MOGO_SLOT_LOST: The slot is lost.',
      remedy: 'Run `mogo capture apply --resnapshot`.',
    })
  })

  it('names tables whose identity is not enough, with the ALTER to run', () => {
    const identities = [
      {
        table: 'a.b',
        reason: 'REPLICA IDENTITY FULL, so that …',
        statement: 'ALTER TABLE "a"."b" REPLICA IDENTITY FULL;',
      },
    ]
    const result = checkIdentities(wellHealth({ capture: wellCapture({ identities, healthy: false }) }))
    expect(result.state).toBe('fault')
    expect(result.detail).toContain('a.b')
    expect(result.remedy).toContain('ALTER TABLE "a"."b" REPLICA IDENTITY FULL;')
  })

  it('names columns of which a change may bring other values, with the CHECK that keeps them out', () => {
    const statement = `ALTER TABLE "a"."b" ADD CONSTRAINT "mogo_carried_c" CHECK (NOT ("c" = '24:00:00'));`
    const unguarded = [{ table: 'a.b', column: 'c', reason: 'a time 24:00:00', statement }]
    const result = checkCarried(wellHealth({ capture: wellCapture({ unguarded }) }))
    expect(result).toMatchObject({ state: 'warning', detail: expect.stringContaining('a.b') })
    expect('remedy' in result && result.remedy).toContain(statement)
    expect(checkCarried(wellHealth({ capture: null })).state).toBe('warning')
  })

  it('does not call identities right that it could not compare', () => {
    const faults = [{ ...lost, code: 'MOGO_CONTRACT_SOURCE_MISMATCH' }]
    expect(checkIdentities(wellHealth({ capture: wellCapture({ faults }) })).state).toBe('warning')
    expect(checkIdentities(wellHealth({ capture: null })).state).toBe('warning')
  })

  it('names views that would double a batch, with what to run', () => {
    const doubling = [
      { table: 'd.copy', statement: 'ALTER TABLE `d`.`copy` MODIFY SETTING x = 1000;' },
      { table: 'e.hidden', statement: null },
    ]
    const result = checkViews(wellHealth({ datasets: [wellDataset('orders', { doubling })] }))
    expect(result.state).toBe('warning')
    expect(result.detail).toContain('d.copy, behind orders')
    expect(result.remedy).toContain('ALTER TABLE `d`.`copy` MODIFY SETTING x = 1000;')
    expect(result.remedy).toContain('e.hidden')
  })

  it('shows alerts', () => {
    expect(checkPipeline(wellHealth({ alerts: [alert] }))).toEqual({
      ...{ state: 'fault', detail: 'It waits.', remedy: 'Look.' },
    })
  })
})
