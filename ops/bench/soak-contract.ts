/** The contract of a soak: that of the benchmark, which waits for its next version when columns come, and has them then. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { ROOT } from '#ops/cli/find-project.ts'

const CONTRACT = join(ROOT, 'pipelines', 'bench', 'bench.odcs.yaml')

type Document = {
  version: string
  schema: { customProperties: object[]; properties: object[] }[]
}

/** Name of an added column, counted from 1. */
export const addedColumn = (number: number): string => `added_${number}`

/** The contract as YAML text, with so many added columns. */
export function soakContract(added: number): string {
  const document = parse(readFileSync(CONTRACT, 'utf8')) as Document
  document.version = `1.${added}.0`
  const [object] = document.schema
  object?.customProperties.push({ property: 'schemaChange', value: 'hold' })
  for (let number = 1; number <= added; number++)
    object?.properties.push({ name: addedColumn(number), logicalType: 'string', physicalType: 'text' })
  return stringify(document)
}
