/** What a caller is told about a dataset: what it means, which of its columns and rows are theirs, and how it is masked. */
import { rowFilterText } from '#contracts/access/row-filter-text.ts'
import type { DatasetAccess } from '#contracts/compile/access-scope.ts'
import { clampedColumns } from '#contracts/compile/clamped-column.ts'
import { maskingText } from '#contracts/compile/lineage-edges.ts'

/** One line of the list of datasets. */
export function datasetSummary({ dataset, columns }: DatasetAccess, role: string) {
  return {
    name: dataset.name,
    description: dataset.description,
    domain: dataset.domain,
    version: dataset.contractVersion,
    columns: columns.length,
    role,
    rows: rowFilterText(dataset.roles.find((candidate) => candidate.role === role)?.rowFilter ?? []),
  }
}

/** Columns that the caller may read, and how those that are masked are called here. */
export function datasetColumns({ dataset, columns }: DatasetAccess) {
  const own = dataset.columns.filter(({ target }) => target !== null && columns.includes(target))
  return {
    columns: [...own, ...clampedColumns(own)].map((column) => ({
      name: column.target ?? '',
      type: column.targetType,
      description: column.description,
      classification: column.classification,
      source: column.source,
      masking: maskingText(column) || null,
    })),
    withheld: dataset.columns.length - own.length,
    masked: dataset.columns
      .filter(({ pii }) => pii !== null)
      .map((column) =>
        column.target === null
          ? `${column.source} is not stored`
          : `${column.source} → ${column.target} (${maskingText(column)})`,
      ),
  }
}
