/**
 * Values of every type on real servers: what Postgres prints is what ClickHouse holds, value by value, however it came: by the snapshot, by an
 * INSERT or an UPDATE while streaming, or by an INSERT while the worker was away.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareProject } from '#ops/compare/compare-project.ts'
import { SESSION_STATEMENT } from '#ops/compare/expressions.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'
import { COLUMNS, elements, MATRIX_TYPES_SQL, type MatrixColumn, normalForm } from './support/value-matrix.ts'

const NAMES = COLUMNS.map(({ name }) => name)
const SCHEMA = /*sql*/ `${MATRIX_TYPES_SQL}
create table vals (id int primary key, ${COLUMNS.map(({ name, type, required }) => `"${name}" ${type}${required ? " not null default '{}'" : ''}`).join(', ')});`

/** One row more than the longest list of values: all NULL, or the empty array. */
const ROWS = Math.max(...COLUMNS.map(({ values }) => values.length)) + 1
/** The ways, and the id of their first row. */
const WAYS = { snapshot: 0, insert: 100, update: 200, 'insert while the worker is away': 300 }

const literalOf = ({ values, required }: MatrixColumn, row: number) =>
  values[row] ?? (required ? "'{}'" : 'null')
const list = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')

function inserts(first: number): string {
  return Array.from(
    { length: ROWS },
    (_, row) =>
      `insert into vals (id, ${list(NAMES)}) values (${first + row}, ${COLUMNS.map((column) => literalOf(column, row)).join(', ')});`,
  ).join('\n')
}

function updates(first: number): string {
  const empty = Array.from({ length: ROWS }, (_, row) => `insert into vals (id) values (${first + row});`)
  const filled = Array.from(
    { length: ROWS },
    (_, row) =>
      `update vals set ${COLUMNS.map((column) => `"${column.name}" = ${literalOf(column, row)}`).join(', ')} where id = ${first + row};`,
  )
  return [...empty, ...filled].join('\n')
}

let pipeline: Pipeline
let printed: ReadonlyMap<number, Readonly<Record<string, unknown>>>
let stored: ReadonlyMap<number, Readonly<Record<string, unknown>>>

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: `${SCHEMA} ${inserts(WAYS.snapshot)}`,
    contracts: [
      {
        dataset: 'vals',
        table: 'public.vals',
        tenant: '=acme',
        columns: [
          { name: 'id', type: 'integer', key: 1 },
          ...COLUMNS.map(({ name, declared, logicalType, required }) => ({
            name,
            type: declared,
            logicalType,
            required,
          })),
        ],
      },
    ],
  })
  const { postgres } = pipeline.project
  const until = (rows: number) => pipeline.until('SELECT count() FROM vals FINAL', rows, 60)
  await pipeline.capture().apply()
  const worker = await pipeline.startWorker()
  await until(ROWS)
  await postgres.query(inserts(WAYS.insert))
  await postgres.query(updates(WAYS.update))
  await until(3 * ROWS)
  await worker.stop()
  await postgres.query(inserts(WAYS['insert while the worker is away']))
  await pipeline.startWorker()
  await until(4 * ROWS)
  await pipeline.until(`SELECT count() FROM vals FINAL WHERE id BETWEEN 200 AND 299 AND i2 IS NOT NULL`, 3)

  await postgres.query(SESSION_STATEMENT)
  const source = await postgres.query(
    /*sql*/ `select id, ${COLUMNS.map(({ name, print }) => `case when "${name}" is distinct from null then ${print} end as "${name}"`).join(', ')} from vals`,
  )
  printed = byId(source.rows)
  const texts = COLUMNS.map(({ name, isArray, required }) =>
    isArray && required
      ? `arrayMap(e -> toString(e), \`${name}\`) AS \`${name}\``
      : `toString(\`${name}\`) AS \`${name}\``,
  )
  stored = byId(await pipeline.rows(/*sql*/ `SELECT id, ${texts.join(', ')} FROM vals FINAL`))
}, 180_000)
afterAll(() => pipeline?.dispose())

function byId(
  rows: readonly Readonly<Record<string, unknown>>[],
): ReadonlyMap<number, Readonly<Record<string, unknown>>> {
  return new Map(rows.map((row) => [Number(row['id']), row]))
}

/** What a column should be and is, in one form. */
function both({ name, isArray, likeness }: MatrixColumn, id: number): readonly [unknown, unknown] {
  const form = (value: unknown): unknown => {
    if (value === null || value === undefined) return value
    return isArray ? elements(value).map((item) => normalForm(likeness, item)) : normalForm(likeness, value)
  }
  return [form(printed.get(id)?.[name]), form(stored.get(id)?.[name])]
}

describe.each(Object.entries(WAYS))('by %s', (_way, first) => {
  it.each(COLUMNS)('$name ($type) arrives value by value, NULL by NULL', (column) => {
    for (let row = 0; row < ROWS; row++) {
      const [wanted, found] = both(column, first + row)
      expect(found, `row ${row}`).toEqual(wanted)
    }
  })
})

it('nothing was quarantined', async () => {
  const { governance } = pipeline.project
  const rows = await pipeline.rows(
    `SELECT concat(columns[1], ' ', codes[1]) AS fault FROM ${governance}.quarantine FINAL`,
  )
  expect(rows).toEqual([])
})

it('`mogo verify` finds no difference', async () => {
  expect(await compareProject(pipeline.project.settings)).toMatchObject([
    { sourceRows: 4 * ROWS, storedRows: 4 * ROWS, unexplained: 0, explained: 0 },
  ])
})
