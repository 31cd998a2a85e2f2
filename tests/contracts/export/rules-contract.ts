/** A contract with a column for every rule that an export puts in words of its own. */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { contractText, KEY } from '../contract-text.ts'
import { datasetsOf } from './wide-contract.ts'

/** Name, then the rest of the property; every column may be absent. */
const COLUMNS: Readonly<Record<string, string>> = {
  whole:
    'logicalType: integer, physicalType: integer, logicalTypeOptions: {minimum: 3, maximum: 12, multipleOf: 3}',
  long: 'logicalType: integer, physicalType: bigint, logicalTypeOptions: {minimum: 9007199254740992, exclusiveMaximum: 9223372036854775800}',
  amount:
    "logicalType: number, physicalType: 'numeric(12,2)', logicalTypeOptions: {exclusiveMinimum: 0, maximum: 10.5, multipleOf: 0.05}",
  ratio: 'logicalType: number, physicalType: double precision, logicalTypeOptions: {minimum: -1, maximum: 1}',
  step: 'logicalType: number, physicalType: numeric, enum: [{value: 1.5}, {value: 2}]',
  day: "logicalType: date, physicalType: date, logicalTypeOptions: {minimum: '2020-01-02', exclusiveMaximum: '2020-02-01'}",
  at: "logicalType: timestamp, physicalType: timestamptz, logicalTypeOptions: {minimum: '2020-01-01T10:00:00Z', maximum: '2020-01-02T00:00:00Z'}",
  tags: "logicalType: array, physicalType: 'text[]', logicalTypeOptions: {minItems: 1, maxItems: 3, uniqueItems: true}, items: {logicalType: string, logicalTypeOptions: {maxLength: 2}}",
  counts:
    "logicalType: array, physicalType: 'integer[]', items: {logicalType: integer, required: true, logicalTypeOptions: {minimum: 1}}",
  prices:
    "logicalType: array, physicalType: 'numeric(12,2)[]', items: {logicalType: number, physicalType: 'numeric(12,2)', logicalTypeOptions: {minimum: 1}}",
  place: 'logicalType: vector, logicalTypeOptions: {dimensions: 3}',
}
/** The shared key, with the logical types that version 3.2 asks for. */
function typed(property: string): string {
  return property
    .replace('physicalType: text', 'logicalType: string, physicalType: text')
    .replace('physicalType: bigint', 'logicalType: integer, physicalType: bigint')
}

/** The dataset, called `things`. */
export function rulesDataset(): CompiledDataset {
  const columns = Object.entries(COLUMNS).map(([name, rest]) => `{name: ${name}, ${rest}}`)
  const properties = [...KEY.map(typed), ...columns]
  const [dataset] = datasetsOf(contractText({ apiVersion: 'v3.2.0', properties }))
  if (!dataset) throw new Error('no dataset')
  return dataset
}
