/** The engine takes the tables of a contract with every type, and keeps what the chosen types are said to hold. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTableStatement } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { clickhouseScript } from '#contracts/export/clickhouse.ts'
import { jsonRow } from '#tests/support/json-row.ts'
import { createTransform } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { insertColumns } from '#transforms/to-row.ts'
import { createTestProject, type TestProject } from '../../support/test-project.ts'
import { envelope, MASTER, rawRecord } from '../../transforms/records.ts'
import { datasetOf, KEY } from '../contract-text.ts'
import { hostileDataset, wideDataset } from './wide-contract.ts'

let made: TestProject
beforeAll(async () => {
  made = await createTestProject()
})
afterAll(async () => made.dispose())

test('tables of every type are made, and twice does no harm', async () => {
  const dataset = wideDataset()
  const script = clickhouseScript([dataset], made.analytics)
  for (const _ of [1, 2]) await made.clickhouse.query(script.replace(/;\s*$/, ''))
  const { rows } = await made.clickhouse.query(
    `select name, type from system.columns where database = '${made.analytics}' and table = '${dataset.table}' order by position`,
  )
  const stored = dataset.columns.filter(({ target }) => target !== null)
  expect(rows.slice(0, stored.length)).toEqual(
    stored.map(({ target, targetType }) => ({ name: target, type: targetType })),
  )
})

test('names and descriptions that attack are names and descriptions', async () => {
  const hostile = hostileDataset()
  const statement = createTableStatement({ ...hostile, table: 'attacked' }, made.analytics)
  await made.clickhouse.query(statement)
  const { rows } = await made.clickhouse.query(
    `select count() as count from system.columns where database = '${made.analytics}' and table = 'attacked'`,
  )
  expect(Number(rows[0]?.['count'])).toBeGreaterThan(25)
})

/** Column: source type, chosen type, value on the wire, value as it comes back. */
const CHOSEN: Readonly<
  Record<string, readonly [source: string, type: string, sent: string | number, kept: unknown]>
> = {
  low: ['text', 'LowCardinality(String)', 'a', 'a'],
  byte: ['integer', 'UInt8', 255, 255],
  wide: ['bigint', 'Int128', '-9223372036854775808', '-9223372036854775808'],
  unsigned: ['bigint', 'UInt64', '9223372036854775807', '9223372036854775807'],
  exact: [
    'numeric',
    'Decimal(38, 9)',
    '12345678901234567890123456789.123456789',
    '12345678901234567890123456789.123456789',
  ],
  day: ['date', 'Date', '2149-06-06Z', '2149-06-06'],
  text: ['uuid', 'String', '6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d', '6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d'],
  digits: ['numeric', 'String', '0.10', '0.10'],
}

test('a value in a type that the contract chose comes back as it was', async () => {
  const dataset: CompiledDataset = datasetOf({
    name: 'chosen',
    properties: [
      ...KEY,
      ...Object.entries(CHOSEN).map(
        ([name, [source, type]]) =>
          `{name: ${name}, physicalType: ${source}, customProperties: [{property: targetType, value: "${type}"}]}`,
      ),
    ],
  })
  await made.clickhouse.query(createTableStatement(dataset, made.analytics))
  const transform = createTransform(dataset, {
    keyRing: createKeyRing(MASTER),
    unavailableValue: 'x',
    epoch: 1,
  })
  const sent = Object.fromEntries(Object.entries(CHOSEN).map(([name, [, , value]]) => [name, value]))
  const outcome = transform(rawRecord(envelope({ after: { tenant_id: 'acme', id: 1, ...sent } })))
  if (outcome.kind !== 'rows' || !outcome.rows[0]) throw new Error(`not stored: ${outcome.kind}`)
  const { url, username, password } = made.settings.clickhouse('admin')
  const insert = `INSERT INTO ${made.analytics}.chosen (${insertColumns(dataset).join(', ')}) FORMAT JSONCompactEachRow`
  const answer = await fetch(`${url}/?query=${encodeURIComponent(insert)}`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
    body: jsonRow(outcome.rows[0]),
  })
  expect(await answer.text()).toBe('')
  const { rows } = await made.clickhouse.query(
    `select ${Object.keys(CHOSEN).join(', ')} from \`${made.analytics}\`.\`chosen\``,
  )
  expect(rows).toEqual([
    Object.fromEntries(Object.entries(CHOSEN).map(([name, [, , , kept]]) => [name, kept])),
  ])
})
