/** The dataset of the benchmark (`bench.odcs.yaml`), and forms of it that leave one step out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { parseContract } from '#contracts/parse.ts'

/** Compiles it. */
export function benchDataset(): CompiledDataset {
  const text = readFileSync(join(import.meta.dirname, 'bench.odcs.yaml'), 'utf8')
  const [dataset] = compileContract(parseContract(text)).datasets
  if (!dataset) throw new MogoError('MOGO_INTERNAL', { where: 'the contract of the benchmark' })
  return dataset
}

/** Personal data is stored as it comes. */
export function withoutPlans(dataset: CompiledDataset): CompiledDataset {
  return { ...dataset, columns: dataset.columns.map((column) => ({ ...column, pii: null })) }
}

/** Whatever has the right type is stored. */
export function withoutRules(dataset: CompiledDataset): CompiledDataset {
  return { ...dataset, columns: dataset.columns.map((column) => ({ ...column, rules: [] })) }
}
