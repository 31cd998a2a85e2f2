/**
 * Values that Debezium changes, or stops at, although it brings their type as it is (measured with 3.7.0.Final; `TYPES.md`). Nothing in a
 * record tells them from others, so they are looked for in the source, before a table is read.
 *
 * In the stream they cannot be seen coming: a CHECK in the source keeps them out (`mogo doctor` names the columns that lack one), and `mogo verify` finds them.
 */

import type { CompiledColumn, CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { bareType } from '#contracts/compile/target-type.ts'
import { arrayElement } from '#contracts/compile/type-mapping.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { quoteName } from '#contracts/postgres-quotes.ts'
import { stopsAtNullElement } from './carried-types.ts'
import { quoteTable, type TableName, tableText } from './postgres-names.ts'
import type { SourceTable } from './source-catalog.ts'

/** One thing to look for: a condition that no row should meet, and what is said if one does. */
export type BentValue = { readonly condition: string; readonly message: string }

/** What to look for in a table under contract. */
export function bentValues(dataset: CompiledDataset, table: SourceTable): readonly BentValue[] {
  return dataset.columns.flatMap((column) => {
    const actual = table.columns.find(({ name }) => name === column.source)
    if (!actual || column.target === null) return []
    const type = actual.baseType ?? actual.type
    const element = arrayElement(type)
    const name = quoteName(column.source)
    const say = (condition: string, words: string): BentValue => ({
      condition,
      message: `column ${column.source}: ${words}`,
    })
    const found = scalarConditions(column, element ?? type, element === undefined ? name : 'e')
    if (element === undefined) return found.map(([condition, words]) => say(condition, words))
    const any = (condition: string) =>
      /*sql*/ `EXISTS (SELECT FROM unnest(${name}) AS u (e) WHERE ${condition})`
    return [
      ...found.map(([condition, words]) => say(any(condition), words)),
      ...(stopsAtNullElement(actual)
        ? [say(any('e IS NULL'), 'there is an array with a NULL in it, at which Debezium stops')]
        : []),
    ]
  })
}

/** A column of which rare values come as others, or stop Debezium, and nothing in the source keeps them out. */
export type UnguardedColumn = {
  readonly table: string
  readonly column: string
  /** The values. */
  readonly reason: string
  /** Keeps them out. */
  readonly statement: string
}

/** Types of which a change brings them as it does a snapshot. */
const IN_STREAM: ReadonlySet<string> = new Set(['time without time zone', 'time with time zone', 'interval'])

/** Columns under contract that lack the CHECK that keeps such values out; it is known by its name. Not of arrays: no CHECK looks into them. */
export function unguardedColumns(dataset: CompiledDataset, table: SourceTable): readonly UnguardedColumn[] {
  return dataset.columns.flatMap((column): readonly UnguardedColumn[] => {
    const actual = table.columns.find(({ name }) => name === column.source)
    const type = actual && (actual.baseType ?? actual.type)
    if (column.target === null || type === undefined || !IN_STREAM.has(typeName(type).name)) return []
    if (arrayElement(type) !== undefined) return []
    const name = guardName(column.source)
    if (table.checks.includes(name)) return []
    const found = scalarConditions(column, type, quoteName(column.source))
    const condition = found.map(([each]) => each).join(' OR ')
    return [
      {
        ...{ table: tableText(table), column: column.source },
        reason: found.map(([, words]) => words.replace(/^there (is|are) /, '')).join('; '),
        statement: /*sql*/ `ALTER TABLE ${quoteTable(table)} ADD CONSTRAINT ${quoteName(name)} CHECK (NOT (${condition}));`,
      },
    ]
  })
}

/** Postgres cuts names at 63 bytes. */
const LONGEST_NAME = 63
function guardName(column: string): string {
  const whole = Buffer.from(`mogo_carried_${column}`)
  if (whole.length <= LONGEST_NAME) return whole.toString('utf8')
  // Not within a character: that is what Postgres does, too.
  return whole
    .subarray(0, LONGEST_NAME)
    .toString('utf8')
    .replace(/\ufffd+$/, '')
}

type Found = readonly [condition: string, words: string]

function scalarConditions(column: CompiledColumn, type: string, value: string): readonly Found[] {
  switch (typeName(type).name) {
    case 'date':
      return [
        [
          lostEra(column, value),
          'there are dates before Christ that a snapshot brings as dates after Christ',
        ],
      ]
    case 'time without time zone':
      return [[`${value} = '24:00:00'`, 'there is a time 24:00:00, which Debezium sends as 00:00:00']]
    case 'time with time zone':
      return [
        [
          `extract(timezone FROM ${value})::int % 60 <> 0`,
          'there is a time whose zone has seconds, at which Debezium stops',
        ],
      ]
    case 'interval':
      return [
        [`NOT isfinite(${value})`, 'there is an infinite interval, which Debezium sends as one of length 0'],
        [
          `abs(extract(hour FROM ${value})) > 2147483647`,
          'there is an interval of more than 2147483647 hours, at which Debezium stops',
        ],
      ]
    case 'numeric':
      return value === 'e'
        ? [
            [
              `e::text IN ('NaN', 'Infinity', '-Infinity')`,
              'there is an array with NaN or infinity, at which Debezium stops',
            ],
          ]
        : []
    default:
      return []
  }
}

/**
 * The dates that would be taken for others. A year that the stored type does not hold is quarantined whatever its era; but where it is
 * clamped, the era says to which side, and as text it would be seen. The ten days that the Gregorian calendar left out are moved, too.
 */
function lostEra({ targetType, outOfRange, kind }: CompiledColumn, value: string): string {
  const inRange = /*sql*/ `${value} BETWEEN '2299-01-01 BC' AND '1900-12-31 BC'`
  if (kind !== 'array' && bareType(targetType) === 'String')
    return /*sql*/ `(isfinite(${value}) AND ${value} < '0001-01-01' OR ${value} BETWEEN '1582-10-05' AND '1582-10-14')`
  return outOfRange === 'clamp' ? /*sql*/ `(isfinite(${value}) AND ${value} < '1900-12-31 BC')` : inRange
}

/** One row with the answers, in order: does a row of the table meet the condition? */
export function bentValuesStatement(table: TableName, values: readonly BentValue[]): string {
  const answers = values.map(
    ({ condition }, index) => `coalesce(bool_or(${condition}), false) AS found_${index}`,
  )
  return /*sql*/ `SELECT ${answers.join(', ')} FROM ${quoteTable(table)}`
}
