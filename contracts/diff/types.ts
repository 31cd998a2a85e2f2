/**
 * Types of a column. What a type is is said in several fields (`logicalType`, `physicalType`, the width in `format`, our `targetType`),
 * which mostly change together: each is compared by itself, and all that they say is one difference, that of the field which tells most.
 * What belongs to a type (its format, its time zone, its vector) is compared as long as the logical type stays.
 */

import { sourceTypeOf } from '../compile/source-type.ts'
import { mapPostgresType } from '../compile/type-mapping.ts'
import type { DocumentPath } from '../fault.ts'
import { type ContractProperty, customValue, type LogicalType } from '../model/contract.ts'
import { sameValue } from './canonical-text.ts'
import type { DiffCode } from './grades.ts'
import { impliedTypes, relateTypes, type TypeRelation } from './physical-type.ts'
import { customPath, type Report } from './report.ts'

/** How one field changed; `stated` and `unstated` where it was, or is, open. */
type Relation = TypeRelation | 'stated' | 'unstated'
type Field = { readonly relation: Relation; readonly message: string; readonly path: DocumentPath }

/** Compares the types. */
export function diffTypes(older: ContractProperty, newer: ContractProperty, report: Report): void {
  const logical = logicalField(older, newer)
  const fields = [
    fieldOf('physicalType', older.physicalType, newer.physicalType, relateTypes, ['physicalType']),
    targetField(older, newer),
    widthField(older, newer),
    elementField(older, newer),
    logical,
  ]
  const relation = together(fields.map((field) => field.relation))
  const telling = fields.find((field) => field.relation === relation) ?? logical
  const code = CODES[relation]
  const messages = fields.map(({ message }) => message).filter((message) => message !== '')
  if (code !== undefined) report(code, messages.reverse().join(', '), telling.path)
  else if (isWrittenOtherwise(older, newer))
    report(
      'DIFF_CUSTOM_PROPERTY_CHANGED',
      'targetType is written in another way',
      customPath(newer, 'targetType'),
    )
  if (logical.relation !== 'changed') diffOptions(older, newer, report)
  if ((older.semanticType ?? 'column') !== (newer.semanticType ?? 'column'))
    report('DIFF_SEMANTIC_TYPE_CHANGED', 'semanticType changed', ['semanticType'])
}

const OPTIONS = (name: string) => ['logicalTypeOptions', name]
const said = (value: unknown): string => (value === undefined ? 'none' : String(value))

const CODES: Readonly<Record<Relation, DiffCode | undefined>> = {
  same: undefined,
  widened: 'DIFF_TYPE_WIDENED',
  narrowed: 'DIFF_TYPE_NARROWED',
  changed: 'DIFF_TYPE_CHANGED',
  stated: 'DIFF_TYPE_STATED',
  unstated: 'DIFF_TYPE_UNSTATED',
}

/** What the fields say together. A field that says more, or no longer, does not hide that another one holds more or less. */
function together(relations: readonly Relation[]): Relation {
  const has = (relation: Relation): boolean => relations.includes(relation)
  if (has('changed') || (has('widened') && has('narrowed'))) return 'changed'
  if (has('widened')) return 'widened'
  if (has('narrowed')) return 'narrowed'
  if (has('stated') && has('unstated')) return 'changed'
  return has('stated') ? 'stated' : has('unstated') ? 'unstated' : 'same'
}

function fieldOf<T extends string>(
  name: string,
  older: T | undefined,
  newer: T | undefined,
  relate: (older: T, newer: T) => TypeRelation,
  path: DocumentPath,
): Field {
  const relation =
    older === newer
      ? 'same'
      : older === undefined
        ? 'stated'
        : newer === undefined
          ? 'unstated'
          : relate(older, newer)
  return { relation, message: relation === 'same' ? '' : `${name}: ${said(older)} -> ${said(newer)}`, path }
}

/** A logical type that is not written is the one that the physical type has anyway. */
function logicalField(older: ContractProperty, newer: ContractProperty): Field {
  const [was, is] = [older.logicalType, newer.logicalType]
  const [from, to] = [was ?? implied(older, is), is ?? implied(newer, was)]
  const field = fieldOf('logicalType', from, to, relateLogical, ['logicalType'])
  // Where neither says it, only the physical types are compared.
  return was === undefined && is === undefined ? { ...field, relation: 'same', message: '' } : field
}

function implied(
  { physicalType }: ContractProperty,
  other: LogicalType | undefined,
): LogicalType | undefined {
  const fitting = physicalType === undefined ? [] : impliedTypes(physicalType)
  return fitting.find((type) => type === other) ?? fitting[0]
}

/** Numbers hold integers; nothing else holds another logical type without being written differently. */
function relateLogical(older: LogicalType, newer: LogicalType): TypeRelation {
  if (older === 'integer' && newer === 'number') return 'widened'
  return older === 'number' && newer === 'integer' ? 'narrowed' : 'changed'
}

