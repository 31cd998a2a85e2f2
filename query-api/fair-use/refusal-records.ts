/**
 * Access records of refusals by fair use. Each refusal is recorded, but a flood of them must not become a flood of records, nor wait for them: it
 * would do to Kafka what is kept from ClickHouse. So the first one of a person and a reason is recorded at once; those that follow
 * within a few seconds are counted, and stand in one record, with how many they are. A record that cannot be written is counted again.
 *
 * Nothing waits for these records: a refusal gives nothing away.
 */
import { randomUUID } from 'node:crypto'
import type { Principal } from '#contracts/compile/access-scope.ts'
import type { ErrorCode } from '#contracts/errors.ts'
import { accessRecord } from '../access/access-record.ts'
import type { AccessRecorder } from '../ports.ts'
import { NO_TEXT } from '../queries/known-texts.ts'
import type { Timer } from './fair-queue.ts'

/** Who was refused, and why. */
export type Refusal = { readonly principal: Principal; readonly role: string; readonly code: ErrorCode }

type Counted = Refusal & { times: number; readonly since: number }

const WINDOW_MILLIS = 10_000
/** People and reasons that are counted at the same time. */
const MANY = 10_000

/** Makes the records. */
export function createRefusalRecords(
  recorder: Pick<AccessRecorder, 'record'>,
  now: () => number,
  timer: Timer,
) {
  const counted = new Map<string, Counted>()
  let stop: (() => void) | undefined
  return { note, flush }

  /** Notes a refusal. */
  function note(refusal: Refusal): void {
    const { principal, role, code } = refusal
    const key = JSON.stringify([principal.tenant, principal.subject, role, code])
    const known = counted.get(key)
    if (known) {
      known.times++
      return
    }
    if (counted.size >= MANY) void flush()
    counted.set(key, { ...refusal, times: 0, since: now() })
    stop ??= timer(() => void flush(), WINDOW_MILLIS)
    void write({ ...refusal, times: 1, since: now() })
  }

  /** Writes what is counted. Never rejects. */
  async function flush(): Promise<void> {
    stop?.()
    stop = undefined
    const all = [...counted.values()].filter(({ times }) => times > 0)
    counted.clear()
    await Promise.all(all.map(write))
  }

  async function write(refusal: Counted): Promise<void> {
    const { principal, role, code, times, since } = refusal
    const facts = {
      ...{
        queryId: randomUUID(),
        startedAt: new Date(since),
        principal,
        role,
        scope: undefined,
        purpose: '',
      },
      ...{ sqlHash: NO_TEXT.sqlHash, lineage: undefined, traceId: '' },
    }
    const record = accessRecord(facts, {
      decision: 'refused',
      reason: code,
      rows: 0,
      bytes: 0,
      durationMs: 0,
    })
    try {
      await recorder.record(times === 1 ? record : { ...record, times })
    } catch {
      const key = JSON.stringify([principal.tenant, principal.subject, role, code])
      const known = counted.get(key)
      if (known) known.times += times
      else if (counted.size < MANY) counted.set(key, refusal)
      stop ??= timer(() => void flush(), WINDOW_MILLIS)
    }
  }
}
