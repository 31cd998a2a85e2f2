/** Types of a column: logical and physical, format, time zone, vector size, and what kind of value it is in the model. */
import type { ContractProperty, LogicalType } from '../model/contract.ts'
import type { DiffCode } from './grades.ts'
import { relateTypes, type TypeRelation } from './physical-type.ts'
import type { Report } from './report.ts'

/** Compares the types. */
export function diffTypes(older: ContractProperty, newer: ContractProperty, report: Report): void {
  sayType('logicalType', older.logicalType, newer.logicalType, relateLogical, report)
  sayType('physicalType', older.physicalType, newer.physicalType, relateTypes, report)
  diffFormat(older, newer, report)
  const [was, is] = [older.logicalTypeOptions, newer.logicalTypeOptions]
  if ((was?.timezone ?? null) !== (is?.timezone ?? null))
    report('DIFF_TIMEZONE_CHANGED', 'whether moments have a time zone changed', OPTIONS('timezone'))
  if (was?.defaultTimezone !== is?.defaultTimezone)
    report('DIFF_TIMEZONE_CHANGED', 'the default time zone changed', OPTIONS('defaultTimezone'))
  if (was?.dimensions !== is?.dimensions)
    report(
      'DIFF_VECTOR_SIZE_CHANGED',
      `dimensions: ${said(was?.dimensions)} -> ${said(is?.dimensions)}`,
      OPTIONS('dimensions'),
    )
  if ((older.semanticType ?? 'column') !== (newer.semanticType ?? 'column'))
    report('DIFF_SEMANTIC_TYPE_CHANGED', 'semanticType changed', ['semanticType'])
}

const OPTIONS = (name: string) => ['logicalTypeOptions', name]
const said = (value: unknown): string => (value === undefined ? 'none' : String(value))

const CODES: Readonly<Record<TypeRelation, DiffCode | undefined>> = {
  same: undefined,
  widened: 'DIFF_TYPE_WIDENED',
  narrowed: 'DIFF_TYPE_NARROWED',
  changed: 'DIFF_TYPE_CHANGED',
}

/** Says how one of the two type fields changed. */
function sayType<T extends string>(
  field: string,
  older: T | undefined,
  newer: T | undefined,
  relate: (older: T, newer: T) => TypeRelation,
  report: Report,
): void {
  if (older === newer) return
  const code =
    older === undefined
      ? 'DIFF_TYPE_STATED'
      : newer === undefined
        ? 'DIFF_TYPE_UNSTATED'
        : CODES[relate(older, newer)]
  if (code !== undefined) report(code, `${field}: ${said(older)} -> ${said(newer)}`, [field])
}

/** Numbers hold integers; nothing else holds another logical type without being written differently. */
function relateLogical(older: LogicalType, newer: LogicalType): TypeRelation {
  if (older === 'integer' && newer === 'number') return 'widened'
  return older === 'number' && newer === 'integer' ? 'narrowed' : 'changed'
}

/** `format`: a width for numbers (i32, u8, f64), a form for texts (email, uuid), a picture for dates. */
function diffFormat(older: ContractProperty, newer: ContractProperty, report: Report): void {
  const [was, is] = [older.logicalTypeOptions?.format, newer.logicalTypeOptions?.format]
  if (was === is) return
  const [from, to] = [widthType(was ?? ''), widthType(is ?? '')]
  const code =
    was === undefined
      ? 'DIFF_FORMAT_ADDED'
      : is === undefined
        ? 'DIFF_FORMAT_REMOVED'
        : from && to
          ? CODES[relateTypes(from, to)]
          : 'DIFF_FORMAT_CHANGED'
  if (code !== undefined) report(code, `format: ${said(was)} -> ${said(is)}`, OPTIONS('format'))
}

/** The physical type of a width: `i32` is Int32. */
function widthType(format: string): string | undefined {
  const [, kind, bits] = /^([iuf])(8|16|32|64|128)$/.exec(format) ?? []
  if (bits === undefined) return undefined
  return kind === 'f' ? `float${bits}` : `${kind === 'u' ? 'U' : ''}Int${bits}`
}
