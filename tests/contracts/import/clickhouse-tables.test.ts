import { describe, expect, test } from 'vitest'
import { clickhouseSourceType } from '#contracts/compile/clickhouse-source-type.ts'
import { clickhouseTables } from '#contracts/import/clickhouse-tables.ts'
import { clickhouseType, splitArguments } from '#contracts/import/clickhouse-type.ts'

describe('a type of ClickHouse', () => {
  const cases: readonly (readonly [string, object, boolean, string | undefined])[] = [
    ['String', { physicalType: 'String', logicalType: 'string' }, false, 'text'],
    [
      'Nullable(Int64)',
      { physicalType: 'Int64', logicalType: 'integer', options: { format: 'i64' } },
      true,
      'bigint',
    ],
    [
      'UInt8',
      {
        physicalType: 'UInt8',
        logicalType: 'integer',
        options: { format: 'u8' },
        custom: { targetType: 'UInt8' },
      },
      false,
      'smallint',
    ],
    [
      'Int8',
      {
        physicalType: 'Int8',
        logicalType: 'integer',
        options: { format: 'i8' },
        custom: { targetType: 'Int8' },
      },
      false,
      'smallint',
    ],
    [
      'UInt64',
      { physicalType: 'UInt64', logicalType: 'integer', options: { format: 'u64' } },
      false,
      'numeric(20,0)',
    ],
    ['Int256', { physicalType: 'Int256', logicalType: 'number' }, false, 'numeric'],
    [
      'Float32',
      { physicalType: 'Float32', logicalType: 'number', options: { format: 'f32' } },
      false,
      'real',
    ],
    ['Decimal(12, 2)', { physicalType: 'Decimal(12, 2)', logicalType: 'number' }, false, undefined],
    ['Decimal64(3)', { physicalType: 'Decimal64(3)', logicalType: 'number' }, false, 'numeric(18,3)'],
    ['Bool', { physicalType: 'Bool', logicalType: 'boolean' }, false, 'boolean'],
    ['Date32', { physicalType: 'Date32', logicalType: 'date' }, false, 'date'],
    [
      "DateTime64(6, 'UTC')",
      { physicalType: "DateTime64(6, 'UTC')", logicalType: 'timestamp', options: { timezone: true } },
      false,
      'timestamptz',
    ],
    ['UUID', { physicalType: 'UUID', logicalType: 'string', options: { format: 'uuid' } }, false, 'uuid'],
    ['IPv6', { physicalType: 'IPv6', logicalType: 'string', options: { format: 'ipv6' } }, false, undefined],
    [
      'FixedString(3)',
      { physicalType: 'FixedString(3)', logicalType: 'string', options: { maxLength: 3 } },
      false,
      'text',
    ],
    [
      'LowCardinality(Nullable(String))',
      {
        physicalType: 'LowCardinality(String)',
        logicalType: 'string',
        custom: { targetType: 'LowCardinality(String)' },
      },
      true,
      'text',
    ],
    [
      "Enum8('a' = 1, 'it\\'s, (x)' = -2)",
      {
        physicalType: "Enum8('a' = 1, 'it\\'s, (x)' = -2)",
        logicalType: 'string',
        values: ['a', "it's, (x)"],
      },
      false,
      'text',
    ],
    [
      'Array(Nullable(Int32))',
      {
        physicalType: 'Array(Nullable(Int32))',
        logicalType: 'array',
        items: { physicalType: 'Int32', logicalType: 'integer', options: { format: 'i32' } },
      },
      false,
      'integer[]',
    ],
    ['Map(String, UInt64)', { physicalType: 'Map(String, UInt64)', logicalType: 'object' }, false, 'object'],
    [
      'Tuple(a Int32, `b c` Nullable(String))',
      {
        physicalType: 'Tuple(a Int32, `b c` Nullable(String))',
        logicalType: 'object',
        properties: [
          {
            name: 'a',
            required: true,
            physicalType: 'Int32',
            logicalType: 'integer',
            options: { format: 'i32' },
          },
          { name: 'b c', required: false, physicalType: 'String', logicalType: 'string' },
        ],
      },
      false,
      'object',
    ],
    [
      'SimpleAggregateFunction(sum, Float64)',
      {
        physicalType: 'SimpleAggregateFunction(sum, Float64)',
        logicalType: 'number',
        options: { format: 'f64' },
      },
      false,
      undefined,
    ],
    [
      'AggregateFunction(uniq, String)',
      { physicalType: 'AggregateFunction(uniq, String)', logicalType: 'string' },
      false,
      undefined,
    ],
    [
      'Variant(String, Int8)',
      { physicalType: 'Variant(String, Int8)', logicalType: 'string' },
      false,
      undefined,
    ],
    ['(broken', { physicalType: '(broken', logicalType: 'string' }, false, undefined],
  ]
  test.each(cases)('%s', (text, type, nullable, source) => {
    expect(clickhouseType(text)).toEqual({ type, nullable })
    expect(clickhouseSourceType(text)).toBe(source)
  })

  test('of Postgres is none', () => {
    for (const text of ['int8', 'text', 'integer', 'date', 'numeric(12,2)', 'uuid', 'jsonb', 'Name'])
      expect(clickhouseSourceType(text)).toBeUndefined()
  })

  test('nested without end is text', () => {
    expect(clickhouseType(`${'Array('.repeat(1_000)}Int8${')'.repeat(1_000)}`).type.logicalType).toBe('array')
  })

  test('has arguments that commas part, but not those in brackets and quotes', () => {
    expect(splitArguments("a, f(b, c), `d,e`, 'f\\',g'")).toEqual(['a', 'f(b, c)', '`d,e`', "'f\\',g'"])
  })
})

