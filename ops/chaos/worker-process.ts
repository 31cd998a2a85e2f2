/**
 * Several workers in one project: each has a small folder of its own in the project's, with the same settings, because the place of a worker's
 * port stands in the folder.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ownProcess, type Stack } from '#ops/cli/stack.ts'
import type { ExtraProcess } from '#ops/embedded/extra-process.ts'
import { writeJson } from '#ops/embedded/state-file.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { endpointsFile } from '#ops/runtime/settings.ts'

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
