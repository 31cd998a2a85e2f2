/** Debezium's placeholder, in the shape that it has in each type: large values that an UPDATE leaves alone stay as they were. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPipeline, type Pipeline } from '../pipelines/support/pipeline.ts'

/** Column type -> a value of more than 2 kB that is kept outside of the row. */
type Large = Readonly<Record<string, string>>
/** Types whose placeholder comes: the table keeps REPLICA IDENTITY DEFAULT, the worker fills from the last known row. */
const TOLD: Large = {
  text: "repeat('x', 9000)",
  'character varying(9000)': "repeat('x', 9000)",
  jsonb: "jsonb_build_object('a', repeat('x', 9000))",
  json: "json_build_object('a', repeat('x', 9000))",
  numeric: "repeat('7', 9000)::numeric",
  'text[]': "array(select 'v' || n from generate_series(1, 2000) n)",
  'character varying(9)[]': "array(select 'v' || n from generate_series(1, 2000) n)",
  'integer[]': 'array(select n from generate_series(1, 2000) n)',
  'bigint[]': 'array(select 9000000000000000000 + n from generate_series(1, 2000) n)',
  'uuid[]': 'array(select md5(n::text)::uuid from generate_series(1, 500) n)',
}
/** Types of which Debezium does not tell: capture gives the table REPLICA IDENTITY FULL. */
const UNTOLD: Large = {
  bytea: "convert_to(repeat('x', 9000), 'UTF8')",
  'smallint[]': 'array(select n::smallint from generate_series(1, 3000) n)',
  'boolean[]': 'array(select n % 2 = 0 from generate_series(1, 9000) n)',
  'double precision[]': 'array(select n / 8.0::float8 from generate_series(1, 2000) n)',
  'numeric(12,2)[]': 'array(select n / 4.0 from generate_series(1, 2000) n)',
  'date[]': "array(select '2026-01-01'::date + n from generate_series(1, 2000) n)",
  'inet[]': "array(select '10.0.0.1'::inet + n from generate_series(1, 2000) n)",
}
const TABLES: Readonly<Record<string, Large>> = { told: TOLD, untold: UNTOLD }
const columnsOf = (table: string) =>
  Object.keys(TABLES[table] ?? {}).map((type, index) => ({ name: `c${index}`, type }))

let pipeline: Pipeline
beforeAll(async () => {
  const schema = Object.entries(TABLES).map(([table, large]) => {
    const columns = columnsOf(table)
    return /*sql*/ `
      create table ${table} (tenant text, id bigint, note text, ${columns.map(({ name, type }) => `${name} ${type}`).join(', ')}, primary key (tenant, id));
      ${columns.map(({ name }) => `alter table ${table} alter column ${name} set storage external;`).join('\n')}
      insert into ${table} values ('a', 1, 'first', ${Object.values(large).join(', ')});`
  })
  pipeline = await createPipeline({
    schema: schema.join('\n'),
    contracts: Object.keys(TABLES).map((table) => ({
      dataset: table,
      table: `public.${table}`,
      tenant: 'tenant',
      columns: [
        { name: 'tenant', type: 'text', key: 1 },
        { name: 'id', type: 'bigint', key: 2 },
        { name: 'note', type: 'text' },
        ...columnsOf(table),
      ],
    })),
  })
  await pipeline.capture().apply()
  await pipeline.startWorker()
  for (const table of Object.keys(TABLES)) await pipeline.until(`SELECT count() FROM ${table} FINAL`, 1)
})
afterAll(() => pipeline?.dispose())

test.each(Object.keys(TABLES))(
  'large values of the table %s stay as they were when another column changes',
  async (table) => {
    const columns = columnsOf(table)
    const values = /*sql*/ `SELECT ${columns.map(({ name }) => name).join(', ')} FROM ${table} FINAL`
    const [before] = await pipeline.rows(values)
    await pipeline.project.postgres.query(`update ${table} set note = 'second'`)
    await pipeline.until(`SELECT note FROM ${table} FINAL`, 'second')
    const [after] = await pipeline.rows(values)
    const changed = columns.filter(({ name }) => before?.[name] !== after?.[name]).map(({ type }) => type)
    expect(changed).toEqual([])
    for (const { name, type } of columns) expect(before?.[name], type).not.toBeNull()
  },
  120_000,
)
