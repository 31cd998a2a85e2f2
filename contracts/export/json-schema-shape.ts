/**
 * A shape -> JSON Schema (draft 2020-12).
 *
 * Long integers and decimals may be numbers or texts, because many readers would lose their digits as numbers. JSON as text is described by
 * `contentSchema`, which to most readers is a remark.
 */
import type { Rule } from '../compile/compiled-dataset.ts'
import { type Json, withRules } from './json-schema-rules.ts'
import { itemRules } from './rule-text.ts'
import type { ValueShape } from './value-shape.ts'

const JSON_TEXT = { type: 'string', contentMediaType: 'application/json' }

/** The same, or null. */
export function nullable(schema: Json): Json {
  const values = schema['enum']
  const type = schema['type']
  return {
    ...schema,
    ...(type === undefined ? {} : { type: [type, 'null'].flat() }),
    ...(Array.isArray(values) ? { enum: [...values, null] } : {}),
  }
}

/** The schema of values of a shape that keep the rules. */
export function shapeSchema(shape: ValueShape, rules: readonly Rule[] = []): Json {
  // Rules are about what a text says.
  if (shape.type === 'jsonText') return { ...JSON_TEXT, contentSchema: shapeSchema(shape.content, rules) }
  return withRules(typeSchema(shape, rules), shape.type, rules)
}

function typeSchema(shape: Exclude<ValueShape, { type: 'jsonText' }>, rules: readonly Rule[]): Json {
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
    case 'any':
      return {}
    case 'array': {
      const items = shapeSchema(shape.items, itemRules(rules))
      return { type: 'array', items: shape.nullable ? nullable(items) : items }
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
