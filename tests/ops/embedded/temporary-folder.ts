/** Folders for one test file, removed after it. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const made: string[] = []
afterAll(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
})

/** Makes a folder; its path has no symlinks. */
export function temporaryFolder(name: string): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `mogo-${name}-`)))
  made.push(dir)
  return dir
}