describe('tables', () => {
  const server = (tables: readonly object[], columns: readonly object[], rows: readonly object[] = []) => {
    const statements: string[] = []
    const query = async (sql: string) => {
      statements.push(sql)
      if (sql.includes('system.tables')) return tables as Record<string, unknown>[]
      return (sql.includes('system.columns') ? columns : rows) as Record<string, unknown>[]
    }
    return { query, statements }
  }
  const events = {
    database: 'a',
    name: 'events',
    engine: 'MergeTree',
    sorting_key: 'toDate(at), id, `b c`',
    partition_key: 'toYYYYMM(at), region',
    comment: 'What happened.',
  }
  const column = (name: string, type = 'String', more: object = {}) => ({
    name,
    type,
    comment: '',
    default_kind: '',
    default_expression: '',
    ...more,
  })

  test('have the sorting key as a guess, and say what was left out', async () => {
    const { query, statements } = server(
      [events, { ...events, name: 'v', engine: 'MaterializedView' }],
      [
        column('at', 'DateTime'),
        column('id', 'UInt32', { comment: 'Number.' }),
        column('b c'),
        column('region', 'LowCardinality(String)', { default_kind: 'DEFAULT', default_expression: "'eu'" }),
        column('day', 'Date', { default_kind: 'ALIAS', default_expression: 'toDate(at)' }),
      ],
    )
    const { tables, refused } = await clickhouseTables(query, {
      tables: ["a.ev'ents"],
      databases: undefined,
      samples: false,
    })
    expect(statements[0]).toContain("concat(database, '.', name) IN ('a.ev\\'ents')")
    expect(refused).toEqual([
      { schema: 'a', name: 'v', reason: 'it is a MaterializedView: import the tables behind it' },
    ])
    expect(tables[0]).toMatchObject({
      comment: 'What happened.',
      keyFrom: 'the sorting key of a MergeTree, guessed: nothing keeps it unique',
      notes: [
        'Left out: the column day, which is not stored.',
        'Left out: the expressions in its sorting key.',
        'Left out: the expressions in its partition key.',
      ],
    })
    expect(
      tables[0]?.columns.map(({ name, keyPosition, partitionPosition, custom }) => [
        name,
        keyPosition,
        partitionPosition,
        custom,
      ]),
    ).toEqual([
      ['at', undefined, undefined, undefined],
      ['id', 1, undefined, { targetType: 'UInt32' }],
      ['b c', 2, undefined, undefined],
      ['region', undefined, 1, { targetType: 'LowCardinality(String)', default: "'eu'" }],
    ])
  })

  test('that the pipeline made are read without what it added', async () => {
    const { query } = server(
      [
        {
          ...events,
          name: 'orders',
          engine: 'ReplacingMergeTree',
          sorting_key: '_tenant, id',
          partition_key: '',
          comment: 'urn:x 1.0.0',
        },
      ],
      ['id', 'email_token', '_tenant', '_version', '_deleted', '_committed_at', '_loaded_at'].map((name) =>
        column(name),
      ),
    )
    const [table] = (await clickhouseTables(query, { samples: false })).tables
    expect(
      table?.columns.map(({ name, keyPosition, notPersonal }) => [name, keyPosition, notPersonal]),
    ).toEqual([
      ['id', 1, undefined],
      ['email_token', undefined, true],
    ])
    expect(table?.comment).toBeUndefined()
    expect(table?.keyFrom).toBe('the sorting key of a ReplacingMergeTree')
  })

  test('are sampled within bounds', async () => {
    const rows = Array.from({ length: 10 }, (_, n) => ({ c0: `person${n}@example.org` }))
    const { query, statements } = server([events], [column('who'), column('n', 'Int32')], rows)
    const [table] = (await clickhouseTables(query, { samples: true })).tables
    expect(statements.at(-1)).toMatch(/LIMIT 200\s+SETTINGS max_execution_time = 5/)
    expect(table?.columns[0]?.sampled).toEqual({ detected: 'email', share: 1 })
  })
})
