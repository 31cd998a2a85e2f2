/** Dataset -> its lineage edges: Postgres column -> topic field -> dataset column, with the masking on the second step. */
import type { LineageEdge, LineageNode } from '../events/lineage-edge.ts'
import { rawTopic } from '../events/topics.ts'
import { piiText } from '../pii/pii-words.ts'
import type { CompiledColumn, CompiledDataset } from './compiled-dataset.ts'

/** Where the parts of the pipeline are, as far as names go. */
export type LineagePlaces = {
  /** Source database. */
  readonly sourceDatabase: string
  readonly topicPrefix: string
  /** ClickHouse database of the datasets. */
  readonly database: string
}

/** How a column is masked, in words: `hmac(email)`; empty if it is not. */
export function maskingText(column: Pick<CompiledColumn, 'pii'>): string {
  return column.pii ? piiText(column.pii) : ''
}

/** Edges of one dataset. A dropped column ends at the topic. */
export function lineageEdges(dataset: CompiledDataset, places: LineagePlaces): readonly LineageEdge[] {
  const topic = rawTopic(places.topicPrefix, dataset.source)
  return dataset.columns.flatMap((column): LineageEdge[] => {
    const source: LineageNode = {
      system: 'postgres',
      namespace: places.sourceDatabase,
      dataset: `${dataset.source.schema}.${dataset.source.table}`,
      column: column.source,
    }
    const field: LineageNode = {
      system: 'kafka',
      namespace: places.topicPrefix,
      dataset: topic,
      column: column.source,
    }
    const captured: LineageEdge = {
      from: source,
      to: field,
      type: 'DIRECT',
      subtype: 'IDENTITY',
      masking: false,
      description: '',
    }
    if (column.target === null) return [captured]
    const stored: LineageNode = {
      system: 'clickhouse',
      namespace: places.database,
      dataset: dataset.table,
      column: column.target,
    }
    const told = column.clampedTarget === undefined ? [] : [{ ...stored, column: column.clampedTarget }]
    const masking = maskingText(column)
    const subtype = masking === '' ? 'IDENTITY' : 'TRANSFORMATION'
    return [
      captured,
      { from: field, to: stored, type: 'DIRECT', subtype, masking: masking !== '', description: masking },
      ...told.map(
        (to): LineageEdge => ({
          from: field,
          to,
          type: 'DIRECT',
          subtype: 'TRANSFORMATION',
          masking: false,
          description: 'clamped',
        }),
      ),
    ]
  })
}
