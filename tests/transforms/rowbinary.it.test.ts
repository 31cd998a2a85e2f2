/** RowBinary of every type, held against the engine's own reading of the same values in JSON: they must be the same rows, byte by byte. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCellEncoder } from '#transforms/rowbinary/cell-encoder.ts'
import { RowWriter } from '#transforms/rowbinary/row-writer.ts'
import { createTestProject, type TestProject } from '../support/test-project.ts'

/** Type -> cells, as JSON texts. */
type Cases = Readonly<Record<string, readonly string[]>>

function wholes(): Cases {
  const cases: Record<string, readonly string[]> = {}
  for (const bits of [8, 16, 32, 64, 128, 256]) {
    const values = 2n ** BigInt(bits)
    const half = values / 2n
    cases[`Int${bits}`] = ['0', '1', '-1', `"${half - 1n}"`, `"-${half}"`]
    cases[`UInt${bits}`] = ['0', '1', `"${half}"`, `"${values - 1n}"`]
  }
  return cases
}

function decimals(): Cases {
  const cases: Record<string, readonly string[]> = {}
  for (const [precision, scale] of [
    [9, 0],
    [9, 4],
    [18, 9],
    [19, 2],
    [38, 10],
    [39, 0],
    [76, 38],
    [76, 76],
  ] as const) {
    const whole = '9'.repeat(precision - scale)
    const fraction = '7'.repeat(scale)
    const most = scale === 0 ? whole : `${whole === '' ? '0' : whole}.${fraction}`
    cases[`Decimal(${precision}, ${scale})`] = ['"0"', '"-0"', `"${most}"`, `"-${most}"`]
  }
  cases['Decimal(12, 2)'] = ['"1"', '"1.5"', '"-0.05"', '"00012.50"', '"1.5e2"', '"-150E-2"', '3', '0.25']
  return cases
}

function moments(): Cases {
  const cases: Record<string, readonly string[]> = {
    Date: ['"1970-01-01"', '"2000-02-29"', '"2149-06-06"'],
    Date32: ['"1900-01-01"', '"1969-12-31"', '"1970-01-01"', '"2000-02-29"', '"2100-03-01"', '"2299-12-31"'],
    "DateTime('UTC')": ['"1970-01-01 00:00:00"', '"2038-01-19 03:14:08"', '"2106-02-07 06:28:15"'],
  }
  for (let digits = 0; digits <= 9; digits++) {
    const fraction = digits === 0 ? '' : `.${'123456789'.slice(0, digits)}`
    const last = digits === 9 ? '2262-04-11 23:47:16' : '2299-12-31 23:59:59'
    cases[`DateTime64(${digits}, 'UTC')`] = [
      ...['"1900-01-01 00:00:00"', `"1900-01-01 00:00:01${fraction}"`, `"1969-12-31 23:59:59${fraction}"`],
      ...['"1970-01-01 00:00:00"', `"2024-02-29 12:34:56${fraction}"`, `"${last}"`],
    ]
  }
  return cases
}

const TEXTS = [
  '',
  'note',
  'Straße 日本 😀',
  '\u0000\n"\\',
  'x'.repeat(42),
  'x'.repeat(43),
  'é'.repeat(64),
  'y'.repeat(20_000),
]
const FLOATS = ['0', '-0', '1', '-1.5', '0.1', '3.4028234e38', '1e-45', '"nan"', '"inf"', '"-inf"']
const UUIDS = ['"00112233-4455-6677-8899-aabbccddeeff"', '"FFFFFFFF-0000-FFFF-0000-FFFFFFFFFFFF"']

