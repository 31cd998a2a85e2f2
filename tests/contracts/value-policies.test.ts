/** What a contract says of values that the stored type cannot hold, and what it cannot say. */
import { describe, expect, test } from 'vitest'
import { tableColumns } from '#contracts/compile/clickhouse-ddl.ts'
import { lineageEdges } from '#contracts/compile/lineage-edges.ts'
import { sideColumns } from '#contracts/export/output.ts'
import { compileText, datasetOf, KEY } from './contract-text.ts'

const custom = (...pairs: readonly string[]) =>
  `customProperties: [${pairs.map((pair) => `{property: ${pair.split(': ')[0]}, value: ${pair.split(': ')[1]}}`).join(', ')}]`
const columnOf = (property: string) => datasetOf({ properties: [...KEY, property] }).columns[2]

describe('a policy', () => {
  test.each([
    ['{name: a, physicalType: date, ', 'outOfRange: null', { outOfRange: 'null' }],
    ['{name: a, physicalType: date, ', 'outOfRange: "null"', { outOfRange: 'null' }],
    [
      '{name: a, physicalType: timestamptz, required: true, ',
      'outOfRange: clamp',
      { outOfRange: 'clamp', clampedTarget: 'a_clamped' },
    ],
    ['{name: a, physicalType: "numeric(5,2)", ', 'notFinite: null', { notFinite: 'null' }],
    ['{name: a, physicalType: bytea, ', 'bytesAs: hex', { bytesAs: 'hex' }],
    ['{name: a, physicalType: "int[]", ', 'oneDimensional: true', { oneDimensional: true }],
  ])('%s%s is compiled', (property, policy, compiled) => {
    expect(columnOf(`${property}${custom(policy)}}`)).toMatchObject(compiled)
  })

  test.each([
    ['date', 'outOfRange: quarantine'],
    ['numeric', 'notFinite: quarantine'],
    ['bytea', 'bytesAs: base64'],
  ])('of %s that says the usual (%s) changes nothing, not even the hash', (type, policy) => {
    const [plain, said] = ['', `, ${custom(policy)}`].map((more) =>
      datasetOf({ properties: [...KEY, `{name: a, physicalType: ${type}${more}}`] }),
    )
    expect(said?.hash).toBe(plain?.hash)
    expect(said?.columns).toEqual(plain?.columns)
  })

  test('changes the hash where it changes what is stored', () => {
    const [plain, said] = ['', `, ${custom('outOfRange: null')}`].map((more) =>
      datasetOf({ properties: [...KEY, `{name: a, physicalType: date${more}}`] }),
    )
    expect(said?.hash).not.toBe(plain?.hash)
  })

  test.each([
    ['{name: a, physicalType: date, ', 'outOfRange: later', /expected quarantine, null, clamp/],
    ['{name: a, physicalType: text, ', 'outOfRange: null', /for dates and timestamps/],
    ['{name: a, physicalType: "date[]", ', 'outOfRange: null', /for dates and timestamps/],
    ['{name: a, physicalType: date, required: true, ', 'outOfRange: null', /required/],
    [
      '{name: a, physicalType: date, primaryKey: true, primaryKeyPosition: 3, ',
      'outOfRange: clamp',
      /in the key/,
    ],
    ['{name: a, physicalType: float8, ', 'notFinite: null', /for numeric/],
    ['{name: a, physicalType: money, ', 'notFinite: null', /for numeric/],
    ['{name: a, physicalType: numeric, required: true, ', 'notFinite: null', /required/],
    ['{name: a, physicalType: numeric, ', 'notFinite: clamp', /expected quarantine, null/],
    ['{name: a, physicalType: text, ', 'bytesAs: hex', /for bytea/],
    ['{name: a, physicalType: text, ', 'oneDimensional: true', /for arrays/],
    ['{name: a, physicalType: "int[]", ', 'oneDimensional: false', /expected true/],
  ])('%s%s is a fault', (property, policy, words) => {
    const { faults } = compileText({ properties: [...KEY, `${property}${custom(policy)}}`] })
    const found = faults.filter(({ code }) => code === 'CONTRACT_VALUE_POLICY')
    expect(found).toMatchObject([
      {
        severity: 'error',
        message: expect.stringMatching(words),
        path: expect.stringMatching(/customProperties\[0\]/),
      },
    ])
  })

  test('of a date that is stored as text has nothing to say', () => {
    const property = `{name: a, physicalType: date, ${custom('targetType: String', 'outOfRange: null')}}`
    expect(compileText({ properties: [...KEY, property] }).faults.map(({ code }) => code)).toContain(
      'CONTRACT_VALUE_POLICY',
    )
  })

  test('of a personal column has nothing to say', () => {
    const property =
      '{name: a, physicalType: date, classification: personal, customProperties: [{property: piiPlan, value: {method: redact}}, {property: outOfRange, value: null}]}'
    expect(compileText({ properties: [...KEY, property] }).faults.map(({ message }) => message)).toEqual([
      expect.stringMatching(/not stored as it is/),
    ])
  })

  test('takes the rules of a narrower type away: what lies beyond it is no fault', () => {
    const property = (more: string) =>
      `{name: a, physicalType: date, customProperties: [{property: targetType, value: Date}${more}]}`
    expect(columnOf(property(''))?.rules).toHaveLength(2)
    expect(columnOf(property(', {property: outOfRange, value: null}'))?.rules).toEqual([])
  })
})

describe('a column whose values are clamped', () => {
  const dataset = datasetOf({
    properties: [
      ...KEY,
      `{name: until, physicalType: date, ${custom('outOfRange: clamp')}}`,
      '{name: note, physicalType: text}',
    ],
  })

  test('has one beside it that tells them: in the table behind all others, in roles, lineage and what describes stored rows', () => {
    const names = ['tenant_id', 'id', 'until', 'note', 'until_clamped']
    expect(
      tableColumns(dataset)
        .slice(0, 6)
        .map(({ name, type }) => `${name} ${type}`),
    ).toEqual([
      'tenant_id String',
      'id Int64',
      'until Nullable(Date32)',
      'note Nullable(String)',
      'until_clamped Bool',
      '_version UInt128',
    ])
    expect(dataset.roles.map(({ columns }) => columns)).toEqual(dataset.roles.map(() => names))
    expect(sideColumns(dataset, 'stored').map(({ name }) => name)).toEqual(names)
    expect(sideColumns(dataset, 'source').map(({ name }) => name)).toEqual(names.slice(0, 4))
    const places = { sourceDatabase: 'shop', topicPrefix: 'mogo', database: 'analytics' }
    expect(lineageEdges(dataset, places).filter(({ to }) => to.column === 'until_clamped')).toMatchObject([
      { from: { system: 'kafka', column: 'until' }, description: 'clamped' },
    ])
  })

  test('takes its name from no other column', () => {
    const { faults } = compileText({
      properties: [
        ...KEY,
        `{name: until, physicalType: date, ${custom('outOfRange: clamp')}}`,
        '{name: until_clamped, physicalType: boolean}',
      ],
    })
    expect(faults.map(({ code }) => code)).toContain('CONTRACT_DUPLICATE_NAME')
  })

  test('is seen by a role only with its value', () => {
    const role =
      '{role: some, customProperties: [{property: rowFilter, value: all}, {property: columns, value: {exclude: [until]}}]}'
    const { datasets } = compileText({
      properties: [...KEY, `{name: until, physicalType: date, ${custom('outOfRange: clamp')}}`],
      roles: [role],
    })
    expect(datasets[0]?.roles[0]?.columns).toEqual(['tenant_id', 'id'])
  })
})
