/**
 * Dataset -> source text of its validator, run as a function of its own: per column one read, one test of NULL, and one fast test
 * of everything the contract says. A valid row makes no object and calls nothing but what its columns need. A value that a fast
 * test does not accept goes to the plain check of its column (`column-check.ts`), which knows the faults: a flood of bad
 * rows costs what the broken columns cost, not the rows.
 *
 * Safety: contracts are untrusted, and this makes code of them. Column names and allowed values enter the text only through
 * JSON.stringify (a JSON text is a JavaScript literal since ES2019, line separators included), bounds only as numbers that were
 * checked to be finite, and tests of patterns, sets and faults not at all: they are arguments. Nothing else of a contract gets near
 * the text. Values of rows never do.
 *
 * A function has at most {@link COLUMNS_PER_FUNCTION} columns: V8 does not optimise functions without limit.
 */
import type { CompiledColumn, CompiledDataset } from '../compile/compiled-dataset.ts'
import { createColumnCheck } from './column-check.ts'
import { type Constant, type Embed, fastTest } from './fast-test.ts'
import * as fast from './fast-values.ts'
import { isInherited } from './reference-validator.ts'
import {
  MAX_ROW_FAULTS,
  type RowFault,
  type RowValue,
  type ValidateRow,
  type ValidatorOptions,
} from './row.ts'

const COLUMNS_PER_FUNCTION = 50

/** Faults so far, or null: the state that is handed from column to column. */
type Faults = RowFault[] | null
type Slow = (value: RowValue, faults: Faults) => Faults

/** Names of the arguments of the generated function, in order. */
const ARGUMENTS = ['F', 'S', 'K', 'add', 'NONE', ...Object.keys(fast)]

/** Makes the validator. Throws an EvalError where making code from text is not allowed. */
export function generateValidator(
  dataset: Pick<CompiledDataset, 'columns'>,
  { isUnchanged = () => false }: ValidatorOptions = {},
): ValidateRow {
  const constants: Constant[] = []
  const source = validatorSource(dataset, constants)
  const missing = dataset.columns.map(
    (column): RowFault => Object.freeze({ code: 'required', column: column.source }),
  )
  const slow = dataset.columns.map((column) => slowCheck(column, isUnchanged))
  const make = new Function(...ARGUMENTS, source) as (...values: readonly unknown[]) => ValidateRow
  return make(missing, slow, constants, addFault, Object.freeze([]), ...Object.values(fast))
}

/** The text. `constants` takes up the tests of patterns and the sets that it names. */
export function validatorSource(dataset: Pick<CompiledDataset, 'columns'>, constants: Constant[]): string {
  const declarations: string[] = []
  const embed = (value: Constant): string => {
    const name = `K${constants.push(value) - 1}`
    declarations.push(`const ${name} = K[${constants.length - 1}];`)
    return name
  }
  const columns = dataset.columns.map((column, index) => columnSource(column, index, embed, declarations))
  const parts: string[] = []
  const calls: string[] = []
  for (let from = 0; from < columns.length; from += COLUMNS_PER_FUNCTION) {
    parts.push(
      `function part${calls.length}(row, f) {`,
      'let v, n, n2;',
      ...columns.slice(from, from + COLUMNS_PER_FUNCTION),
      'return f;',
      '}',
    )
    calls.push(`f = part${calls.length}(row, f);`)
  }
  return [
    '"use strict";',
    ...declarations,
    ...parts,
    'return function validate(row) {',
    'let f = null;',
    calls.join(` ${DONE}\n`),
    'return f === null ? NONE : f;',
    '}',
  ].join('\n')
}

const DONE = `if (f !== null && f.length >= ${MAX_ROW_FAULTS}) return f;`

/** The statements of one column. */
function columnSource(column: CompiledColumn, index: number, embed: Embed, declarations: string[]): string {
  const name = JSON.stringify(column.source)
  const read = isInherited(column.source)
    ? `v = Object.hasOwn(row, ${name}) ? row[${name}] : undefined;`
    : `v = row[${name}];`
  const test = fastTest(column, embed)
  const absent = column.nullable
    ? ''
    : column.target === null
      ? `if (v === null) { f = add(f, F${index}); ${DONE} }`
      : `if (v === null || v === undefined) { f = add(f, F${index}); ${DONE} }`
  if (absent !== '') declarations.push(`const F${index} = F[${index}];`)
  if (test === '') return absent === '' ? '' : `${read}\n${absent}`
  declarations.push(`const S${index} = S[${index}];`)
  const guard = absent === '' ? 'if' : 'else if'
  const present = 'v !== null && v !== undefined'
  // A required column has been asked for NULL already, unless it is not stored and may be absent.
  const asked = absent !== '' && column.target !== null ? '' : `${present} && `
  const condition = test === undefined ? asked.slice(0, -4) || 'true' : `${asked}!(${test})`
  return `${read}\n${absent}\n${guard} (${condition}) { f = S${index}(v, f); ${DONE} }`
}

function slowCheck(column: CompiledColumn, isUnchanged: (value: RowValue | undefined) => boolean): Slow {
  const check = createColumnCheck(column)
  return function checkSlowly(value, found) {
    if (isUnchanged(value)) return found
    const faults = found ?? []
    check(value, faults)
    return faults.length === 0 ? null : faults
  }
}

function addFault(faults: Faults, fault: RowFault): Faults {
  if (faults === null) return [fault]
  faults.push(fault)
  return faults
}
