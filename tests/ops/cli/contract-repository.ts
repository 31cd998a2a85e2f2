/** A git repository with contracts, and the command line in it, for tests of `mogo contracts diff` and `check`. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../../ops/cli/main.ts', import.meta.url))

/** A contract of one dataset, whose column `state` may have these values. */
export function contract(name: string, values: string, version = '1.0.0'): string {
  return `apiVersion: v3.1.0
kind: DataContract
id: urn:test:${name}
version: ${version}
status: active
schema:
  - name: ${name}
    properties:
      - name: id
        logicalType: integer
        required: true
      - name: state
        logicalType: string
        customProperties:
          - property: validValues
            value: [${values}]
`
}

/** The repository. Paths are from its root. */
export type ContractRepository = {
  readonly dir: string
  readonly git: (...args: readonly string[]) => void
  readonly write: (file: string, content: string | Uint8Array) => void
  readonly remove: (file: string) => void
  readonly commit: () => void
  /** `mogo contracts …`, in a folder; by default the root. */
  readonly mogo: (
    args: readonly string[],
    options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  ) => { readonly status: number | null; readonly stdout: string; readonly stderr: string }
  readonly dispose: () => void
}

/** Makes one, with the branch `main` and no commit. */
export function createContractRepository(): ContractRepository {
  const dir = mkdtempSync(join(tmpdir(), 'mogo-contract-repository-'))
  const git = (...args: readonly string[]): void => {
    execFileSync(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false', ...args],
      { cwd: dir, stdio: 'ignore' },
    )
  }
  git('init', '-q', '-b', 'main', '.')
  return {
    dir,
    git,
    write(file, content) {
      mkdirSync(dirname(join(dir, file)), { recursive: true })
      writeFileSync(join(dir, file), content)
    },
    remove: (file) => rmSync(join(dir, file), { recursive: true }),
    commit() {
      git('add', '-A')
      git('commit', '-q', '-m', 'a step')
    },
    mogo(args, { cwd = dir, env = {} } = {}) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'contracts', ...args], {
        cwd,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env },
      })
      return { status, stdout, stderr }
    },
    dispose: () => rmSync(dir, { recursive: true, force: true }),
  }
}
