/**
 * How capture is doing: slot, connector, tasks, and what differs from the contracts. Each part is looked at by itself, so that one that is
 * away, or contracts that do not fit, hide nothing of the others: what could not be looked at is a fault among the answers.
 */
import { isMogoError, MogoError } from '#contracts/errors.ts'
import { type CaptureStatus, captures, type HealthFault } from '#contracts/events/pipeline-health.ts'
import type { UnguardedColumn } from './bent-values.ts'
import type { ConnectorStatus, ConnectRest } from './connect-rest.ts'
import type { CaptureChange, SourceChange } from './plan-source.ts'
import type { PostgresCapture } from './postgres-capture.ts'
import type { SourceSlot } from './source-catalog.ts'
import { taskErrorText } from './task-error.ts'

/** What is asked. */
export type CaptureLook = {
  readonly connector: string
  readonly slot: string
  /** The role that reads the slot. */
  readonly role: string
  readonly postgres: Pick<PostgresCapture, 'readSlot' | 'readPosition'>
  readonly rest: Pick<ConnectRest, 'status' | 'hasOffsets'>
  /** What apply would change, and what of it in Postgres. */
  readonly plan: () => Promise<{
    readonly changes: readonly CaptureChange[]
    readonly source: readonly SourceChange[]
    readonly unguarded: readonly UnguardedColumn[]
  }>
  /** Names that may be shown of a cause. */
  readonly names: readonly string[]
}

/** Looks. @throws MogoError if Postgres is away */
export async function captureStatus(look: CaptureLook): Promise<CaptureStatus> {
  const { connector: name, rest, postgres, names } = look
  const faults: HealthFault[] = []
  const orElse = async <T, E>(work: Promise<T>, otherwise: E): Promise<T | E> => {
    try {
      return await work
    } catch (error) {
      const fault = healthFault(error)
      if (!faults.some(({ code }) => code === fault.code)) faults.push(fault)
      return otherwise
    }
  }
  const asked = orElse(rest.status(name), 'away' as const)
  const slot = await postgres.readSlot(look.slot, look.role)
  const position = await postgres.readPosition()
  const connector = await asked
  // What Connect remembers matters only where there is no slot.
  const hadRead = slot === null && connector !== 'away' && (await orElse(rest.hasOffsets(name), false))
  const lost = slotFault(look.slot, slot, hadRead)
  if (lost) faults.unshift(healthFault(lost))
  const plan = await orElse(look.plan(), null)
  const state = connector === 'away' ? 'UNKNOWN' : overallState(connector)
  const found = connector === 'away' ? null : connector
  const cause = (part: { state: string; trace?: string | undefined }) =>
    part.state === 'FAILED' ? taskErrorText(part.trace, names) : ''
  return {
    connector: name,
    state,
    detail: found ? cause(found.connector) : '',
    tasks: (found?.tasks ?? []).map((task) => ({ id: task.id, state: task.state, detail: cause(task) })),
    slotName: look.slot,
    slot: slot && {
      name: look.slot,
      active: slot.active,
      snapshotting: slot.snapshotting,
      walStatus: slot.walStatus,
      lagBytes: slot.lagBytes,
      retainedBytes: slot.retainedBytes,
      safeBytes: slot.safeBytes,
      inactiveSeconds: slot.inactiveSeconds,
      confirmed: slot.confirmed,
    },
    position,
    pending: (plan?.changes ?? []).map(({ kind, object, change }) => ({ kind, object, change })),
    identities: (plan?.source ?? [])
      // Of a partition the only statements are those of its identity.
      .filter(({ kind }) => kind === 'identity' || kind === 'partition')
      .map(({ object, change, statements }) => ({
        table: object,
        reason: change,
        statement: `${statements.join('; ')};`,
      })),
    unguarded: [...(plan?.unguarded ?? [])],
    faults,
    healthy: state === 'RUNNING' && captures({ slot }) && faults.length === 0 && plan?.changes.length === 0,
  }
}

/** The fault of a slot that has lost changes, or is gone although the connector remembers (`hadRead`) how far it had read. */
export function slotFault(name: string, slot: SourceSlot | null, hadRead: boolean): MogoError | undefined {
  if (slot && (slot.walStatus === 'lost' || slot.invalidation !== ''))
    return new MogoError('MOGO_SLOT_LOST', { slot: name, status: slot.invalidation || slot.walStatus })
  if (!slot && hadRead) return new MogoError('MOGO_SLOT_LOST', { slot: name, status: 'the slot is gone' })
  return undefined
}

/** RUNNING if connector and tasks are; FAILED if one has; else the first other state. */
export function overallState(status: ConnectorStatus | null): string {
  if (!status) return 'MISSING'
  const states = [status.connector.state, ...status.tasks.map((task) => task.state)]
  if (status.tasks.length === 0) states.push('UNASSIGNED')
  return states.includes('FAILED') ? 'FAILED' : (states.find((state) => state !== 'RUNNING') ?? 'RUNNING')
}

/** A fault as it is told. An unexpected one never shows its text, which may hold data. */
export function healthFault(error: unknown): HealthFault {
  const fault = isMogoError(error)
    ? error
    : new MogoError('MOGO_INTERNAL', { where: 'the look at the pipeline' }, { cause: error })
  const passing = fault.class === 'retriable' || fault.code === 'MOGO_NOT_RUNNING'
  return { code: fault.code, message: fault.message, remedy: fault.remedy, passing }
}
