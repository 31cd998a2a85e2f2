/**
 * The epoch that capture wrote into a record: it chooses the transform, since versions of a new epoch are above all of an older one;
 * and where the snapshot of a new epoch ends, what is left of older epochs was deleted at the source while nobody saw it.
 */
import type { Outcome, RawRecord } from '#transforms/record.ts'
import { versionOf } from '#transforms/version.ts'
import { EPOCH_HEADER } from '../capture/connector-config.ts'
import { SUPERSEDED_HEADER } from '../capture/superseded-records.ts'

const FIRST_EPOCH = 1

/** Makes the choice; a transform is made once per epoch. Records without the header are of the first epoch. */
export function createEpochTransform(
  make: (epoch: number) => (record: RawRecord) => Outcome,
): (record: RawRecord) => Outcome {
  const made = new Map<number, (record: RawRecord) => Outcome>()
  return function transformInEpoch(record) {
    const epoch = epochOf(record)
    let transform = made.get(epoch)
    if (!transform) {
      transform = make(epoch)
      made.set(epoch, transform)
    }
    return transform(record)
  }
}

/**
 * Debezium marks the last row of each table in a snapshot: `last_in_data_collection`, or `last` for the last of all. For tables
 * without a row capture sends a record of its own.
 */
const SNAPSHOT_END = Buffer.from('"snapshot":"last')
const SOURCE_BLOCK = Buffer.from('"source":{')

/** The version below which rows are stale once this record is stored; null for nearly every record. */
export function supersededBelow(record: RawRecord): string | null {
  const epoch = epochOf(record)
  const ends =
    record.headers[SUPERSEDED_HEADER] !== undefined || (record.value !== null && endsSnapshot(record.value))
  if (epoch === FIRST_EPOCH || !ends) return null
  return versionOf(epoch, 0n, 0n)
}

/** Looks at the source block only: a column may have the name `snapshot`, too. (No value is an object, so no column looks like the block.) */
function endsSnapshot(value: Buffer): boolean {
  return value.includes(SNAPSHOT_END, Math.max(0, value.lastIndexOf(SOURCE_BLOCK)))
}

/** The epoch that a record says; the first if it says none. */
export function epochOf({ headers }: Pick<RawRecord, 'headers'>): number {
  const epoch = Number(headers[EPOCH_HEADER]?.toString('latin1') ?? FIRST_EPOCH)
  // 16 bits are what a row version has for it.
  return Number.isInteger(epoch) && epoch >= FIRST_EPOCH && epoch < 65_536 ? epoch : FIRST_EPOCH
}
