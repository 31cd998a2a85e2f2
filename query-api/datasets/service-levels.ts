/** Service levels as the contracts promise them (ODCS `slaProperties`), by contract id and dataset. */
import { readFileSync } from 'node:fs'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { contractFiles } from '#contracts/load-contracts.ts'
import { parseContract } from '#contracts/parse.ts'

/** One promise. */
export type ServiceLevel = {
  readonly property: string
  readonly value: unknown
  readonly unit: string
  /** What it is about: `dataset.column`, or the dataset. */
  readonly element: string
}

/** Reads the service levels of a folder of contracts. Files that cannot be read are reported by the loader, not here. */
export function loadServiceLevels(dir: string): (dataset: CompiledDataset) => readonly ServiceLevel[] {
  const byContract = new Map<string, readonly ServiceLevel[]>()
  for (const file of contractFiles(dir)) {
    const { contract } = parseContract(readFileSync(file, 'utf8'))
    if (!contract) continue
    const levels = contract.slaProperties.flatMap(({ property, value, unit = '', elements }) =>
      (elements.length > 0 ? elements : ['']).map(
        (element): ServiceLevel => ({ property, value, unit, element }),
      ),
    )
    byContract.set(`${contract.id} ${contract.version}`, levels)
  }
  return ({ contractId, contractVersion, name }) =>
    (byContract.get(`${contractId} ${contractVersion}`) ?? []).filter(
      ({ element }) => element === '' || element === name || element.startsWith(`${name}.`),
    )
}
