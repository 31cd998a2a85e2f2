/** Contracts against the source: every way in which they do not fit is told, with the way out. */
import { describe, expect, it } from 'vitest'
import { notCarried } from '#pipelines/capture/carried-types.ts'
import { nameFaults } from '#pipelines/capture/check-names.ts'
import { checkSource, uncheckedKey } from '#pipelines/capture/check-source.ts'
import { typeFault } from '#pipelines/capture/postgres-types.ts'
import { snapshotId, unreadableKey } from '#pipelines/capture/snapshot-id.ts'
import type { SourceColumn } from '#pipelines/capture/source-catalog.ts'
import { catalogOf, column, compiled, sourceTable } from '../support/catalog.ts'

const dataset = compiled({
  dataset: 'orders',
  table: 'public.orders',
  tenant: 'tenant',
  columns: [
    { name: 'tenant', type: 'text', key: 1 },
    { name: 'id', type: 'bigint', key: 2 },
    { name: 'amount', type: 'numeric(12,2)' },
  ],
})
const columns = [column('tenant', 'text'), column('id', 'bigint'), column('amount', 'numeric(12,2)')]
const faults = (...tables: Parameters<typeof catalogOf>[0]) =>
  checkSource([dataset], catalogOf(tables)).map(({ message }) => message)

describe('a contract against its source', () => {
  it('fits', () => {
    expect(faults(sourceTable('orders', columns, ['tenant', 'id']))).toEqual([])
    // What the key holds beside a unique one does no harm.
    expect(faults(sourceTable('orders', columns, ['id']))).toEqual([])
  })

  it('says of a table that is gone what it may be called now, and the way out', () => {
    const publication = (tables: readonly string[]) => ({
      publication: {
        ...{ allTables: false, viaRoot: true, allOperations: true },
        tables: [
          ...tables.map((table) => ({ schema: 'public', table, plain: true })),
          ...['heartbeat', 'signal'].map((table) => ({ schema: 'mogo', table, plain: true })),
        ],
      },
    })
    const said = (tables: readonly string[]) =>
      checkSource([dataset], catalogOf([], publication(tables))).map(({ message }) => message)
    expect(said(['orders_2026'])).toEqual([
      expect.stringMatching(
        /no such table.*renamed\? .*public\.orders_2026.*physicalName.*apply --resnapshot/,
      ),
    ])
    // It was dropped: with the table goes its place in the publication.
    expect(said([])).toEqual(['there is no such table in the source'])
  })

  it.each([
    ['a table that is not there', [], [/no such table/]],
    ['a view', [sourceTable('orders', columns, [], { kind: 'other' })], [/not a table/]],
    [
      'a missing column, with what may be meant',
      [sourceTable('orders', [columns[0]!, columns[1]!, column('amout', 'numeric(12,2)')], ['id'])],
      [/column amount: not in the source; did you mean amout/],
    ],
    [
      'another type',
      [sourceTable('orders', [columns[0]!, column('id', 'integer'), columns[2]!], ['id'])],
      [/column id: the contract says bigint, the source is integer/],
    ],
    [
      'a generated column',
      [
        sourceTable(
          'orders',
          [columns[0]!, columns[1]!, column('amount', 'numeric(12,2)', { generated: true })],
          ['id'],
        ),
      ],
      [/generated columns are not replicated/],
    ],
    [
      'no primary key',
      [sourceTable('orders', columns, [])],
      [/no primary key: add one, or .*REPLICA IDENTITY FULL/],
    ],
    [
      'a key that is not unique',
      [sourceTable('orders', columns, ['tenant', 'id', 'amount'])],
      [/key of the contract \(tenant, id\) is not unique/],
    ],
  ] as const)('tells %s', (_case, tables, expected) => {
    const found = faults(...tables)
    expect(found).toHaveLength(expected.length)
    for (const [index, pattern] of expected.entries()) expect(found[index]).toMatch(pattern)
  })

  it('takes a table without a primary key that tells its rows apart by all columns', () => {
    expect(faults(sourceTable('orders', columns, [], { identity: 'full' }))).toEqual([])
  })

  it('says what has to tell rows apart that nothing in the source tells apart: the tenant, too', () => {
    const keyless = sourceTable('orders', columns, [], { identity: 'full' })
    expect(uncheckedKey(dataset, keyless)).toEqual(['tenant', 'id'])
    expect(uncheckedKey(dataset, { ...keyless, uniqueKeys: [['id']] })).toBeUndefined()
    expect(uncheckedKey(dataset, sourceTable('orders', columns, ['id']))).toBeUndefined()
  })

  it('names a column of the key by which Debezium cannot read a table in portions', () => {
    const dear = columns.map((each) => (each.name === 'id' ? { ...each, type: 'money' } : each))
    expect(unreadableKey(dataset, sourceTable('orders', dear, ['id']))).toBe('id')
    const domain = columns.map((each) =>
      each.name === 'id' ? { ...each, type: 'fee', baseType: 'money' } : each,
    )
    expect(unreadableKey(dataset, sourceTable('orders', domain, ['id']))).toBe('id')
    const beside = [...columns, column('price', 'money')]
    expect(unreadableKey(dataset, sourceTable('orders', beside, ['id']))).toBeUndefined()
  })
})

