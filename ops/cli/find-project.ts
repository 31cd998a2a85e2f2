/**
 * Which project a command is about: `--project DIR`, else the folder with a mogo.yaml at or above the working folder, else the
 * demo project that comes with the product.
 */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadProject, type Project } from '#ops/runtime/load-config.ts'

/** Root of the installation: where `mogo` lies. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Folder of the demo project. */
export const DEMO_DIR = join(ROOT, 'ops', 'demo')

/** Folder of the project for a command. */
export function projectDir(option: string | undefined, workingDir: string): string {
  if (option !== undefined) return resolve(workingDir, option)
  for (let dir = resolve(workingDir); ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'mogo.yaml'))) return dir
    if (dir === dirname(dir)) return DEMO_DIR
  }
}

/** The project for a command. @throws MogoError of the configuration */
export function findProject(option: string | undefined, workingDir: string): Project {
  return loadProject(projectDir(option, workingDir))
}
