/**
 * Two versions of a contract -> every difference, graded for those who read the data and for those who write it.
 *
 *   contract-head   identity, status, servers      columns         types, presence, bounds, values, words
 *   datasets        names, kind, tenant, keys      access          roles, columns, row filters
 *   pair-up         who is who, renames            service-levels  which value is better
 *   grades          what each difference means     version         is it raised enough
 *
 * Pure: no clock, no files. Nothing here throws, whatever the contracts hold.
 */
import type { Contract, ContractObject } from '../model/contract.ts'
import { diffRoles } from './access.ts'
import type { Bump, Change, Difference, Perspective, View } from './change.ts'
import { orderChanged, pairColumns } from './columns.ts'
import { diffHead } from './contract-head.ts'
import { diffDataset } from './datasets.ts'
import { gradeOf } from './grades.ts'
import { datasetLikeness } from './likeness.ts'
import { namesOf } from './names.ts'
import { pairUp } from './pair-up.ts'
import { reportTo, spotOf } from './report.ts'
import { diffServiceLevels } from './service-levels.ts'
import { type DeclaredBump, declaredBump, isEnough, requiredBump } from './version.ts'

/** How to compare. */
export type DiffOptions = {
  readonly perspective: Perspective
}

/** What is different between two versions. */
export type ContractDiff = {
  readonly id: string
  readonly versions: { readonly older: string; readonly newer: string }
  readonly perspective: Perspective
  readonly changes: readonly Change[]
  /** What the changes that are not waived require. */
  readonly requiredBump: Bump
  /** What the versions say. */
  readonly declaredBump: DeclaredBump
  /** Is there an error that is not waived? A version that was raised too little is one. */
  readonly breaking: boolean
}

/** Compares two versions of a contract. In the perspective `both` a difference is one change for each view. */
export function diffContracts(older: Contract, newer: Contract, options: DiffOptions): ContractDiff {
  const changes = grade(differences(older, newer), options.perspective)
  return judge({
    id: newer.id,
    versions: { older: older.version, newer: newer.version },
    perspective: options.perspective,
    changes,
  })
}

/** The views of a perspective. */
export function viewsOf(perspective: Perspective): readonly View[] {
  return perspective === 'both' ? ['consumer', 'producer'] : [perspective]
}

/** Differences as the views see them. */
export function grade(list: readonly Difference[], perspective: Perspective): readonly Change[] {
  return viewsOf(perspective).flatMap((view) =>
    list.map((difference): Change => {
      const graded = gradeOf(difference.code)
      const severity = difference.unseen && view === 'consumer' ? 'info' : graded[view]
      return { ...difference, severity, perspective: view, direction: graded.direction }
    }),
  )
}

/** Says what the changes require of the version, and whether it was done. Called again when waivers were applied. */
export function judge(diff: Pick<ContractDiff, 'id' | 'versions' | 'perspective' | 'changes'>): ContractDiff {
  const changes = diff.changes.filter(({ code }) => !code.startsWith('DIFF_VERSION'))
  const { older, newer } = diff.versions
  // A contract that has no version, or is not there on one side, has none that could be raised.
  if (older === '' || newer === '') {
    const breaking = changes.some((change) => change.severity === 'error' && !change.waived)
    return { ...diff, changes, requiredBump: 'none', declaredBump: 'none', breaking }
  }
  const required = requiredBump(changes, older)
  const declared = declaredBump(older, newer)
  const said = grade(versionDifferences(diff.versions, required, declared), diff.perspective)
  const all = [...changes, ...said]
  return {
    ...diff,
    changes: all,
    requiredBump: required,
    declaredBump: declared,
    breaking: all.some((change) => change.severity === 'error' && !change.waived),
  }
}

function versionDifferences(
  { older, newer }: ContractDiff['versions'],
  required: Bump,
  declared: DeclaredBump,
): readonly Difference[] {
  const list: Difference[] = []
  const report = reportTo(list, spotOf(null, null, [], []))
  const message = `version: ${older} -> ${newer}`
  if (declared === 'lowered') report('DIFF_VERSION_LOWERED', message, ['version'])
  else if (declared === 'unknown') report('DIFF_VERSION_UNREADABLE', message, ['version'])
  else if (!isEnough(declared, required))
    report(
      required === 'patch' ? 'DIFF_VERSION_NOT_RAISED' : 'DIFF_VERSION_TOO_LOW',
      `${message}; the changes require a ${required} version`,
      ['version'],
    )
  else if (older !== newer) report('DIFF_VERSION_RAISED', message, ['version'])
  return list
}

/** All differences but those of the version. */
function differences(older: Contract, newer: Contract): readonly Difference[] {
  const list: Difference[] = []
  diffHead(older, newer, list)
  const datasets = pairUp<ContractObject>(older.schema, newer.schema, datasetLikeness)
  const pairs = datasets.pairs.map((pair) => ({
    older: pair.older.item,
    newer: pair.newer.item,
    columns: pairColumns(pair.older.item.properties, pair.newer.item.properties),
    paths: { older: ['schema', pair.older.index], newer: ['schema', pair.newer.index] },
  }))
  const unpaired = {
    older: datasets.removed.map(({ item }) => item),
    newer: datasets.added.map(({ item }) => item),
  }
  const names = { older: namesOf('older', pairs, unpaired), newer: namesOf('newer', pairs, unpaired) }
  for (const { item, index } of datasets.removed)
    reportTo(list, {
      dataset: item.name,
      column: null,
      olderPath: ['schema', index],
      newerPath: null,
      anchor: ['schema'],
    })('DIFF_DATASET_REMOVED', 'the dataset is gone')
  for (const { item, index } of datasets.added)
    reportTo(list, {
      dataset: item.name,
      column: null,
      olderPath: null,
      newerPath: ['schema', index],
      anchor: ['schema', index],
    })('DIFF_DATASET_ADDED', 'the dataset is new')
  for (const pair of pairs) diffDataset(pair, pair.paths, names, list)
  if (orderChanged(datasets.pairs))
    reportTo(list, spotOf(null, null, ['schema'], ['schema']))(
      'DIFF_ORDER_CHANGED',
      'datasets stand in another order',
    )
  const columns = pairs.flatMap(({ newer: { name }, columns: who }) =>
    who.pairs.map(({ newer: { item } }) => `${name}.${item.name}`),
  )
  diffRoles(older, newer, names, [...new Set(columns)], list)
  diffServiceLevels(older, newer, names, list)
  return list
}
