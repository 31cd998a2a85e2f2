/**
 * The transform of one dataset, and the picture of it: decode -> Postgres' text -> enforce -> tokenize and convert -> row.
 *
 * Deletes carry only the key under REPLICA IDENTITY DEFAULT; the tenant is then in the key (capture sees to it that tables
 * whose tenant is not have REPLICA IDENTITY FULL). A change that moves a row to another tenant writes a tombstone for the
 * old one, so that it is gone there at once.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MAX_ROW_FAULTS } from '#contracts/validator/row.ts'
import type { ColumnChange, ColumnWatch } from './column-watch.ts'
import type { KeyRing } from './crypto/key-ring.ts'
import { createDecode, parseExactly } from './decode.ts'
import { createEnforce } from './enforce.ts'
import { MOST_COLUMNS } from './limits.ts'
import { createTextImage, type TextImage } from './postgres-text.ts'
import type { Change, Fault, Outcome, RawRecord, RawRow, StoredRow } from './record.ts'
import { createToRow, type RowMeta } from './to-row.ts'
import { unchangedTest } from './unchanged.ts'
import { versionOf } from './version.ts'

/** What a transform needs beside the contract. */
export type TransformDeps = {
  readonly keyRing: KeyRing
  /** Debezium's placeholder for a value that did not change: a secret of this installation. */
  readonly unavailableValue: string
  /** Raised when LSNs of the source start anew. */
  readonly epoch: number
  /** Notices changes of the source's columns; without it they are taken as they come. */
  readonly columnWatch?: ColumnWatch
}

/** Code of the fault: the columns of the source are not those of the contract, which wants such records quarantined. */
export const SCHEMA_CHANGED = 'schema_changed'

/**
 * Code of the fault: Postgres has told nothing of the row that an update changed, though its tenant is not in the key. If it was another tenant's, that one
 * would see it for good. Its table, or one partition of it, lacks REPLICA IDENTITY FULL.
 */
export const FORMER_ROW_MISSING = 'former_row_missing'

/** Header with the old key of a row whose key was changed. */
const OLD_KEY_HEADER = '__debezium.oldkey'

/** Makes the transform of a dataset. */
export function createTransform(
  dataset: CompiledDataset,
  deps: TransformDeps,
): (record: RawRecord) => Outcome {
  const isUnchanged = unchangedTest(deps.unavailableValue)
  const decode = createDecode(dataset)
  const textImage = createTextImage(dataset, isUnchanged)
  const enforce = createEnforce(dataset, isUnchanged)
  const toRow = createToRow(dataset, deps.keyRing, isUnchanged)
  const tenantColumn = dataset.tenant.kind === 'column' ? dataset.tenant.source : ''

  return function transform(record) {
    const decoded = decode(record)
    if (decoded.kind === 'filtered') return decoded
    if (decoded.kind === 'fault') return { kind: 'quarantine', dataset, faults: [decoded.fault] }
    const { change, wrong } = readable(decoded.change)
    const version = versionOf(deps.epoch, change.position, change.order)
    if (change.op === 't') return { kind: 'truncate', dataset, version }
    return change.op === 'd' ? remove(change, version) : upsert(change, version, record, wrong)
  }

  /** The change with its values as Postgres' text, and the columns of the new image whose value is none. */
  function readable(change: Change): { readonly change: Change; readonly wrong: TextImage['wrong'] } {
    if (!textImage) return { change, wrong: [] }
    const after = change.after && textImage(change.after)
    // An image before may hold defaults of the types in all columns but the key: what is no value there is no fault.
    const before = change.before && textImage(change.before).image
    return { change: { ...change, before, after: after?.image ?? null }, wrong: after?.wrong ?? [] }
  }

  function remove(change: Change, version: string): Outcome {
    const made = toRow.tombstone(change.before ?? {}, meta(change, version, true))
    return 'row' in made
      ? { kind: 'rows', dataset, rows: [made.row] }
      : { kind: 'quarantine', dataset, faults: made.faults }
  }

  function upsert(change: Change, version: string, record: RawRecord, wrong: TextImage['wrong']): Outcome {
    const names = Object.keys(change.after ?? {})
    // Its names are no columns, and are told to nobody.
    if (names.length > MOST_COLUMNS)
      return { kind: 'quarantine', dataset, faults: [{ code: 'too_many_columns', column: '' }] }
    const columns = deps.columnWatch?.look(names, version)
    if (columns && (columns.decision === 'hold' || columns.unknown !== undefined))
      return { kind: 'held', dataset, change: columns, version }
    const image = fillUnchanged(change.after ?? {}, change.before)
    const about = meta(change, version, false)
    const old = oldKey(record)
    const previous = old && { ...image, ...(textImage ? textImage(old).image : old) }
    const quarantine = (faults: readonly Fault[]): Outcome => {
      const row = toRow.quarantined(image, about, previous, faults)
      return { kind: 'quarantine', dataset, faults, ...(row ? { row } : {}) }
    }
    const broken =
      wrong.length > 0
        ? wrong.slice(0, MAX_ROW_FAULTS).map((column) => ({ code: 'type', column }))
        : enforce(image)
    if (columns?.decision === 'quarantine') return quarantine(changedColumns(columns))
    if (change.op === 'u' && !change.before && !dataset.tenantInKey)
      return quarantine([{ code: FORMER_ROW_MISSING, column: tenantColumn }])
    if (broken.length > 0) return quarantine(broken)
    const made = toRow.live(image, about, previous)
    if (!('row' in made)) return quarantine(made.faults)
    const rows: StoredRow[] = [made.row]
    if (change.op === 'u' && change.before) {
      const gone = toRow.tombstone(change.before, meta(change, version, true))
      // Under REPLICA IDENTITY DEFAULT `before` is null for updates, so that a key seen here is a true old key.
      if ('row' in gone && gone.row.key !== made.row.key) rows.unshift(gone.row)
    }
    return { kind: 'rows', dataset, rows }
  }

  /** Under REPLICA IDENTITY FULL the old image has the value that the new one leaves out. */
  function fillUnchanged(after: RawRow, before: RawRow | null): RawRow {
    if (!before) return after
    // Not by assignment: a column may be named __proto__.
    return Object.fromEntries(
      Object.entries(after).map(([name, value]) => [
        name,
        isUnchanged(value) ? (before[name] ?? value) : value,
      ]),
    )
  }
}

/** Names of columns are no values. */
function changedColumns({ added, removed }: ColumnChange): readonly Fault[] {
  return [...added, ...removed].slice(0, MAX_ROW_FAULTS).map((column) => ({ code: SCHEMA_CHANGED, column }))
}

function meta(change: Change, version: string, deleted: boolean): RowMeta {
  return { version, committedAt: change.committedAt, deleted }
}

/** The columns of the old key of a row whose key was changed. */
function oldKey(record: RawRecord): RawRow | null {
  const header = record.headers[OLD_KEY_HEADER]
  if (!header) return null
  try {
    const parsed = parseExactly(header.toString('utf8'))
    const key = isRow(parsed) && 'payload' in parsed && 'schema' in parsed ? parsed['payload'] : parsed
    return isRow(key) ? key : null
  } catch {
    return null
  }
}

function isRow(value: unknown): value is RawRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
