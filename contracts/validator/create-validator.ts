/** The validator of a dataset: generated code, or the plain loop where Node may not make code from text. */
import type { CompiledDataset } from '../compile/compiled-dataset.ts'
import { generateValidator } from './generate-validator.ts'
import { createReferenceValidator } from './reference-validator.ts'
import type { ValidateRow, ValidatorOptions } from './row.ts'

/** Makes the validator: row -> at most three faults, in the order of the columns. */
export function createValidator(
  dataset: Pick<CompiledDataset, 'columns'>,
  options: ValidatorOptions = {},
): ValidateRow {
  try {
    return generateValidator(dataset, options)
  } catch (error) {
    if (error instanceof EvalError) return createReferenceValidator(dataset, options)
    throw error
  }
}
