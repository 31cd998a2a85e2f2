/**
 * Kafka record -> change event. The record is a Debezium envelope, JSON without schema.
 *
 * Postgres' bigint arrives as a JSON number, and JSON.parse cannot hold more than 53 bits: a message that has a number of 16 or
 * more digits is parsed a second time with its source text, which is slower but exact.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { Change, Fault, Operation, RawRecord, RawRow, RawValue } from './record.ts'

/** A decoded record. */
export type Decoded =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'filtered'; readonly reason: 'tombstone' | 'message' }
  | { readonly kind: 'fault'; readonly fault: Fault }

const OPERATIONS = new Set(['c', 'r', 'u', 'd', 't'])
const LONG_NUMBER = /[:[,]\s*-?\d{16,}/

/** Makes the decoder of a dataset. */
export function createDecode(dataset: CompiledDataset): (record: RawRecord) => Decoded {
  const exact = dataset.columns.some((column) => column.kind === 'bigint' || column.kind === 'array')
  return function decode(record) {
    if (record.value === null) return { kind: 'filtered', reason: 'tombstone' }
    const text = record.value.toString('utf8')
    let parsed: unknown
    try {
      parsed = exact && hasLongNumber(text) ? JSON.parse(text, keepLongNumbers) : JSON.parse(text)
    } catch {
      return fault('not_json')
    }
    if (!isObject(parsed)) return fault('not_an_envelope')
    // With schemas in the messages the envelope is one level down.
    const envelope = isObject(parsed['payload']) && 'schema' in parsed ? parsed['payload'] : parsed
    const { op, source, before, after } = envelope
    if (op === 'm') return { kind: 'filtered', reason: 'message' }
    if (typeof op !== 'string' || !OPERATIONS.has(op) || !isObject(source)) return fault('not_an_envelope')
    const lsn = toLsn(source['lsn']) ?? lsnOfSequence(source['sequence'])
    if (lsn === undefined) return fault('no_lsn')
    const committedAt = Number(source['ts_ms'] ?? 0)
    const change: Change = {
      op: op as Operation,
      before: isObject(before) ? (before as RawRow) : null,
      after: isObject(after) ? (after as RawRow) : null,
      lsn,
      committedAt: Number.isFinite(committedAt) ? committedAt : 0,
    }
    const missing = (change.op === 'd' && !change.before) || ('cru'.includes(change.op) && !change.after)
    return missing ? fault('not_an_envelope') : { kind: 'change', change }
  }
}

/** Looks at the row images only: the source block, which comes after them, always has a long `ts_ns`. */
function hasLongNumber(text: string): boolean {
  const end = text.lastIndexOf('"source":')
  return LONG_NUMBER.test(end < 0 ? text : text.slice(0, end))
}

function fault(code: string): Decoded {
  return { kind: 'fault', fault: { code, column: '' } }
}

function isObject(value: unknown): value is Record<string, RawValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toLsn(value: unknown): bigint | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : undefined
}

/** Rows of an incremental snapshot have no LSN of their own, but where the stream was when they were read: `["commit","lsn"]`. */
function lsnOfSequence(value: unknown): bigint | undefined {
  if (typeof value !== 'string') return undefined
  const positions = /^\[(?:null|"\d+"),(?:null|"(\d+)")\]$/.exec(value)
  return toLsn(positions?.[1])
}

/** Reviver: an integer that a double cannot hold stays text. */
function keepLongNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' &&
    Number.isInteger(value) &&
    !Number.isSafeInteger(value) &&
    context?.source !== undefined
    ? context.source
    : value
}
