/**
 * Dataset -> JSON Schema (draft 2020-12) of one row as JSON.
 *
 * Long integers and decimals may be numbers or texts, because many readers would lose their digits as numbers; their bounds are checked
 * where they are numbers. A column that is not required may be null or absent. Personal columns are annotated with `x-pii`: the plan,
 * what it means, and the name under which the value is stored.
 */
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
import { columnShape, type ValueShape } from './value-shape.ts'

type Json = Readonly<Record<string, unknown>>

/** The schema, as text that ends in a line break. */
export function jsonSchema(dataset: CompiledDataset, side: Side): string {
  const columns = sideColumns(dataset, side)
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:mogo:contract:${encodeURIComponent(dataset.contractId)}:${encodeURIComponent(dataset.contractVersion)}:${encodeURIComponent(dataset.name)}:${side}`,
    title: dataset.name,
    ...(dataset.description === '' ? {} : { description: dataset.description }),
    ...(deprecation(dataset.document.object) === undefined ? {} : { deprecated: true }),
    'x-contract': {
      id: dataset.contractId,
      version: dataset.contractVersion,
      policy: dataset.hash,
      side,
      primaryKey: dataset.key,
    },
    type: 'object',
    properties: Object.fromEntries(columns.map((column) => [column.name, columnSchema(column, side)])),
    required: columns.filter(({ column }) => !column.nullable).map(({ name }) => name),
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

function columnSchema(side: SideColumn, of: Side): Json {
  const { column, property } = side
  const schema = isProtected(column, of)
    ? { type: 'string' }
    : { ...shapeSchema(columnShape(side, of)), ...ruleSchema(column), ...formatSchema(side) }
  const pii = piiFacts(column)
  return {
    ...(property.businessName === undefined ? {} : { title: property.businessName }),
    ...(column.description === '' ? {} : { description: column.description }),
    ...(column.nullable ? nullable(schema) : schema),
    ...(property.examples.length === 0 || isProtected(column, of) ? {} : { examples: property.examples }),
    ...(deprecation(property) === undefined ? {} : { deprecated: true }),
    ...(column.classification === null ? {} : { 'x-classification': column.classification }),
    ...(pii ? { 'x-pii': pii } : {}),
  }
}

/** The same, or null. */
function nullable(schema: Json): Json {
  const values = schema['enum']
  const type = schema['type']
  return {
    ...schema,
    ...(type === undefined ? {} : { type: [type, 'null'].flat() }),
    ...(Array.isArray(values) ? { enum: [...values, null] } : {}),
  }
}

function shapeSchema(shape: ValueShape): Json {
  switch (shape.type) {
    case 'integer':
      return {
        type: 'integer',
        minimum: -(2 ** (shape.bits - 1)),
        maximum: 2 ** (shape.bits - 1) - 1,
      }
    case 'bigint':
      return { type: ['integer', 'string'], pattern: '^-?[0-9]{1,19}$' }
    case 'decimal':
      return { type: ['number', 'string'], pattern: '^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$' }
    case 'float':
      return { type: 'number' }
    case 'boolean':
      return { type: 'boolean' }
    case 'uuid':
      return { type: 'string', format: 'uuid' }
    case 'date':
      return { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}Z?$' }
    case 'timestamp':
      return {
        type: 'string',
        pattern:
          '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?(Z|\\+00(:?00)?)?$',
      }
    case 'text':
      return { type: 'string' }
    case 'time':
      return {
        type: 'string',
        pattern: '^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2}){0,2})?$',
      }
    case 'jsonText':
      return { type: 'string', contentMediaType: 'application/json' }
    case 'any':
      return {}
    case 'array':
      return {
        type: 'array',
        items: shape.nullable ? nullable(shapeSchema(shape.items)) : shapeSchema(shape.items),
      }
    case 'map':
      return { type: 'object', additionalProperties: shapeSchema(shape.values) }
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(
          shape.fields.map(({ name, shape: field, nullable: optional, property }) => [
            name,
            {
              ...(property.description === undefined ? {} : { description: property.description }),
              ...(optional ? nullable(shapeSchema(field)) : shapeSchema(field)),
            },
          ]),
        ),
        required: shape.fields.filter((field) => !field.nullable).map(({ name }) => name),
      }
  }
}

/** Rules of the contract in the words of JSON Schema. Lengths are characters (code points) in both. */
function ruleSchema(column: CompiledColumn): Json {
  const schema: Record<string, unknown> = {}
  const isNumber = ['integer', 'bigint', 'decimal', 'float'].includes(column.kind)
  for (const rule of column.rules)
    switch (rule.rule) {
      case 'minLength':
      case 'maxLength':
        if (column.kind === 'text') schema[rule.rule] = rule.bound
        break
      case 'pattern':
        if (column.kind === 'text') schema['pattern'] = rule.pattern
        break
      case 'minItems':
      case 'maxItems':
        if (column.kind === 'array') schema[rule.rule] = rule.bound
        break
      case 'uniqueItems':
        if (column.kind === 'array') schema['uniqueItems'] = true
        break
      case 'minimum':
      case 'maximum':
      case 'exclusiveMinimum':
      case 'exclusiveMaximum':
      case 'multipleOf':
        // A bound that a double cannot hold would be another one here.
        if (isNumber && isExact(rule.bound)) schema[rule.rule] = Number(rule.bound)
        break
    }
  const values = allowedValues(column)
  if (values && column.kind === 'text') schema['enum'] = values
  if (values && column.kind === 'integer') schema['enum'] = values.map(Number)
  return schema
}

const FORMATS: ReadonlySet<string> = new Set(['email', 'uuid', 'uri', 'hostname', 'ipv4', 'ipv6'])

/** The format that the contract names: to most readers of JSON Schema a remark. */
function formatSchema({ column, property }: SideColumn): Json {
  const format = property.logicalTypeOptions?.format ?? ''
  return column.kind === 'text' && property.logicalType === 'string' && FORMATS.has(format) ? { format } : {}
}

function isExact(bound: string): boolean {
  return Number.isFinite(Number(bound)) && bound.replace(/\D/g, '').length <= 15
}
