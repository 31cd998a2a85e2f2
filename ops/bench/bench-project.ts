/** The project that a benchmark runs in: a folder of its own with embedded servers, gone afterwards, so that nothing of anybody's is touched. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '#ops/cli/find-project.ts'
import { loadProject, type Project } from '#ops/runtime/load-config.ts'

/** The contract that all workloads share; it lies beside those that measure the worker alone. */
const CONTRACT = join(ROOT, 'pipelines', 'bench', 'bench.odcs.yaml')

const CONFIG = `# Settings are the product's defaults.
name: bench
logLevel: warn
`

/** See above. */
export type BenchProject = {
  readonly project: Project
  /** Removes the folder; its servers must have ended. */
  remove(): void
}

/** Makes it in the folder for temporary files. */
export function makeBenchProject(): BenchProject {
  const dir = mkdtempSync(join(tmpdir(), 'mogo-bench-'))
  mkdirSync(join(dir, 'contracts'))
  copyFileSync(CONTRACT, join(dir, 'contracts', 'bench.odcs.yaml'))
  writeFileSync(join(dir, 'mogo.yaml'), CONFIG)
  return {
    project: loadProject(dir),
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }),
  }
}
