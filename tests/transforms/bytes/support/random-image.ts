/** Random row images of a dataset: in which order the source has its columns, and what stands in them. */
import type { CompiledColumn, CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { oddValue, VALUES } from './column-values.ts'
import type { Draw } from './draw.ts'
import { oddlyWritten } from './json-text.ts'
import { written } from './random-envelope.ts'

/** A column of the source; null for one that the contract does not know. */
export type SourceColumn = { readonly name: string; readonly column: CompiledColumn | null }

/** Columns in the order of the contract. */
export function contractOrder({ columns }: CompiledDataset): readonly SourceColumn[] {
  return columns.map((column) => ({ name: column.source, column }))
}

/** Columns in any order, some more, and some that the contract has missing. */
export function randomOrder(draw: Draw, dataset: CompiledDataset): readonly SourceColumn[] {
  let columns = contractOrder(dataset)
  if (draw.chance(20)) columns = columns.filter(({ column }) => !column?.nullable || draw.chance(70))
  if (draw.chance(3)) columns = columns.filter(() => draw.chance(80))
  if (draw.chance(40))
    columns = [...columns, { name: 'extra', column: null }, { name: 'ts_ms', column: null }]
  return draw.chance(50) ? draw.shuffled(columns) : columns
}

/** An image with usual values; NULL where it may be. */
export function usualImage(draw: Draw, columns: readonly SourceColumn[]): string {
  return imageOf(columns, ({ column }) => {
    if (!column) return '"more"'
    if (column.source === 'tenant_id') return tenantValue(draw, column)
    return column.nullable && draw.chance(20) ? 'null' : (VALUES[column.sourceType]?.usual(draw) ?? 'null')
  })
}

/** An image with any values. */
export function randomImage(draw: Draw, columns: readonly SourceColumn[]): string {
  const percent = draw.pick([100, 100, 98, 90, 0])
  return imageOf(columns, ({ column }) => {
    if (!column) return oddValue(draw, 'jsonb[]')
    const isTenant = column.source === 'tenant_id'
    if (isTenant && draw.chance(85)) return tenantValue(draw, column)
    if (draw.chance(percent)) return VALUES[column.sourceType]?.usual(draw) ?? 'null'
    return draw.chance(15) ? 'null' : oddValue(draw, column.sourceType)
  })
}

function imageOf(columns: readonly SourceColumn[], value: (column: SourceColumn) => string): string {
  return written(columns.map((column) => [column.name, value(column)] as const))
}

const TENANTS = ['acme', 'globex', 'a', 'Straße 日本', 'with "quotes"']

/** Few of them, so that what is kept per tenant is used again. */
function tenantValue(draw: Draw, { sourceType }: CompiledColumn): string {
  if (sourceType === 'uuid') return `"6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7${draw.below(4)}"`
  if (sourceType === 'integer' || sourceType === 'bigint') return String(draw.between(1, 5))
  const text = draw.pick(TENANTS)
  return draw.chance(10) ? oddlyWritten(draw, text) : JSON.stringify(text)
}
