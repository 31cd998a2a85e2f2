/**
 * The shape of a column's values, free of any format: what JSON Schema, Avro and TypeScript are written from.
 *
 * Nested types come from the logical types of the contract (`properties`, `items`, `map`), everything else from the compiled kind. On the
 * stored side a protected value is text, and what ClickHouse has no column for (objects, vectors, arrays that may be NULL) is JSON text.
 */
import type { ValueKind } from '../compile/compiled-dataset.ts'
import { sourceTypeOf } from '../compile/source-type.ts'
import { elementType, mapPostgresType } from '../compile/type-mapping.ts'
import type { ContractProperty } from '../model/contract.ts'
import { isProtected, type Side, type SideColumn } from './output.ts'

/** A shape. */
export type ValueShape =
  | { readonly type: Exclude<ValueKind, 'array' | 'json' | 'decimal' | 'float' | 'integer' | 'timestamp'> }
  | { readonly type: 'integer'; readonly bits: 16 | 32 }
  | { readonly type: 'float'; readonly bits: 32 | 64 }
  | { readonly type: 'decimal'; readonly precision: number | undefined; readonly scale: number }
  | { readonly type: 'timestamp'; readonly zoned: boolean }
  | { readonly type: 'time' }
  /** Anything that JSON can say. */
  | { readonly type: 'any' }
  /** JSON as text; `content` is what the text says. */
  | { readonly type: 'jsonText'; readonly content: ValueShape }
  | { readonly type: 'array'; readonly items: ValueShape; readonly nullable: boolean }
  | { readonly type: 'map'; readonly values: ValueShape }
  | { readonly type: 'object'; readonly fields: readonly ShapeField[] }

/** A field of an object. */
export type ShapeField = {
  readonly name: string
  readonly shape: ValueShape
  readonly nullable: boolean
  readonly property: ContractProperty
}

/** Deepest nesting that is described; below it is anything. */
const MAX_DEPTH = 20

/** The shape of a column on a side. */
export function columnShape({ column, property }: SideColumn, side: Side): ValueShape {
  if (isProtected(column, side)) return { type: 'text' }
  const shape = nested(property, 0) ?? scalarShape(column.sourceType)
  if (side === 'source') return shape
  const isText = shape.type === 'object' || shape.type === 'map' || shape.type === 'any'
  // A ClickHouse array cannot be NULL: one that may be missing is stored as JSON text. So is one in a column of JSON, or a vector.
  const isTextArray = shape.type === 'array' && !column.targetType.startsWith('Array(')
  return isText || isTextArray ? { type: 'jsonText', content: shape } : shape
}

/** The shape of a property inside of another one. */
function propertyShape(property: ContractProperty, depth: number): ValueShape {
  if (depth > MAX_DEPTH) return { type: 'any' }
  return nested(property, depth) ?? scalarShape(sourceTypeOf(property))
}

function nested(property: ContractProperty, depth: number): ValueShape | undefined {
  switch (property.logicalType) {
    case 'object':
      if (property.properties.length === 0) return { type: 'any' }
      return {
        type: 'object',
        fields: property.properties.map((field) => ({
          name: field.physicalName ?? field.name,
          shape: propertyShape(field, depth + 1),
          nullable: !field.required,
          property: field,
        })),
      }
    case 'map':
      return {
        type: 'map',
        values: property.map?.value ? propertyShape(property.map.value, depth + 1) : { type: 'any' },
      }
    case 'vector':
      return { type: 'array', items: { type: 'float', bits: 32 }, nullable: false }
    case 'array':
      return property.items
        ? {
            type: 'array',
            items: propertyShape(property.items, depth + 1),
            nullable: !property.items.required,
          }
        : undefined
    default:
      return undefined
  }
}

/** The shape of a type that is not nested, or an array of such. */
function scalarShape(sourceType: string): ValueShape {
  const { kind, type } = mapPostgresType(sourceType)
  switch (kind) {
    case 'array':
      return { type: 'array', items: scalarShape(elementType(sourceType)), nullable: true }
    case 'json':
      return { type: 'any' }
    case 'integer':
      return { type: 'integer', bits: type === 'Int16' ? 16 : 32 }
    case 'float':
      return { type: 'float', bits: type === 'Float32' ? 32 : 64 }
    case 'decimal': {
      const [, precision, scale] = /^Decimal\((\d+), (\d+)\)$/.exec(type) ?? []
      return {
        type: 'decimal',
        precision: precision === undefined ? undefined : Number(precision),
        scale: Number(scale ?? 0),
      }
    }
    case 'timestamp':
      return { type: 'timestamp', zoned: /tz|with time zone/i.test(sourceType) }
    case 'text':
      return /^time\b/i.test(sourceType.trim()) ? { type: 'time' } : { type: 'text' }
    default:
      return { type: kind }
  }
}
