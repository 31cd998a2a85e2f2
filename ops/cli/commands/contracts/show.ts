/** `mogo contracts show`: a contract explained to a person. */
import { existsSync, statSync } from 'node:fs'
import { relative } from 'node:path'
import { type Command, Option } from 'commander'
import colors from 'picocolors'
import { printable } from '#contracts/check/printable.ts'
import { checkContract } from '#contracts/check-contract.ts'
import { MogoError } from '#contracts/errors.ts'
import type { ContractFault } from '#contracts/fault.ts'
import { contractFiles, parseContractFile } from '#contracts/load-contracts.ts'
import { nearest } from '#contracts/nearest.ts'
import type { ParsedContract } from '#contracts/parse.ts'
import {
  type ContractSummary,
  contractSummary,
  type DatasetSummary,
} from '#contracts/show/contract-summary.ts'
import { findProject } from '../../find-project.ts'
import { line, renderTable } from '../../output.ts'

/** Adds the command. */
export function addShowCommand(contracts: Command): void {
  contracts
    .command('show')
    .description('Explain a contract: columns, keys, personal data and its protection, roles, promises')
    .argument(
      '<contract>',
      'a file; or the name of a dataset, or the name or id of a contract, of the project',
    )
    .addOption(new Option('--format <format>').choices(['table', 'json']).default('table'))
    .addHelpText(
      'after',
      '\nExamples:\n  mogo contracts show orders\n  mogo contracts show their.odcs.yaml --format json',
    )
    .action((name: string, options: { format: string }, command: Command) => {
      const { file, parsed } = findContract(name, command)
      if (!parsed.contract)
        throw new MogoError('MOGO_CONTRACT_INVALID', {
          count: parsed.faults.length,
          faults: parsed.faults.map((fault) => faultText(file, fault)).join('\n'),
        })
      const summary = contractSummary(parsed.contract)
      const { faults } = checkContract(parsed, { purpose: 'document' })
      const errors = faults.filter(({ severity }) => severity === 'error').length
      if (options.format === 'json') line(JSON.stringify({ file, errors, ...summary }, undefined, 2))
      else line(summaryText(summary, errors, relative(process.cwd(), file) || file))
    })
}

function faultText(file: string, { line: row, column, message }: ContractFault): string {
  return `  ${file}:${row}:${column}: ${printable(message)}`
}

/** The contract of a file, or of the project by a name. @throws MogoError MOGO_USAGE, and those of the configuration */
function findContract(name: string, command: Command): { file: string; parsed: ParsedContract } {
  if (existsSync(name) && statSync(name).isFile()) return { file: name, parsed: readFile(name) }
  const { contractsDir } = findProject(command.optsWithGlobals()['project'], process.cwd())
  const known: string[] = []
  for (const file of contractFiles(contractsDir)) {
    const parsed = parseContractFile(file)
    const contract = typeof parsed === 'string' ? undefined : parsed.contract
    if (typeof parsed === 'string' || !contract) continue
    const names = [contract.id, contract.name ?? '', ...contract.schema.map((object) => object.name)]
    if (names.includes(name)) return { file, parsed }
    known.push(...names)
  }
  const near = nearest(name, known)
  throw new MogoError('MOGO_USAGE', {
    detail: `There is no file ${printable(name)}, and no contract or dataset of that name in ${contractsDir}${near === undefined ? '' : `; did you mean ${near}?`}.`,
  })
}

/** @throws MogoError MOGO_CONTRACT_SOURCE */
function readFile(file: string): ParsedContract {
  const parsed = parseContractFile(file)
  if (typeof parsed === 'string')
    throw new MogoError('MOGO_CONTRACT_SOURCE', { source: file, detail: parsed })
  return parsed
}

/** The whole explanation. Every text of the contract is made fit for a terminal. */
function summaryText(summary: ContractSummary, errors: number, file: string): string {
  const { id, name, version, status, apiVersion, domain, owner } = summary
  const facts: readonly (readonly [string, string])[] = [
    ['id', id],
    ['standard', apiVersion],
    ['domain', domain],
    ['owner', owner],
    ['purpose', summary.purpose],
    ['usage', summary.usage],
    ['limits', summary.limitations],
  ]
  const sections = [
    [
      `${colors.bold(printable(name || id))} ${printable(version)} ${colors.dim(printable(`(${status}), ${file}`))}`,
      ...facts
        .filter(([, value]) => value !== '')
        .map(([label, value]) => `  ${colors.dim(label.padEnd(8))}  ${printable(value.trim())}`),
    ].join('\n'),
    ...summary.datasets.map(datasetText),
    section(
      'Roles',
      ['role', 'access', 'sees', 'columns'],
      summary.roles.map((one) => [one.role, one.access, one.rows, one.columns]),
    ),
    section(
      'Service levels',
      ['property', 'value', 'of'],
      summary.serviceLevels.map((one) => [one.property, one.value, one.element]),
    ),
    section(
      'Servers',
      ['server', 'type', 'environment'],
      summary.servers.map((one) => [one.server, one.type, one.environment]),
    ),
    errors > 0
      ? `${colors.red(`${errors} error(s)`)}: see ${colors.bold(`mogo contracts lint ${printable(file)}`)}`
      : '',
  ]
  return sections.filter((text) => text !== '').join('\n\n')
}

function datasetText(dataset: DatasetSummary): string {
  const { name, source, description, tenant, columns } = dataset
  const about = [
    source === name ? '' : `source ${source}`,
    tenant === '' ? '' : `tenant ${tenant}`,
    description,
  ].filter((text) => text !== '')
  const isPersonal = columns.some(({ personal }) => personal)
  const rows = columns.map((column) => [
    column.name,
    column.type,
    [column.key === '' ? '' : `key ${column.key}`, column.required ? 'required' : '']
      .filter((text) => text !== '')
      .join(', '),
    column.rules.join('; '),
    ...(isPersonal ? [column.protection || column.classification] : [column.classification]),
    column.description,
  ])
  const head = ['column', 'type', 'key', 'rules', isPersonal ? 'protection' : 'class', 'description']
  return [
    `${colors.bold(colors.cyan(printable(name)))}  ${printable(about.join('; '))}`,
    rows.length > 0 ? table(head, rows) : '  no columns',
    section(
      'refers to',
      ['column', 'dataset.column'],
      dataset.references.map(({ from, to }) => [from, to]),
    ),
    section(
      'quality',
      ['of', 'rule', 'severity'],
      dataset.quality.map(({ about: of, rule, severity }) => [of, rule, severity]),
    ),
  ]
    .filter((text) => text !== '')
    .join('\n')
}

function section(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `${colors.bold(title)}\n${table(columns, rows)}`
}

/** A table without its empty columns, the cells in short. */
function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = columns.map((_, index) => rows.some((row) => (row[index] ?? '') !== ''))
  const of = (row: readonly string[]): string[] =>
    row
      .filter((_, index) => kept[index])
      .map((cell) => (cell.length > 70 ? `${printable(cell.slice(0, 69))}…` : printable(cell)))
  return renderTable(of(columns), rows.map(of), '  ').trimEnd()
}