describe('types', () => {
  const faultOf = (sourceType: string, actual: SourceColumn, logicalType = 'string') =>
    typeFault({ sourceType, logicalType }, actual)

  it.each([
    ['varchar(3)', 'character varying(3)'],
    ['varchar', 'character varying(3)'],
    ['int', 'integer'],
    ['timestamptz', 'timestamp with time zone'],
    ['timestamp(3) with time zone', 'timestamp(3) with time zone'],
    ['numeric(12)', 'numeric(12,0)'],
    ['NUMERIC(12, 2)', 'numeric(12,2)'],
    ['text[]', 'text[]'],
    ['string', 'text'],
    ['bit', 'bit(1)'],
    ['hstore', 'extensions.hstore'],
    ['tsquery', 'tsquery'],
  ])('%s is %s', (declared, actual) => {
    expect(faultOf(declared, column('c', actual))).toBeUndefined()
  })

  it.each([
    ['order_status', 'shop.order_status'],
    ['shop.order_status', 'order_status'],
    ['string', 'order_status'],
    ['Odd Enum', '"Odd Enum"'],
  ])('%s is the enum %s', (declared, actual) => {
    expect(faultOf(declared, column('c', actual, { typeKind: 'enum' }))).toBeUndefined()
  })

  it.each([
    ['varchar(3)', 'character varying(5)'],
    ['integer', 'bigint'],
    ['text', 'text[]'],
    ['timestamp', 'timestamp with time zone'],
    ['numeric(12,2)', 'numeric(12,3)'],
    ['a.status', 'b.status'],
    ['string', 'uuid'],
    ['bit', 'bit(3)'],
    ['bit(1)', 'bit(3)'],
    ['string', 'time without time zone'],
  ])('%s is not %s', (declared, actual) => {
    expect(faultOf(declared, column('c', actual))).toMatch(/./)
  })

  it('takes a domain by its name or its base type, if both are stored the same way', () => {
    const country = column('c', 'country_code', { baseType: 'character varying(2)' })
    expect(faultOf('country_code', country)).toBeUndefined()
    expect(faultOf('varchar(2)', country)).toBeUndefined()
    const cents = column('c', 'cents', { baseType: 'bigint' })
    expect(faultOf('cents', cents)).toBe('cents is a domain; write its base type, physicalType: bigint')
    const opening = column('c', 'opening', { baseType: 'time without time zone' })
    expect(faultOf('opening', opening)).toMatch(/write its base type/)
  })

  it.each(['composite', 'range', 'multirange', 'base'] as const)(
    'a %s type that Debezium does not know has to be called an object',
    (typeKind) => {
      const actual = column('c', 'shop.pair', { typeKind })
      expect(faultOf('shop.pair', actual)).toMatch(/write logicalType: object/)
      expect(faultOf('shop.pair', actual, 'object')).toBeUndefined()
      expect(faultOf('shop.mood', column('c', 'shop.mood', { typeKind: 'enum' }), 'object')).toMatch(
        /write logicalType: string/,
      )
    },
  )
})

