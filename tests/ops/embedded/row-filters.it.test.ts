/**
 * Row filters of contracts on a real engine: each compiled expression shows exactly the rows that the plain three-valued meaning shows,
 * NULLs included; and as the filter of a scope in users.xml it does so whatever the principal's attributes hold.
 */
import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { comparedColumn, findColumn } from '#contracts/access/compared-column.ts'
import { type FilterPrincipal, filterExpression } from '#contracts/access/filter-expression.ts'
import type { RowPredicate } from '#contracts/access/row-filter.ts'
import { comparability, typedLiteral } from '#contracts/access/typed-literal.ts'
import { accessScope, engineScope, type Principal } from '#contracts/compile/access-scope.ts'
import { createTableStatement, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import type { ValueKind } from '#contracts/compile/compiled-dataset.ts'
import { readSecret, sha256Hex } from '#ops/embedded/credentials.ts'
import { type EmbeddedHandle, startEmbedded } from '#ops/embedded/start-embedded.ts'
import { evaluate, type Row } from '../../contracts/access/evaluate.ts'
import { datasetOf, KEY } from '../../contracts/contract-text.ts'
import { temporaryFolder } from './temporary-folder.ts'

const HOSTILE = [
  "' OR 1=1 --",
  "\\' OR 1=1 --",
  '</filter><filter>1</filter>',
  '&#39; OR &#39;1&#39;=&#39;1',
  ']]>',
  '\r\n\t\u0000\u001f',
  '😀',
  '%s{x}`',
]
const REGIONS = ['eu', 'us', '', ...HOSTILE, null]
const NUMBERS = [-3n, 0n, 7n, 2n ** 62n, null]
const ROWS: readonly Row[] = ['north', 'south'].flatMap((tenant_id) =>
  REGIONS.flatMap((region) => NUMBERS.map((n) => ({ tenant_id, region, n }))),
)

const dataset = (predicates: string) =>
  datasetOf({
    properties: [
      ...KEY,
      '{name: region, logicalType: string, physicalType: text}',
      '{name: n, logicalType: integer, physicalType: bigint}',
    ],
    roles: [`{role: analyst, customProperties: [{property: rowFilter, value: ${predicates}}]}`],
  })
const plain = dataset('all')

let handle: EmbeddedHandle
const stateDir = temporaryFolder('row-filters')

async function ask(user: string, key: string, sql: string): Promise<string> {
  const answer = await fetch(`${handle.endpoints.clickhouse?.url}/`, {
    method: 'POST',
    body: sql,
    headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': key },
  })
  const text = (await answer.text()).trim()
  if (!answer.ok) throw new Error(text)
  return text
}
const worker = (sql: string) => ask('worker', readSecret(handle.secretsDir, 'clickhouse.worker'), sql)

beforeAll(async () => {
  handle = await startEmbedded({
    stateDir,
    libDir: '',
    environment: process.env,
    servers: { clickhouse: {} },
  })
  await worker(createTableStatement(plain, 'analytics'))
  const values = ROWS.map(({ tenant_id, region, n }, id) => {
    const text = typeof region === 'string' ? quoteLiteral(region) : 'NULL'
    return `(${quoteLiteral(String(tenant_id))}, ${id}, ${text}, ${n ?? 'NULL'}, 1, 0, 0)`
  })
  await worker(
    `INSERT INTO analytics.things (tenant_id, id, region, n, _version, _deleted, _committed_at) VALUES ${values.join(', ')}`,
  )
})
afterAll(async () => {
  await handle?.stop()
  rmSync(stateDir, { recursive: true, force: true })
})

const text = fc.constantFrom('eu', 'us', 'zz', '', ...HOSTILE)
const number = fc.constantFrom('-3', '0', '5', '7', String(2n ** 62n))
const one = fc.constantFrom('=', '!=', '<', '<=', '>', '>=')
const many = fc.constantFrom('in', 'notIn')
const list = (of: fc.Arbitrary<string>) => fc.array(of, { minLength: 1, maxLength: 3 })
const leaf = fc.oneof(
  fc.record({ column: fc.constant('region'), operator: one, value: text }),
  fc.record({ column: fc.constant('region'), operator: many, value: list(text) }),
  fc.record({ column: fc.constant('n'), operator: one, value: number }),
  fc.record({ column: fc.constant('n'), operator: many, value: list(number) }),
  fc.record({ column: fc.constant('region'), operator: one, principal: fc.constantFrom('region', 'none') }),
  fc.record({
    column: fc.constant('region'),
    operator: many,
    principal: fc.constantFrom('regions', 'region'),
  }),
  fc.record({ column: fc.constant('n'), operator: one, principal: fc.constantFrom('level', 'region') }),
  fc.record({ column: fc.constant('tenant_id'), operator: one, principal: fc.constant('tenant') }),
  fc.record({ column: fc.constantFrom('region', 'n'), operator: fc.constantFrom('isNull', 'isNotNull') }),
) as fc.Arbitrary<RowPredicate>
const predicates = fc.letrec<{ node: RowPredicate }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ not: tie('node') }),
    fc.record({ any: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ all: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
  ),
})).node
const principal: fc.Arbitrary<FilterPrincipal> = fc.record({
  tenant: fc.constantFrom('north', 'south'),
  attributes: fc.record({
    region: fc.constantFrom('eu', ...HOSTILE),
    regions: fc.array(fc.constantFrom('us', ...HOSTILE), { maxLength: 3 }),
    level: fc.constantFrom('0', '7'),
  }),
})

