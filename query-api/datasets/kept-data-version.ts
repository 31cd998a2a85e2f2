/**
 * Versions of data (data-version.ts), kept until rows of the caller's tenant change: a version reads narrow columns of all rows of a scope, a
 * look at the tables of the engine costs next to nothing.
 */
import type { AccessScope } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { readRows } from '../cache/read-rows.ts'
import type { Stamp, TableLooks } from '../cache/table-looks.ts'
import type { createDataVersion, DataVersion } from './data-version.ts'

/** See data-version.ts. */
export type DataVersions = Pick<ReturnType<typeof createDataVersion>, 'of'>

const MOST_KEPT = 2_000

/** Makes the reader: `versions` is asked where nothing that is kept is right. */
export function keepDataVersions(versions: DataVersions, looks: TableLooks): DataVersions {
  const kept = new Map<string, { readonly version: DataVersion; readonly stamp: Stamp }>()
  return { of }

  async function of(scope: AccessScope, dataset: CompiledDataset): Promise<DataVersion | undefined> {
    const rows = readRows(scope, [`.${dataset.table}`])
    if (!rows || !(await looks.look(rows))) return versions.of(scope, dataset)
    const key = `${scope.name} ${dataset.table}`
    const known = kept.get(key)
    if (known && looks.isCurrent(known.stamp, rows)) return known.version
    const stamp = looks.stamp(rows)
    const version = await versions.of(scope, dataset)
    if (kept.size >= MOST_KEPT) kept.clear()
    if (stamp && version) kept.set(key, { version, stamp })
    else kept.delete(key)
    return version
  }
}
