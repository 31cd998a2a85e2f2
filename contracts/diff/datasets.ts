/** Datasets of two contracts that are the same one: names, kind, columns, keys, tenant, relationships, quality. */
import type { DocumentPath } from '../fault.ts'
import { diffTenant } from './access.ts'
import { blanksAside, sameValue } from './canonical-text.ts'
import type { Difference } from './change.ts'
import { diffColumns } from './columns.ts'
import { diffKeys, soleKeyOf } from './keys.ts'
import type { DatasetPair, Names } from './names.ts'
import { diffQuality } from './quality.ts'
import { diffRelationships } from './relationships.ts'
import { reportTo, spotOf } from './report.ts'
import { DATASET_KEYS, diffUnknownKeys } from './unknown-keys.ts'
import { diffElement } from './words.ts'

/** Compares a dataset with itself. */
export function diffDataset(
  pair: DatasetPair,
  paths: { readonly older: DocumentPath; readonly newer: DocumentPath },
  names: { readonly older: Names; readonly newer: Names },
  list: Difference[],
): void {
  const { older, newer, columns } = pair
  const report = reportTo(list, spotOf(newer.name, null, paths.older, paths.newer))
  const renamed = older.name !== newer.name
  if (renamed) report('DIFF_DATASET_RENAMED', `was ${older.name}`, ['name'])
  const [was, is] = [older.physicalName ?? older.name, newer.physicalName ?? newer.name]
  if (was !== is && !(renamed && was === older.name && is === newer.name))
    report('DIFF_DATASET_PHYSICAL_NAME_CHANGED', `physicalName: ${was} -> ${is}`, ['physicalName'])
  const kind = (type: string | undefined): string => type?.trim().toLowerCase() ?? ''
  if (
    kind(older.physicalType) !== kind(newer.physicalType) ||
    kind(older.logicalType ?? 'object') !== kind(newer.logicalType ?? 'object')
  )
    report('DIFF_DATASET_KIND_CHANGED', 'another physicalType or logicalType', ['physicalType'])
  if (blanksAside(older.dataGranularityDescription) !== blanksAside(newer.dataGranularityDescription))
    report('DIFF_GRANULARITY_CHANGED', 'what one row stands for is said in other words', [
      'dataGranularityDescription',
    ])
  diffTenant(older, newer, names, report)
  diffKeys(older, newer, columns, report)
  diffQuality(older.quality, newer.quality, report)
  diffElement(older, newer, 'dataset', report)
  if (!sameValue(older.raw['context'], newer.raw['context']))
    report('DIFF_METADATA_CHANGED', 'context changed', ['context'])
  diffUnknownKeys(older.raw, newer.raw, DATASET_KEYS, report)
  diffColumns(
    columns,
    {
      dataset: newer.name,
      prefix: '',
      older: [...paths.older, 'properties'],
      newer: [...paths.newer, 'properties'],
      parents: {},
      soleKeys: { older: soleKeyOf(older), newer: soleKeyOf(newer) },
      nameOf: {
        older: (name) => names.older.column(newer.name, name),
        newer: (name) => names.newer.column(newer.name, name),
      },
    },
    list,
  )
  diffRelationships(pair, paths, names, list)
}
