/**
 * The project of a chaos run: a folder of its own with embedded servers, gone afterwards. Each worker has a small folder of its own in it with
 * the same settings, because the place of the worker's port stands in the folder.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownProcess, type Stack } from '#ops/cli/stack.ts'
import type { ExtraProcess } from '#ops/embedded/extra-process.ts'
import { writeJson } from '#ops/embedded/state-file.ts'
import { loadProject, type Project } from '#ops/runtime/load-config.ts'
import { endpointsFile } from '#ops/runtime/settings.ts'

/** See above. */
export type TemporaryProject = {
  readonly project: Project
  /** Removes the folder; its servers must have ended. */
  remove(): void
}

/** Makes it in the folder for temporary files. `contracts`: name -> YAML text. `settings` are lines of mogo.yaml. */
export function makeTemporaryProject(
  name: string,
  contracts: Readonly<Record<string, string>>,
  settings: string,
): TemporaryProject {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `mogo-${name}-`)))
  mkdirSync(join(dir, 'contracts'))
  for (const [dataset, text] of Object.entries(contracts))
    writeFileSync(join(dir, 'contracts', `${dataset}.odcs.yaml`), text)
  writeFileSync(join(dir, 'mogo.yaml'), `name: ${name}\nlogLevel: info\n${settings}`)
  return {
    project: loadProject(dir),
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** Name of a worker, counted from 1. */
export const workerName = (number: number): string => `worker-${number}`

/** A worker of the project as a process of the supervisor. */
export async function workerProcess(stack: Stack, settings: string, number: number): Promise<ExtraProcess> {
  const { project } = stack.settings
  const name = workerName(number)
  const dir = join(project.dir, name)
  const run = join(dir, '.mogo')
  const port = await stack.handle.choosePort(name)
  mkdirSync(run, { recursive: true })
  writeFileSync(
    join(dir, 'mogo.yaml'),
    `name: ${project.config.name}\nlogLevel: info\ncontracts: ${JSON.stringify(project.contractsDir)}\n${settings}`,
  )
  symlinkOnce(join(project.stateDir, 'secrets'), join(run, 'secrets'))
  const endpoints = { ...stack.endpoints, worker: { port } }
  writeJson(endpointsFile(run), endpoints)
  return { ...ownProcess('worker', loadProject(dir), endpoints), name }
}

function symlinkOnce(target: string, path: string): void {
  try {
    symlinkSync(target, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
