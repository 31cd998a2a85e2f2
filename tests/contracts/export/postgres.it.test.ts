/** Postgres takes the tables of a contract, and its checks hold what the contract says of values. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStatements } from '#contracts/export/postgres-ddl.ts'
import { parseContract } from '#contracts/parse.ts'
import { createTestProject, type TestProject } from '../../support/test-project.ts'
import { contractText, KEY } from '../contract-text.ts'

const PROPERTIES: readonly string[] = [
  ...KEY,
  `{name: state, logicalType: string, physicalType: text, enum: [{value: new}, {value: "it's"}]}`,
  '{name: level, logicalType: integer, physicalType: integer, enum: [{value: 1}, {value: 2}]}',
  '{name: flag, logicalType: boolean, physicalType: boolean, enum: [{value: true}]}',
  '{name: day, logicalType: date, physicalType: date, enum: [{value: "2020-01-01"}]}',
  "{name: tags, logicalType: array, physicalType: 'text[]', items: {logicalType: string, enum: [{value: a}, {value: b}]}}",
  '{name: far, logicalType: integer, physicalType: bigint, logicalTypeOptions: {maximum: 9223372036854775806}}',
  "{name: place, logicalType: vector, physicalType: 'real[]', logicalTypeOptions: {dimensions: 2}}",
  '{name: document, logicalType: object, physicalType: jsonb, enum: [{value: x}]}',
]

let made: TestProject
beforeAll(async () => {
  made = await createTestProject()
  const { contract } = parseContract(contractText({ apiVersion: 'v3.2.0', properties: PROPERTIES }))
  for (const statement of postgresStatements(contract ? [contract] : [])) await made.postgres.query(statement)
})
afterAll(async () => made.dispose())

test.each([
  ['state', "'new'", true],
  ['state', "'it''s'", true],
  ['state', "'old'", false],
  ['level', '2', true],
  ['level', '3', false],
  ['flag', 'true', true],
  ['flag', 'false', false],
  ['day', "'2020-01-01'", true],
  ['day', "'2020-01-02'", false],
  ['tags', "'{a,b,a}'", true],
  ['tags', "'{a,null}'", true],
  ['tags', "'{a,c}'", false],
  ['far', '9223372036854775806', true],
  ['far', '9223372036854775807', false],
  ['place', "'{1,2}'", true],
  ['place', "'{1,2,3}'", false],
  ['document', `'{"a": 1}'`, true],
  ['level', 'null', true],
])('%s: %s is taken: %s', async (column, value, isTaken) => {
  const statement = `insert into things (tenant_id, id, ${column}) values ('t', (select count(*) from things), ${value})`
  const inserted = made.postgres.query(statement).then(
    () => true,
    (error: unknown) => {
      // check_violation
      expect(error).toMatchObject({ code: '23514' })
      return false
    },
  )
  expect(await inserted).toBe(isTaken)
})
