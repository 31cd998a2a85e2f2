/**
 * The contracts of a folder and of those within: files that are called so (`*.odcs.yaml`), and every other file of YAML or JSON that is one by its
 * content. What was left out is said with the reason, so that nobody believes that a file was checked.
 */
import { closeSync, type Dirent, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isContractFile } from '#contracts/load-contracts.ts'
import { MAX_BYTES } from '#contracts/parse.ts'
import { whyNoContract } from '#contracts/recognise-contract.ts'

/** Deepest folder that is looked into. */
const MAX_DEPTH = 20
/** Folders of tools, which hold copies. */
const PASSED_OVER = new Set(['node_modules', '.git', '.mogo'])
const DOCUMENT = /\.(?:ya?ml|json)$/i

/** A file or folder that was left out. */
export type Skipped = { readonly file: string; readonly reason: string }

/** What a folder holds, in the order of names. */
export type FoundContracts = { readonly files: readonly string[]; readonly skipped: readonly Skipped[] }

/** Looks through a folder. */
export function findContracts(folder: string): FoundContracts {
  const skipped: Skipped[] = []
  const files = documentsOf(folder, skipped).filter((file) => {
    if (isContractFile(file)) return true
    const reason = reasonOf(file)
    if (reason !== undefined) skipped.push({ file, reason })
    return reason === undefined
  })
  return { files, skipped: skipped.toSorted((a, b) => (a.file < b.file ? -1 : 1)) }
}

/** The files of a folder that are called contracts. */
export function namedSo(folder: string): readonly string[] {
  return documentsOf(folder, []).filter(isContractFile)
}

/** Files of YAML and JSON in a folder and those within. */
function documentsOf(folder: string, skipped: Skipped[], depth = 0): readonly string[] {
  let entries: readonly Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch {
    skipped.push({ file: folder, reason: 'the folder cannot be read' })
    return []
  }
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (PASSED_OVER.has(entry.name)) return []
        if (depth < MAX_DEPTH) return documentsOf(path, skipped, depth + 1)
        skipped.push({ file: path, reason: `it is more than ${MAX_DEPTH} folders deep` })
        return []
      }
      if (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
        // It may lead back.
        skipped.push({ file: path, reason: 'a link to a folder is not followed' })
        return []
      }
      return DOCUMENT.test(entry.name) ? [path] : []
    })
}

/** Why a file is no contract; undefined if it is one. */
function reasonOf(file: string): string | undefined {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const stat = fstatSync(descriptor)
      if (!stat.isFile()) return 'it is no file'
      if (stat.size > MAX_BYTES) return `it is longer than ${MAX_BYTES} bytes`
      const bytes = Buffer.alloc(stat.size)
      readSync(descriptor, bytes)
      return whyNoContract(bytes, file)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return 'it cannot be read'
  }
}
