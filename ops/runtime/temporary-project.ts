/** A project of its own for a benchmark or a chaos run: a folder with embedded servers, gone afterwards, so that nothing of anybody's is touched. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadProject, type Project } from './load-config.ts'

/** See above. */
export type TemporaryProject = {
  readonly project: Project
  /** Removes the folder; its servers must have ended. */
  remove(): void
}

/** What it is made of. `contracts`: name -> YAML text. `settings`: further lines of mogo.yaml. */
export type TemporaryProjectOptions = {
  readonly name: string
  readonly contracts: Readonly<Record<string, string>>
  readonly logLevel: 'info' | 'warn'
  readonly settings?: string
}

/** Makes it in the folder for temporary files. */
export function makeTemporaryProject(options: TemporaryProjectOptions): TemporaryProject {
  const { name, contracts, logLevel, settings = '' } = options
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `mogo-${name}-`)))
  mkdirSync(join(dir, 'contracts'))
  for (const [dataset, text] of Object.entries(contracts))
    writeFileSync(join(dir, 'contracts', `${dataset}.odcs.yaml`), text)
  writeFileSync(join(dir, 'mogo.yaml'), `name: ${name}\nlogLevel: ${logLevel}\n${settings}`)
  return {
    project: loadProject(dir),
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }),
  }
}
