/**
 * Lineage of a dataset as an OpenLineage 2-0-2 RunEvent with ColumnLineage facets 1-2-0, for catalogues that read that standard. Pure.
 *
 * The job is the pipeline of the dataset; a run is a state of its contract, so the run id is derived from it (RFC 9562 version 8) and the
 * same state gives the same run. Inputs: the Postgres table. Outputs: the topic, whose fields come from the table, and the ClickHouse
 * table, whose columns come from the topic. Names of datasets follow OpenLineage's naming: `postgres://host:port` and
 * `database.schema.table`, `kafka://host:port` and the topic, `clickhouse://host:port` and `database.table`.
 */
import { createHash } from 'node:crypto'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { LineageEdge, LineageNode } from '#contracts/events/lineage-edge.ts'

/** `scheme://host:port` of each system. */
export type SystemAddresses = {
  readonly postgres: string
  readonly kafka: string
  readonly clickhouse: string
}

/** What the event is made from. */
export type OpenLineageFacts = {
  readonly project: string
  readonly dataset: CompiledDataset
  /** Edges that the caller may see. */
  readonly edges: readonly LineageEdge[]
  /** Since when this state is known, ISO 8601. */
  readonly eventTime: string
  readonly policyHash: string
  readonly addresses: SystemAddresses
}

const PRODUCER = 'urn:mogothrow77:lineage'
const SCHEMA = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent'
const COLUMN_LINEAGE =
  'https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet'

/** The event. */
export function openLineageEvent(facts: OpenLineageFacts): OpenLineageRunEvent {
  const { dataset, edges } = facts
  const outputs = [...Map.groupBy(edges, ({ to }) => datasetKey(to)).values()].map((into) => ({
    ...nameOf((into[0] as LineageEdge).to, facts.addresses),
    facets: { columnLineage: columnLineage(into, facts.addresses) },
  }))
  const written = new Set(edges.map(({ to }) => datasetKey(to)))
  const sources = new Map(
    edges.filter(({ from }) => !written.has(datasetKey(from))).map(({ from }) => [datasetKey(from), from]),
  )
  return {
    eventType: 'RUNNING',
    eventTime: facts.eventTime,
    producer: PRODUCER,
    schemaURL: SCHEMA,
    run: { runId: runId(dataset.contractId, dataset.contractVersion, facts.policyHash) },
    job: { namespace: `mogo/${facts.project}`, name: `pipeline.${dataset.name}` },
    inputs: [...sources.values()].map((node) => nameOf(node, facts.addresses)),
    outputs,
  }
}

/** The part of the standard that is used here. */
export type OpenLineageRunEvent = {
  readonly eventType: 'RUNNING'
  readonly eventTime: string
  readonly producer: string
  readonly schemaURL: string
  readonly run: { readonly runId: string }
  readonly job: DatasetName
  readonly inputs: readonly DatasetName[]
  readonly outputs: readonly (DatasetName & {
    readonly facets: { readonly columnLineage: ColumnLineageFacet }
  })[]
}
type DatasetName = { readonly namespace: string; readonly name: string }
type InputField = DatasetName & {
  readonly field: string
  readonly transformations: readonly {
    readonly type: string
    readonly subtype: string
    readonly description: string
    readonly masking: boolean
  }[]
}
type ColumnLineageFacet = {
  readonly _producer: string
  readonly _schemaURL: string
  readonly fields: Readonly<Record<string, { readonly inputFields: readonly InputField[] }>>
}

function columnLineage(edges: readonly LineageEdge[], addresses: SystemAddresses): ColumnLineageFacet {
  const byColumn = Map.groupBy(edges, ({ to }) => to.column)
  return {
    _producer: PRODUCER,
    _schemaURL: COLUMN_LINEAGE,
    fields: Object.fromEntries(
      [...byColumn].map(([column, into]) => [
        column,
        {
          inputFields: into.map(({ from, type, subtype, description, masking }) => ({
            ...nameOf(from, addresses),
            field: from.column,
            transformations: [{ type, subtype, description, masking }],
          })),
        },
      ]),
    ),
  }
}

const datasetKey = ({ system, namespace, dataset }: LineageNode): string =>
  JSON.stringify([system, namespace, dataset])

function nameOf(node: LineageNode, addresses: SystemAddresses): DatasetName {
  switch (node.system) {
    case 'postgres':
      return { namespace: addresses.postgres, name: `${node.namespace}.${node.dataset}` }
    case 'kafka':
      return { namespace: addresses.kafka, name: node.dataset }
    case 'clickhouse':
      return { namespace: addresses.clickhouse, name: `${node.namespace}.${node.dataset}` }
    case 'query':
      return { namespace: `mogo/${node.namespace}`, name: node.dataset }
  }
}

/** A UUID of version 8 (own meaning) from a hash. */
function runId(...parts: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
