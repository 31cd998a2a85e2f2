/** Datasets -> ClickHouse DDL: the tables as the pipeline makes them, headed by what is personal and how it is protected. */
import { createTableStatement } from '../compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '../compile/compiled-dataset.ts'
import { oneLine } from '../one-line.ts'
import { piiLines } from './output.ts'

/** The statements, as one script. */
export function clickhouseScript(datasets: readonly CompiledDataset[], database: string): string {
  return datasets
    .map((dataset) =>
      [
        `-- ${oneLine(`${dataset.name}, contract ${dataset.contractId} ${dataset.contractVersion}, policy ${dataset.hash}`)}`,
        ...piiLines(dataset).map((text) => `-- personal: ${oneLine(text)}`),
        `${createTableStatement(dataset, database)};`,
        '',
      ].join('\n'),
    )
    .join('\n')
}
