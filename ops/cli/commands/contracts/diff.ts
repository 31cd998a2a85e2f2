/** `mogo contracts diff`: what changed between versions of a contract, and whom it breaks. */
import { type Command, Option } from 'commander'
import { diffJson } from '#contracts/check/diff-json.ts'
import { diffText } from '#contracts/check/diff-text.ts'
import type { Perspective } from '#contracts/diff/change.ts'
import {
  type CompareOptions,
  compareFiles,
  compareFolders,
  type DiffReport,
  verdictOf,
} from '#contracts/diff/compare-files.ts'
import { MogoError } from '#contracts/errors.ts'
import { type ContractSource, readContractSource } from '../../contract-sources.ts'
import { paint } from '../../finding-colours.ts'
import { note } from '../../output.ts'
import { findWaivers } from '../../waivers-file.ts'

type Options = {
  readonly perspective: Perspective
  readonly format: 'text' | 'json'
  readonly waivers?: string
}

/** Adds the command. */
export function addDiffCommand(contracts: Command): void {
  contracts
    .command('diff')
    .description('Compare versions of a contract: who breaks, and which version it must become')
    .argument('<old>', 'a file, a folder, or REF:PATH of git')
    .argument('<new>', 'the newer one')
    .argument('[more...]', 'still newer ones: each is compared with the next, and the first with the last')
    .addOption(
      new Option('--perspective <view>', 'whom it breaks')
        .choices(['consumer', 'producer', 'both'])
        .default('consumer'),
    )
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .option(
      '--waivers <file>',
      'agreed changes; default: waivers.yaml in the folder of the contracts, if it is there',
    )
    .addHelpText(
      'after',
      `
Exit codes: 0 nothing breaks, 1 something breaks or the version was raised too little, 2 wrong usage or unreadable, 3 git is unavailable

Examples:
  mogo contracts diff old/orders.odcs.yaml contracts/orders.odcs.yaml
  mogo contracts diff main:contracts/orders.odcs.yaml contracts/orders.odcs.yaml --perspective both
  mogo contracts diff v1.odcs.yaml v2.odcs.yaml v3.odcs.yaml --format json
  mogo contracts diff main:contracts contracts`,
    )
    .action((older: string, newer: string, more: string[], options: Options, command: Command) => {
      const here = process.cwd()
      const sources = [older, newer, ...more].map((source) => readContractSource(source, here))
      const { waivers, faults } = findWaivers(options.waivers, command.optsWithGlobals()['project'], here)
      const report = compare(sources, {
        perspective: options.perspective,
        waivers,
        today: new Date().toISOString().slice(0, 10),
      })
      const all: DiffReport = { ...report, waiverFaults: [...faults, ...report.waiverFaults] }
      for (const { file, errors } of all.faulty)
        note(`${file}: ${errors} error(s); compared as far as it can be read (see mogo contracts lint)`)
      process.stdout.write(options.format === 'json' ? diffJson(all) : diffText(all, paint))
      if (verdictOf(all).failed) process.exitCode = 1
    })
}

function compare(sources: readonly ContractSource[], options: CompareOptions): DiffReport {
  const [first, second] = sources
  const folders = sources.filter(({ kind }) => kind === 'folder').length
  if (folders > 0 && (folders !== 2 || sources.length !== 2))
    throw new MogoError('MOGO_USAGE', { detail: 'Compare two folders, or two or more files.' })
  const report =
    folders === 2 && first && second
      ? compareFolders(first.files, second.files, options)
      : compareFiles(
          sources.flatMap(({ files }) => files),
          options,
        )
  const [bad] = report.unreadable
  if (bad)
    throw new MogoError('MOGO_CONTRACT_SOURCE', {
      source: `${bad.file}:${bad.faults[0]?.line ?? 1}`,
      detail: bad.faults[0]?.message ?? 'it is no contract',
    })
  return report
}
