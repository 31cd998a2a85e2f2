/**
 * The validator without generated code: a loop over the columns. It is the reference that the generated one must agree with, and
 * stands in for it where Node may not make code from text (`--disallow-code-generation-from-strings`).
 */
import type { CompiledColumn, CompiledDataset } from '../compile/compiled-dataset.ts'
import { createColumnCheck } from './column-check.ts'
import {
  MAX_ROW_FAULTS,
  type Row,
  type RowFault,
  type RowValue,
  type ValidateRow,
  type ValidatorOptions,
} from './row.ts'

/** Makes it. */
export function createReferenceValidator(
  dataset: Pick<CompiledDataset, 'columns'>,
  { isUnchanged = () => false }: ValidatorOptions = {},
): ValidateRow {
  const columns = dataset.columns.map((column) => ({ column, check: createColumnCheck(column) }))
  return function validateByReference(row) {
    const faults: RowFault[] = []
    for (const { column, check } of columns) {
      if (faults.length >= MAX_ROW_FAULTS) break
      const value = readColumn(row, column.source)
      if (isMissing(column, value)) faults.push({ code: 'required', column: column.source })
      if (value === null || value === undefined || isUnchanged(value)) continue
      if (faults.length < MAX_ROW_FAULTS) check(value, faults)
    }
    return faults
  }
}

/** A column that is not stored need not be captured: only a NULL that was sent breaks its rule. */
export function isMissing(column: CompiledColumn, value: RowValue | undefined): boolean {
  if (column.nullable) return false
  return value === null || (value === undefined && column.target !== null)
}

/** A column may be named like something that every object has, such as `constructor`. */
export function isInherited(name: string): boolean {
  return name in Object.prototype
}

/** A column's value; undefined for one that is absent, whatever its name. */
export function readColumn(row: Row, name: string): RowValue | undefined {
  return isInherited(name) && !Object.hasOwn(row, name) ? undefined : row[name]
}
