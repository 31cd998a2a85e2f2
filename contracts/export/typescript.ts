/**
 * Dataset -> TypeScript: a type and a zod schema of one row as JSON, that say the same.
 *
 * Long integers and decimals may be numbers or texts: as numbers many readers would lose their digits. Contracts are untrusted: names, patterns and values enter the text through JSON.stringify only, and comments cannot be ended.
 */
import type { CompiledColumn, CompiledDataset } from '../compile/compiled-dataset.ts'
import {
  allowedValues,
  deprecation,
  isProtected,
  oneLine,
  piiFacts,
  type Side,
  type SideColumn,
  sideColumns,
} from './output.ts'
import { columnShape, type ValueShape } from './value-shape.ts'

/** The module, as text. */
export function typescriptModule(dataset: CompiledDataset, side: Side): string {
  const type = typeName(dataset.name)
  const schema = `${type.charAt(0).toLowerCase()}${type.slice(1)}Schema`
  const columns = sideColumns(dataset, side)
  return [
    `// Made from the contract ${comment(dataset.contractId)} ${comment(dataset.contractVersion)} (${side} side). Do not edit.`,
    "import { z } from 'zod'",
    '',
    ...doc([dataset.description, deprecation(dataset.document.object) ?? ''], ''),
    `export type ${type} = {`,
    ...columns.flatMap((one) => [
      ...doc(columnDoc(one), '  '),
      `  ${JSON.stringify(one.name)}${one.column.nullable ? '?' : ''}: ${typeText(columnShape(one, side))}${one.column.nullable ? ' | null | undefined' : ''}`,
    ]),
    '}',
    '',
    `/** Checks a row of {@link ${type}}. */`,
    `export const ${schema} = z.object({`,
    ...columns.map(
      (one) =>
        `  [${JSON.stringify(one.name)}]: ${zodText(columnShape(one, side))}${isProtected(one.column, side) ? '' : zodRules(one.column, columnShape(one, side))}${one.column.nullable ? '.nullish()' : ''},`,
    ),
    `}) satisfies z.ZodType<${type}>`,
    '',
  ].join('\n')
}

/** `order_items` -> `OrderItems`; always a name. */
function typeName(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  const joined = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('')
  return /^[A-Za-z]/.test(joined) ? joined : `Row${joined}`
}

function comment(text: string): string {
  return oneLine(text).replaceAll('*/', '* /')
}

function doc(parts: readonly string[], indent: string): readonly string[] {
  const text = parts
    .filter((part) => part !== '')
    .map((part) => comment(part).replace(/\.$/, ''))
    .join('; ')
  return text === '' ? [] : [`${indent}/** ${text} */`]
}

function columnDoc({ column, property }: SideColumn): readonly string[] {
  const pii = piiFacts(column)
  const reason = deprecation(property)
  return [
    column.description,
    column.classification === null ? '' : `classification ${column.classification}`,
    pii ? String(pii['meaning']) : '',
    reason === undefined ? '' : `@deprecated ${reason}`,
  ]
}

function typeText(shape: ValueShape): string {
  switch (shape.type) {
    case 'integer':
      return 'number'
    case 'float':
      return 'number | string'
    case 'bigint':
    case 'decimal':
      return 'number | string'
    case 'boolean':
      return 'boolean'
    case 'any':
      return 'unknown'
    case 'array':
      return `(${typeText(shape.items)}${shape.nullable ? ' | null' : ''})[]`
    case 'map':
      return `Record<string, ${typeText(shape.values)}>`
    case 'object':
      return `{ ${shape.fields
        .map(
          (field) =>
            `${JSON.stringify(field.name)}${field.nullable ? '?' : ''}: ${typeText(field.shape)}${field.nullable ? ' | null | undefined' : ''}`,
        )
        .join('; ')} }`
    default:
      return 'string'
  }
}

function zodText(shape: ValueShape): string {
  switch (shape.type) {
    case 'integer':
      return `z.int().min(${-(2 ** (shape.bits - 1))}).max(${2 ** (shape.bits - 1) - 1})`
    case 'float':
      // NaN and the infinities are no JSON numbers.
      return "z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity', 'nan', 'inf', '-inf'])])"
    case 'bigint':
      return 'z.union([z.int(), z.string().regex(/^-?[0-9]{1,19}$/)])'
    case 'decimal':
      return 'z.union([z.number(), z.string().regex(/^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$/)])'
    case 'boolean':
      return 'z.boolean()'
    case 'uuid':
      return 'z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)'
    case 'date':
      return 'z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}Z?$/)'
    case 'timestamp':
      return 'z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}/)'
    case 'any':
      return 'z.unknown()'
    case 'array':
      return `z.array(${zodText(shape.items)}${shape.nullable ? '.nullable()' : ''})`
    case 'map':
      return `z.record(z.string(), ${zodText(shape.values)})`
    case 'object':
      return `z.object({ ${shape.fields
        .map(
          (field) =>
            `[${JSON.stringify(field.name)}]: ${zodText(field.shape)}${field.nullable ? '.nullish()' : ''}`,
        )
        .join(', ')} })`
    default:
      return 'z.string()'
  }
}

/** Rules that a reader can check without the engine. Bounds of texts (long numbers, moments) are the engine's. */
function zodRules(column: CompiledColumn, shape: ValueShape): string {
  let text = ''
  for (const rule of column.rules)
    switch (rule.rule) {
      // zod counts code units, the contract characters.
      case 'minLength':
        if (shape.type === 'text')
          text += `.refine((value) => [...value].length >= ${rule.bound}, 'minLength')`
        break
      case 'maxLength':
        if (shape.type === 'text')
          text += `.refine((value) => [...value].length <= ${rule.bound}, 'maxLength')`
        break
      case 'pattern':
        if (shape.type === 'text') text += `.regex(new RegExp(${JSON.stringify(rule.pattern)}, 'u'))`
        break
      case 'minItems':
        if (shape.type === 'array') text += `.min(${rule.bound})`
        break
      case 'maxItems':
        if (shape.type === 'array') text += `.max(${rule.bound})`
        break
      case 'minimum':
      case 'maximum':
      case 'exclusiveMinimum':
      case 'exclusiveMaximum':
        if (shape.type === 'integer' && Number.isFinite(Number(rule.bound)))
          text += `.${BOUNDS[rule.rule]}(${Number(rule.bound)})`
        break
    }
  const values = allowedValues(column)
  if (values && shape.type === 'text')
    text += `.refine((value) => ${JSON.stringify(values)}.includes(value), 'validValues')`
  return text
}

const BOUNDS = { minimum: 'gte', maximum: 'lte', exclusiveMinimum: 'gt', exclusiveMaximum: 'lt' } as const
