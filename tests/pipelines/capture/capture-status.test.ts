/** The state of capture: each part is told, whatever the others say. */
import { describe, expect, it } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import { type CaptureLook, captureStatus } from '#pipelines/capture/capture-status.ts'
import { statusText } from '#pipelines/capture/capture-text.ts'
import type { SourceSlot } from '#pipelines/capture/source-catalog.ts'

const slot: SourceSlot = {
  ...{
    active: true,
    snapshotting: false,
    walStatus: 'reserved',
    lagBytes: 1,
    retainedBytes: 2,
    safeBytes: 3,
  },
  ...{ inactiveSeconds: null, confirmed: '9', invalidation: '' },
}
const task = (state: string, trace?: string) => ({ id: 0, state, ...(trace ? { trace } : {}) })
const running = { connector: { state: 'RUNNING' }, tasks: [task('RUNNING')] }
const away = new MogoError('MOGO_CONNECT_UNREACHABLE', { url: 'u', detail: 'd' })

function look(over: {
  readonly slot?: SourceSlot | null
  readonly connector?: typeof running | null | MogoError
  readonly hasOffsets?: boolean
  readonly plan?: CaptureLook['plan']
}): ReturnType<typeof captureStatus> {
  const connector = over.connector === undefined ? running : over.connector
  return captureStatus({
    ...{ connector: 'c', slot: 's', role: 'r', names: ['shop'] },
    postgres: {
      readSlot: async () => (over.slot === undefined ? slot : over.slot),
      readPosition: async () => '10',
    },
    rest: {
      async status() {
        if (connector instanceof MogoError) throw connector
        return connector
      },
      hasOffsets: async () => over.hasOffsets ?? true,
    },
    plan: over.plan ?? (async () => ({ changes: [], source: [], unguarded: [] })),
  })
}

describe('the state of capture', () => {
  it('is healthy if all is', async () => {
    const status = await look({})
    expect(status).toMatchObject({
      healthy: true,
      state: 'RUNNING',
      position: '10',
      faults: [],
      slotName: 's',
    })
    expect(status.slot).toEqual({
      ...{
        name: 's',
        active: true,
        snapshotting: false,
        walStatus: 'reserved',
        lagBytes: 1,
        retainedBytes: 2,
      },
      ...{ safeBytes: 3, inactiveSeconds: null, confirmed: '9' },
    })
  })

  it('is healthy while the tables are read for the first time, which nobody reads the slot for', async () => {
    const reading = { ...slot, active: false, snapshotting: true }
    expect(await look({ slot: reading })).toMatchObject({ healthy: true, slot: { snapshotting: true } })
    expect(await look({ slot: { ...reading, snapshotting: false } })).toMatchObject({ healthy: false })
  })

  it.each<[string, Parameters<typeof look>[0], string]>([
    ['was lost', { slot: { ...slot, walStatus: 'lost' } }, 'wal_status lost'],
    ['was given up', { slot: { ...slot, invalidation: 'idle_timeout' } }, 'wal_status idle_timeout'],
    ['is gone while Connect remembers', { slot: null }, 'the slot is gone'],
  ])('says that a slot %s, with the way out, beside all else', async (_name, over, words) => {
    const status = await look(over)
    expect(status.faults.map(({ code, passing }) => [code, passing])).toEqual([['MOGO_SLOT_LOST', false]])
    expect(status.faults[0]?.message).toContain(words)
    expect(status).toMatchObject({ healthy: false, state: 'RUNNING' })
    expect(statusText(status)).toContain('--resnapshot')
  })

  it('takes a slot that was never read for one that is to come', async () => {
    expect(await look({ slot: null, hasOffsets: false })).toMatchObject({ healthy: false, faults: [] })
  })

  it('tells the slot while Connect is away', async () => {
    const status = await look({ connector: away, slot: { ...slot, walStatus: 'lost' } })
    expect(status.state).toBe('UNKNOWN')
    expect(status.faults.map(({ code }) => code)).toEqual(['MOGO_SLOT_LOST', 'MOGO_CONNECT_UNREACHABLE'])
  })

  it('tells connector and slot while contracts do not fit', async () => {
    const fault = new MogoError('MOGO_CONTRACT_SOURCE_MISMATCH', { table: 't', faults: 'f' })
    const status = await look({
      plan: async () => {
        throw fault
      },
    })
    expect(status).toMatchObject({ state: 'RUNNING', healthy: false, pending: [] })
    expect(status.faults.map(({ code }) => code)).toEqual(['MOGO_CONTRACT_SOURCE_MISMATCH'])
  })

  it('names the cause of a failed task, without values', async () => {
    const trace = 'a.B: x\n  at c\nCaused by: d.PSQLException: no "shop" for "ada@example.org"'
    const status = await look({ connector: { ...running, tasks: [task('FAILED', trace)] } })
    expect(status).toMatchObject({ state: 'FAILED', healthy: false })
    expect(status.tasks[0]?.detail).toBe('PSQLException: no "shop" for …')
  })

  it('names the tables whose identity is not enough, and what to run', async () => {
    const source = [
      {
        kind: 'identity' as const,
        object: 'a.b',
        change: 'REPLICA IDENTITY FULL, so',
        statements: ['ALTER x'],
      },
      { kind: 'role' as const, object: 'r', change: 'create', statements: ['CREATE ROLE r PASSWORD y'] },
    ]
    const status = await look({ plan: async () => ({ changes: source, source, unguarded: [] }) })
    expect(status.identities).toEqual([
      { table: 'a.b', reason: 'REPLICA IDENTITY FULL, so', statement: 'ALTER x;' },
    ])
    // Statements of other changes may hold a password.
    expect(JSON.stringify(status)).not.toContain('PASSWORD')
  })
})
