/** In which form Debezium sends a column of the source, by what the catalog says of its type. */
import { mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { PLAIN_TEXT_TYPES, type WireForm, wireFormOf } from '#contracts/compile/wire-form.ts'
import type { SourceColumn } from './source-catalog.ts'

/** What is known of a column's type. */
export type TypedSource = Pick<SourceColumn, 'type' | 'baseType' | 'typeKind' | 'elementKind'>

/** The form. Of the types that Debezium does not know, all but enums are opaque. */
export function sourceForm(column: TypedSource): WireForm {
  const sourceType = column.baseType ?? column.type
  const form = wireFormOf({ sourceType })
  if (form !== 'plain' || column.typeKind === 'enum' || column.elementKind !== null) return form
  const isKnown =
    mapPostgresType(sourceType).kind !== 'text' || PLAIN_TEXT_TYPES.has(typeName(sourceType).name)
  return isKnown ? 'plain' : 'opaque'
}
