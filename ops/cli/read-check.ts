/** Reads what `mogo contracts check` compares: the contracts as they lie here, and as they are at a git ref. */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { CurrentFile, FormerFile } from '#contracts/check/check-contracts.ts'
import { MogoError } from '#contracts/errors.ts'
import { type CheckedFile, contractFiles, isContractFile } from '#contracts/load-contracts.ts'
import { parseContract, syntaxOf } from '#contracts/parse.ts'
import { filesOf } from './commands/contracts/named-contracts.ts'
import { openRepository, type Repository } from './git.ts'

/** Refs that are tried where none is named, in this order; then HEAD, if the repository holds its whole history. */
const STANDARD_REFS = ['origin/main', 'main'] as const

/** Both sides. */
export type ReadCheck = {
  readonly against: string
  readonly current: readonly CurrentFile[]
  readonly former: readonly FormerFile[]
  /** The root of the repository. */
  readonly root: string
  /** What whoever reads the report should know of it; undefined if there is nothing. */
  readonly remark: string | undefined
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
 * A contract that is new here may have been another file there: those that are gone are looked through, wherever they lay.
 *
 * @throws MogoError MOGO_GIT_UNAVAILABLE, MOGO_GIT_REF, MOGO_CONTRACT_SOURCE, MOGO_USAGE
 */
export function readCheck({ targets, against, workingDir, whole, lint }: CheckTargets): ReadCheck {
  const isFolder = (target: string): boolean => statOf(resolve(workingDir, target))?.isDirectory() ?? false
  const [anyTarget = '.'] = targets.map((target) => (isFolder(target) ? target : dirname(target)))
  const repository = openRepository(nearestFolder(resolve(workingDir, anyTarget)))
  const inRepository = (file: string): string => pathFrom(repository.root, resolve(workingDir, file))
  const { ref, commit, remark } = resolveRef(repository, against)

  // A folder whose last contract was deleted is not here any more.
  const folders = targets.filter(
    (target) =>
      isFolder(target) ||
      (statOf(resolve(workingDir, target)) === undefined &&
        repository.filesIn(commit, inRepository(target), 'all').length > 0),
  )
  const named = targets.filter((target) => !folders.includes(target))
  const chosen = new Map(named.map((file) => [inRepository(file), file]))
  const listed = [
    ...folders.filter(isFolder).flatMap((folder) => (whole ? contractFiles(folder) : filesOf(folder))),
    ...[...chosen.values()].filter((file) => statOf(file) !== undefined),
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
  const strays = current.filter(({ repositoryFile }) => !atRef.has(repositoryFile))
  const moved = strays.length === 0 ? [] : movedTo(strays, repository, commit, new Set(atRef.keys()))
  return {
    against: ref,
    current,
    former: [
      ...former,
      ...moved.map((file) => ({ ...file, file: shown(join(repository.root, file.repositoryFile)) })),
    ],
    root: repository.root,
    remark,
  }
}

/** What contracts that are new here were at the ref, by their ids: files that are gone, and lay outside of what is looked at. */
function movedTo(
  strays: readonly CurrentFile[],
  repository: Repository,
  commit: string,
  looked: ReadonlySet<string>,
): readonly Omit<FormerFile, 'file'>[] {
  const gone = repository
    .filesIn(commit, '', 'all')
    .filter(
      ({ path }) =>
        isContractFile(basename(path)) &&
        !looked.has(path) &&
        statOf(join(repository.root, path)) === undefined,
    )
    .slice(0, MAX_GONE)
  const ids = new Set(strays.map(({ parsed }) => parsed?.contract?.id))
  return repository
    .contents(gone.map(({ object }) => object))
    .map((text = '', index) => ({ repositoryFile: gone[index]?.path ?? '', text }))
    .filter(({ repositoryFile, text }) => {
      const id = parseContract(text, syntaxOf(repositoryFile)).contract?.id
      return id !== undefined && id !== '' && ids.has(id)
    })
}

function statOf(file: string) {
  return statSync(file, { throwIfNoEntry: false })
}

/** The folder, or the nearest one above it that is here. */
function nearestFolder(folder: string): string {
  const parent = dirname(folder)
  return statOf(folder)?.isDirectory() || parent === folder ? folder : nearestFolder(parent)
}

/** Most contracts that are gone of a repository, and are read to find where they went. */
const MAX_GONE = 1_000

/**
 * The commit to compare with. To fall back to HEAD compares what is not committed only: whoever sees all is well must know that. In a part of
 * the history, as CI systems fetch it, nobody wants that.
 */
function resolveRef(repository: Repository, named: string | undefined) {
  const refs = named === undefined ? STANDARD_REFS : [named]
  for (const ref of refs) {
    const commit = repository.commitOf(ref)
    if (commit !== undefined) return { ref, commit, remark: undefined }
  }
  const head = named === undefined && !repository.isShallow() ? repository.commitOf('HEAD') : undefined
  if (head !== undefined)
    return {
      ref: 'HEAD',
      commit: head,
      remark: `There is neither ${STANDARD_REFS.join(' nor ')}: compared with HEAD, so that only what is not committed is judged. Name another ref with --against.`,
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
