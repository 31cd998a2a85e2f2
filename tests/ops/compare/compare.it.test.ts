/** The two sides print every type alike: rows with the values that hurt, in Postgres and through the transforms in ClickHouse. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTableStatement } from '#contracts/compile/clickhouse-ddl.ts'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { parseContract } from '#contracts/parse.ts'
import { compareDataset, type DatasetComparison } from '#ops/compare/compare-dataset.ts'
import { jsonRow } from '#tests/support/json-row.ts'
import { createTransform } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { insertColumns } from '#transforms/to-row.ts'
import { contractText, personal } from '../../contracts/contract-text.ts'
import { createTestProject, type TestProject } from '../../support/test-project.ts'
import { envelope, MASTER, rawRecord } from '../../transforms/records.ts'

/** Column -> Postgres type. */
const TYPES: Readonly<Record<string, string>> = {
  i2: 'smallint',
  i4: 'integer',
  i8: 'bigint',
  n: 'numeric(12,2)',
  big: 'numeric(38,9)',
  free: 'numeric',
  f: 'double precision',
  b: 'boolean',
  t: 'text',
  u: 'uuid',
  d: 'date',
  ts: 'timestamp without time zone',
  tz: 'timestamp with time zone',
  j: 'jsonb',
  ip: 'inet',
  ta: 'text[]',
  ia: 'bigint[]',
  na: 'numeric(12,2)[]',
  ba: 'boolean[]',
  da: 'date[]',
  tza: 'timestamp with time zone[]',
  fa: 'double precision[]',
}
const REQUIRED_ARRAYS = ['rta', 'ria', 'rna', 'rda'] as const
const REQUIRED: Readonly<Record<string, string>> = {
  rta: 'text[]',
  ria: 'bigint[]',
  rna: 'numeric(12,2)[]',
  rda: 'date[]',
}

const contract = contractText({
  name: 'kinds',
  properties: [
    '{name: tenant_id, physicalType: text, required: true, primaryKey: true, primaryKeyPosition: 1}',
    '{name: id, physicalType: integer, primaryKey: true, primaryKeyPosition: 2}',
    personal('email', '{method: hmac, domain: email}'),
    ...Object.entries(TYPES).map(([name, type]) => `{name: ${name}, physicalType: "${type}"}`),
    ...REQUIRED_ARRAYS.map((name) => `{name: ${name}, physicalType: "${REQUIRED[name]}", required: true}`),
  ],
})

/** A row: what Postgres is told, and what Debezium would write of it. */
type Sample = Readonly<Record<string, readonly [sql: string, wire: unknown]>>
const tricky = 'a"b\\c/d,\n\t\u0001 é 😀 \u2028 \' {} NULL'
const samples: readonly Sample[] = [
  {
    email: ["'ada@example.org'", 'ada@example.org'],
    i2: ['-32768', -32_768],
    i4: ['2147483647', 2_147_483_647],
    i8: ['9223372036854775807', '9223372036854775807'],
    n: ['-9999999999.50', '-9999999999.50'],
    big: ['0.000000001', '0.000000001'],
    free: ['1234567890123456789012345678901234567890.10', '1234567890123456789012345678901234567890.10'],
    f: ['0.1', 0.1],
    b: ['true', true],
    t: [`E'${tricky.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n')}'`, tricky],
    u: ["'6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d'", '6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d'],
    d: ["'1980-01-06'", '1980-01-06Z'],
    ts: ["'2016-11-04 13:51:30.123456'", '2016-11-04T13:51:30.123456Z'],
    tz: ["'2016-11-04 13:51:30.5+02'", '2016-11-04T11:51:30.500000Z'],
    j: [`'{"a":1, "b":"\\u00e9/"}'`, '{"a": 1, "b": "é/"}'],
    ip: ["'10.0.0.1'", '10.0.0.1'],
    ta: [`array[E'a"b\\\\c/d', null, '', 'null', 'é😀']`, ['a"b\\c/d', null, '', 'null', 'é😀']],
    ia: ['array[1, null, 9223372036854775807]', [1, null, '9223372036854775807']],
    na: ['array[1.50, -0.01]', ['1.50', '-0.01']],
    ba: ['array[true, null, false]', [true, null, false]],
    da: ["array['2026-01-31'::date, null]", ['2026-01-31Z', null]],
    tza: ["array['2026-01-31 10:00+00'::timestamptz]", ['2026-01-31T10:00:00Z']],
    fa: ["array[1e300, 'nan', null]", [1e300, 'NaN', null]],
    rta: [`array[E'a"b\\\\c/d', null, '', 'null', 'é😀']`, ['a"b\\c/d', null, '', 'null', 'é😀']],
    ria: ['array[1, null, 9223372036854775807]', [1, null, '9223372036854775807']],
    rna: ['array[1.50, -0.01]', ['1.50', '-0.01']],
    rda: ["array['2026-01-31'::date, null]", ['2026-01-31Z', null]],
  },
  {
    f: ["'-infinity'", '-Infinity'],
    t: ["''", ''],
    ta: ["'{}'", []],
    ts: ["'1900-01-01 00:00:00'", '1900-01-01T00:00:00Z'],
    tz: ["'2299-12-31 23:59:59.999999+00'", '2299-12-31T23:59:59.999999Z'],
    d: ["'2299-12-31'", '2299-12-31Z'],
    n: ['0', '0.00'],
    free: ['0.10', '0.10'],
    rta: ["'{}'", []],
    ria: ["'{}'", []],
    rna: ["'{}'", []],
    rda: ["'{}'", []],
  },
  {
    f: ["'-0'", -0],
    t: ["'0'", '0'],
    rta: ["'{a}'", ['a']],
    ria: ["'{0}'", [0]],
    rna: ["'{0.00}'", ['0.00']],
    rda: ["'{1900-01-01}'", ['1900-01-01Z']],
  },
]
const empty: Sample = { rta: ["'{}'", []], ria: ["'{}'", []], rna: ["'{}'", []], rda: ["'{}'", []] }

