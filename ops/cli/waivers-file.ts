/** The file of waivers: the one that was named, else `waivers.yaml` in the folder of the contracts, if there is one. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ParsedWaivers, parseWaivers } from '#contracts/diff/parse-waivers.ts'
import { MogoError } from '#contracts/errors.ts'
import { DEMO_DIR, findProject, projectDir } from './find-project.ts'

/** The waivers, and the file that they are in; null if there is none. */
export type FoundWaivers = ParsedWaivers & { readonly file: string | null }

/**
 * Finds and reads them.
 *
 * @throws MogoError MOGO_CONTRACT_SOURCE if the named file cannot be read
 */
export function findWaivers(
  named: string | undefined,
  project: string | undefined,
  workingDir: string,
): FoundWaivers {
  const file = named ?? standardFile(project, workingDir)
  if (named === undefined && !existsSync(file)) return { waivers: [], faults: [], file: null }
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new MogoError('MOGO_CONTRACT_SOURCE', { source: file, detail: 'the waivers cannot be read' })
  }
  return { ...parseWaivers(text), file }
}

/** Outside of any project: in `contracts/` here. */
function standardFile(project: string | undefined, workingDir: string): string {
  const inProject = projectDir(project, workingDir) !== DEMO_DIR
  return join(inProject ? findProject(project, workingDir).contractsDir : 'contracts', 'waivers.yaml')
}