/** The type in which it is stored, where a contract asks for another than the usual one. */
function targetField(older: ContractProperty, newer: ContractProperty): Field {
  const [was, is] = [targetOf(older), targetOf(newer)]
  const path = customPath(newer, 'targetType')
  if (was === undefined && is === undefined) return { relation: 'same', message: '', path }
  return fieldOf('targetType', was ?? usualTarget(older), is ?? usualTarget(newer), relateTypes, path)
}

function targetOf(column: ContractProperty): string | undefined {
  const written = customValue(column, 'targetType')
  return typeof written === 'string' ? written : undefined
}

/** Is the type that it is stored in another text? The usual one may be written out. */
function isWrittenOtherwise(older: ContractProperty, newer: ContractProperty): boolean {
  const [was, is] = [customValue(older, 'targetType'), customValue(newer, 'targetType')]
  return !sameValue(was, is) && !sameValue(was ?? usualTarget(older), is ?? usualTarget(newer))
}

function usualTarget(column: ContractProperty): string {
  return customValue(column, 'piiPlan') === undefined ? mapPostgresType(sourceTypeOf(column)).type : 'String'
}

/** `format` of numbers: their width (i32, u8, f64). */
function widthField(older: ContractProperty, newer: ContractProperty): Field {
  const [was, is] = [widthOf(older), widthOf(newer)]
  const relate = (from: string, to: string): TypeRelation =>
    relateTypes(widthType(from) ?? from, widthType(to) ?? to)
  const both = was !== undefined && is !== undefined
  return fieldOf('format', both ? was : undefined, both ? is : undefined, relate, OPTIONS('format'))
}

/** The standard takes i32 where an integer does not say it, and nothing else does. */
function widthOf({ logicalType, physicalType, logicalTypeOptions }: ContractProperty): string | undefined {
  const usual = logicalType === 'integer' && physicalType === undefined ? 'i32' : undefined
  const format = logicalTypeOptions?.format ?? usual
  return format !== undefined && widthType(format) !== undefined ? format : undefined
}

/** The physical type of a width: `i32` is Int32. */
function widthType(format: string): string | undefined {
  const [, kind, bits] = /^([iuf])(8|16|32|64|128)$/.exec(format) ?? []
  if (bits === undefined) return undefined
  return kind === 'f' ? `float${bits}` : `${kind === 'u' ? 'U' : ''}Int${bits}`
}

/** `elementType` of vectors: none is known to hold another. */
function elementField(older: ContractProperty, newer: ContractProperty): Field {
  const element = ({ logicalTypeOptions }: ContractProperty): string | undefined => {
    const written = logicalTypeOptions?.raw['elementType']
    return typeof written === 'string' ? written : undefined
  }
  return fieldOf('elementType', element(older), element(newer), () => 'changed', OPTIONS('elementType'))
}

/** What belongs to the logical type. */
function diffOptions(older: ContractProperty, newer: ContractProperty, report: Report): void {
  diffFormat(older, newer, report)
  const [was, is] = [older.logicalTypeOptions, newer.logicalTypeOptions]
  if ((was?.timezone ?? false) !== (is?.timezone ?? false))
    report('DIFF_TIMEZONE_CHANGED', 'whether moments have a time zone changed', OPTIONS('timezone'))
  if (zone(was?.defaultTimezone) !== zone(is?.defaultTimezone))
    report('DIFF_TIMEZONE_CHANGED', 'the default time zone changed', OPTIONS('defaultTimezone'))
  if (was?.dimensions !== is?.dimensions)
    report(
      'DIFF_VECTOR_SIZE_CHANGED',
      `dimensions: ${said(was?.dimensions)} -> ${said(is?.dimensions)}`,
      OPTIONS('dimensions'),
    )
  for (const key of VECTOR_MEANING)
    if (!sameValue(was?.raw[key], is?.raw[key]))
      report('DIFF_VECTOR_MEANING_CHANGED', `${key} changed`, OPTIONS(key))
}

const VECTOR_MEANING = ['distanceMetric', 'embeddingModel', 'embeddingModelVersion', 'normalized'] as const

/** The standard takes Etc/UTC where nothing is said. */
function zone(name = 'Etc/UTC'): string {
  return name === 'UTC' ? 'Etc/UTC' : name
}

/** `format`: a form for texts (email, uuid), a picture for dates. Widths of numbers are types. */
function diffFormat(older: ContractProperty, newer: ContractProperty, report: Report): void {
  const [was, is] = [older.logicalTypeOptions?.format, newer.logicalTypeOptions?.format]
  if (was === is || (widthOf(older) !== undefined && widthOf(newer) !== undefined)) return
  const code =
    was === undefined ? 'DIFF_FORMAT_ADDED' : is === undefined ? 'DIFF_FORMAT_REMOVED' : 'DIFF_FORMAT_CHANGED'
  report(code, `format: ${said(was)} -> ${said(is)}`, OPTIONS('format'))
}
