/**
 * Names that Postgres allows and Debezium, or Kafka, does not carry. All others work: every character of a name that Kafka does not
 * know becomes `_` in the name of the topic; the names in the records stay what they are.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { rawTopic } from '#contracts/events/topics.ts'
import { type TableName, tableText } from './postgres-names.ts'

/** What is wrong with the names of a dataset's table, among all datasets. */
export function nameFaults(
  dataset: CompiledDataset,
  datasets: readonly CompiledDataset[],
): readonly string[] {
  const { source } = dataset
  const faults: string[] = []
  for (const [what, name] of [
    ['schema', source.schema],
    ['table', source.table],
  ] as const) {
    // It takes such a name for one that is quoted already, and reads another table, or none.
    if (name.startsWith('"') || name.endsWith('"'))
      faults.push(
        `Debezium does not read a ${what} whose name begins or ends with a quotation mark; rename it: ALTER ${what.toUpperCase()} … RENAME`,
      )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are blank to Java
    if (/^[\u0000- ]*$/.test(name))
      faults.push(
        `the name of a ${what} that is nothing but blanks cannot be told in a topic; rename it: ALTER ${what.toUpperCase()} … RENAME`,
      )
  }
  const other = datasets.find((each) => isOther(each.source, source) && topicOf(each) === topicOf(dataset))
  if (other)
    faults.push(
      `its topic ${topicOf(dataset)} would be that of ${shown(other.source)} too: characters that Kafka does not know become _ in names of topics; rename one of the tables`,
    )
  return faults
}

/** Without the prefix, which all of them share. */
function topicOf({ source }: CompiledDataset): string {
  return rawTopic('', source).slice(1)
}

function isOther(a: TableName, b: TableName): boolean {
  return a.schema !== b.schema || a.table !== b.table
}

/** Quoted where `schema.table` could be read in two ways. */
function shown(name: TableName): string {
  return name.schema.includes('.') || name.table.includes('.')
    ? `"${name.schema}"."${name.table}"`
    : tableText(name)
}
