/**
 * Vectors in Postgres: the types of pgvector, `vector`, `halfvec` and `sparsevec` with their size, which are no types of the user's, although
 * they are not built in. They are there after `create extension vector`.
 */
import type { ContractProperty } from '../model/contract.ts'

/** Most dimensions of each. */
const MOST: ReadonlyMap<string, number> = new Map([
  ['vector', 16_000],
  ['halfvec', 16_000],
  ['sparsevec', 1_000_000_000],
])

/** Said where one of them is used. */
export const PGVECTOR_COMMENT = '-- Needs the extension pgvector: create extension if not exists vector'

/** `vector(3)` as a contract writes it, with the size that the contract says elsewhere; undefined for any other type. */
export function pgvectorType(text: string, property: ContractProperty): string | undefined {
  // A name with a capital inside is the user's.
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) return undefined
  const [, name, size] =
    /^(?:public\.)?(vector|halfvec|sparsevec)(?:\s?\((\d{1,10})\))?$/.exec(text.toLowerCase()) ?? []
  if (name === undefined) return undefined
  return sized(name, size === undefined ? dimensionsOf(property) : Number(size))
}

/** The type for a vector whose physical type says nothing to Postgres: pgvector's, if it holds the elements without loss. */
export function typeOfVector(property: ContractProperty): string {
  const size = dimensionsOf(property)
  switch (property.logicalTypeOptions?.raw['elementType']) {
    case 'binary':
      return size === undefined ? 'bit varying' : `bit(${size})`
    case 'float64':
      return 'double precision[]'
    case 'float16':
      return sized('halfvec', size)
    default:
      return sized('vector', size)
  }
}

/** Is it a type of pgvector, as written by the functions above? */
export function isPgvector(sql: string): boolean {
  return MOST.has(sql.replace(/\(\d+\)(?:\[\])?$/, '').replace(/\[\]$/, ''))
}

/** One that is too large for the type is an array. */
function sized(name: string, size: number | undefined): string {
  if (size === undefined) return name
  return size >= 1 && size <= (MOST.get(name) ?? 0) ? `${name}(${size})` : 'real[]'
}

function dimensionsOf({ logicalType, logicalTypeOptions }: ContractProperty): number | undefined {
  const size = logicalType === 'vector' ? logicalTypeOptions?.dimensions : undefined
  return size !== undefined && Number.isInteger(size) && size > 0 ? size : undefined
}
