/** A compiled column as row filters see it: what is stored, not what the source has. */
import type { CompiledColumn, CompiledDataset } from '../compile/compiled-dataset.ts'
import { bareType } from '../compile/target-type.ts'
import type { FindColumn } from './filter-expression.ts'
import type { ComparedColumn } from './typed-literal.ts'

/** Kind and type of what is stored: a protected value is a text. */
export function comparedColumn(
  column: Pick<CompiledColumn, 'kind' | 'targetType' | 'pii' | 'nullable'>,
): ComparedColumn & { readonly nullable: boolean } {
  return {
    kind: column.pii ? 'text' : column.kind,
    type: bareType(column.targetType),
    nullable: column.nullable,
  }
}

/** Finds stored columns of a dataset; the tenant that is a constant of the contract too. */
export function findColumn(dataset: CompiledDataset): FindColumn {
  const columns = new Map(
    dataset.columns.flatMap((column) =>
      column.target === null ? [] : [[column.target, comparedColumn(column)] as const],
    ),
  )
  return (stored) =>
    columns.get(stored) ??
    (stored === dataset.tenantColumn && dataset.tenant.kind === 'constant'
      ? { kind: 'text', type: 'String', nullable: false }
      : undefined)
}
