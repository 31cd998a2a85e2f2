/**
 * Enforces the contract on one row, before anything is tokenized: every rule of every column, at most three faults. The check is
 * code that is generated once per dataset.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { createValidator } from '#contracts/validator/create-validator.ts'
import type { Fault, RawRow, RawValue } from './record.ts'

/** Makes the check of a dataset's rows. `isUnchanged` tells a placeholder, which has been checked when it was first stored. */
export function createEnforce(
  dataset: CompiledDataset,
  isUnchanged: (value: RawValue | undefined) => boolean,
): (row: RawRow) => readonly Fault[] {
  return createValidator(dataset, { isUnchanged })
}
