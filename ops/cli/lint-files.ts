/**
 * Lints files by what they are to this project: its own contracts are held to what the pipeline needs, others are somebody's documents.
 */
import { dirname, resolve } from 'node:path'
import { type CheckedFile, checkContractFiles, contractFiles } from '#contracts/load-contracts.ts'

/** Lints the files, in their order. What the project's contracts say beside them is known, so that references are not taken for dangling. */
export function lintFiles(files: readonly string[], contractsDir: string): readonly CheckedFile[] {
  const isOwn = (file: string): boolean => dirname(resolve(file)) === resolve(contractsDir)
  const own = files.filter(isOwn)
  const foreign = files.filter((file) => !isOwn(file))
  const chosen = new Set(own.map((file) => resolve(file)))
  const beside =
    own.length === 0 ? [] : contractFiles(contractsDir).filter((file) => !chosen.has(resolve(file)))
  const checked = [
    ...checkContractFiles(own, { purpose: 'pipeline', beside }),
    ...checkContractFiles(foreign, { purpose: 'document' }),
  ]
  const byFile = new Map(checked.map((one) => [one.file, one]))
  return files.flatMap((file) => byFile.get(file) ?? [])
}
