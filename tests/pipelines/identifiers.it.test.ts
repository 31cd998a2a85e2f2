/**
 * Names that Postgres allows, of schemas, tables and columns, all the way: by the snapshot, by the stream (insert, update, a changed key, delete), by
 * the snapshot of a table that comes later; and `mogo verify` reads them.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import { quoteName } from '#contracts/postgres-quotes.ts'
import { compareProject } from '#ops/compare/compare-project.ts'
import { contractText, type TestContract } from './support/contract-text.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const TABLES = [
  'a b',
  'a.b',
  'a"b',
  "it's",
  '100%',
  'Ünïcödé🙂',
  'select',
  'UPPER',
  'x'.repeat(63),
  'é'.repeat(31),
  'a$b,c;d:e\\f',
  'tab\tline\nend',
  ['{a}', '{x}'].join('$'),
  '*(+?',
  '`',
  '..',
  '-',
]
const SCHEMAS = ['public', 'Odd Schéma.x', 'group']
/** Column of the source, and its name in the contract where that cannot be the same. */
const COLUMNS: readonly (readonly [column: string, property?: string])[] = [
  ['c d'],
  ['c.d'],
  ['c"d'],
  ["c'd"],
  ['100%'],
  ['größe🙂'],
  ['from'],
  ['Upper'],
  ['y'.repeat(63)],
  ['g,h;i:j\\k'],
  ['`'],
  ['tab\tline\nend'],
  ['constructor'],
  ['toString'],
  ['__proto__', 'proto'],
  ['_version', 'source_version'],
  ['_deleted', 'source_deleted'],
  ['_tenant', 'source_tenant'],
  ['after'],
  ['source'],
  ['#key'],
]
const TENANT = 'the "tenant"'
const KEY = 'i.d'

type Named = { readonly schema: string; readonly table: string; readonly dataset: string }

const named: readonly Named[] = [
  // These differ in . and _ alone, which Kafka takes as long as the topics are made together.
  { schema: 'public', table: 'a.b', dataset: 'dotted' },
  { schema: 'public', table: 'a_b', dataset: 'lined' },
  // Many of the others would have one topic if they were in one schema.
  ...TABLES.map((table, index) => ({ schema: `s${index}`, table, dataset: `t${index}` })),
  ...SCHEMAS.map((schema, index) => ({ schema, table: 'rows', dataset: `r${index}` })),
]
const late: Named = { schema: 'Späte.r', table: 'la.ter"x', dataset: 'later' }

const nameOf = ({ schema, table }: Named) => `${quoteName(schema)}.${quoteName(table)}`
const columns = COLUMNS.map(([column]) => quoteName(column)).join(', ')

function ddl(name: Named): string {
  return `create schema if not exists ${quoteName(name.schema)};
    create table ${nameOf(name)} (${quoteName(TENANT)} text, ${quoteName(KEY)} bigint, ${COLUMNS.map(([column]) => `${quoteName(column)} text`).join(', ')},
      primary key (${quoteName(TENANT)}, ${quoteName(KEY)}));`
}

function contract(name: Named): TestContract {
  return {
    dataset: name.dataset,
    table: nameOf(name),
    tenant: TENANT,
    columns: [
      { name: TENANT, property: 'tenant', type: 'text', key: 1 },
      { name: KEY, type: 'bigint', key: 2 },
      ...COLUMNS.map(([column, property]) => ({
        name: column,
        type: 'text',
        ...(property ? { property } : {}),
      })),
    ],
  }
}

/** A row: its values tell their columns. */
const insert = (name: Named, id: number) =>
  `insert into ${nameOf(name)} (${quoteName(TENANT)}, ${quoteName(KEY)}, ${columns}) values ('acme', ${id}, ${COLUMNS.map((_, index) => `'${name.dataset} ${id} ${index}'`).join(', ')});`

