/**
 * Datasets -> one TypeScript module: a type and a zod schema of one row as JSON, that say the same.
 *
 * Long integers and decimals may be numbers or texts: as numbers many readers would lose their digits. Contracts are untrusted: names, patterns
 * and values enter the text through JSON.stringify only, and comments cannot be ended.
 */
import type { CompiledDataset, Rule } from '../compile/compiled-dataset.ts'
import { oneLine } from '../one-line.ts'
import { deprecation, isProtected, piiFacts, type Side, type SideColumn, sideColumns } from './output.ts'
import { itemRules } from './rule-text.ts'
import { columnShape, type ValueShape } from './value-shape.ts'
import { helperTexts, type ZodHelper } from './zod-helpers.ts'
import { zodRules } from './zod-rules.ts'

type Use = (helper: ZodHelper) => void

/** The module, as text. */
export function typescriptModule(datasets: readonly CompiledDataset[], side: Side): string {
  const used = new Set<ZodHelper>()
  const parts = datasets.map((dataset) => datasetText(dataset, side, (helper) => used.add(helper)))
  return ["import { z } from 'zod'\n", ...parts, ...helperTexts(used)].join('\n')
}

function datasetText(dataset: CompiledDataset, side: Side, use: Use): string {
  const type = typeName(dataset.name)
  const schema = `${type.charAt(0).toLowerCase()}${type.slice(1)}Schema`
  const columns = sideColumns(dataset, side)
  return [
    `// Made from the contract ${comment(dataset.contractId)} ${comment(dataset.contractVersion)} (${side} side). Do not edit.`,
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
    ...columns.map((one) => `  [${JSON.stringify(one.name)}]: ${zodColumn(one, side, use)},`),
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

function zodColumn(one: SideColumn, side: Side, use: Use): string {
  const rules = isProtected(one.column, side) ? [] : one.column.rules
  return `${zodText(columnShape(one, side), rules, use)}${one.column.nullable ? '.nullish()' : ''}`
}

const COUNTED: ReadonlySet<Rule['rule']> = new Set(['minProperties', 'maxProperties'])

/** The schema of values of a shape that keep the rules. */
function zodText(shape: ValueShape, rules: readonly Rule[], use: Use): string {
  return `${zodType(shape, rules, use)}${zodRules(shape, rules, use)}`
}

function zodType(shape: ValueShape, rules: readonly Rule[], use: Use): string {
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
      return `z.array(${zodText(shape.items, itemRules(rules), use)}${shape.nullable ? '.nullable()' : ''})`
    case 'map':
      return `z.record(z.string(), ${zodText(shape.values, [], use)})`
    case 'object':
      // One that takes no other keys leaves them out, and could not count them.
      return `z.${rules.some(({ rule }) => COUNTED.has(rule)) ? 'looseObject' : 'object'}({ ${shape.fields
        .map(
          (field) =>
            `[${JSON.stringify(field.name)}]: ${zodText(field.shape, [], use)}${field.nullable ? '.nullish()' : ''}`,
        )
        .join(', ')} })`
    default:
      return 'z.string()'
  }
}
