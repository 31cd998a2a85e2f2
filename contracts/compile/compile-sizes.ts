/**
 * Rules of how many items, properties or dimensions a value has.
 *
 * Such a value comes as an array, as JSON, or as the text of either, whatever the type of the column: so the logical type counts as much as
 * the kind. Vectors of bits and bytes have no numbers to count; their type (`bit(8)`) holds their size.
 */
import type { ContractProperty } from '../model/contract.ts'
import type { Rule, ValueKind } from './compiled-dataset.ts'
import { sourceTypeOf } from './source-type.ts'

const PACKED = /^(?:bit|varbit|bytea)\b/i

/** Compiles them. */
export function compileSizes(property: ContractProperty, kind: ValueKind): readonly Rule[] {
  const { logicalType, logicalTypeOptions: options } = property
  if (!options) return []
  const rules: Rule[] = []
  if (holdsItems(property, kind)) {
    if (options.minItems !== undefined && options.minItems > 0)
      rules.push({ rule: 'minItems', bound: options.minItems })
    if (options.maxItems !== undefined) rules.push({ rule: 'maxItems', bound: options.maxItems })
    if (options.uniqueItems === true) rules.push({ rule: 'uniqueItems' })
  }
  if (kind === 'json' || logicalType === 'object' || logicalType === 'map') {
    if (options.minProperties !== undefined && options.minProperties > 0)
      rules.push({ rule: 'minProperties', bound: options.minProperties })
    if (options.maxProperties !== undefined)
      rules.push({ rule: 'maxProperties', bound: options.maxProperties })
  }
  const isPacked = options.raw['elementType'] === 'binary' || PACKED.test(sourceTypeOf(property))
  if (logicalType === 'vector' && options.dimensions !== undefined && !isPacked)
    rules.push({ rule: 'dimensions', bound: options.dimensions })
  return rules
}

/** May a value of the property be an array? JSON may hold one. */
export function holdsItems({ logicalType }: ContractProperty, kind: ValueKind): boolean {
  return kind === 'array' || kind === 'json' || logicalType === 'array'
}
