/** Compares a Postgres type as a contract writes it with what the catalog says. */
import type { CompiledColumn } from '#contracts/compile/compiled-dataset.ts'
import { mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { wireFormOf } from '#contracts/compile/wire-form.ts'
import { notCarried } from './carried-types.ts'
import type { SourceColumn } from './source-catalog.ts'
import { sourceForm } from './source-form.ts'

/** Logical types of ODCS that are no Postgres types: a contract without physicalType has them. */
const LOGICAL_ONLY = new Set(['string', 'number', 'object', 'array'])

type TypeParts = { readonly base: string; readonly modifier: string; readonly array: boolean }

function parts(type: string): TypeParts {
  let text = type.trim()
  const array = text.endsWith('[]')
  while (text.endsWith('[]')) text = text.slice(0, -2)
  const { name, modifiers } = typeName(text)
  return { base: name, modifier: modifiers.join(','), array }
}

/** Schema (empty if it is not written) and name of a type, without quotes and in lower case. */
function qualified(base: string): readonly [string, string] {
  const names = [...base.matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)].map((match) =>
    (match[1] ?? match[2] ?? '').toLowerCase(),
  )
  return names.length > 1 ? [names[0] ?? '', names.slice(1).join('.')] : ['', names[0] ?? '']
}

function sameType(declared: TypeParts, actual: TypeParts): boolean {
  if (declared.array !== actual.array) return false
  const [schema, name] = qualified(declared.base)
  const [actualSchema, actualName] = qualified(actual.base)
  if (name !== actualName) return false
  if (schema !== '' && actualSchema !== '' && schema !== actualSchema) return false
  // A type without a modifier is wider than one with it, and what is wider holds the values without loss; but bit is bit(1).
  if (declared.modifier === '' && declared.base !== 'bit') return true
  return normalized(declared) === normalized(actual)
}

/** numeric(12) is numeric(12,0), bit is bit(1). */
function normalized({ base, modifier }: TypeParts): string {
  if (base === 'bit') return modifier || '1'
  return base === 'numeric' && modifier !== '' && !modifier.includes(',') ? `${modifier},0` : modifier
}

/**
 * Why the contract's type does not fit the source column, or undefined if it does.
 *
 * A domain may be named itself or by its base type, as long as both are sent and stored the same way.
 */
export function typeFault(
  declared: Pick<CompiledColumn, 'sourceType' | 'logicalType'>,
  column: SourceColumn,
): string | undefined {
  const { sourceType } = declared
  const wanted = parts(sourceType)
  const actual = column.baseType ?? column.type
  const shown = column.baseType === null ? column.type : `${column.type} (a domain over ${column.baseType})`
  const carriage = notCarried(column)
  if (carriage !== undefined)
    return `${shown} cannot be captured: ${carriage}. Take the column out of the contract, or keep its text in a column of its own`
  if (LOGICAL_ONLY.has(wanted.base)) {
    if (storedAlike(declared, column)) return undefined
    return `the source is ${shown}; write physicalType: ${actual}`
  }
  if (sameType(wanted, parts(actual))) return formFault(declared, column, shown)
  if (column.baseType !== null && sameType(wanted, parts(column.type)))
    return storedAlike(declared, column)
      ? undefined
      : `${column.type} is a domain; write its base type, physicalType: ${column.baseType}`
  return `the contract says ${sourceType}, the source is ${shown}`
}

function storedAlike(
  declared: Pick<CompiledColumn, 'sourceType' | 'logicalType'>,
  column: SourceColumn,
): boolean {
  const actual = column.baseType ?? column.type
  return (
    mapPostgresType(declared.sourceType).kind === mapPostgresType(actual).kind &&
    wireFormOf(declared) === sourceForm(column)
  )
}

/** The logical type says whether a type that only the source knows is an enum or not. */
function formFault(
  declared: Pick<CompiledColumn, 'sourceType' | 'logicalType'>,
  column: SourceColumn,
  shown: string,
): string | undefined {
  const form = sourceForm(column)
  if (wireFormOf(declared) === form) return undefined
  return form === 'opaque'
    ? `Debezium does not know the type ${shown} and sends its text encoded; write logicalType: object`
    : `${shown} is sent as text; write logicalType: string`
}
