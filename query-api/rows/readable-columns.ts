/**
 * The columns of a dataset that a caller may read: the only names that get into the SQL. A column that the role may not read and one that
 * there is not are refused in the same words.
 */
import type { DatasetAccess } from '#contracts/compile/access-scope.ts'
import { clampedColumns } from '#contracts/compile/clamped-column.ts'
import type { CompiledColumn } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { nearest } from '#contracts/nearest.ts'
import { type ColumnType, columnType, isScalar } from './column-type.ts'
import type { Ability } from './operators.ts'
import { shownName } from './parameter-fault.ts'

/** A column as requests use it. */
export type ReadableColumn = {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  readonly abilities: ReadonlySet<Ability>
}

/** See {@link readableColumns}. */
export type ReadableColumns = ReturnType<typeof readableColumns>

/** Names of parameters that are no columns, for suggestions. */
const PARAMETERS = 'select sort group aggregate limit cursor role purpose total and or'.split(' ')

/** Makes the columns of a dataset. */
export function readableColumns(access: DatasetAccess) {
  const { dataset, columns: granted } = access
  const stored = [...dataset.columns, ...clampedColumns(dataset.columns)]
  const columns = new Map<string, ReadableColumn>()
  for (const column of stored)
    if (column.target !== null && granted.includes(column.target))
      columns.set(column.target, readable(column.target, column))
  return { dataset: dataset.name, all: [...columns.values()], find: (name: string) => columns.get(name), of }

  /** @throws MogoError MOGO_ROWS_COLUMN */
  function of(name: string): ReadableColumn {
    const column = columns.get(name)
    if (column) return column
    // The source's name of a column that is stored under another one; only what may be read is suggested.
    const renamed = dataset.columns.find(({ source, target }) => source === name && columns.has(target ?? ''))
    const near = renamed?.target ?? nearest(name, [...columns.keys(), ...PARAMETERS])
    throw new MogoError('MOGO_ROWS_COLUMN', {
      column: shownName(name),
      dataset: dataset.name,
      suggestion: near === undefined ? '' : `, perhaps ${near}`,
    })
  }
}

function readable(name: string, column: CompiledColumn): ReadableColumn {
  const type = columnType(column.targetType)
  return { name, type, nullable: column.nullable, abilities: abilitiesOf(type, column) }
}

function abilitiesOf(type: ColumnType, column: CompiledColumn): ReadonlySet<Ability> {
  const abilities: Ability[] = ['any']
  if (isScalar(type)) abilities.push('equal')
  if (isScalar(type) && !UNORDERED.has(type.kind) && !isOtherwiseOrdered(type, column))
    abilities.push('order')
  if (type.kind === 'text') abilities.push('text')
  if (type.kind === 'array' && isScalar(type.items)) abilities.push('items')
  return new Set(abilities)
}

/** Their values come in some order too, but before and after mean nothing. */
const UNORDERED: ReadonlySet<ColumnType['kind']> = new Set(['uuid', 'boolean', 'enum'])

/** Numbers and dates that are stored as text would be in the order of texts: 10 before 9. */
function isOtherwiseOrdered(type: ColumnType, column: CompiledColumn): boolean {
  if (type.kind !== 'text' || column.pii) return false
  return column.kind !== 'text' || !TEXT_TYPES.has(column.logicalType)
}

const TEXT_TYPES: ReadonlySet<string> = new Set(['string', 'time'])
