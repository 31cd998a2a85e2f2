/**
 * The contracts that are named on the command line: files, and folders (looked through, with those within); without any, those of the project.
 * A file that lies in the project's folder of contracts is held to what the pipeline needs, any other to the standard.
 */
import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import type { Command } from 'commander'
import {
  type CheckedFile,
  checkContractFiles,
  contractFiles,
  isContractFile,
} from '#contracts/load-contracts.ts'
import { sayError } from '../../exit-codes.ts'
import { findProject } from '../../find-project.ts'
import { note } from '../../output.ts'

/** Deepest folder that is looked into. */
const MAX_DEPTH = 20
/** Folders of tools, which hold copies. */
const PASSED_OVER = new Set(['node_modules', '.git', '.mogo'])

/** What was found, and where it was searched for. */
export type NamedContracts = { readonly checked: readonly CheckedFile[]; readonly searched: string }

/** Checks the contracts, in the order that they are named. @throws MogoError of the configuration, if nothing is named */
export function checkNamedContracts(names: readonly string[], command: Command): NamedContracts {
  const folder = projectFolder(command, names.length === 0)
  const files = names.length > 0 ? [...new Set(names.flatMap(filesOf))] : contractFiles(folder ?? '')
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
    ].map((checked) => [checked.file, checked]),
  )
  return {
    checked: files.flatMap((file) => byFile.get(file) ?? []),
    searched: names.length > 0 ? names.join(', ') : relative(process.cwd(), folder ?? '') || '.',
  }
}

/** The project's folder of contracts; files of elsewhere need no project. */
function projectFolder(command: Command, needed: boolean): string | undefined {
  try {
    return resolve(findProject(command.optsWithGlobals()['project'], process.cwd()).contractsDir)
  } catch (error) {
    if (needed) throw error
    sayError(error)
    note('  the contracts are looked at as documents, not as those of a project')
    return undefined
  }
}

/** A file as it is named; of a folder, the contracts in it. What is not there is left to the check to say. */
export function filesOf(name: string): readonly string[] {
  try {
    return statSync(name).isDirectory() ? within(name, 0) : [name]
  } catch {
    return [name]
  }
}

function within(folder: string, depth: number): readonly string[] {
  let entries: readonly Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      // A link to a folder is not followed: it may lead back.
      if (entry.isDirectory())
        return depth < MAX_DEPTH && !PASSED_OVER.has(entry.name) ? within(path, depth + 1) : []
      return isContractFile(entry.name) ? [path] : []
    })
}
