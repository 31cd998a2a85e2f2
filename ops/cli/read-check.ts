/** Reads what `mogo contracts check` compares: the contracts as they lie here, and as they are at a git ref. */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { CurrentFile, FormerFile } from '#contracts/check/check-contracts.ts'
import { MogoError } from '#contracts/errors.ts'
import { type CheckedFile, contractFiles, isContractFile } from '#contracts/load-contracts.ts'
import { filesOf } from './commands/contracts/named-contracts.ts'
import { openRepository, type Repository } from './git.ts'

/** Refs that are tried where none is named, in this order. */
const STANDARD_REFS = ['origin/main', 'main', 'HEAD'] as const

/** Both sides. */
export type ReadCheck = {
  readonly against: string
  readonly current: readonly CurrentFile[]
  readonly former: readonly FormerFile[]
  /** The root of the repository. */
  readonly root: string
}

/** What is to be read. */
export type CheckTargets = {
  /** Files and folders. A folder stands for all contracts in it, those that are gone included. */
  readonly targets: readonly string[]
  readonly against: string | undefined
  readonly workingDir: string
  /** The one target is the folder of a project: what lies in folders below is not of it. */
  readonly whole: boolean
  /** Lints files. */
  readonly lint: (files: readonly string[]) => readonly CheckedFile[]
}

/**
 * Reads both sides. Contents at the ref are read only where they differ, with one process of git for all of them.
 *
 * @throws MogoError MOGO_GIT_UNAVAILABLE, MOGO_GIT_REF, MOGO_CONTRACT_SOURCE, MOGO_USAGE
 */
export function readCheck({ targets, against, workingDir, whole, lint }: CheckTargets): ReadCheck {
  const folders = targets.filter((target) => statSync(target, { throwIfNoEntry: false })?.isDirectory())
  const named = targets.filter((target) => !folders.includes(target))
  const [anyTarget = workingDir] = [...folders, ...named.map((file) => dirname(resolve(workingDir, file)))]
  const repository = openRepository(anyTarget)
  const inRepository = (file: string): string => pathFrom(repository.root, resolve(workingDir, file))
  const { ref, commit } = resolveRef(repository, against)

  const chosen = new Map(named.map((file) => [inRepository(file), file]))
  const listed = [
    ...folders.flatMap((folder) => (whole ? contractFiles(folder) : filesOf(folder))),
    ...[...chosen.values()].filter((file) => statSync(file, { throwIfNoEntry: false }) !== undefined),
  ]
  /** A file may be named twice, in two spellings. */
  const present = new Map(listed.map((file) => [inRepository(file), file]))
  const atRef = new Map(
    [
      ...repository.filesAt(commit, [...chosen.keys()]),
      ...folders.flatMap((folder) =>
        repository
          .filesIn(commit, inRepository(folder), whole ? 'here' : 'all')
          .filter(({ path }) => isContractFile(basename(path))),
      ),
    ].map((file) => [file.path, file.object]),
  )
  const missing = [...chosen].filter(([path]) => !present.has(path) && !atRef.has(path))
  if (missing.length > 0)
    throw new MogoError('MOGO_CONTRACT_SOURCE', {
      source: missing.map(([, file]) => file).join(', '),
      detail: `there is no such file, neither here nor at ${ref}`,
    })
  const shown = (file: string): string => relative(workingDir, resolve(workingDir, file)) || file
  const current = lint([...present.values()]).map((checked): CurrentFile => {
    const path = inRepository(checked.file)
    const object = atRef.get(path)
    return {
      file: shown(checked.file),
      repositoryFile: path,
      parsed: checked.parsed,
      faults: checked.faults,
      unchanged: object !== undefined && isSame(repository, checked.file, object),
    }
  })
  const same = new Set(
    current.filter(({ unchanged }) => unchanged).map(({ repositoryFile }) => repositoryFile),
  )
  const differing = [...atRef].filter(([path]) => !same.has(path))
  const texts = repository.contents(differing.map(([, object]) => object))
  const former = differing.map(
    ([path], index): FormerFile => ({
      file: shown(chosen.get(path) ?? join(repository.root, path)),
      repositoryFile: path,
      text: texts[index] ?? '',
    }),
  )
  return { against: ref, current, former, root: repository.root }
}

function resolveRef(repository: Repository, named: string | undefined) {
  const refs = named === undefined ? STANDARD_REFS : [named]
  for (const ref of refs) {
    const commit = repository.commitOf(ref)
    if (commit !== undefined) return { ref, commit }
  }
  throw new MogoError('MOGO_GIT_REF', { dir: repository.root, ref: refs.join(', ') })
}

/**
 * The path from the root of the repository, with slashes. git keeps paths without symbolic links; the last part need not exist.
 *
 * @throws MogoError MOGO_USAGE if it lies elsewhere
 */
export function pathFrom(root: string, file: string): string {
  let real = file
  for (let dir = file, rest = ''; ; rest = join(basename(dir), rest), dir = dirname(dir)) {
    try {
      real = join(realpathSync(dir), rest)
      break
    } catch {
      if (dir === dirname(dir)) break
    }
  }
  const path = relative(root, real.replace(/[\\/]+$/, ''))
  if (path === '..' || path.startsWith(`..${sep}`))
    throw new MogoError('MOGO_USAGE', { detail: `${file} is not in the repository ${root}.` })
  return path.split(sep).join('/')
}

/** The content has the name that git has for it: it need be neither read from git nor compared. */
function isSame(repository: Repository, file: string, object: string): boolean {
  try {
    return repository.objectOf(readFileSync(file), object) === object
  } catch {
    return false
  }
}
