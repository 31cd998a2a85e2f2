/** What a caller is told about a dataset: what it means, which of its columns and rows are theirs, and how it is masked. */
import type { DatasetAccess } from '#contracts/compile/access-scope.ts'
import type { CompiledRole } from '#contracts/compile/compiled-dataset.ts'
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
    rows: rowsInWords(dataset.roles.find((candidate) => candidate.role === role)),
  }
}

/** Columns that the caller may read, and how those that are masked are called here. */
export function datasetColumns({ dataset, columns }: DatasetAccess) {
  const own = dataset.columns.filter(({ target }) => target !== null && columns.includes(target))
  return {
    columns: own.map((column) => ({
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

/** A row filter as a sentence. */
export function rowsInWords(role: CompiledRole | undefined): string {
  if (!role || role.rowFilter.length === 0) return 'no rows'
  if (role.rowFilter === 'all') return 'every row'
  const parts = role.rowFilter.map(({ column, operator, principal }) =>
    operator === '=' ? `${column} is your ${principal}` : `${column} is among your ${principal}`,
  )
  return `rows whose ${parts.join(' and whose ')}`
}
