/** What a person names as a contract: a file, a folder, or either at a git ref (`main:contracts/orders.odcs.yaml`). */
import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ContractFile } from '#contracts/diff/compare-files.ts'
import { MogoError } from '#contracts/errors.ts'
import { isContractFile } from '#contracts/load-contracts.ts'
import { filesOf } from './commands/contracts/named-contracts.ts'
import { openRepository } from './git.ts'

/** Contracts of one source. */
export type ContractSource = { readonly kind: 'file' | 'folder'; readonly files: readonly ContractFile[] }

/**
 * Reads a source. What exists on disk is taken from there, whatever its name.
 *
 * @throws MogoError MOGO_CONTRACT_SOURCE, MOGO_USAGE, MOGO_GIT_UNAVAILABLE, MOGO_GIT_REF
 */
export function readContractSource(source: string, workingDir: string): ContractSource {
  const stat = statSync(source, { throwIfNoEntry: false })
  if (stat?.isDirectory())
    return {
      kind: 'folder',
      files: filesOf(source).map((file) => ({ label: file, text: readText(file) })),
    }
  if (stat) return { kind: 'file', files: [{ label: source, text: readText(source) }] }
  const [, ref, path] = /^([^:]+):(.*)$/s.exec(source) ?? []
  if (ref === undefined || path === undefined)
    throw new MogoError('MOGO_CONTRACT_SOURCE', { source, detail: 'there is no such file' })
  return readAtRef(source, ref, path.replace(/\/+$/, ''), workingDir)
}

function readAtRef(source: string, ref: string, path: string, workingDir: string): ContractSource {
  const repository = openRepository(workingDir)
  const commit = repository.commitOf(ref)
  if (commit === undefined) throw new MogoError('MOGO_GIT_REF', { dir: repository.root, ref })
  // As git does it: from the root of the repository; else from here.
  for (const name of [path, join(repository.prefix, path)]) {
    const [text] = repository.contents([`${commit}:${name}`])
    if (text !== undefined) return { kind: 'file', files: [{ label: source, text }] }
    const inside = repository
      .filesIn(commit, name, 'all')
      .filter((file) => isContractFile(basename(file.path)))
    if (inside.length === 0) continue
    const texts = repository.contents(inside.map(({ object }) => object))
    return {
      kind: 'folder',
      files: inside.map((file, index) => ({ label: `${ref}:${file.path}`, text: texts[index] ?? '' })),
    }
  }
  throw new MogoError('MOGO_CONTRACT_SOURCE', {
    source,
    detail: 'there is no such file or folder at that ref',
  })
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new MogoError('MOGO_CONTRACT_SOURCE', { source: file, detail: 'it cannot be read' })
  }
}
