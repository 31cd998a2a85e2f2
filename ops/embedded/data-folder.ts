/**
 * Data folders: made in one step, and known by version.
 *
 * A folder is prepared under `<dir>.new` and renamed when it is complete, so that an interruption never leaves half of one that looks
 * whole. A file `mogo.json` in it says which server and version wrote it: an older server must not touch newer data.
 */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { MogoError } from '#contracts/errors.ts'
import { readJson, writeJson } from './state-file.ts'

/** Less free space than this, and nothing is started. */
export const NEEDED_FREE_MB = 500

type Marker = { readonly server: string; readonly version: string }

/** Compares versions like 4.3.1 and 26.7.2: negative if `a` is older. Text behind a hyphen does not count. */
export function compareVersions(a: string, b: string): number {
  const parts = (text: string): number[] =>
    (text.split('-')[0] ?? '').split('.').map((part) => Number.parseInt(part, 10) || 0)
  const [left, right] = [parts(a), parts(b)]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * Makes the data folder of a server unless it is there.
 *
 * @param fill fills the new, empty folder it is given
 * @throws MogoError MOGO_DATA_VERSION if a newer server wrote it
 */
export async function ensureDataFolder(
  dir: string,
  marker: Marker,
  fill: (newDir: string) => Promise<void>,
): Promise<void> {
  const file = join(dir, 'mogo.json')
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    const found = readJson<Marker>(file)
    if (found === undefined) return // the server itself looks at the rest
    if (compareVersions(found.version, marker.version) > 0) throw foreignVersion(dir, marker, found.version)
    if (found.version !== marker.version) writeJson(file, marker)
    return
  }
  const fresh = `${dir}.new`
  rmSync(fresh, { recursive: true, force: true })
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true, mode: 0o700 })
  await fill(fresh)
  writeJson(join(fresh, 'mogo.json'), marker)
  renameSync(fresh, dir)
}

/** The error for data that another version wrote. */
export function foreignVersion(dir: string, marker: Marker, found: string): MogoError {
  return new MogoError('MOGO_DATA_VERSION', { server: marker.server, dir, found, expected: marker.version })
}

/**
 * @throws MogoError MOGO_DISK_FULL if less than `neededMb` are free on the disk of `dir`
 */
export async function checkDiskSpace(dir: string, neededMb = NEEDED_FREE_MB): Promise<void> {
  const { bavail, bsize } = await statfs(dir)
  const free = Math.floor((bavail * bsize) / 1024 / 1024)
  if (free < neededMb) throw new MogoError('MOGO_DISK_FULL', { free, dir, needed: neededMb })
}
