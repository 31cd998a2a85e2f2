/**
 * Seconds to check many contracts, as `mogo contracts check` checks them: parse, lint, compile. Each round is a process of its own, with its
 * start, because that is what a person or CI waits for. Beside it a plain YAML parse of the same files (the floor), and
 * datacontract-cli (Python) where it is installed, all files in one process too, which is faster than its command once per file.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { benchContract } from './bench-contracts.ts'
import { median } from './median.ts'

/** Figures, in seconds. */
export type CheckFigures = {
  readonly contracts: number
  readonly columns: number
  readonly seconds: number
  /** The work alone, without the start of Node. */
  readonly work_seconds: number
  /** Parsing the YAML of the files and nothing else, in a process of its own. */
  readonly yaml_seconds: number
  /** datacontract-cli on the same files; null where it is not installed, or does not run. */
  readonly peer_seconds: number | null
  readonly peer: string
}

const CONTRACTS = 200
const COLUMNS = 50
const ROUNDS = 3

/** What the peer is asked to do: its own lint of each file, through its library. */
const PEER_SCRIPT = `
import sys
from datacontract.data_contract import DataContract
failed = 0
for file in sys.argv[1:]:
    run = DataContract(data_contract_file=file).lint()
    failed += run.result not in ("passed", "warning")
print(failed)
`

/** Measures, in a folder of its own that is removed afterwards. */
export function measureCheck(): CheckFigures {
  const dir = mkdtempSync(join(tmpdir(), 'mogo-bench-'))
  try {
    const files = Array.from({ length: CONTRACTS }, (_, number) => join(dir, `bench_${number}.odcs.yaml`))
    for (const [number, file] of files.entries()) writeFileSync(file, benchContract(number, COLUMNS))
    const rounds = Array.from({ length: ROUNDS }, () => runOnce('check', dir))
    const floors = Array.from({ length: ROUNDS }, () => runOnce('yaml', dir))
    return {
      contracts: CONTRACTS,
      columns: COLUMNS,
      seconds: rounded(median(rounds.map(({ seconds }) => seconds))),
      work_seconds: rounded(median(rounds.map(({ work }) => work))),
      yaml_seconds: rounded(median(floors.map(({ seconds }) => seconds))),
      ...measurePeer(files),
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function runOnce(what: 'check' | 'yaml', dir: string): { readonly seconds: number; readonly work: number } {
  const script = join(import.meta.dirname, '..', 'bench-check-main.ts')
  const started = performance.now()
  const { status, stdout } = spawnSync(process.execPath, [script, what, dir], { encoding: 'utf8' })
  const seconds = (performance.now() - started) / 1000
  if (status !== 0) throw new Error(`the ${what} run of the benchmark failed`)
  return { seconds, work: Number(stdout) }
}

function measurePeer(files: readonly string[]): Pick<CheckFigures, 'peer' | 'peer_seconds'> {
  const command = findPeer()
  if (command === undefined)
    return {
      peer_seconds: null,
      peer: 'datacontract-cli is not installed (MOGO_DATACONTRACT may name its command)',
    }
  const python = interpreterOf(command)
  if (python === undefined)
    return { peer_seconds: null, peer: `${command} does not say which Python runs it` }
  const started = performance.now()
  const { status, stdout } = spawnSync(python, ['-c', PEER_SCRIPT, ...files], {
    encoding: 'utf8',
    timeout: 900_000,
  })
  const seconds = (performance.now() - started) / 1000
  if (status !== 0) return { peer_seconds: null, peer: 'datacontract-cli did not run to its end' }
  const failed = Number(stdout.trim().split('\n').at(-1))
  return {
    peer_seconds: rounded(seconds),
    peer: `datacontract-cli, its lint in one process; it refuses ${failed} of ${files.length} files`,
  }
}

/** The command of datacontract-cli. */
function findPeer(): string | undefined {
  const named = process.env['MOGO_DATACONTRACT']
  const places =
    named !== undefined && named !== ''
      ? [named]
      : (process.env['PATH'] ?? '').split(delimiter).map((dir) => join(dir, 'datacontract'))
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** The Python of a console script, from its first line. */
function interpreterOf(command: string): string | undefined {
  return /^#!\s*(\S*python\S*)\s*$/m.exec(readFileSync(command, 'utf8').split('\n')[0] ?? '')?.[1]
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}
