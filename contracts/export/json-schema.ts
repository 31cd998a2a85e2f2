/**
 * Dataset -> JSON Schema (draft 2020-12) of one row as JSON.
 *
 * A column that is not required may be null or absent. Personal columns are annotated with `x-pii`: the plan, what it means, and the name
 * under which the value is stored; what JSON Schema cannot ask, with `x-rules` (`json-schema-rules.ts`).
 */
import type { CompiledDataset } from '../compile/compiled-dataset.ts'
import type { Json } from './json-schema-rules.ts'
import { nullable, shapeSchema } from './json-schema-shape.ts'
import { deprecation, isProtected, piiFacts, type Side, type SideColumn, sideColumns } from './output.ts'
import { columnShape } from './value-shape.ts'

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
    : { ...shapeSchema(columnShape(side, of), column.rules), ...formatSchema(side) }
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

const FORMATS: ReadonlySet<string> = new Set(['email', 'uuid', 'uri', 'hostname', 'ipv4', 'ipv6'])

/** The format that the contract names: to most readers of JSON Schema a remark. */
function formatSchema({ column, property }: SideColumn): Json {
  const format = property.logicalTypeOptions?.format ?? ''
  return column.kind === 'text' && property.logicalType === 'string' && FORMATS.has(format) ? { format } : {}
}