test('every generated filter shows the rows of its meaning, or hides the dataset where that cannot be filled', async () => {
  const cases = fc.sample(fc.tuple(fc.array(predicates, { minLength: 1, maxLength: 3 }), principal), {
    numRuns: 400,
    seed: 20_26,
  })
  const columnOf = findColumn(plain)
  const shown: { readonly sql: string; readonly ids: readonly number[] }[] = []
  let hidden = 0
  for (const [filter, who] of cases) {
    const sql = filterExpression(filter, who, columnOf)
    const passes = ROWS.map((row) => evaluate(filter, row, who))
    expect(sql === undefined, JSON.stringify([filter, who])).toBe(passes[0] === undefined)
    if (sql === undefined) hidden++
    else shown.push({ sql, ids: passes.flatMap((pass, id) => (pass === true ? [id] : [])) })
  }
  const columns = shown.map(({ sql }) => `arraySort(groupArrayIf(id, ifNull(${sql}, 0)))`)
  const answer = await worker(
    `SELECT [${columns.join(',\n')}] FROM analytics.things FORMAT JSONCompactEachRow`,
  )
  const [found] = JSON.parse(answer) as [(string | number)[][]]
  for (const [index, { sql, ids }] of shown.entries()) expect(found[index]?.map(Number), sql).toEqual(ids)
  expect(hidden).toBeGreaterThan(20)
  expect(shown.filter(({ ids }) => ids.length > 0 && ids.length < ROWS.length).length).toBeGreaterThan(100)
})

test('a literal of each type equals its value, and is ordered like it, in every type that it may be stored in', async () => {
  const cases: readonly (readonly [kind: ValueKind, stored: string, below: string, text: string])[] = [
    ['text', 'String', 'a', "b'\\"],
    ['text', 'LowCardinality(Nullable(String))', 'a', 'b'],
    ['integer', 'Int16', '-1', '7'],
    ['integer', 'UInt8', '1', '200'],
    ['integer', 'Nullable(Int32)', '-1', '2147483647'],
    ['bigint', 'Int64', '-9223372036854775808', '9223372036854775807'],
    ['bigint', 'UInt64', '0', '9223372036854775807'],
    ['bigint', 'Nullable(Int128)', '-9223372036854775808', '9223372036854775807'],
    ['decimal', 'Decimal(6, 2)', '-9999.99', '9999.99'],
    ['decimal', 'Nullable(Decimal(76, 30))', '0.1', `1.${'0'.repeat(29)}1`],
    ['date', 'Date32', '1900-01-01', '2299-12-31'],
    ['date', 'Date', '1970-01-01', '2149-06-06'],
    ['timestamp', "Nullable(DateTime64(6, 'UTC'))", '1900-01-01', '2026-01-31T10:20:30.123456Z'],
    ['boolean', 'Bool', 'false', 'true'],
    [
      'uuid',
      'Nullable(UUID)',
      '00000000-0000-0000-0000-000000000000',
      'AAAAAAAA-0000-0000-0000-000000000001',
    ],
  ]
  const columns = cases.flatMap(([kind, stored, below, text]) => {
    const column = comparedColumn({ kind, targetType: stored, pii: null, nullable: false })
    const [low, high] = [typedLiteral(below, column), typedLiteral(text, column)]
    const cell = `materialize(CAST(${quoteLiteral(text.replace('T', ' ').replace('Z', ''))} AS ${stored}))`
    return [
      `${cell} = ${high} AND ${cell} IN (${low}, ${high}) AND ${cell} != ${low} AND ${cell} NOT IN (${low})`,
      comparability(column) === 'ordered'
        ? `${cell} > ${low} AND ${cell} <= ${high} AND NOT ${cell} < ${high}`
        : '1',
    ]
  })
  const answer = await worker(`SELECT [${columns.map((one) => `toUInt8(${one})`).join(',\n')}] FORMAT TSVRaw`)
  expect(answer).toBe(`[${columns.map(() => 1).join(',')}]`)
})

describe('as the filter of a scope', () => {
  const FILTER = `[
    {column: tenant_id, operator: "=", principal: tenant},
    {not: {any: [{column: region, operator: in, principal: regions}, {column: n, operator: "<", value: 0}]}}]`
  const OPEN = `[
    {column: tenant_id, operator: "=", principal: tenant},
    {any: [{column: region, operator: in, principal: regions}, {column: region, operator: isNull}]}]`
  const who = (regions: readonly string[]): Principal => ({
    subject: 's',
    tenant: 'north',
    roles: ['analyst'],
    attributes: { regions },
  })
  const cases = [
    [FILTER, ['eu']],
    [FILTER, ['eu', 'us', ...HOSTILE]],
    [OPEN, ['eu', 'us']],
    ...HOSTILE.map((value) => [OPEN, [value]] as const),
  ] as const

  test('it filters the rows, NULLs too, whatever the attributes hold', async () => {
    const scopes = cases.map(([predicates, regions]) => {
      const compiled = dataset(predicates)
      const access = accessScope([compiled], who(regions), 'analyst')
      return { compiled, regions, rendered: engineScope(access, 'analytics') }
    })
    await handle.putScopes(scopes.map(({ rendered }) => ({ ...rendered, passwordSha256: sha256Hex('pw') })))
    for (const { compiled, regions, rendered } of scopes) {
      const filter = compiled.roles[0]?.rowFilter ?? []
      const expected = ROWS.flatMap((row, id) => (evaluate(filter, row, who(regions)) ? [id] : []))
      const rows = await ask(rendered.name, 'pw', 'SELECT id FROM analytics.things ORDER BY id')
      expect(rows.split('\n').map(Number), JSON.stringify(regions)).toEqual(expected)
      expect(expected.length).toBeGreaterThan(0)
    }
  })
})