let pipeline: Pipeline

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: [...named, late].flatMap((name) => [ddl(name), insert(name, 1), insert(name, 2)]).join('\n'),
    contracts: named.map(contract),
  })
  const { postgres, project } = pipeline.project
  await pipeline.capture().apply()
  const worker = await pipeline.startWorker()
  for (const { dataset } of named) await pipeline.until(`SELECT count() FROM ${dataset} FINAL`, 2, 60)
  for (const name of named) {
    const key = quoteName(KEY)
    const values = COLUMNS.map(([column], index) => `${quoteName(column)} = 'new ${index}'`).join(', ')
    await postgres.query(insert(name, 3))
    await postgres.query(insert(name, 4))
    await postgres.query(`update ${nameOf(name)} set ${values} where ${key} = 2`)
    await postgres.query(`update ${nameOf(name)} set ${key} = 9007199254740993 where ${key} = 4`)
    await postgres.query(`delete from ${nameOf(name)} where ${key} = 1`)
  }
  const state = `toString(groupArray(\`${KEY}\`))`
  for (const { dataset } of named)
    await pipeline.until(
      `SELECT ${state} FROM (SELECT \`${KEY}\` FROM ${dataset} FINAL ORDER BY 1)`,
      '[2,3,9007199254740993]',
      60,
    )
  await worker.stop()
  writeFileSync(join(project.contractsDir, 'later.odcs.yaml'), contractText(contract(late)))
  await pipeline.capture().apply()
  await pipeline.startWorker()
  await pipeline.until('SELECT count() FROM later FINAL', 2, 60)
}, 240_000)
afterAll(() => pipeline?.dispose())

describe.each([...named, late])('the table $schema.$table', (name) => {
  it('has every value under its column', async () => {
    const stored = COLUMNS.map(([column, property = column]) => quoteIdentifier(property)).join(', ')
    const [row] = await pipeline.rows(
      `SELECT [${stored}] AS found FROM ${name.dataset} FINAL WHERE \`${KEY}\` = 2`,
    )
    const prefix = name === late ? 'later 2' : 'new'
    expect(row).toEqual({ found: COLUMNS.map((_, index) => `${prefix} ${index}`) })
  })
})

it('`mogo verify` reads them all and finds no difference', async () => {
  const results = await compareProject(pipeline.project.settings)
  expect(
    results.map(({ dataset, storedRows, unexplained, explained }) => [
      dataset,
      storedRows,
      unexplained,
      explained,
    ]),
  ).toEqual(results.map(({ dataset }) => [dataset, dataset === 'later' ? 2 : 3, 0, 0]))
  expect(results).toHaveLength(named.length + 1)
})

it('a table that comes later under a name with blanks is told how it can be read', async () => {
  const { postgres, project } = pipeline.project
  const blank: Named = { schema: 'public', table: 'b l', dataset: 'blank' }
  const file = join(project.contractsDir, 'blank.odcs.yaml')
  await postgres.query(ddl(blank))
  writeFileSync(file, contractText(contract(blank)))
  await expect(pipeline.capture().apply()).rejects.toMatchObject({
    code: 'MOGO_CONTRACT_SOURCE_MISMATCH',
    message: expect.stringMatching(/public\.b l: .*--resnapshot/),
  })
  rmSync(file)
})

it('a table whose topic Kafka takes for that of another is told by name', async () => {
  const { postgres, project } = pipeline.project
  const twin: Named = { schema: 'public', table: 'rows_x', dataset: 'twin' }
  const other: Named = { schema: 'public', table: 'rows.x', dataset: 'twin_of_it' }
  await postgres.query(`${ddl(twin)} ${ddl(other)}`)
  writeFileSync(join(project.contractsDir, 'twin.odcs.yaml'), contractText(contract(twin)))
  await pipeline.capture().apply()
  writeFileSync(join(project.contractsDir, 'other.odcs.yaml'), contractText(contract(other)))
  await expect(pipeline.capture().apply()).rejects.toMatchObject({
    code: 'MOGO_TOPIC_TAKEN',
    message: expect.stringMatching(/public\.rows\.x .* public|public\.rows\.x/),
  })
})
