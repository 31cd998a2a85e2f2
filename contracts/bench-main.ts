/**
 * `mogo bench contracts`: how fast rows are validated and contracts are checked, beside floors and a peer in the same run.
 *
 *   node contracts/bench-main.ts [--json]
 */
import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type CheckFigures, measureCheck } from './bench/measure-check.ts'
import { measureValidator, type ValidatorFigures } from './bench/measure-validator.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
const loadBefore = Math.round((loadavg()[0] ?? 0) * 10) / 10
const validator = measureValidator()
const check = measureCheck()
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  loadBefore,
  node: process.version,
}
process.stdout.write(
  values.json
    ? `${JSON.stringify({ machine, validator, check }, undefined, 2)}\n`
    : reportText(validator, check),
)

function reportText(rows: ValidatorFigures, files: CheckFigures): string {
  const millions = (rate: number): string => `${(rate / 1e6).toFixed(2)} M rows/s`
  const lines: readonly (readonly [string, string])[] = [
    ['valid rows of 12 columns', millions(rows.rows_per_s)],
    ['bad rows', `${millions(rows.bad_rows_per_s)} (${rows.bad_flood_slowdown} times the time)`],
    ['without generated code', millions(rows.reference_rows_per_s)],
    [
      'floor: zod 4, the same rules',
      `${millions(rows.zod_rows_per_s)}; bad rows ${millions(rows.zod_bad_rows_per_s)}`,
    ],
    [
      `check of ${files.contracts} contracts of ${files.columns} columns`,
      `${files.seconds} s (${files.work_seconds} s without the start)`,
    ],
    ['floor: parse of the YAML alone', `${files.yaml_seconds} s`],
    ['peer', files.peer_seconds === null ? files.peer : `${files.peer_seconds} s (${files.peer})`],
  ]
  const width = Math.max(...lines.map(([name]) => name.length))
  return `\n${lines.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join('\n')}\n\n  on ${machine.cores} cores (${machine.cpu}), load ${machine.loadBefore} before, Node ${machine.node}\n`
}
