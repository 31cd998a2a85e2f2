/** A name -> the dataset of a scope that it means. */
import type { AccessScope, DatasetAccess } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import { nearest } from '#contracts/nearest.ts'

/** The dataset of a name: the table of that name, else the highest version of the dataset, as in SQL. */
export function datasetOf(scope: AccessScope, name: string): DatasetAccess | undefined {
  const byTable = scope.datasets.find(({ dataset }) => dataset.table === name)
  if (byTable) return byTable
  const versions = scope.datasets.filter(({ dataset }) => dataset.name === name)
  return versions.toSorted((a, b) =>
    a.dataset.contractVersion.localeCompare(b.dataset.contractVersion, 'en', { numeric: true }),
  )[versions.length - 1]
}

/** See {@link datasetOf}. @throws MogoError MOGO_DATASET_UNKNOWN */
export function findDataset(scope: AccessScope, name: string): DatasetAccess {
  const access = datasetOf(scope, name)
  if (access) return access
  const near = nearest(
    name,
    scope.datasets.map(({ dataset }) => dataset.name),
  )
  throw new MogoError('MOGO_DATASET_UNKNOWN', {
    dataset: name.slice(0, 80),
    suggestion: near === undefined ? '' : `, perhaps ${near}`,
  })
}