describe('types that Debezium does not bring as they are', () => {
  const refused: readonly (readonly [type: string, why: RegExp, rest?: Partial<SourceColumn>])[] = [
    ['bit varying(8)', /drops the zeros/],
    ['int2vector', /sends it empty/],
    ['refcursor', /open the cursor/],
    ['money[]', /leaves such arrays out/, { elementKind: 'base' }],
    ['interval(3)[]', /leaves such arrays out/, { elementKind: 'base' }],
    ['time without time zone[]', /cuts microseconds/, { elementKind: 'base' }],
    ['bit(8)[]', /cannot send such arrays/, { elementKind: 'base' }],
    ['shop.cents[]', /cannot send such arrays/, { elementKind: 'domain' }],
    ['shop.pair[]', /cannot send such arrays/, { elementKind: 'composite' }],
  ]
  it.each(refused.map(([type, why, rest]) => ({ type, why, rest: rest ?? {} })))(
    '$type is refused under contract',
    ({ type, why, rest }) => {
      const fault = typeFault({ sourceType: type, logicalType: 'string' }, column('c', type, rest))
      expect(fault).toMatch(why)
      expect(fault).toMatch(/Take the column out of the contract/)
    },
  )

  it.each([
    ['time(3) without time zone[]', 'base'],
    ['integer[]', 'base'],
    ['shop.mood[]', 'enum'],
    ['int4multirange[]', 'multirange'],
  ] as const)('%s is taken', (type, elementKind) => {
    expect(notCarried(column('c', type, { elementKind }))).toBeUndefined()
  })

  it('may stand beside the contract, or be dropped by it', () => {
    const bits = column('bits', 'bit varying')
    const table = sourceTable('orders', [...columns, bits], ['tenant', 'id'])
    expect(faults(table)).toEqual([])
    const dropped = compiled({
      dataset: 'orders',
      table: 'public.orders',
      tenant: 'tenant',
      columns: [
        { name: 'tenant', type: 'text', key: 1 },
        { name: 'id', type: 'bigint', key: 2 },
        { name: 'bits', type: 'bit varying', piiPlan: { method: 'drop' } },
      ],
    })
    expect(checkSource([dropped], catalogOf([table]))).toEqual([])
  })
})

describe('names', () => {
  const named = (table: string, dataset = 'orders') =>
    compiled({
      dataset,
      table,
      tenant: '=a',
      columns: [{ name: 'id', type: 'bigint', key: 1 }],
    })

  it.each(['a b', 'a.b', '100%', 'Ünï🙂', 'select', 'x'.repeat(63), "it's", 'a"b', 'a\\b'])(
    '%s is fine',
    (table) => {
      const dataset = named(`public."${table.replaceAll('"', '""')}"`)
      expect(dataset.source.table).toBe(table)
      expect(nameFaults(dataset, [dataset])).toEqual([])
    },
  )

  it.each(['"', '"a', 'a"', '"a"'])('%s is refused', (table) => {
    const dataset = named('public.x')
    const quoted = { ...dataset, source: { schema: 'public', table } }
    expect(nameFaults(quoted, [quoted])).toEqual([
      expect.stringMatching(/begins or ends with a quotation mark/),
    ])
  })

  it('that are blank are refused', () => {
    const dataset = named('public.x')
    const blank = { ...dataset, source: { schema: ' ', table: '\t' } }
    expect(nameFaults(blank, [blank])).toHaveLength(2)
  })

  it('that would share a topic are refused, both of them', () => {
    const pairs: readonly (readonly [string, string])[] = [
      ['public."a b"', 'public."a?b"'],
      ['"a.b".c', 'a."b.c"'],
    ]
    for (const [one, other] of pairs) {
      const datasets = [named(one, 'one'), named(other, 'other')]
      for (const dataset of datasets)
        expect(nameFaults(dataset, datasets)).toEqual([
          expect.stringMatching(/its topic .* would be that of/),
        ])
    }
  })

  it('of one table in two contracts are not', () => {
    const datasets = [named('public.a', 'one'), named('public.a', 'two')]
    expect(datasets.flatMap((dataset) => nameFaults(dataset, datasets))).toEqual([])
  })
})

it.each([
  ['public', 'orders', 'public\\x{2E}orders'],
  ['public', 'a"b*', 'public\\x{2E}a\\x{22}b\\x{2A}'],
  ['public', 'a b', undefined],
  ['a\nb', 'c', undefined],
  ['public', '`', undefined],
  ['public', 'a.b', '"public"."a.b"'],
  ['a.b', 'c"d', '"a.b"."c""d"'],
  ['public', "it's", '"public"."it\'s"'],
  ['public', 'a.b*', undefined],
  ['public', 'a.\\', undefined],
  ['public', 'a*', 'public\\x{2E}a\\x{2A}'],
])('the snapshot of "%s"."%s" is asked for as %s', (schema, table, id) =>
  expect(snapshotId({ schema, table })).toBe(id),
)
