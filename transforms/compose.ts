/**
 * The transform of one dataset, and the picture of it: decode -> enforce -> tokenize and convert -> row.
 *
 * Deletes carry only the key under REPLICA IDENTITY DEFAULT; the tenant is then in the key (capture sees to it that tables
 * whose tenant is not have REPLICA IDENTITY FULL). A change that moves a row to another tenant writes a tombstone for the
 * old one, so that it is gone there at once.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { KeyRing } from './crypto/key-ring.ts'
import { createDecode } from './decode.ts'
import { createEnforce } from './enforce.ts'
import type { Change, Fault, Outcome, RawRecord, RawRow, RawValue, StoredRow } from './record.ts'
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
}

/** Header with the old key of a row whose key was changed. */
const OLD_KEY_HEADER = '__debezium.oldkey'

/** Makes the transform of a dataset. */
export function createTransform(
  dataset: CompiledDataset,
  deps: TransformDeps,
): (record: RawRecord) => Outcome {
  const isUnchanged = unchangedTest(deps.unavailableValue)
  const decode = createDecode(dataset)
  const enforce = createEnforce(dataset, isUnchanged)
  const toRow = createToRow(dataset, deps.keyRing, isUnchanged)

  return function transform(record) {
    const decoded = decode(record)
    if (decoded.kind === 'filtered') return decoded
    if (decoded.kind === 'fault') return { kind: 'quarantine', dataset, faults: [decoded.fault] }
    const { change } = decoded
    const version = versionOf(deps.epoch, change.position, record.offset)
    if (change.op === 't') return { kind: 'truncate', dataset, version }
    return change.op === 'd' ? remove(change, version) : upsert(change, version, record)
  }

  function remove(change: Change, version: string): Outcome {
    const made = toRow.tombstone(change.before ?? {}, meta(change, version, true))
    return 'row' in made
      ? { kind: 'rows', dataset, rows: [made.row] }
      : { kind: 'quarantine', dataset, faults: made.faults }
  }

  function upsert(change: Change, version: string, record: RawRecord): Outcome {
    const image = fillUnchanged(change.after ?? {}, change.before)
    const about = meta(change, version, false)
    const previous = oldKey(record, image)
    const quarantine = (faults: readonly Fault[]): Outcome => {
      const row = toRow.quarantined(image, about, previous, faults)
      return { kind: 'quarantine', dataset, faults, ...(row ? { row } : {}) }
    }
    const broken = enforce(image)
    if (broken.length > 0) return quarantine(broken)
    const made = toRow.live(image, about, previous)
    if (!('row' in made)) return quarantine(made.faults)
    const rows: StoredRow[] = [made.row]
    if (change.op === 'u' && change.before) {
      const old = toRow.tombstone(change.before, meta(change, version, true))
      // Under REPLICA IDENTITY DEFAULT `before` is null for updates, so that a key seen here is a true old key.
      if ('row' in old && old.row.key !== made.row.key) rows.unshift(old.row)
    }
    return { kind: 'rows', dataset, rows }
  }

  /** Under REPLICA IDENTITY FULL the old image has the value that the new one leaves out. */
  function fillUnchanged(after: RawRow, before: RawRow | null): RawRow {
    if (!before) return after
    const filled: Record<string, RawValue | undefined> = {}
    for (const [name, value] of Object.entries(after))
      filled[name] = isUnchanged(value) ? (before[name] ?? value) : value
    return filled
  }
}

function meta(change: Change, version: string, deleted: boolean): RowMeta {
  return { version, committedAt: change.committedAt, deleted }
}

/** Image of the old key of a row whose key was changed, filled up with the new one. */
function oldKey(record: RawRecord, image: Change['after']): Change['before'] {
  const header = record.headers[OLD_KEY_HEADER]
  if (!header) return null
  try {
    const parsed = JSON.parse(header.toString('utf8'))
    const key =
      parsed && typeof parsed === 'object' && 'payload' in parsed && 'schema' in parsed
        ? parsed.payload
        : parsed
    return key && typeof key === 'object' ? { ...image, ...key } : null
  } catch {
    return null
  }
}
