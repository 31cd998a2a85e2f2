/**
 * What is in a git repository at some commit, without touching the working tree.
 *
 * Arguments go as a list, never through a shell; names from people are read on standard input or behind a separator, and one that begins
 * with `-` is refused. `cat-file` reads bytes as they are stored: no filter and no hook of the repository runs.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { MogoError } from '#contracts/errors.ts'

/** Most bytes that git may answer with. */
const MAX_BYTES = 512 * 1024 * 1024
const TIMEOUT_MILLIS = 60_000

/** A file at a commit. */
export type TreeFile = { readonly path: string; readonly object: string }

/** A repository. */
export type Repository = {
  /** Its root, without symbolic links. */
  readonly root: string
  /** The folder that was asked for, from the root, with slashes; '' for the root. */
  readonly prefix: string
  /** Does it hold a part of the history only, as CI systems fetch it? */
  isShallow(): boolean
  /** The commit of a ref; undefined if there is none of that name. */
  commitOf(ref: string): string | undefined
  /** These files, as far as they are there. Paths are from the root, with slashes. */
  filesAt(commit: string, paths: readonly string[]): readonly TreeFile[]
  /** Files in a folder ('' is the root): those right in it, or `all` that lie below. */
  filesIn(commit: string, folder: string, depth: 'here' | 'all'): readonly TreeFile[]
  /** Contents of objects, by their names (`a1b2…`, `main:path`); undefined for what is not there, or is no file. */
  contents(names: readonly string[]): readonly (string | undefined)[]
  /** The name that git gives a file with this content. `like`: an object name of the repository. */
  objectOf(content: Buffer, like: string): string
}

/**
 * The repository that a folder lies in.
 *
 * @throws MogoError MOGO_GIT_UNAVAILABLE
 */
export function openRepository(dir: string): Repository {
  const run = (
    args: readonly string[],
    input = '',
  ): { readonly ok: boolean; readonly output: Buffer; readonly complaint: string } => {
    const result = spawnSync('git', ['-C', dir, '--literal-pathspecs', ...args], {
      input,
      maxBuffer: MAX_BYTES,
      timeout: TIMEOUT_MILLIS,
    })
    if (result.error) {
      const { code } = result.error as NodeJS.ErrnoException
      const detail = code === 'ENOENT' ? 'git is not installed' : `git failed (${code ?? 'unknown'})`
      throw new MogoError('MOGO_GIT_UNAVAILABLE', { dir, detail }, { cause: result.error })
    }
    return { ok: result.status === 0, output: result.stdout, complaint: result.stderr.toString('utf8') }
  }
  const top = run(['rev-parse', '--show-toplevel', '--show-prefix'])
  if (!top.ok) throw new MogoError('MOGO_GIT_UNAVAILABLE', { dir, detail: whyNot(top.complaint) })
  const [root = '', prefix = ''] = top.output.toString('utf8').split(/\r?\n/)
  return {
    root,
    prefix: prefix.replace(/\/$/, ''),
    isShallow: () => run(['rev-parse', '--is-shallow-repository']).output.toString('utf8').trim() === 'true',
    commitOf(ref) {
      refuseOption(ref)
      const { ok, output } = run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])
      return ok ? output.toString('utf8').trim() : undefined
    },
    filesAt(commit, paths) {
      if (paths.length === 0) return []
      const { ok, output } = run(['ls-tree', '-z', '--full-tree', commit, '--', ...paths])
      return ok ? treeFiles(output) : []
    },
    filesIn(commit, folder, depth) {
      const { ok, output } = run([
        'ls-tree',
        ...(depth === 'all' ? ['-r'] : []),
        ...['-z', '--full-tree', commit, '--'],
        ...(folder === '' ? [] : [`${folder}/`]),
      ])
      return ok ? treeFiles(output) : []
    },
    contents(names) {
      if (names.length === 0) return []
      for (const name of names) refuseOption(name)
      const { output } = run(['cat-file', '--batch'], names.map((name) => `${name}\n`).join(''))
      return batchContents(output, names.length)
    },
    objectOf(content, like) {
      const hash = createHash(like.length === 64 ? 'sha256' : 'sha1')
      return hash.update(`blob ${content.length}\0`).update(content).digest('hex')
    },
  }
}

/** git refuses a repository of another user, as in a container, and says how it is allowed; the name of the setting stands in every language. */
function whyNot(complaint: string): string {
  return complaint.includes('safe.directory')
    ? 'the repository belongs to another user, and git does not trust it (git config --global --add safe.directory DIR)'
    : 'it is in no git repository'
}

/** A name that could be taken for an option, or for two names. */
function refuseOption(name: string): void {
  if (name.startsWith('-') || /[\n\r\0]/.test(name))
    throw new MogoError('MOGO_USAGE', { detail: 'A git ref does not begin with - and has no line break.' })
}

/** `mode type object<TAB>path<NUL>`. */
function treeFiles(output: Buffer): readonly TreeFile[] {
  return output
    .toString('utf8')
    .split('\0')
    .flatMap((entry) => {
      const [, mode, object, path] = /^(\d+) blob ([0-9a-f]+)\t(.+)$/s.exec(entry) ?? []
      // 120000 is a symbolic link: its content is a path.
      return mode === undefined || mode === '120000' || object === undefined || path === undefined
        ? []
        : [{ path, object }]
    })
}

/** `object type size<LF>content<LF>`, or a line that says what is wrong. */
function batchContents(output: Buffer, count: number): readonly (string | undefined)[] {
  const contents: (string | undefined)[] = []
  let at = 0
  while (contents.length < count && at < output.length) {
    const end = output.indexOf(0x0a, at)
    if (end < 0) break
    const [, type, size] = /^[0-9a-f]{40,64} (\w+) (\d+)$/.exec(output.toString('latin1', at, end)) ?? []
    at = end + 1
    if (type === undefined) contents.push(undefined)
    else {
      contents.push(type === 'blob' ? output.toString('utf8', at, at + Number(size)) : undefined)
      at += Number(size) + 1
    }
  }
  while (contents.length < count) contents.push(undefined)
  return contents
}
