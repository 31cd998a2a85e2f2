/** What a value consists of: items of an array, properties of an object, numbers of a vector. Each may also come as JSON text. */
import { compareDecimals } from './compare-decimals.ts'
import type { RowValue } from './row.ts'

/** `{1:0.5,3:2}/5`: a sparse vector of five dimensions, as pgvector writes it. */
const SPARSE = /^\{[^{}]*\}\/(\d{1,9})$/

/** The items of an array; undefined for anything else, which has none. */
export function itemsOf(value: RowValue): readonly RowValue[] | undefined {
  const parsed = parsedOf(value)
  return isList(parsed) ? parsed : undefined
}

/** How many properties an object has; 0 for anything else. */
export function propertyCount(value: RowValue): number {
  const parsed = parsedOf(value)
  return isObject(parsed) ? Object.keys(parsed).length : 0
}

/** How many dimensions a vector has; undefined for what is none. A sparse one says how many. */
export function dimensionsOf(value: RowValue): number | undefined {
  const sparse = typeof value === 'string' ? SPARSE.exec(value)?.[1] : undefined
  if (sparse !== undefined) return Number(sparse)
  const parsed = parsedOf(value)
  if (isList(parsed)) return parsed.every(isNumeric) ? parsed.length : undefined
  const said = isObject(parsed) && Object.hasOwn(parsed, 'dimensions') ? parsed['dimensions'] : undefined
  return typeof said === 'number' ? said : undefined
}

function parsedOf(value: RowValue): RowValue | undefined {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value) as RowValue
  } catch {
    return undefined
  }
}

function isList(value: RowValue | undefined): value is readonly RowValue[] {
  return Array.isArray(value)
}

function isObject(value: RowValue | undefined): value is { readonly [name: string]: RowValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Long numbers come as text. */
function isNumeric(value: RowValue): boolean {
  return typeof value === 'number' || (typeof value === 'string' && compareDecimals(value, '0') !== undefined)
}