const CASES: Cases = {
  ...{ ...wholes(), ...decimals(), ...moments() },
  Float32: FLOATS,
  Float64: [...FLOATS, '1.7976931348623157e308', '5e-324', '0.30000000000000004'],
  Bool: ['true', 'false'],
  UUID: UUIDS,
  String: TEXTS.map((text) => JSON.stringify(text)),
  'LowCardinality(String)': TEXTS.map((text) => JSON.stringify(text)),
  'LowCardinality(Nullable(String))': ['null', '""', '"a"', '"a"'],
  'Nullable(String)': ['null', '""', '"a"'],
  'Nullable(Int64)': ['null', '"-9223372036854775808"', '5'],
  'Nullable(Decimal(38, 10))': ['null', '"-1234567890123456789012345678.0123456789"'],
  'Nullable(Bool)': ['null', 'true', 'false'],
  'Nullable(UUID)': ['null', ...UUIDS],
  'Nullable(Date32)': ['null', '"1900-01-01"'],
  "Nullable(DateTime64(6, 'UTC'))": ['null', '"1969-12-31 23:59:59.999999"'],
  'Nullable(Float64)': ['null', '-0', '"nan"'],
  'Array(Nullable(String))': [
    '[]',
    '["a",null,""]',
    JSON.stringify(Array.from({ length: 200 }, (_, n) => `${n}`)),
  ],
  'Array(Nullable(Int64))': ['[]', '["9223372036854775807",null,"-1"]'],
  'Array(Nullable(Decimal(8, 2)))': ['[]', '["1.50",null]'],
  'Array(Nullable(UUID))': [`[${UUIDS.join(',')},null]`],
  'Array(Nullable(Bool))': ['[true,null,false]'],
  'Array(Nullable(Date32))': ['["1900-01-01",null]'],
  'Array(Nullable(Float64))': ['[1.5,"nan",-0,null]'],
  'Array(Float32)': ['[]', '[0.5,-1,1e-3]'],
  'Array(Array(Int32))': ['[]', '[[],[1,2],[-3]]'],
  'Array(Array(Nullable(String)))': ['[[null,"a"],[]]'],
}

/** What a tombstone has in a column that has no NULL: the default of the type. */
const WITHOUT_NULL = Object.keys(CASES).filter((type) => !/^(?:LowCardinality\()?Nullable/.test(type))

let project: TestProject
beforeAll(async () => {
  project = await createTestProject()
}, 120_000)
afterAll(() => project?.dispose())

async function insert(table: string, format: string, rows: Buffer): Promise<void> {
  const { url, username, password } = project.settings.clickhouse('admin')
  const address = new URL(url)
  address.searchParams.set('query', `INSERT INTO ${project.analytics}.${table} FORMAT ${format}`)
  const headers = { 'x-clickhouse-user': username, 'x-clickhouse-key': password }
  const answer = await fetch(address, { method: 'POST', headers, body: new Uint8Array(rows) })
  expect(await answer.text(), `${table} ${format}`).toBe('')
  expect(answer.status).toBe(200)
}

/** Rows of a table as the engine writes them in RowBinary: -0 and NaN show there, too. */
const bytesOf = (table: string): string =>
  `SELECT hex(RowBinary) FROM (SELECT number, formatRow('RowBinary', value) AS RowBinary FROM ${table} ORDER BY number)`

test.each(Object.entries(CASES))('%s', async (type, cells) => {
  const all = WITHOUT_NULL.includes(type) ? [...cells, 'null'] : cells
  const name = `t_${Buffer.from(type).toString('hex')}`
  for (const table of [`${name}_json`, `${name}_binary`])
    await project.clickhouse.query(
      /*sql*/ `CREATE TABLE ${table} (number UInt32, value ${type}) ENGINE = Memory`,
    )
  const lines = all.map((cell, number) => `[${number},${cell}]\n`).join('')
  await insert(`${name}_json`, 'JSONCompactEachRow', Buffer.from(lines))
  const [number, value] = [createCellEncoder('UInt32'), createCellEncoder(type)]
  const writer = new RowWriter(16)
  for (const [index, cell] of all.entries()) {
    number(String(index), writer)
    value(cell, writer)
  }
  await insert(`${name}_binary`, 'RowBinary', writer.written())

  const [json, binary] = [`SELECT * FROM ${name}_json`, `SELECT * FROM ${name}_binary`]
  for (const query of [`${json} EXCEPT ${binary}`, `${binary} EXCEPT ${json}`])
    expect((await project.clickhouse.query(query)).rows, query).toEqual([])
  const [first, second] = await Promise.all(
    [`${name}_json`, `${name}_binary`].map(
      async (table) => (await project.clickhouse.query(bytesOf(table))).rows,
    ),
  )
  expect(second).toEqual(first)
  expect(second).toHaveLength(all.length)
})
