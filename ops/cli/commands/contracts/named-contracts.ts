/**
 * The contracts that are named on the command line: files, and folders (looked through, with those within); without any, those of the project.
 * A file that lies in the project's folder of contracts is held to what the pipeline needs, any other to the standard.
 */
import { statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import type { Command } from 'commander'
import { type CheckedFile, checkContractFiles, contractFiles } from '#contracts/load-contracts.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { sayError } from '../../exit-codes.ts'
import { findProject } from '../../find-project.ts'
import { note } from '../../output.ts'
import { findContracts, namedSo, type Skipped } from './find-contracts.ts'

/** A contract that was checked; `isOwn` if it is one of the project. */
export type NamedContract = CheckedFile & { readonly isOwn: boolean }

/** What was found, and where it was searched for. */
export type NamedContracts = {
  readonly checked: readonly NamedContract[]
  /** What lies in the folders and is no contract. */
  readonly skipped: readonly Skipped[]
  /** Folders in which there is none. */
  readonly empty: readonly string[]
  readonly project: Project | undefined
}

/** Checks the contracts, in the order that they are named. @throws MogoError of the configuration, if nothing is named */
export function checkNamedContracts(names: readonly string[], command: Command): NamedContracts {
  const project = projectOf(command, names.length === 0)
  const folder = project && resolve(project.contractsDir)
  const found = names.length > 0 ? names.map(search) : folder === undefined ? [] : [projectContracts(folder)]
  const files = [...new Set(found.flatMap((one) => one.files))]
  const isOwn = (file: string): boolean => folder !== undefined && resolve(file).startsWith(folder + sep)
  const own = files.filter(isOwn)
  const beside = own.length > 0 ? contractFiles(folder ?? '') : []
  const byFile = new Map(
    [
      ...checkContractFiles(own, { purpose: 'pipeline', beside }),
      ...checkContractFiles(
        files.filter((file) => !isOwn(file)),
        { purpose: 'document' },
      ),
    ].map((checked) => [checked.file, { ...checked, isOwn: isOwn(checked.file) }]),
  )
  return {
    checked: files.flatMap((file) => byFile.get(file) ?? []),
    skipped: found.flatMap(({ skipped }) => skipped),
    empty: found.filter((one) => one.files.length === 0).map(({ name }) => name),
    project,
  }
}

/** The project; files of elsewhere need none. */
function projectOf(command: Command, needed: boolean): Project | undefined {
  try {
    return findProject(command.optsWithGlobals()['project'], process.cwd())
  } catch (error) {
    if (needed) throw error
    sayError(error)
    note('  the contracts are looked at as documents, not as those of a project')
    return undefined
  }
}

type Searched = {
  readonly name: string
  readonly files: readonly string[]
  readonly skipped: readonly Skipped[]
}

/** A file as it is named; of a folder, what is in it. What is not there is left to the check to say. */
function search(name: string): Searched {
  return isFolder(name) ? { name, ...findContracts(name) } : { name, files: [name], skipped: [] }
}

/** The contracts that the pipeline reads, and the files beside them that it passes over. */
function projectContracts(folder: string): Searched {
  const files = contractFiles(folder)
  const found = isFolder(folder) ? findContracts(folder) : { files: [], skipped: [] }
  const isHere = (file: string): boolean => resolve(file, '..') === folder
  const misnamed = found.files
    .filter((file) => !files.includes(file) && isHere(file))
    .map((file) => ({
      file,
      reason:
        'it is a contract by its content, but the pipeline reads *.odcs.yaml, *.odcs.yml and *.odcs.json only',
    }))
  return {
    name: relative(process.cwd(), folder) || '.',
    files,
    skipped: [...misnamed, ...found.skipped.filter(({ file }) => isHere(file))],
  }
}

/** A file as it is named; of a folder, the files that are called contracts. */
export function filesOf(name: string): readonly string[] {
  return isFolder(name) ? namedSo(name) : [name]
}

function isFolder(name: string): boolean {
  try {
    return statSync(name).isDirectory()
  } catch {
    return false
  }
}
