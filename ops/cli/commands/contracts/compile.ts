/** `mogo contracts compile`: every output of contracts, as files. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { DATASET_FORMATS, type DatasetFormat, exportFiles } from '#contracts/export/formats.ts'
import type { Side } from '#contracts/export/output.ts'
import { line, printRows } from '../../output.ts'
import { checkedDatasets } from './checked-datasets.ts'
import { checkSide, sideOption } from './side-option.ts'

type CompileOptions = {
  readonly output: string
  readonly only?: readonly DatasetFormat[]
  readonly side?: Side
  readonly format: 'table' | 'json'
}

/** Adds the command. */
export function addCompileCommand(contracts: Command): void {
  contracts
    .command('compile')
    .description('Write every output of contracts: tables, schemas, types, pages')
    .argument('[files...]', 'contract files; without any, all of the project')
    .requiredOption('--output <dir>', 'folder to write to')
    .addOption(
      new Option('--only <formats>', `only these: ${DATASET_FORMATS.join(', ')}`).argParser(formatList),
    )
    .addOption(sideOption())
    .addOption(
      new Option('--format <format>', 'how to list what was written')
        .choices(['table', 'json'])
        .default('table'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  mogo contracts compile --output build\n  mogo contracts compile orders.odcs.yaml --output build --only clickhouse,avro',
    )
    .action((files: string[], options: CompileOptions, command: Command) => {
      checkSide(options.side, options.only ?? DATASET_FORMATS)
      const checked = checkedDatasets(files, command)
      if (!checked) return
      const settings = { database: checked.database, ...(options.side && { side: options.side }) }
      const written = (options.only ?? DATASET_FORMATS).flatMap((format) =>
        exportFiles(format, checked.datasets, settings).map(({ name, text }) => {
          const file = join(options.output, format, name)
          mkdirSync(dirname(file), { recursive: true })
          writeFileSync(file, text)
          return { format, file, bytes: Buffer.byteLength(text) }
        }),
      )
      printRows(options.format, ['format', 'file', 'bytes'], written)
      if (options.format === 'table')
        line(`${written.length} file(s) of ${checked.datasets.length} dataset(s)`)
    })
}

function formatList(text: string): readonly DatasetFormat[] {
  return text.split(',').map((name) => {
    const format = DATASET_FORMATS.find((known) => known === name.trim())
    if (!format)
      throw new InvalidArgumentError(`There is no format ${name}; known are ${DATASET_FORMATS.join(', ')}.`)
    return format
  })
}
