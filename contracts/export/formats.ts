/** The outputs by name: what each is called, and how it is made. All are pure and deterministic. */
import type { CompiledDataset } from '../compile/compiled-dataset.ts'
import { avroSchema } from './avro.ts'
import { clickhouseScript } from './clickhouse.ts'
import { dbtSources } from './dbt.ts'
import { debeziumLists } from './debezium.ts'
import { htmlCatalogue } from './html.ts'
import { jsonSchema } from './json-schema.ts'
import { markdownPage } from './markdown.ts'
import type { Side } from './output.ts'
import { postgresScript } from './postgres-ddl.ts'
import { typescriptModule } from './typescript.ts'

/** Names of the outputs that are made from compiled datasets. The normal form (`odcs`) is made from the text, see `odcs.ts`. */
export const DATASET_FORMATS = [
  'clickhouse',
  'postgres',
  'debezium',
  'json-schema',
  'avro',
  'typescript',
  'dbt',
  'markdown',
  'html',
] as const
/** See {@link DATASET_FORMATS}. */
export type DatasetFormat = (typeof DATASET_FORMATS)[number]

/** Formats that describe rows, of one side or the other. The others show both, or are of one by what they are. */
export const SIDED_FORMATS: readonly DatasetFormat[] = ['json-schema', 'avro', 'typescript', 'dbt']

/** What an output may be told. */
export type ExportOptions = {
  /** Of {@link SIDED_FORMATS}. Default: the source for JSON Schema, Avro and TypeScript; what is stored for dbt. */
  readonly side?: Side
  /** ClickHouse database. */
  readonly database: string
}

/** A file of an output. */
export type ExportFile = { readonly name: string; readonly text: string }

/** Formats that are one file for all datasets; the others are one per dataset. */
const TOGETHER: ReadonlySet<DatasetFormat> = new Set(['dbt', 'html', 'debezium', 'postgres'])

/** One output of one or more datasets, as one text. */
export function exportText(
  format: DatasetFormat,
  datasets: readonly CompiledDataset[],
  options: ExportOptions,
): string {
  const side = options.side ?? (format === 'dbt' ? 'stored' : 'source')
  switch (format) {
    case 'clickhouse':
      return clickhouseScript(datasets, options.database)
    case 'postgres':
      return postgresScript(
        datasets.map(({ document }) => ({ ...document.contract, schema: [document.object] })),
      )
    case 'debezium':
      return debeziumLists(datasets)
    case 'json-schema':
      return joinJson(datasets.map((dataset) => jsonSchema(dataset, side)))
    case 'avro':
      return joinJson(datasets.map((dataset) => avroSchema(dataset, side)))
    case 'typescript':
      return typescriptModule(datasets, side)
    case 'dbt':
      return dbtSources(datasets, side, options.database)
    case 'markdown':
      return datasets.map(markdownPage).join('\n')
    case 'html':
      return htmlCatalogue(datasets)
  }
}

/** The files of a format: `orders.schema.json`, … */
export function exportFiles(
  format: DatasetFormat,
  datasets: readonly CompiledDataset[],
  options: ExportOptions,
): readonly ExportFile[] {
  if (TOGETHER.has(format)) return [{ name: SUFFIX[format], text: exportText(format, datasets, options) }]
  const taken = new Set<string>()
  return datasets.map((dataset) => {
    const base = fileName(dataset.table)
    let name = base
    for (let count = 2; taken.has(name); count++) name = `${base}_${count}`
    taken.add(name)
    return { name: `${name}.${SUFFIX[format]}`, text: exportText(format, [dataset], options) }
  })
}

const SUFFIX: Readonly<Record<DatasetFormat, string>> = {
  clickhouse: 'sql',
  postgres: 'postgres.sql',
  debezium: 'debezium.json',
  'json-schema': 'schema.json',
  avro: 'avsc',
  typescript: 'ts',
  dbt: 'sources.yml',
  markdown: 'md',
  html: 'catalogue.html',
}

/** Dataset names of other people's contracts may hold anything, slashes and dots too. */
function fileName(name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, 100)
  return safe === '' ? 'dataset' : safe
}

/** One document stays one; several become a list. */
function joinJson(texts: readonly string[]): string {
  return texts.length === 1
    ? (texts[0] ?? '')
    : `${JSON.stringify(
        texts.map((text): unknown => JSON.parse(text)),
        undefined,
        2,
      )}\n`
}
