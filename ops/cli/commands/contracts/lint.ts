/** `mogo contracts lint`: every fault of contracts, with its place. */
import { relative } from 'node:path'
import { type Command, Option } from 'commander'
import colors from 'picocolors'
import { printable } from '#contracts/check/printable.ts'
import { MogoError } from '#contracts/errors.ts'
import type { ContractFault, Severity } from '#contracts/fault.ts'
import type { CheckedFile } from '#contracts/load-contracts.ts'
import { paint } from '../../finding-colours.ts'
import { line } from '../../output.ts'
import type { Skipped } from './find-contracts.ts'
import { checkNamedContracts } from './named-contracts.ts'

/** Adds the command. */
export function addLintCommand(contracts: Command): void {
  contracts
    .command('lint')
    .description('Check contracts; every fault with its place')
    .argument('[files...]', 'contract files, or folders of them; without any, all of the project')
    .addOption(
      new Option('--format <format>', 'for people or programs').choices(['text', 'json']).default('text'),
    )
    .addHelpText(
      'after',
      `
A contract of the project must be one that the pipeline can run. Of any other, what only the pipeline needs (a key, a tenant, row
filters) is a warning, unless a dataset says whose its rows are (tenant). In folders contracts are found by their content (kind: DataContract),
whatever their names; other files of YAML and JSON are listed as skipped.

Exit codes: 0 no error (there may be warnings), 1 errors, 2 wrong usage, or a folder without contracts.

Examples:
  mogo contracts lint
  mogo contracts lint contracts/orders.odcs.yaml --format json
  mogo contracts lint ../their-contracts`,
    )
    .action((files: string[], options: { format: string }, command: Command) => {
      const { checked, skipped, empty } = checkNamedContracts(files, command)
      if (checked.some(hasError)) process.exitCode = 1
      if (options.format === 'json')
        line(JSON.stringify({ files: checked.map(fileJson), skipped }, undefined, 2))
      else if (checked.length > 0 || skipped.length > 0) line(lintText(checked, skipped))
      if (empty.length > 0) throw new MogoError('MOGO_CONTRACT_NONE', { dir: empty.join(', ') })
    })
}

function hasError({ faults }: CheckedFile): boolean {
  return faults.some(({ severity }) => severity === 'error')
}

/** One file for programs. Keys are stable. */
function fileJson(checked: CheckedFile) {
  return {
    file: checked.file,
    valid: !hasError(checked),
    faults: checked.faults.map(
      ({ severity, code, path, line: row, column, message, expected, suggestion }) => ({
        severity,
        code,
        path,
        line: row,
        column,
        message,
        ...(expected !== undefined && { expected }),
        ...(suggestion !== undefined && { suggestion }),
      }),
    ),
  }
}

/** Most files that were skipped and are listed for people. */
const MAX_LISTED = 20

/** All files for people: a file with its faults, a line each, then what was skipped, and a closing line with the sums. */
function lintText(checked: readonly CheckedFile[], skipped: readonly Skipped[]): string {
  const lines: string[] = []
  for (const { file, faults } of checked) {
    if (faults.length === 0) continue
    lines.push(colors.bold(relative(process.cwd(), file) || file))
    const width = Math.max(...faults.map((fault) => placeText(fault).length))
    for (const fault of faults) lines.push(...faultLines(fault, width))
    lines.push('')
  }
  if (skipped.length > 0) {
    lines.push(colors.bold('skipped'))
    for (const { file, reason } of skipped.slice(0, MAX_LISTED))
      lines.push(`  ${printable(relative(process.cwd(), file) || file)}: ${colors.dim(reason)}`)
    if (skipped.length > MAX_LISTED)
      lines.push(`  and ${skipped.length - MAX_LISTED} more (--format json lists all)`)
    lines.push('')
  }
  const count = (severity: Severity): number =>
    checked.reduce((sum, { faults }) => sum + faults.filter((fault) => fault.severity === severity).length, 0)
  const errors = count('error')
  const sums = `${checked.length} file(s): ${errors} error(s), ${count('warning')} warning(s), ${count('info')} for information${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`
  return [...lines, errors > 0 || checked.length === 0 ? colors.red(sums) : colors.green(sums)].join('\n')
}

function placeText({ line: row, column }: ContractFault): string {
  return `${row}:${column}`
}

function faultLines(fault: ContractFault, width: number): readonly string[] {
  const { severity, code, path, message, expected, suggestion } = fault
  const head = `  ${placeText(fault).padEnd(width)}  ${paint(severity, severity.padEnd(7))}  `
  const where = colors.dim(`${code} at ${printable(path) || 'document'}`)
  const more = [
    expected !== undefined && !message.includes(expected) ? `expected ${expected}` : '',
    suggestion !== undefined && !message.includes(suggestion) ? suggestion : '',
  ].filter((text) => text !== '')
  return [
    `${head}${printable(message)}  ${where}`,
    ...(more.length > 0 ? [`${' '.repeat(width + 13)}${colors.dim(printable(more.join('; ')))}`] : []),
  ]
}
