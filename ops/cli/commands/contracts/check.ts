/** `mogo contracts check`: what CI runs. Lints contracts, and compares them with those that others rely on. */
import { writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { checkContracts } from '#contracts/check/check-contracts.ts'
import { type CheckReport, hasErrors } from '#contracts/check/check-report.ts'
import { checkGithub } from '#contracts/check/github.ts'
import { checkJson } from '#contracts/check/json.ts'
import { checkJunit } from '#contracts/check/junit.ts'
import { checkSarif } from '#contracts/check/sarif.ts'
import { checkText } from '#contracts/check/text.ts'
import type { Perspective } from '#contracts/diff/change.ts'
import { MogoError } from '#contracts/errors.ts'
import manifest from '../../../../package.json' with { type: 'json' }
import { findProject } from '../../find-project.ts'
import { paint } from '../../finding-colours.ts'
import { note } from '../../output.ts'
import { pathFrom, readCheck } from '../../read-check.ts'
import { findWaivers } from '../../waivers-file.ts'
import { checkNamedContracts } from './named-contracts.ts'

const FORMATS = ['text', 'json', 'junit', 'sarif', 'github'] as const

type Options = {
  readonly against?: string
  readonly perspective: Perspective
  readonly format: (typeof FORMATS)[number]
  readonly output?: string
  readonly waivers?: string
}

/** Adds the command. */
export function addCheckCommand(contracts: Command): void {
  contracts
    .command('check')
    .description('For CI: lint contracts, and compare them with those at a git ref')
    .argument('[files...]', 'contract files or folders; without any, the folder of the project')
    .option(
      '--against <ref>',
      'what others rely on; default: origin/main, else main, else HEAD (not in a shallow clone)',
    )
    .addOption(
      new Option('--perspective <view>', 'whom it breaks')
        .choices(['consumer', 'producer', 'both'])
        .default('consumer'),
    )
    .addOption(new Option('--format <format>').choices(FORMATS).default('text'))
    .option('--output <file>', 'write the report to a file; a summary is printed')
    .option(
      '--waivers <file>',
      'agreed changes; default: waivers.yaml in the folder of the contracts, if it is there',
    )
    .addHelpText(
      'after',
      `
Exit codes: 0 all is well, 1 faults or breaking changes, 2 wrong usage, 3 git or the ref is unavailable

Examples:
  mogo contracts check
  mogo contracts check contracts --against origin/main --format github
  mogo contracts check --format sarif --output contracts.sarif
  mogo contracts check contracts/orders.odcs.yaml --perspective both --format json`,
    )
    .action((files: string[], options: Options, command: Command) => {
      const report = check(files, options, command)
      const text = render(report, options.format, options.output === undefined)
      if (options.output === undefined) process.stdout.write(text)
      else {
        write(options.output, text)
        note(checkText(report, { paint }).trimEnd())
      }
      if (hasErrors(report) || report.contracts.length === 0) process.exitCode = 1
    })
}

function check(files: readonly string[], options: Options, command: Command): CheckReport {
  const here = process.cwd()
  const project = command.optsWithGlobals()['project']
  const { against, current, former, root, remark } = readCheck({
    targets: files.length > 0 ? files : [findProject(project, here).contractsDir],
    against: options.against,
    workingDir: here,
    whole: files.length === 0,
    lint: (chosen) => (chosen.length === 0 ? [] : checkNamedContracts(chosen, command).checked),
  })
  if (remark !== undefined) note(remark)
  const found = findWaivers(options.waivers, project, here)
  return checkContracts({
    against,
    perspective: options.perspective,
    current,
    former,
    waivers:
      found.file === null
        ? null
        : { ...found, file: relative(here, found.file), repositoryFile: repositoryPath(root, found.file) },
    whole: files.length === 0 || options.waivers !== undefined,
    today: new Date().toISOString().slice(0, 10),
  })
}

/** Waivers may lie outside of the repository; CI systems cannot show them then. */
function repositoryPath(root: string, file: string): string {
  try {
    return pathFrom(root, resolve(file))
  } catch {
    return file
  }
}

function render(report: CheckReport, format: Options['format'], terminal: boolean): string {
  switch (format) {
    case 'text':
      return checkText(report, terminal ? { paint } : {})
    case 'json':
      return checkJson(report)
    case 'junit':
      return checkJunit(report)
    case 'sarif':
      return checkSarif(report, manifest.version)
    case 'github':
      return checkGithub(report)
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch {
    throw new MogoError('MOGO_STATE_UNWRITABLE', { dir: dirname(resolve(file)) })
  }
}
