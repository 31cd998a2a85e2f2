/**
 * The names of an access scope: which tables and columns there are for the caller, and what to say about one that there is not.
 *
 * A dataset is written by its name. Its table may be called otherwise (`orders` of contract version 2 lies in `orders_v2`, so
 * that versions can stand side by side); the plain name then means the highest version, and each table can be named too.
 */
import type { AccessScope, DatasetAccess } from '#contracts/compile/access-scope.ts'
import { type CompiledColumn, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import { maskingText } from '#contracts/compile/lineage-edges.ts'
import { MogoError } from '#contracts/errors.ts'
import { nearest } from '#contracts/nearest.ts'

/** See {@link scopeNames}. */
export type ScopeNames = ReturnType<typeof scopeNames>

/** Makes the names of a scope. */
export function scopeNames(scope: AccessScope, database: string) {
  const byTable = new Map(scope.datasets.map((access) => [access.dataset.table, access]))
  const tableOf = tablesByName(scope.datasets)
  return {
    database,
    role: scope.role,
    /** Table -> what may be read of it. */
    byTable,
    /** Name as written -> table, where they differ. */
    renamed: new Map([...tableOf].filter(([name, table]) => name !== table)),
    /** Columns that an asterisk leaves out: those of the row's history, and those that the role may not read. */
    hidden: hiddenColumns(scope.datasets),
    columnFault,
    columnDenied,
    tableFault,
  }

  function tableFault(name: string): MogoError {
    if (tableOf.has(name.split('.').at(-1) ?? name))
      return new MogoError('MOGO_UNAVAILABLE', { what: 'The dataset, which is not loaded yet,' })
    const near = nearest(name.split('.').at(-1) ?? name, [...tableOf.keys()])
    return new MogoError('MOGO_QUERY_TABLE', {
      name,
      suggestion: near === undefined ? '' : `, perhaps ${near}`,
    })
  }

  /** There is no such column: perhaps it is stored under another name, dropped, withheld from the role, or misspelt. */
  function columnFault(name: string): MogoError {
    const plain = name.split('.').at(-1) ?? name
    for (const { dataset, columns } of scope.datasets) {
      const column = dataset.columns.find((candidate) => candidate.source === plain)
      if (!column || column.target === plain) continue
      return new MogoError('MOGO_QUERY_COLUMN', { name, remedy: storedAs(dataset.name, column, columns) })
    }
    const known = scope.datasets.flatMap(({ columns }) => columns)
    const near = nearest(plain, known)
    const remedy = near === undefined ? 'GET /v1/datasets/{name} lists the columns.' : `Did you mean ${near}?`
    return new MogoError('MOGO_QUERY_COLUMN', { name, remedy })
  }

  function columnDenied(access: DatasetAccess, column: string): MogoError {
    const { dataset } = access
    const roles = dataset.roles.filter((role) => role.columns.includes(column)).map(({ role }) => role)
    const remedy =
      roles.length === 0 ? 'No role may read it; leave it out.' : `Roles that may: ${roles.join(', ')}.`
    return new MogoError('MOGO_QUERY_COLUMN_DENIED', {
      roles: scope.role,
      column,
      dataset: dataset.name,
      remedy,
    })
  }
}

function storedAs(dataset: string, column: CompiledColumn, granted: readonly string[]): string {
  const { source, target } = column
  if (target === null) return `${dataset}.${source} is not stored, to protect personal data.`
  const stored = `${dataset}.${source} is stored as ${target} (${maskingText(column)})`
  return granted.includes(target)
    ? `${stored}; select ${target}.`
    : `${stored}, which your role may not read.`
}

function hiddenColumns(datasets: readonly DatasetAccess[]): readonly string[] {
  const granted = new Set(datasets.flatMap(({ columns }) => columns))
  const denied = datasets.flatMap(({ dataset, columns }) =>
    dataset.columns.flatMap(({ target }) => (target === null || columns.includes(target) ? [] : [target])),
  )
  // A name granted in one dataset and withheld in another cannot be left out: the one would lose it. The query is then
  // refused, with the name of the column.
  return [...new Set([...Object.values(INTERNAL_COLUMNS), ...denied.filter((name) => !granted.has(name))])]
}

function tablesByName(datasets: readonly DatasetAccess[]): ReadonlyMap<string, string> {
  const tables = new Map<string, string>()
  const byVersion = datasets.toSorted((a, b) =>
    a.dataset.contractVersion.localeCompare(b.dataset.contractVersion, 'en', { numeric: true }),
  )
  for (const { dataset } of byVersion) tables.set(dataset.name, dataset.table)
  for (const { dataset } of byVersion) tables.set(dataset.table, dataset.table)
  return tables
}
