/** `mogo contracts export`: one output of contracts, on standard output or into a file. */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { MogoError } from '#contracts/errors.ts'
import { DATASET_FORMATS, type DatasetFormat, exportText } from '#contracts/export/formats.ts'
import { normalOdcs } from '#contracts/export/odcs.ts'
import type { Side } from '#contracts/export/output.ts'
import { note } from '../../output.ts'
import { checkedDatasets } from './checked-datasets.ts'
import { checkSide, sideOption } from './side-option.ts'

type ExportOptions = {
  readonly to: DatasetFormat | 'odcs'
  readonly output?: string
  readonly side?: Side
  readonly database?: string
}

/** Adds the command. */
export function addExportCommand(contracts: Command): void {
  contracts
    .command('export')
    .description('Print contracts in another format')
    .argument('[files...]', 'contract files; without any, all of the project')
    .addOption(
      new Option('--to <format>', 'the format').choices([...DATASET_FORMATS, 'odcs']).makeOptionMandatory(),
    )
    .option('--output <file>', 'file to write to, instead of standard output')
    .addOption(sideOption())
    .option('--database <name>', 'ClickHouse database that the output names')
    .addHelpText(
      'after',
      '\nExamples:\n  mogo contracts export --to markdown contracts/orders.odcs.yaml\n  mogo contracts export --to html --output catalogue.html',
    )
    .action((files: string[], options: ExportOptions, command: Command) => {
      checkSide(options.side, [options.to])
      const checked = checkedDatasets(files, command)
      if (!checked) return
      const text =
        options.to === 'odcs'
          ? odcsText(checked.files)
          : exportText(options.to, checked.datasets, {
              database: options.database ?? checked.database,
              ...(options.side && { side: options.side }),
            })
      if (options.output === undefined) process.stdout.write(text)
      else {
        writeFileSync(options.output, text)
        note(`${options.output}: ${checked.datasets.length} dataset(s)`)
      }
    })
}

/** A contract is one document. */
function odcsText(files: readonly string[]): string {
  const [file, ...more] = files
  if (file === undefined || more.length > 0)
    throw new MogoError('MOGO_USAGE', {
      detail: 'Name one file: the normal form of a contract is one document.',
    })
  return normalOdcs(readFileSync(file, 'utf8'))
}
