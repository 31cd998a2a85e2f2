/** Chooses the transform by the epoch that capture wrote into the record: versions of a new epoch are above all of an older one. */
import type { Outcome, RawRecord } from '#transforms/record.ts'
import { EPOCH_HEADER } from './capture/connector-config.ts'

const FIRST_EPOCH = 1

/** Makes the choice; a transform is made once per epoch. Records without the header are of the first epoch. */
export function createEpochTransform(
  make: (epoch: number) => (record: RawRecord) => Outcome,
): (record: RawRecord) => Outcome {
  const made = new Map<number, (record: RawRecord) => Outcome>()
  return function transformInEpoch(record) {
    const epoch = epochOf(record.headers[EPOCH_HEADER])
    let transform = made.get(epoch)
    if (!transform) {
      transform = make(epoch)
      made.set(epoch, transform)
    }
    return transform(record)
  }
}

function epochOf(header: Buffer | undefined): number {
  const epoch = Number(header?.toString('latin1') ?? FIRST_EPOCH)
  // 16 bits are what a row version has for it.
  return Number.isInteger(epoch) && epoch >= FIRST_EPOCH && epoch < 65_536 ? epoch : FIRST_EPOCH
}
