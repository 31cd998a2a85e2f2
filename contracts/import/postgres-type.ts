/**
 * A type of Postgres -> type of the common form. Domains are followed to their base type, which is what the log carries; their checks come
 * along. Types that Postgres prints in a form of its own (intervals, ranges, networks, geometry) are text to everyone else.
 */
import type { CheckedColumn, Comparison } from './check-rules.ts'
import type { ImportedColumn, ImportedLogicalType, ImportedType, ImportedValue } from './imported-table.ts'
import type { CatalogType } from './postgres-catalog.ts'

/** A resolved type. */
export type ResolvedType = {
  readonly type: ImportedType
  readonly checked: CheckedColumn
  /** Expressions over VALUE. */
  readonly checks: readonly string[]
  /** A domain that does not take NULL. */
  readonly notNull: boolean
}

const LOGICAL: readonly (readonly [RegExp, ImportedLogicalType])[] = [
  [/^(smallint|integer|bigint|oid)$/, 'integer'],
  [/^(numeric|real|double precision|money)(\(|$)/, 'number'],
  [/^boolean$/, 'boolean'],
  [/^date$/, 'date'],
  [/^timestamp/, 'timestamp'],
  [/^time/, 'time'],
  [/^jsonb?$/, 'object'],
]
const COMPARISON: readonly (readonly [RegExp, Comparison])[] = [
  [/^(text|character varying(\(\d+\))?)$/, 'text'],
  [/^character\(\d+\)$/, 'character'],
  [/^(smallint|integer|bigint)$/, 'integer'],
  [/^numeric(\(|$)/, 'decimal'],
  [/^(real|double precision)$/, 'float'],
  [/^date$/, 'date'],
  [/^timestamp/, 'timestamp'],
]
/** Types hold each other: a domain of an array of a composite type … */
const MAX_DEPTH = 8

/** Resolves types by their oid. */
export function createTypeResolver(
  types: readonly CatalogType[],
): (oid: string, text: string) => ResolvedType {
  const byOid = new Map(types.map((type) => [type.oid, type]))

  function resolve(oid: string, text: string, depth: number): ResolvedType {
    const type = depth < MAX_DEPTH ? byOid.get(oid) : undefined
    if (type?.kind === 'd') {
      const base = resolve(type.baseOid, type.baseType, depth + 1)
      return {
        type: { ...base.type, custom: { domain: type.name } },
        checked: base.checked,
        checks: [...base.checks, ...type.checks],
        notNull: base.notNull || type.notNull,
      }
    }
    if (type?.kind === 'e')
      return plain({ physicalType: text, logicalType: 'string', values: type.labels }, { comparison: 'enum' })
    if (type?.kind === 'c')
      return plain({
        physicalType: text,
        logicalType: 'object',
        properties: type.fields.map((field): ImportedColumn => {
          const inner = resolve(field.typeOid, field.type, depth + 1)
          return { ...inner.type, name: field.name, required: false }
        }),
      })
    if (/\[\]$/.test(text)) return arrayOf(type, text, depth)
    return builtIn(text)
  }

  /** Arrays of arrays are one type to Postgres. */
  function arrayOf(type: CatalogType | undefined, text: string, depth: number): ResolvedType {
    const element = text.replace(/(\[\])+$/, '')
    const { physicalType = element, ...inner } = resolve(type?.elementOid ?? '0', element, depth + 1).type
    return plain({
      physicalType: `${physicalType}[]`,
      logicalType: 'array',
      items: { physicalType, ...inner },
    })
  }

  return (oid, text) => resolve(oid, text, 0)
}

function plain(type: ImportedType, checked: CheckedColumn = { comparison: 'other' }): ResolvedType {
  return { type, checked, checks: [], notNull: false }
}

function builtIn(physicalType: string): ResolvedType {
  const logicalType = LOGICAL.find(([form]) => form.test(physicalType))?.[1] ?? 'string'
  const options: Record<string, ImportedValue> = {}
  const length = /^character(?: varying)?\((\d+)\)$/.exec(physicalType)?.[1]
  if (length !== undefined) options['maxLength'] = Number(length)
  if (physicalType === 'uuid') options['format'] = 'uuid'
  if (/^timestamp/.test(physicalType)) options['timezone'] = physicalType.endsWith('with time zone')
  const comparison = COMPARISON.find(([form]) => form.test(physicalType))?.[1] ?? 'other'
  return plain(
    { physicalType, logicalType, ...(Object.keys(options).length > 0 ? { options } : {}) },
    { comparison, ...(length !== undefined && comparison === 'character' ? { length: Number(length) } : {}) },
  )
}
