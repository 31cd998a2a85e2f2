/**
 * Sources and models of dbt -> tables of the common form.
 *
 * Tests say what is true: not_null, unique, accepted_values, relationships. One that is only a warning, or has a condition, is kept in words, as
 * are tests of other packages. The key is a constraint, or `meta.primary_key`, or (a guess) the column that is tested for both unique and
 * not_null.
 */
import { MogoError } from '../errors.ts'
import { type DbtColumn, type DbtTable, type DbtTest, readDbt } from './dbt-project.ts'
import { exportedPlan } from './exported-plan.ts'
import type { Imported, ImportedColumn, ImportedForeignKey, ImportedTable } from './imported-table.ts'
import { isJson, isScalar, type Json, listAt, own, textAt } from './json-file.ts'
import { sqlType } from './sql-type.ts'

/** Reads a file. `select`: names of sources and models; all without any. */
export function dbtTables(file: string, text: string, select: readonly string[]): Imported {
  const all = readDbt(file, text)
  const chosen =
    select.length === 0
      ? all
      : all.filter((table) => select.some((name) => name === table.name || table.aliases.includes(name)))
  if (chosen.length === 0)
    throw new MogoError('MOGO_IMPORT_EMPTY', {
      source: file,
      detail:
        select.length === 0
          ? 'it has no source and no model'
          : `it has no source or model ${select.join(', ')}`,
      remedy: 'Name models and sources with --select as dbt does: orders, raw.orders.',
    })
  const byId = new Map(all.map((table) => [table.id, table]))
  const tables: ImportedTable[] = []
  const refused: { schema: string; name: string; reason: string }[] = []
  for (const table of chosen)
    if (table.columns.length > 0) tables.push(tableOf(table, byId))
    else refused.push({ schema: table.schema, name: table.name, reason: 'dbt knows none of its columns' })
  return { tables, refused }
}

function tableOf(table: DbtTable, byId: ReadonlyMap<string, DbtTable>): ImportedTable {
  const key = keyOf(table)
  const governed = own(table.meta, 'contract') !== undefined && own(table.meta, 'policy') !== undefined
  const { foreignKeys, uniqueKeys, words } = testsOfTable(table, byId)
  return {
    schema: table.schema,
    name: table.name,
    from: 'the files of dbt',
    physicalType: table.kind === 'source' ? 'table' : 'model',
    ...(table.description === '' ? {} : { comment: table.description }),
    columns: table.columns.map((column) => columnOf(column, table, key?.columns ?? [], governed)),
    foreignKeys,
    uniqueKeys,
    rules: words,
    custom: {},
    ...(key?.from === undefined ? {} : { keyFrom: key.from }),
    notes: [],
  }
}

type Key = { readonly columns: readonly string[]; readonly from?: string }

function keyOf(table: DbtTable): Key | undefined {
  const names = new Set(table.columns.map(({ name }) => name))
  const known = (columns: readonly unknown[]): readonly string[] | undefined => {
    const texts = columns.filter((column): column is string => typeof column === 'string')
    return texts.length > 0 && texts.every((column) => names.has(column)) ? texts : undefined
  }
  const constraint = table.constraints.find((one) => textAt(one, 'type') === 'primary_key')
  const ofColumns = table.columns.filter(({ constraints }) =>
    constraints.some((one) => textAt(one, 'type') === 'primary_key'),
  )
  const written =
    known(constraint ? listAt(constraint, 'columns') : []) ??
    known(ofColumns.map(({ name }) => name)) ??
    known(listAt(table.meta, 'primary_key'))
  if (written) return { columns: written }
  const guessed = known(table.primaryKey) ?? testedKey(table)
  return guessed && { columns: guessed, from: 'guessed from the tests unique and not_null' }
}

function testedKey(table: DbtTable): readonly string[] | undefined {
  const column = table.columns.find(
    ({ name }) => isTested(table, name, 'unique') && isTested(table, name, 'not_null'),
  )
  return column && [column.name]
}

function isTested(table: DbtTable, column: string, name: string): boolean {
  return table.tests.some((test) => test.strict && test.column === column && test.name === name)
}

