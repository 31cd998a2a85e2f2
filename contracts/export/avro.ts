/**
 * Dataset -> Avro schema (1.12) of one row, with logical types.
 *
 * Names in Avro are letters, digits and `_`: others are made legal, and the name of the contract stands in `doc` and in `sourceName`. A stored
 * column under another name than in the source has that as an alias, so that readers find it; but not a protected one, because an alias lets a
 * reader take a raw value for a token. Decimals without a precision are text, since Avro would need one; values that the contract lists are text
 * too, because Avro's enums are names.
 */
import type { CompiledDataset } from '../compile/compiled-dataset.ts'
import { oneLine } from '../one-line.ts'
import { deprecation, isProtected, piiFacts, type Side, type SideColumn, sideColumns } from './output.ts'
import { columnShape, type ValueShape } from './value-shape.ts'

const LEGAL = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The schema, as text that ends in a line break. */
export function avroSchema(dataset: CompiledDataset, side: Side): string {
  const names = new UniqueNames()
  const records = new UniqueNames()
  const record = records.take(side === 'stored' ? dataset.table : dataset.name)
  const fields = sideColumns(dataset, side).map((one) => {
    const { name, column, property } = one
    const legal = names.take(name)
    const pii = piiFacts(column)
    const doc = [
      column.description,
      deprecation(property) ?? '',
      legal === name ? '' : `In the contract: ${name}`,
      pii ? String(pii['meaning']) : '',
    ]
    const type = avroType(columnShape(one, side), `${record}_${legal}`, records)
    return {
      name: legal,
      type: column.nullable ? ['null', type] : type,
      ...(column.nullable ? { default: null } : {}),
      ...docOf(doc),
      ...(hasAlias(one, side) ? { aliases: [column.source] } : {}),
      ...(legal === name ? {} : { sourceName: name }),
      ...(column.classification === null ? {} : { classification: column.classification }),
      ...(pii ? { pii } : {}),
    }
  })
  const schema = {
    type: 'record',
    name: record,
    namespace: namespaceOf(dataset.contractId),
    ...docOf([dataset.description]),
    contract: { id: dataset.contractId, version: dataset.contractVersion, policy: dataset.hash, side },
    fields,
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

function hasAlias({ name, column }: SideColumn, side: Side): boolean {
  return column.source !== name && LEGAL.test(column.source) && !isProtected(column, side)
}

function docOf(parts: readonly string[]): { readonly doc?: string } {
  const doc = parts
    .map(oneLine)
    .filter((part) => part !== '')
    .join(' | ')
  return doc === '' ? {} : { doc }
}

function avroType(shape: ValueShape, path: string, records: UniqueNames): unknown {
  switch (shape.type) {
    case 'integer':
      return 'int'
    case 'bigint':
      return 'long'
    case 'float':
      return shape.bits === 32 ? 'float' : 'double'
    case 'decimal':
      return shape.precision === undefined
        ? 'string'
        : { type: 'bytes', logicalType: 'decimal', precision: shape.precision, scale: shape.scale }
    case 'boolean':
      return 'boolean'
    case 'uuid':
      return { type: 'string', logicalType: 'uuid' }
    case 'date':
      return { type: 'int', logicalType: 'date' }
    case 'timestamp':
      return { type: 'long', logicalType: shape.zoned ? 'timestamp-micros' : 'local-timestamp-micros' }
    case 'time':
      return { type: 'long', logicalType: 'time-micros' }
    case 'text':
    case 'any':
    case 'jsonText':
      return 'string'
    case 'array': {
      const items = avroType(shape.items, path, records)
      return { type: 'array', items: shape.nullable ? ['null', items] : items }
    }
    case 'map':
      return { type: 'map', values: avroType(shape.values, path, records) }
    case 'object': {
      const names = new UniqueNames()
      const record = records.take(path)
      return {
        type: 'record',
        name: record,
        fields: shape.fields.map((field) => {
          const legal = names.take(field.name)
          const type = avroType(field.shape, `${record}_${legal}`, records)
          return {
            name: legal,
            type: field.nullable ? ['null', type] : type,
            ...(field.nullable ? { default: null } : {}),
            ...docOf([
              field.property.description ?? '',
              legal === field.name ? '' : `In the contract: ${field.name}`,
            ]),
            ...(legal === field.name ? {} : { sourceName: field.name }),
          }
        }),
      }
    }
  }
}

/** `urn:shop:contract:orders` is `urn.shop.contract.orders`. */
function namespaceOf(id: string): string {
  const parts = id.split(/[:./]+/).filter((part) => part !== '')
  return parts.length === 0 ? 'contract' : parts.map(legalName).join('.')
}

function legalName(name: string): string {
  const legal = name.replaceAll(/[^A-Za-z0-9_]/g, '_')
  return /^[A-Za-z_]/.test(legal) ? legal : `_${legal}`
}

/** Legal names, each given once. */
class UniqueNames {
  readonly #taken = new Set<string>()

  take(name: string): string {
    const legal = legalName(name)
    let unique = legal
    for (let count = 2; this.#taken.has(unique); count++) unique = `${legal}_${count}`
    this.#taken.add(unique)
    return unique
  }
}
