/**
 * Which lineage a caller may see: that of the datasets and columns that one of the caller's roles may read. Names alone can say
 * much (a column called `salary_grade`), so what is not granted is left out, or shown without its name where leaving it out would make
 * a result look as if it came from less than it does.
 */
import { accessScope, type Principal } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import type { LineageEdge, LineageNode } from '#contracts/events/lineage-edge.ts'
import { nearest } from '#contracts/nearest.ts'
import { HIDDEN, UNKNOWN } from './graph.ts'

/** A dataset with the columns that the caller may read, in table order. */
export type VisibleDataset = { readonly dataset: CompiledDataset; readonly columns: readonly string[] }

/** What a caller may see, by dataset name. */
export type Visibility = ReadonlyMap<string, VisibleDataset>

/** The role that answers for the use of personal data, and therefore may look into the queries of every tenant. */
const AUDIT_ROLE = 'compliance'

/** Joins what each of the caller's roles may read: unlike rows, names do not blend into anything new. */
export function visibility(datasets: readonly CompiledDataset[], principal: Principal): Visibility {
  const granted = principal.roles.flatMap((role) => accessScope(datasets, principal, role).datasets)
  return new Map(
    datasets.flatMap((dataset): [string, VisibleDataset][] => {
      const mine = new Set(
        granted.filter((access) => access.dataset === dataset).flatMap((access) => access.columns),
      )
      const columns = dataset.columns.flatMap(({ target }) =>
        target !== null && mine.has(target) ? [target] : [],
      )
      return columns.length === 0 ? [] : [[dataset.name, { dataset, columns }]]
    }),
  )
}

/** The dataset of this name. @throws MogoError MOGO_DATASET_UNKNOWN, the same for one that is not there and one that is not granted */
export function visibleDataset(visible: Visibility, name: string): VisibleDataset {
  const found = visible.get(name)
  if (found) return found
  const near = nearest(name, [...visible.keys()])
  throw new MogoError('MOGO_DATASET_UNKNOWN', {
    dataset: name,
    suggestion: near === undefined ? '' : `; the nearest name is ${near}`,
  })
}

/** Checks that the caller may see a column. @throws MogoError MOGO_COLUMN_UNKNOWN, with what is meant as far as that is clear */
export function requireColumn({ dataset, columns }: VisibleDataset, name: string): string {
  if (columns.includes(name)) return name
  const stored = dataset.columns.find((column) => column.source === name)?.target ?? undefined
  const near = stored !== undefined && columns.includes(stored) ? stored : nearest(name, columns)
  throw new MogoError('MOGO_COLUMN_UNKNOWN', {
    column: name,
    dataset: dataset.name,
    suggestion: near === undefined ? '' : `; the nearest name is ${near}`,
  })
}

/**
 * Whether the caller may see queries of other tenants: the audit role, and only if the contracts give that role every row. In a project
 * whose tenants have compliance officers of their own, the row filter keeps each to theirs.
 */
export function seesEveryTenant(datasets: readonly CompiledDataset[], principal: Principal): boolean {
  if (!principal.roles.includes(AUDIT_ROLE)) return false
  const roles = datasets.flatMap((dataset) => dataset.roles.filter(({ role }) => role === AUDIT_ROLE))
  return roles.length > 0 && roles.every((role) => role.rowFilter === 'all')
}

/** Takes the names from dataset columns that are not granted. */
export function hideUngranted(
  edges: readonly LineageEdge[],
  visible: Visibility,
  database: string,
): readonly LineageEdge[] {
  const granted = new Set(
    [...visible.values()].flatMap(({ dataset, columns }) =>
      columns.map((column) => `${dataset.table}.${column}`),
    ),
  )
  const shown = (node: LineageNode): LineageNode => {
    if (node.system !== 'clickhouse' || granted.has(`${node.dataset}.${node.column}`)) return node
    if (node.column === UNKNOWN) return { ...node, namespace: database, dataset: UNKNOWN }
    return { system: 'clickhouse', namespace: database, dataset: HIDDEN, column: HIDDEN }
  }
  return edges.map((edge) => ({ ...edge, from: shown(edge.from), to: shown(edge.to) }))
}
