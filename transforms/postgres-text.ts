/**
 * Values that Debezium does not send as Postgres prints them -> Postgres' own text (`wire-form.ts` has the forms). It is done before
 * anything looks at a value, so that rules, PII plans, keys and the stored text all see the same.
 *
 * Intervals are written as Postgres writes them under `intervalstyle = iso_8601`.
 */
import { isUtf8 } from 'node:buffer'
import type { CompiledColumn, CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { arrayElement } from '#contracts/compile/type-mapping.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { type WireForm, wireFormOf } from '#contracts/compile/wire-form.ts'
import { floatText } from './float-text.ts'
import { geometryText } from './geometry-text.ts'
import type { RawRow, RawValue } from './record.ts'

/** The text of a value; undefined if it is no value of the form. NULL stays NULL. */
export type PostgresText = (value: RawValue) => RawValue | undefined

type TypedColumn = Pick<CompiledColumn, 'sourceType' | 'logicalType'>

/** Makes it for a column; undefined for one whose values come as they are. */
export function createPostgresText(column: TypedColumn): PostgresText | undefined {
  const form = wireFormOf(column)
  if (form === 'plain') return undefined
  const element = arrayElement(column.sourceType)
  const text = scalarText(form, element ?? column.sourceType)
  if (element === undefined) return (value) => (value === null ? null : text(value))
  return (value) => {
    if (!Array.isArray(value)) return value === null ? null : undefined
    const items: RawValue[] = []
    for (const item of value as readonly RawValue[]) {
      const made = item === null ? null : text(item)
      if (made === undefined) return undefined
      items.push(made)
    }
    return items
  }
}

/** A row image with its values as Postgres' text, and the columns whose value is none: it then stays as it came. */
export type TextImage = { readonly image: RawRow; readonly wrong: readonly string[] }

/** Makes it for the row images of a dataset; undefined where every column comes as it is. Placeholders of unchanged values stay. */
export function createTextImage(
  dataset: Pick<CompiledDataset, 'columns'>,
  isUnchanged: (value: RawValue | undefined) => boolean,
): ((image: RawRow) => TextImage) | undefined {
  const columns = dataset.columns.flatMap((column) => {
    const text = createPostgresText(column)
    return text ? [{ source: column.source, text }] : []
  })
  if (columns.length === 0) return undefined
  return (image) => {
    const values = new Map<string, RawValue | undefined>(Object.entries(image))
    const wrong: string[] = []
    for (const { source, text } of columns) {
      const value = values.get(source)
      if (value === undefined || value === null || isUnchanged(value)) continue
      const made = text(value)
      if (made === undefined) wrong.push(source)
      else values.set(source, made)
    }
    return { image: Object.fromEntries(values), wrong }
  }
}

function scalarText(form: Exclude<WireForm, 'plain'>, sourceType: string): PostgresText {
  switch (form) {
    case 'time':
      return (value) => (typeof value === 'string' ? value.replace(/Z$/, '') : undefined)
    case 'interval':
      return intervalText
    case 'bit':
      return (value) => (typeof value === 'boolean' ? (value ? '1' : '0') : undefined)
    case 'bits': {
      const length = typeName(sourceType).modifiers[0] ?? 1
      return (value) => bitsText(value, length)
    }
    case 'opaque':
      return opaqueText
    case 'sparse':
      return sparseText
    default:
      return (value) => geometryText(form, value)
  }
}

const INTERVAL = /^P(-?\d+)Y(-?\d+)M(-?\d+)DT(-?\d+)H(-?\d+)M(-?\d+(?:\.\d+)?)S$/

/** `P0Y0M1DT2H3M4.5S` is P1DT2H3M4.5S. */
function intervalText(value: RawValue): string | undefined {
  const parts = typeof value === 'string' ? INTERVAL.exec(value) : null
  if (!parts) return undefined
  const written = (index: number, letter: string): string =>
    Number(parts[index]) === 0 ? '' : `${parts[index]}${letter}`
  const days = `${written(1, 'Y')}${written(2, 'M')}${written(3, 'D')}`
  const time = `${written(4, 'H')}${written(5, 'M')}${written(6, 'S')}`
  return days === '' && time === '' ? 'PT0S' : `P${days}${time === '' ? '' : `T${time}`}`
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function bytesOf(value: RawValue): Buffer | undefined {
  return typeof value === 'string' && BASE64.test(value) ? Buffer.from(value, 'base64') : undefined
}

/** Bytes of java.util.BitSet: the last bit of the string is the lowest of the first byte; zeros at the end are left out. */
function bitsText(value: RawValue, length: number): string | undefined {
  const bytes = bytesOf(value)
  if (!bytes) return undefined
  let text = ''
  for (const byte of bytes) text = `${byte.toString(2).padStart(8, '0')}${text}`
  const digits = text.replace(/^0+/, '')
  return digits.length <= length ? digits.padStart(length, '0') : undefined
}

function opaqueText(value: RawValue): string | undefined {
  const bytes = bytesOf(value)
  return bytes && isUtf8(bytes) ? bytes.toString('utf8') : undefined
}

/** `{1:1.5,3:2}/5`: values by dimension, and how many dimensions there are. Connect writes a map with numbers as keys as a list of pairs. */
function sparseText(value: RawValue): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { dimensions, vector } = value as { readonly [name: string]: RawValue }
  if (typeof dimensions !== 'number' || typeof vector !== 'object' || vector === null) return undefined
  const entries: readonly unknown[] = Array.isArray(vector) ? vector : Object.entries(vector)
  const parts: string[] = []
  for (const entry of entries) {
    const [index, number] = Array.isArray(entry) ? (entry as readonly unknown[]) : []
    if (!/^\d{1,9}$/.test(String(index)) || typeof number !== 'number') return undefined
    parts.push(`${index}:${floatText(number)}`)
  }
  return `{${parts.join(',')}}/${dimensions}`
}
