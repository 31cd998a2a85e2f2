import { describe, expect, test } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { avroTables } from '#contracts/import/avro-tables.ts'
import type { ImportedColumn, ImportedTable } from '#contracts/import/imported-table.ts'

const read = (schema: unknown) => avroTables('order.avsc', JSON.stringify(schema)).tables
const record = (fields: readonly object[], more: object = {}) => ({
  type: 'record',
  name: 'order',
  fields,
  ...more,
})
const typeOf = (type: unknown, before: readonly object[] = []) => {
  const [table] = read(record([...before, { name: 'a', type }], { namespace: 'shop' }))
  const { name: _name, ...rest } = (table as ImportedTable).columns.at(-1) as ImportedColumn
  return rest
}
const saidBy = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return isMogoError(error) ? `${error.code} ${error.message}` : String(error)
  }
  return ''
}

describe('a type of Avro', () => {
  const cases: readonly (readonly [string, unknown, object])[] = [
    ['string', 'string', { logicalType: 'string', required: true }],
    ['int', 'int', { logicalType: 'integer', options: { format: 'i32' }, required: true }],
    ['long', { type: 'long' }, { logicalType: 'integer', options: { format: 'i64' }, required: true }],
    ['float', 'float', { logicalType: 'number', options: { format: 'f32' }, required: true }],
    ['bytes', 'bytes', { logicalType: 'string', options: { format: 'binary' }, required: true }],
    ['or null', ['null', 'boolean'], { logicalType: 'boolean', required: false }],
    ['null', 'null', { logicalType: 'string', required: false }],
    [
      'a union of numbers',
      ['int', 'double'],
      { logicalType: 'number', rules: ['One of 2 types.'], required: true },
    ],
    [
      'a union of anything',
      ['null', 'int', 'string'],
      { logicalType: 'string', rules: ['One of 2 types.'], required: false },
    ],
    [
      'decimal',
      { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 },
      { physicalType: 'decimal(12,2)', logicalType: 'number', required: true },
    ],
    [
      'uuid',
      { type: 'string', logicalType: 'uuid' },
      { physicalType: 'uuid', logicalType: 'string', options: { format: 'uuid' }, required: true },
    ],
    ['date', { type: 'int', logicalType: 'date' }, { logicalType: 'date', required: true }],
    ['time', { type: 'int', logicalType: 'time-millis' }, { logicalType: 'time', required: true }],
    [
      'timestamp',
      { type: 'long', logicalType: 'timestamp-micros' },
      { logicalType: 'timestamp', options: { timezone: true }, required: true },
    ],
    [
      'local timestamp',
      { type: 'long', logicalType: 'local-timestamp-millis' },
      { logicalType: 'timestamp', options: { timezone: false }, required: true },
    ],
    [
      'a type of Debezium',
      { type: 'long', 'connect.name': 'io.debezium.time.MicroTimestamp' },
      { logicalType: 'timestamp', options: { timezone: false }, required: true },
    ],
    [
      'an unknown logical type',
      { type: 'string', logicalType: 'x' },
      { logicalType: 'string', required: true },
    ],
    [
      'enum',
      { type: 'enum', name: 'status', symbols: ['A', 'B'] },
      { logicalType: 'string', values: ['A', 'B'], required: true },
    ],
    [
      'fixed',
      { type: 'fixed', name: 'md5', size: 16 },
      { logicalType: 'string', options: { format: 'binary' }, required: true },
    ],
    [
      'array',
      { type: 'array', items: ['null', 'string'] },
      { logicalType: 'array', items: { logicalType: 'string' }, required: true },
    ],
    ['map', { type: 'map', values: 'int' }, { logicalType: 'object', required: true }],
    [
      'record',
      { type: 'record', name: 'address', fields: [{ name: 'zip', type: ['null', 'string'], doc: 'Code.' }] },
      {
        logicalType: 'object',
        required: true,
        properties: [{ name: 'zip', logicalType: 'string', required: false, comment: 'Code.' }],
      },
    ],
  ]
  test.each(cases)('%s', (_what, type, expected) => expect(typeOf(type)).toEqual(expected))
})

describe('names of types', () => {
  const money = { name: 'b', type: { type: 'record', name: 'money', fields: [{ name: 'v', type: 'int' }] } }
  test.each([['money'], ['shop.money']])('%s is found in the namespace', (name) => {
    expect(typeOf(name, [money]).properties).toHaveLength(1)
  })

  test('may be used before they are defined', () => {
    const [table] = read(record([{ name: 'a', type: 'money' }, money]))
    expect(table?.columns[0]?.properties).toHaveLength(1)
  })

  test('that are not defined are refused: nothing is fetched', () => {
    expect(saidBy(() => typeOf('other.thing'))).toContain(
      'MOGO_IMPORT_REFUSED order.avsc at type: it names a type',
    )
  })

  test('that hold themselves end there', () => {
    const [table] = read({ type: 'record', name: 'node', fields: [{ name: 'next', type: ['null', 'node'] }] })
    expect(table?.columns[0]).toMatchObject({
      logicalType: 'object',
      custom: { recursive: true },
      required: false,
    })
  })

  test('that unfold into too much are refused', () => {
    const level = (n: number) => ({
      type: 'record',
      name: `l${n}`,
      fields: ['a', 'b'].map((name) => ({ name, type: n === 29 ? 'int' : `l${n + 1}` })),
    })
    const all = record(
      Array.from({ length: 30 }, (_, n) => ({ name: `f${29 - n}`, type: level(29 - n) })).slice(0, 22),
    )
    expect(saidBy(() => read(all))).toContain('MOGO_IMPORT_TOO_LARGE')
  })
})

test('every record of a list or union is a table; the namespace is said', () => {
  const tables = read([
    record([]),
    record([{ name: 'id', type: 'int' }], { name: 'x.y.line', doc: 'Lines.' }),
    'int',
  ])
  expect(tables.map(({ name, comment, notes }) => [name, comment, notes])).toEqual([
    ['order', undefined, []],
    ['line', 'Lines.', ['Left out: the namespace x.y.']],
  ])
})

test('our own exports bring names, classification and plan along', () => {
  const [table] = read(
    record(
      [
        {
          name: 'e_mail',
          sourceName: 'e mail',
          type: 'string',
          doc: 'How. | In the contract: e mail | hidden',
          classification: 'personal',
          pii: { method: 'drop', meaning: 'hidden' },
        },
        { name: 'phone', type: 'string' },
      ],
      { contract: { id: 'urn:x' }, namespace: 'urn.x' },
    ),
  )
  expect(table?.notes).toEqual([])
  expect(table?.columns).toEqual([
    {
      name: 'e mail',
      logicalType: 'string',
      required: true,
      comment: 'How.',
      classification: 'personal',
      plan: { method: 'drop' },
    },
    { name: 'phone', logicalType: 'string', required: true, notPersonal: true },
  ])
})

test.each([
  ['no JSON', '{', 'MOGO_IMPORT_SYNTAX order.avsc is not an Avro schema'],
  ['no record', '"int"', 'MOGO_IMPORT_EMPTY'],
  ['a field without a type', '{"type":"record","name":"a","fields":[{"name":"x"}]}', 'MOGO_IMPORT_SYNTAX'],
])('%s is refused', (_what, text, expected) => {
  expect(saidBy(() => avroTables('order.avsc', text))).toContain(expected)
})
