/**
 * The columns that tell clamped values (`outOfRange: clamp`), as columns of their own: they have no property in the contract, and stand behind
 * all that have one.
 */
import type { CompiledColumn } from './compiled-dataset.ts'

/** One for each column whose values are clamped. Their source is the column that they tell of. */
export function clampedColumns(columns: readonly CompiledColumn[]): readonly CompiledColumn[] {
  return columns.flatMap((column): CompiledColumn[] =>
    column.clampedTarget === undefined
      ? []
      : [
          {
            source: column.source,
            sourceType: 'boolean',
            kind: 'boolean',
            target: column.clampedTarget,
            targetType: 'Bool',
            nullable: false,
            rules: [],
            pii: null,
            classification: column.classification,
            logicalType: 'boolean',
            description: `True where ${column.target ?? column.source} is the nearest value that can be stored, and not the one of the source.`,
            unique: false,
          },
        ],
  )
}
