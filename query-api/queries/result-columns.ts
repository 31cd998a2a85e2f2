/**
 * What the columns of an answer mean: where each comes from, in the words of the contracts.
 *
 * Made from the lineage that the engine resolved and the gate has checked: every dataset and column named here is one that the
 * caller may read.
 */
import type { AccessScope, DatasetAccess } from '#contracts/compile/access-scope.ts'
import { clampedColumns } from '#contracts/compile/clamped-column.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { maskingText } from '#contracts/compile/lineage-edges.ts'
import { customValue } from '#contracts/model/contract.ts'
import type { ColumnSource, QueryLineage } from '../lineage-of-query/lineage-of-query.ts'

/** One column of a dataset that values of a result column come from. */
export type ColumnOrigin = {
  /** Null if the engine's resolver could not tell. */
  readonly dataset: string | null
  readonly version: string | null
  /** `*`: the rows as such, as in count(). */
  readonly column: string | null
  /** identity, transformation, aggregation, window or unknown. */
  readonly relation: string
  readonly classification: string | null
  readonly masking: string | null
  readonly unit: string | null
}

/** One column of an answer. */
export type ResultColumn = {
  readonly name: string
  /** Null if it is only known with the first row (branches of a UNION that differ). */
  readonly type: string | null
  /** Of a column that is handed on as it is; custom property `unit` of the contract's column. */
  readonly unit: string | null
  /** If all origins agree. */
  readonly classification: string | null
  /** How it is masked, such as hmac(email), if all origins agree. */
  readonly masking: string | null
  readonly sources: readonly ColumnOrigin[]
}

/** What an answer is made of. */
export type ResultDescription = {
  readonly datasets: readonly { readonly name: string; readonly version: string }[]
  readonly columns: readonly ResultColumn[]
}

/** Describes the answer of a query that passed the gate. */
export function describeResult(scope: AccessScope, lineage: QueryLineage): ResultDescription {
  const byTable = new Map(scope.datasets.map((access) => [access.dataset.table, access]))
  const accessOf = (table: string) => byTable.get(table.slice(table.indexOf('.') + 1))
  return {
    datasets: lineage.tables.flatMap((table) => {
      const dataset = accessOf(table)?.dataset
      return dataset ? [{ name: dataset.name, version: dataset.contractVersion }] : []
    }),
    columns: lineage.results.map(({ name, sources }, index) =>
      resultColumn(
        name,
        lineage.types[index] ?? null,
        sources
          .filter((source) => source.type === 'DIRECT')
          .map((source) => originOf(source, accessOf(source.table))),
      ),
    ),
  }
}

function resultColumn(name: string, type: string | null, sources: readonly ColumnOrigin[]): ResultColumn {
  const [first] = sources
  const agreed = (field: 'classification' | 'masking') =>
    first && sources.every((source) => source[field] === first[field]) ? first[field] : null
  const isSame = sources.length === 1 && first?.relation === 'identity'
  return {
    ...{ name, type, unit: isSame ? first.unit : null },
    ...{ classification: agreed('classification'), masking: agreed('masking'), sources },
  }
}

const UNKNOWN: ColumnOrigin = {
  ...{ dataset: null, version: null, column: null, relation: 'unknown' },
  ...{ classification: null, masking: null, unit: null },
}

function originOf(source: ColumnSource, access: DatasetAccess | undefined): ColumnOrigin {
  if (!access) return UNKNOWN
  const { dataset } = access
  const relation = source.subtype.toLowerCase()
  const place = { dataset: dataset.name, version: dataset.contractVersion, relation }
  const columns = factsOf(dataset)
  // `metadata.size0`, a subcolumn, is what its column is.
  const facts = columns.get(source.column) ?? columns.get(source.column.split('.')[0] ?? '')
  if (facts) return { ...place, column: source.column, ...facts }
  return { ...UNKNOWN, ...place, column: relation === 'unknown' ? null : source.column }
}

type ColumnFacts = Pick<ColumnOrigin, 'classification' | 'masking' | 'unit'>

/** By ClickHouse column; made once, since it is asked for in every answer. */
const known = new WeakMap<CompiledDataset, ReadonlyMap<string, ColumnFacts>>()

function factsOf(dataset: CompiledDataset): ReadonlyMap<string, ColumnFacts> {
  const made = known.get(dataset)
  if (made) return made
  const units = dataset.document.properties.map((property) => customValue(property, 'unit'))
  const facts = new Map<string, ColumnFacts>()
  for (const [index, column] of [...dataset.columns, ...clampedColumns(dataset.columns)].entries()) {
    const unit = units[index]
    if (column.target !== null)
      facts.set(column.target, {
        classification: column.classification,
        masking: maskingText(column) || null,
        unit: typeof unit === 'string' ? unit : null,
      })
  }
  known.set(dataset, facts)
  return facts
}
