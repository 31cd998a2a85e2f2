/**
 * Datasets -> dbt `sources.yml`: columns with their tests (not_null, unique, accepted_values, relationships) and, in `meta`, the PII plan.
 *
 * dbt renders Jinja in descriptions, also in those of a contract that somebody else wrote: what opens an expression there is taken apart.
 */
import { stringify } from 'yaml'
import type { CompiledColumn, CompiledDataset } from '../compile/compiled-dataset.ts'
import {
  allowedValues,
  deprecation,
  isProtected,
  piiFacts,
  type Side,
  type SideColumn,
  sideColumns,
} from './output.ts'

/** The file, as text. `database` is the ClickHouse database of the datasets. */
export function dbtSources(datasets: readonly CompiledDataset[], side: Side, database: string): string {
  const bySchema = new Map<string, CompiledDataset[]>()
  for (const dataset of datasets) {
    const schema = side === 'stored' ? database : dataset.source.schema
    bySchema.set(schema, [...(bySchema.get(schema) ?? []), dataset])
  }
  const sources = [...bySchema].map(([schema, members]) => ({
    name: plain(schema),
    schema: plain(schema),
    tables: members.map((dataset) => table(dataset, side, schema, datasets)),
  }))
  return stringify({ version: 2, sources }, { lineWidth: 0, aliasDuplicateObjects: false })
}

function table(
  dataset: CompiledDataset,
  side: Side,
  schema: string,
  all: readonly CompiledDataset[],
): object {
  const { contract, object } = dataset.document
  return {
    name: plain(dataset.name),
    identifier: plain(side === 'stored' ? dataset.table : dataset.source.table),
    ...(dataset.description === '' ? {} : { description: plain(dataset.description) }),
    meta: plainDeep({
      contract: dataset.contractId,
      contract_version: dataset.contractVersion,
      policy: dataset.hash,
      ...(contract.teamName === undefined ? {} : { owner: contract.teamName }),
      ...(dataset.domain === '' ? {} : { domain: dataset.domain }),
      ...(deprecation(object) === undefined ? {} : { deprecated: deprecation(object) }),
      primary_key: dataset.key.map((source) => nameOn(dataset, source, side)),
    }),
    columns: sideColumns(dataset, side).map((one) => column(one, dataset, side, schema, all)),
  }
}

function column(
  one: SideColumn,
  dataset: CompiledDataset,
  side: Side,
  schema: string,
  all: readonly CompiledDataset[],
): object {
  const tests = columnTests(one, dataset, side, schema, all)
  const pii = piiFacts(one.column)
  const meta = {
    ...(one.column.classification === null ? {} : { classification: one.column.classification }),
    ...(deprecation(one.property) === undefined ? {} : { deprecated: deprecation(one.property) }),
    ...(pii ? { pii } : {}),
  }
  return {
    name: plain(one.name),
    ...(one.column.description === '' ? {} : { description: plain(one.column.description) }),
    data_type: plain(side === 'stored' ? one.column.targetType : one.column.sourceType),
    ...(tests.length === 0 ? {} : { tests }),
    ...(Object.keys(meta).length === 0 ? {} : { meta: plainDeep(meta) }),
  }
}

function columnTests(
  { column: of }: SideColumn,
  dataset: CompiledDataset,
  side: Side,
  schema: string,
  all: readonly CompiledDataset[],
): readonly unknown[] {
  const values = allowedValues(of)
  const onlyKey = dataset.key.length === 1 && dataset.key[0] === of.source
  return [
    ...(of.nullable ? [] : ['not_null']),
    // A range or a mask is the same for many values.
    ...((of.unique || onlyKey) && keepsApart(of, side) ? ['unique'] : []),
    ...(values && of.kind !== 'array' && !isProtected(of, side)
      ? [{ accepted_values: { values: values.map(plain), quote: isQuoted(of) } }]
      : []),
    ...dataset.relationships
      .filter(({ columns, to }) => columns.length === 1 && columns[0] === of.source && to.length === 1)
      .flatMap(({ to }) => relationship(to[0] ?? '', dataset, side, schema, all)),
  ]
}

function relationship(
  to: string,
  dataset: CompiledDataset,
  side: Side,
  schema: string,
  all: readonly CompiledDataset[],
): readonly unknown[] {
  const dot = to.lastIndexOf('.')
  const [name, field] = dot < 0 ? [dataset.name, to] : [to.slice(0, dot), to.slice(dot + 1)]
  const other =
    all.find((candidate) => candidate.name === name) ?? (name === dataset.name ? dataset : undefined)
  // A reference out of what is exported cannot be tested here.
  if (!other || !/^[\w $-]+$/.test(field)) return []
  const home = side === 'stored' ? schema : other.source.schema
  return [
    {
      relationships: {
        to: `source('${literal(home)}', '${literal(other.name)}')`,
        field: plain(nameOn(other, field, side)),
      },
    },
  ]
}

/** The name of a column on a side, by its name in the contract or in the source. */
function nameOn(dataset: CompiledDataset, name: string, side: Side): string {
  const index = dataset.columns.findIndex(
    (column, at) => column.source === name || dataset.document.properties[at]?.name === name,
  )
  const found = dataset.columns[index]
  return (side === 'stored' ? found?.target : found?.source) ?? name
}

function keepsApart(column: CompiledColumn, side: Side): boolean {
  return !isProtected(column, side) || column.target !== column.source
}

function isQuoted(column: CompiledColumn): boolean {
  return !['integer', 'bigint', 'decimal', 'float', 'boolean'].includes(column.kind)
}

/** Text in which dbt finds nothing to run. */
function plain(text: string): string {
  return text.replaceAll(/\{(?=[{%#])/g, '{ ')
}

/** A text between quotes of a Jinja expression. */
function literal(text: string): string {
  return text.replaceAll(/[^\w $.-]/g, '_')
}

function plainDeep(value: unknown): unknown {
  if (typeof value === 'string') return plain(value)
  if (Array.isArray(value)) return value.map(plainDeep)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [plain(key), plainDeep(item)]))
}