function columnOf(
  column: DbtColumn,
  table: DbtTable,
  key: readonly string[],
  governed: boolean,
): ImportedColumn {
  const { name, type } = column
  const read = type === undefined ? {} : sqlType(type)
  const constraints = new Set(column.constraints.map((one) => textAt(one, 'type')))
  const tests = table.tests.filter((test) => test.column === name)
  const accepted = tests.filter((test) => test.strict && test.name === 'accepted_values').map(valuesOf)
  const values = accepted.find((list) => list !== undefined)
  const position = key.indexOf(name)
  const classification = classificationOf(column.meta)
  const pii = own(column.meta, 'pii')
  const plan = isJson(pii) ? exportedPlan(pii) : undefined
  const words = [
    ...tests.filter(isInWords).map(testText),
    ...column.constraints.flatMap((one) =>
      textAt(one, 'type') === 'check' ? [`Check: ${textAt(one, 'expression') ?? ''}`] : [],
    ),
  ]
  return {
    ...read,
    name,
    ...(column.description === '' ? {} : { comment: column.description }),
    required: isTested(table, name, 'not_null') || constraints.has('not_null') || position >= 0,
    ...(position < 0 && (isTested(table, name, 'unique') || constraints.has('unique'))
      ? { unique: true }
      : {}),
    ...(position < 0 ? {} : { keyPosition: position + 1 }),
    ...(values === undefined ? {} : { values }),
    ...(words.length > 0 ? { rules: words } : {}),
    ...(classification === undefined ? {} : { classification }),
    ...(plan ? { plan } : governed ? { notPersonal: true } : {}),
  }
}

/** `meta: {classification: …}`, or the flags that teams use. */
function classificationOf(meta: Json): string | undefined {
  const written = textAt(meta, 'classification')
  if (written !== undefined) return written
  const flags = ['pii', 'contains_pii', 'is_pii', 'personal', 'personal_data']
  return flags.some((flag) => own(meta, flag) === true || own(meta, flag) === 'true') ? 'personal' : undefined
}

function valuesOf(test: DbtTest): ImportedColumn['values'] {
  const values = listAt(test.args, 'values')
  return values.length > 0 && values.every(isScalar) ? values : undefined
}

const UNDERSTOOD: ReadonlySet<string> = new Set(['not_null', 'unique', 'relationships'])
const COMBINATION = 'dbt_utils.unique_combination_of_columns'

/** Is it kept in words? */
function isInWords(test: DbtTest): boolean {
  if (!test.strict) return true
  return !UNDERSTOOD.has(test.name) && !(test.name === 'accepted_values' && valuesOf(test))
}

function testText(test: DbtTest): string {
  const { model: _model, column_name: _column, toId: _toId, config: _config, ...args } = test.args
  const text = Object.keys(args).length === 0 ? '' : ` ${JSON.stringify(args).slice(0, 500)}`
  return `dbt test${test.strict ? '' : ' (a warning, or with a condition)'}: ${test.name}${text}`
}

function testsOfTable(
  table: DbtTable,
  byId: ReadonlyMap<string, DbtTable>,
): Pick<ImportedTable, 'foreignKeys' | 'uniqueKeys'> & { readonly words: readonly string[] } {
  const foreignKeys: ImportedForeignKey[] = []
  const uniqueKeys: (readonly string[])[] = []
  const words: string[] = []
  for (const test of table.tests) {
    const to = byId.get(textAt(test.args, 'toId') ?? '')
    const field = textAt(test.args, 'field')
    const columns = listAt(test.args, 'combination_of_columns').filter(
      (one): one is string => typeof one === 'string',
    )
    if (
      test.name === 'relationships' &&
      test.strict &&
      test.column !== undefined &&
      to &&
      field !== undefined
    )
      foreignKeys.push({
        columns: [test.column],
        to: { schema: to.schema, name: to.name },
        toColumns: [field],
      })
    else if (test.name === COMBINATION && test.strict && columns.length > 1) uniqueKeys.push(columns)
    else if (test.column === undefined || test.name === 'relationships') words.push(testText(test))
  }
  return { foreignKeys, uniqueKeys, words }
}