describe('source and destination', () => {
  let made: TestProject
  let dataset: CompiledDataset

  beforeAll(async () => {
    const [compiled] = compileContract(parseContract(contract)).datasets
    if (!compiled) throw new Error('the contract has faults')
    dataset = compiled
    const columns = Object.entries({ ...TYPES, ...REQUIRED }).map(([name, type]) => `${name} ${type}`)
    made = await createTestProject({
      schema: /*sql*/ `create table kinds (tenant_id text, id integer, email text, ${columns.join(', ')}, primary key (tenant_id, id))`,
    })
    await made.clickhouse.query(createTableStatement(dataset, made.analytics).replace(/COMMENT '[^']*'$/, ''))
    for (const [index, sample] of samples.entries()) {
      await putSource(index, sample)
      await putTarget(index, sample)
    }
  })
  afterAll(async () => made.dispose())

  async function putSource(id: number, sample: Sample, tenant = 'acme'): Promise<void> {
    const names = Object.keys(sample)
    await made.postgres.query(
      `insert into kinds (tenant_id, id, ${names.join(', ')}) values ('${tenant}', ${id}, ${names.map((name) => sample[name]?.[0]).join(', ')})`,
    )
  }

  /** As the worker does: through the transform, as JSONCompactEachRow. */
  async function putTarget(id: number, sample: Sample, tenant = 'acme'): Promise<void> {
    const wire = Object.fromEntries(Object.entries(sample).map(([name, [, value]]) => [name, value]))
    const after = { tenant_id: tenant, id, ...wire }
    const transform = createTransform(dataset, {
      keyRing: createKeyRing(MASTER),
      unavailableValue: '#',
      epoch: 0,
    })
    const text = JSON.stringify(envelope({ after })).replace('"f":0,', () =>
      Object.is(wire['f'], -0) ? '"f":-0.0,' : '"f":0,',
    )
    const outcome = transform(rawRecord(text))
    if (outcome.kind !== 'rows')
      throw new Error(JSON.stringify(outcome.kind === 'quarantine' ? outcome.faults : outcome.kind))
    const { url, username, password } = made.settings.clickhouse('admin')
    const insert = `INSERT INTO ${made.analytics}.kinds (${insertColumns(dataset).join(', ')}) FORMAT JSONCompactEachRow`
    const answer = await fetch(`${url}/?query=${encodeURIComponent(insert)}`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
      body: outcome.rows.map(jsonRow).join(''),
    })
    if (!answer.ok) throw new Error(await answer.text())
  }

  const compare = (): Promise<DatasetComparison> =>
    compareDataset(
      dataset,
      async (sql) => (await made.postgres.query(sql)).rows,
      async (sql) => (await made.clickhouse.query(sql)).rows,
      made.analytics,
    )

  /** Which columns of a row differ: for a failure that says more than "not equal". */
  async function differing(): Promise<readonly string[]> {
    const different: string[] = []
    for (const column of dataset.columns) {
      if (column.target === null || dataset.key.includes(column.source)) continue
      const only = {
        ...dataset,
        columns: dataset.columns.filter((one) => one === column || dataset.key.includes(one.source)),
      }
      const result = await compareDataset(
        only,
        async (sql) => (await made.postgres.query(sql)).rows,
        async (sql) => (await made.clickhouse.query(sql)).rows,
        made.analytics,
      )
      if (result.unexplained > 0) different.push(column.source)
    }
    return different
  }

  test('are equal for the values that hurt', async () => {
    expect(await differing()).toEqual([])
    expect(await compare()).toMatchObject({
      tenants: 1,
      sourceRows: samples.length,
      storedRows: samples.length,
      explained: 0,
      unexplained: 0,
    })
  })

  test('differ by a row that is missing, and agree again when it comes', async () => {
    await putSource(100, empty, 'globex')
    expect(await compare()).toMatchObject({ unexplained: 1, badTenants: ['globex'] })
    await putTarget(100, empty, 'globex')
    expect(await compare()).toMatchObject({ unexplained: 0 })
  })

  test.each([
    ['t', "'1'"],
    ['t', 'null'],
    ['f', '0'],
    ['i8', '1'],
    ['ta', "'{NULL}'"],
    ['j', "'{}'"],
    ['rta', "'{NULL}'"],
    ['rta', "'{a,b}'"],
    ['email', "'x'"],
    ['tz', "'2020-01-01 00:00:00.000001+00'"],
  ])('differ if %s of a row becomes %s', async (column, value) => {
    await made.postgres.query('begin')
    try {
      await made.postgres.query(`update kinds set ${column} = ${value} where id = 2`)
      expect(await compare()).toMatchObject({ explained: 0, unexplained: 1, badTenants: ['acme'] })
    } finally {
      await made.postgres.query('rollback')
    }
  })

  test('explain values that cannot be stored: they are in quarantine', async () => {
    await made.postgres.query('begin')
    try {
      await made.postgres.query("update kinds set tz = 'infinity' where id = 0")
      await made.postgres.query("update kinds set d = '-infinity' where id = 1")
      await made.postgres.query("update kinds set free = 'nan', ts = '0044-03-15 12:00:00 BC' where id = 2")
      expect(await compare()).toMatchObject({ explained: 3, unexplained: 0 })
    } finally {
      await made.postgres.query('rollback')
    }
  })
})
