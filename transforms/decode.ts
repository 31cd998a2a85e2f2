/**
 * Kafka record -> change event. The record is a Debezium envelope, JSON without schema.
 *
 * Postgres' bigint arrives as a JSON number, and JSON.parse cannot hold more than 53 bits: a message whose row images hold a number
 * of 16 or more digits is parsed with its source text, which is slower but exact. Whether the contract calls the column a
 * bigint does not matter: it may know it by a name of the user's (a domain), and then keeps its text.
 *
 * Nothing in a record makes it throw: bytes that are no UTF-8 would silently become other characters, so they are a fault; JSON that is
 * nested without end, or longer than a text can be, is none that can be read; and one that would become too many objects is not parsed.
 */
import { isUtf8 } from 'node:buffer'
import type { CompiledDataset, ValueKind } from '#contracts/compile/compiled-dataset.ts'
import { hasMoreValues } from './count-values.ts'
import { MOST_FAST_BYTES, MOST_VALUES } from './limits.ts'
import type { Change, Fault, Operation, RawRecord, RawRow, RawValue } from './record.ts'

/** A decoded record. */
export type Decoded =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'filtered'; readonly reason: 'tombstone' | 'message' }
  | { readonly kind: 'fault'; readonly fault: Fault }

const OPERATIONS = new Set(['c', 'r', 'u', 'd', 't'])
const LONG_NUMBER = /[:[,]\s*-?\d{16,}/
const LONG_INTEGER = /^-?\d{16,}$/
const MAX_LSN = 2n ** 64n - 1n
/** Commit times that DateTime64(3) holds: 1970 up to the end of 2299, milliseconds. */
const MAX_MILLIS = Date.UTC(2300, 0, 1) - 1

/** Kinds whose values are no long numbers, or are meant to be doubles. */
const NEVER_LONG: ReadonlySet<ValueKind> = new Set([
  'integer',
  'float',
  'boolean',
  'uuid',
  'date',
  'timestamp',
])

/** Makes the decoder of a dataset. */
export function createDecode(dataset: CompiledDataset): (record: RawRecord) => Decoded {
  const exact = dataset.columns.some((column) => !NEVER_LONG.has(column.kind))
  return function decode(record) {
    if (record.value === null) return { kind: 'filtered', reason: 'tombstone' }
    if (!isUtf8(record.value)) return fault('not_utf8')
    if (record.value.length > MOST_FAST_BYTES && hasMoreValues(record.value, MOST_VALUES))
      return fault('too_many_values')
    let parsed: unknown
    try {
      const text = record.value.toString('utf8')
      parsed = exact && hasLongNumber(text) ? parseExactly(text) : JSON.parse(text)
    } catch {
      return fault('not_json')
    }
    if (!isObject(parsed)) return fault('not_an_envelope')
    // With schemas in the messages the envelope is one level down.
    const envelope = isObject(parsed['payload']) && 'schema' in parsed ? parsed['payload'] : parsed
    const { op, source, before, after } = envelope
    if (op === 'm') return { kind: 'filtered', reason: 'message' }
    if (typeof op !== 'string' || !OPERATIONS.has(op) || !isObject(source)) return fault('not_an_envelope')
    const place = placeOf(op, source, record.offset)
    if (place === undefined) return fault('no_lsn')
    const change: Change = {
      op: op as Operation,
      before: isObject(before) ? (before as RawRow) : null,
      after: isObject(after) ? (after as RawRow) : null,
      ...place,
      committedAt: toMillis(source['ts_ms']),
    }
    const missing = (change.op === 'd' && !change.before) || ('cru'.includes(change.op) && !change.after)
    return missing ? fault('not_an_envelope') : { kind: 'change', change }
  }
}

/**
 * Looks at the row images only, if they stand before the source block, as Debezium writes them: that block always has a long
 * `ts_ns`. (Inside of a JSON text these quotes are escaped, so that no value can be taken for a name.)
 */
function hasLongNumber(text: string): boolean {
  const end = text.lastIndexOf('"source":')
  const images = Math.max(text.lastIndexOf('"after":'), text.lastIndexOf('"before":'))
  return LONG_NUMBER.test(end < images ? text : text.slice(0, end))
}

function fault(code: string): Decoded {
  return { kind: 'fault', fault: { code, column: '' } }
}

function isObject(value: unknown): value is Record<string, RawValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toLsn(value: unknown): bigint | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return undefined
  const lsn = BigInt(value)
  return lsn <= MAX_LSN ? lsn : undefined
}

/** What is no time is 0: it only tells how fresh the row is. */
function toMillis(value: unknown): number {
  const millis = typeof value === 'string' ? Number(value) : value
  return typeof millis === 'number' && millis >= 0 && millis <= MAX_MILLIS ? Math.trunc(millis) : 0
}

/**
 * Where a change stands in the order in which transactions were committed, which is the order of the stream: the position of the commit
 * before its own, and its own LSN among the changes of its transaction. (`source.sequence` is `["last commit","own LSN"]`.) The LSN of the change
 * alone would not do: a transaction that was open while a snapshot read its old rows has changes with lower LSNs than that snapshot, and they
 * count all the same.
 *
 * Rows of the first snapshot know no commit; they come before everything that is streamed, in the order of their records. Rows of an incremental
 * snapshot stand in the stream where they were read, before the transactions that are committed after that.
 */
function placeOf(
  op: string,
  source: Readonly<Record<string, RawValue>>,
  offset: bigint,
): Pick<Change, 'position' | 'order'> | undefined {
  const sequence = typeof source['sequence'] === 'string' ? SEQUENCE.exec(source['sequence']) : null
  const lastCommit = toLsn(sequence?.[1])
  const own = toLsn(source['lsn']) ?? toLsn(sequence?.[2])
  if (lastCommit !== undefined) return { position: lastCommit, order: orderOf(op, own) ?? offset }
  return own === undefined ? undefined : { position: op === 'r' ? 0n : own, order: offset }
}

/**
 * A changed key is a delete and an insert of one LSN, and both keys may have the same normal form: the insert is the later one. LSNs of changes are
 * multiples of 4 at least.
 */
function orderOf(op: string, own: bigint | undefined): bigint | undefined {
  if (op === 'r') return 0n
  return own !== undefined && (op === 'c' || op === 'u') ? own + 1n : own
}

const SEQUENCE = /^\[(?:null|"(\d+)"),(?:null|"(\d+)")\]$/

/** Parses JSON; whole numbers that a double cannot hold stay text. @throws SyntaxError, RangeError */
export function parseExactly(text: string): unknown {
  return JSON.parse(text, keepLongNumbers)
}

/** Reviver: an integer that a double cannot hold stays text. */
function keepLongNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
  // A double is written with a point or an exponent, and stays one.
  return LONG_INTEGER.test(source) ? source : value
}
