/**
 * One round of `mogo bench contracts`, in a process of its own: checks the contracts of a folder, or only parses their YAML. Prints the
 * seconds that the work took.
 *
 *   node contracts/bench-check-main.ts check|yaml DIR
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { checkContractFiles, contractFiles } from './load-contracts.ts'

const [what = '', dir = ''] = process.argv.slice(2)
const files = contractFiles(dir)
const started = performance.now()
if (what === 'yaml') for (const file of files) parse(readFileSync(file, 'utf8'))
else {
  const checked = checkContractFiles(files)
  const datasets = checked.reduce((sum, one) => sum + one.datasets.length, 0)
  if (datasets !== files.length) process.exitCode = 1
}
process.stdout.write(`${(performance.now() - started) / 1000}\n`)
