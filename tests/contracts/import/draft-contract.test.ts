import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkContract } from '#contracts/check-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { draftContracts } from '#contracts/import/draft-contract.ts'
import type { ImportedColumn, ImportedTable } from '#contracts/import/imported-table.ts'
import { customValue } from '#contracts/model/contract.ts'
import { parseContract } from '#contracts/parse.ts'
import { column, key, table } from './tables.ts'

const tenant = { column: 'tenant_id', constant: 'main' }

const draftText = (of: ImportedTable): string => draftContracts([of], { tenant })[0]?.text ?? ''

/** Compiles the draft; throws with its faults if it has any, warnings too. */
function drafted(of: ImportedTable, whose = tenant): CompiledDataset {
  const { datasets, faults } = checkContract(draftContracts([of], { tenant: whose })[0]?.text ?? '')
  const dataset = datasets[0]
  if (faults.length > 0 || !dataset) throw new Error(JSON.stringify(faults))
  return dataset
}

describe('a draft', () => {
  test('lints clean, and has the columns, key and types of the table', () => {
    const dataset = drafted(
      table([
        column('tenant_id', 'text', { required: true, keyPosition: 1 }),
        key('id', 'bigint', 2),
        column('status', 'order_status', { required: true, values: ['new', 'yes', '1', 'null', "it's"] }),
        column('tags', 'text[]', { logicalType: 'array', items: { logicalType: 'string' } }),
        column('code', 'character varying(12)', { options: { maxLength: 12 } }),
        column('total', 'numeric(12,2)', { logicalType: 'number', options: { minimum: 0 } }),
      ]),
    )
    expect(dataset.key).toEqual(['tenant_id', 'id'])
    expect(dataset.tenant).toEqual({ kind: 'column', source: 'tenant_id' })
    expect(dataset.columns.map((one) => [one.target, one.targetType])).toEqual([
      ['tenant_id', 'String'],
      ['id', 'Int64'],
      ['status', 'String'],
      ['tags', 'Nullable(String)'],
      ['code', 'Nullable(String)'],
      ['total', 'Nullable(Decimal(12, 2))'],
    ])
    expect(dataset.columns[2]?.rules).toContainEqual({
      rule: 'validValues',
      values: ['new', 'yes', '1', 'null', "it's"],
    })
    expect(dataset.columns[4]?.rules).toEqual([{ rule: 'maxLength', bound: 12 }])
    expect(dataset.columns[5]?.rules).toEqual([{ rule: 'minimum', bound: '0' }])
  })

  test('gives analysts the rows of their own tenant, by column or by constant', () => {
    expect(
      drafted(table([key('id'), column('tenant_id', 'text', { required: true })])).roles[0],
    ).toMatchObject({
      role: 'analyst',
      rowFilter: [{ column: 'tenant_id', operator: '=', principal: 'tenant' }],
    })
    const constant = drafted(table([key('id'), column('tenant_id')]))
    expect(constant.tenant).toEqual({ kind: 'constant', value: 'main' })
    expect(constant.roles[0]?.rowFilter).toEqual([{ column: '_tenant', operator: '=', principal: 'tenant' }])
  })

  test('protects what looks personal, and says why it guessed', () => {
    const sampled = { detected: 'iban', share: 0.98 } as const
    const text = draftText(
      table([key('id'), column('email'), column('password'), column('x', 'text', { sampled })]),
    )
    const { contract } = parseContract(text)
    const properties = contract?.schema[0]?.properties ?? []
    expect(properties.map((one) => [one.classification, customValue(one, 'guessed')])).toEqual([
      ['internal', undefined],
      ['personal', { by: 'name' }],
      ['sensitive', { by: 'name' }],
      ['sensitive', { by: 'sample', share: 0.98, looksLike: 'iban' }],
    ])
    expect(checkContract(text).datasets[0]?.columns.map((one) => one.target)).toEqual([
      'id',
      'email_token',
      null,
      'x_token',
    ])
  })

  test('gives names that a dataset cannot have another one, and keeps the source', () => {
    const names = ['_id', 'Email', 'email', 'email_token', '__', '_tenant', 'tenant', 'id', 'a b', 'a.b', 'ü']
    const dataset = drafted(table(names.map((name, index) => (index === 0 ? key(name) : column(name)))))
    expect(dataset.columns.map((one) => [one.source, one.target])).toEqual([
      ['_id', 'id_2'],
      ['Email', 'Email_token'],
      ['email', 'email_2_token'],
      ['email_token', 'email_token_2_token'],
      ['__', 'column'],
      ['_tenant', 'tenant_2'],
      ['tenant', 'tenant'],
      ['id', 'id'],
      ['a b', 'a_b'],
      ['a.b', 'a_b_2'],
      ['ü', 'ü'],
    ])
  })

  test('filters on the tenant column, even if another column has taken its name', () => {
    const org = column('_org', 'text', { required: true })
    const dataset = drafted(table([key('id'), column('org'), org]), { column: '_org', constant: 'main' })
    expect(dataset.tenantColumn).toBe('org_2')
    expect(dataset.roles[0]?.rowFilter).toEqual([{ column: 'org_2', operator: '=', principal: 'tenant' }])
  })

  test('of a table without a key is a document: without tenant and roles, and saying so', () => {
    const [draft] = draftContracts([table([column('a')])], { tenant })
    expect(draft?.runnable).toBe(false)
    expect(draft?.text).toContain('# It has no key')
    const { contract } = parseContract(draft?.text ?? '')
    expect(contract?.limitations).toContain('no key')
    expect(contract?.roles).toEqual([])
    const { faults } = checkContract(draft?.text ?? '', { purpose: 'document' })
    expect(faults.map(({ severity, code }) => [severity, code])).toEqual([
      ['warning', 'CONTRACT_NO_TENANT'],
      ['warning', 'CONTRACT_NO_KEY'],
    ])
  })

  test('keeps what is no option in words', () => {
    const text = draftText(
      table([key('id'), column('a', 'text', { rules: ['Check: a ~* b'], options: { minimum: 3 } })], {
        rules: ['Check: a < b'],
        uniqueKeys: [['id', 'a']],
      }),
    )
    const object = parseContract(text).contract?.schema[0]
    expect(
      object?.quality.map(({ type, metric, description }) => metric ?? `${type}: ${description}`),
    ).toEqual(['duplicateValues', 'text: Check: a < b'])
    expect(object?.quality[0]?.arguments).toEqual({ properties: ['id', 'a'] })
    expect(object?.properties[1]?.quality.map(({ description }) => description)).toEqual([
      'Check: a ~* b',
      'minimum: 3',
    ])
  })

  test('cannot be broken out of its comment', () => {
    const [draft] = draftContracts([table([key('id')], { notes: ['x\nroles: []\r\u2028y\u0085z'] })], {
      tenant,
    })
    expect(draft?.text.split('\n').filter((line) => line.startsWith('# x'))).toEqual(['# x roles: [] y z'])
    expect(parseContract(draft?.text ?? '').contract?.roles).toHaveLength(3)
  })
})

describe('references', () => {
  const customer = table([key('id'), column('email', 'text', { unique: true })], { name: 'Customer Base' })
  const order = (foreignKeys: ImportedTable['foreignKeys']): ImportedTable =>
    table([key('id'), column('customer_id', 'bigint'), column('a'), column('b')], {
      name: 'orders',
      foreignKeys,
    })
  const to = { schema: 'public', name: 'Customer Base' }
  const objectOf = (tables: readonly ImportedTable[], index: number) =>
    parseContract(draftContracts(tables, { tenant })[index]?.text ?? '').contract?.schema[0]

  test('of one column stand with the column', () => {
    const object = objectOf([order([{ columns: ['customer_id'], to, toColumns: ['id'] }]), customer], 0)
    expect(object?.properties[1]?.relationships.map((one) => one.to)).toEqual([['customer_base.id']])
  })

  test('of several columns stand with the dataset; to itself too', () => {
    const self = { columns: ['a', 'b'], to: { schema: 'public', name: 'orders' }, toColumns: ['b', 'id'] }
    const object = objectOf([order([self])], 0)
    expect(object?.relationships).toMatchObject([
      { composite: true, from: ['orders.a', 'orders.b'], to: ['orders.b', 'orders.id'] },
    ])
  })

  test('to a table that has no contract are kept as a custom property', () => {
    const object = objectOf([order([{ columns: ['customer_id'], to, toColumns: ['id'] }])], 0)
    expect(object?.properties[1]?.relationships).toEqual([])
    expect(customValue(object ?? { customProperties: [] }, 'foreignKeys')).toEqual([
      { columns: ['customer_id'], to: 'public.Customer Base', toColumns: ['id'] },
    ])
  })

  test('to a table with a contract of an earlier run are relationships, by the names that it has there', () => {
    const [draft] = draftContracts([order([{ columns: ['customer_id'], to, toColumns: ['id'] }])], {
      tenant,
      known: [{ ...to, dataset: 'clients', columns: new Map([['id', 'number']]) }],
    })
    const object = parseContract(draft?.text ?? '').contract?.schema[0]
    expect(object?.properties[1]?.relationships.map((one) => one.to)).toEqual([['clients.number']])
  })

  test('to a personal key share its plan, so that the two still join', () => {
    const people = table([key('email', 'text')], { name: 'people' })
    const visit = table([key('id'), column('who')], {
      name: 'visits',
      foreignKeys: [{ columns: ['who'], to: { schema: 'public', name: 'people' }, toColumns: ['email'] }],
    })
    const drafts = draftContracts([people, visit], { tenant })
    const plans = drafts.map(({ text }) => checkContract(text).datasets[0]?.columns.at(-1)?.pii)
    expect(plans[0]).toMatchObject({ method: 'hmac', domain: 'email_key', normalize: 'none' })
    expect(plans[1]).toEqual(plans[0])
  })
})

describe('names of datasets', () => {
  test('are unique in a run; a table that has such a name keeps it', () => {
    const names = ['Clash', 'clash', 'clash!', 'CLASH'].map((name) => table([key('id')], { name }))
    expect(draftContracts(names, { tenant }).map(({ dataset }) => dataset)).toEqual([
      'clash_2',
      'clash',
      'clash_',
      'clash_3',
    ])
  })

  test('are those of the contracts that are there', () => {
    const known = [
      { schema: 'public', name: 'Clash', dataset: 'conflict', columns: new Map() },
      { schema: 'other', name: 'x', dataset: 'clash', columns: new Map() },
    ]
    const tables = ['Clash', 'clash'].map((name) => table([key('id')], { name }))
    expect(draftContracts(tables, { tenant, known }).map(({ dataset }) => dataset)).toEqual([
      'conflict',
      'clash_2',
    ])
  })
})

describe('drafts of anything', () => {
  const word = fc.constantFrom(
    ...[
      'id',
      'email',
      'Email',
      'email_token',
      '_id',
      '__',
      'Tenant_ID',
      'tenant_id',
      'phone',
      'select',
      'a b',
      '"',
      "'",
    ],
    ...[
      'ü',
      '日本',
      'constructor',
      '__proto__',
      'toString',
      'null',
      'yes',
      '1',
      '~',
      '- x',
      '# x',
      ': ',
      '{a}',
      '%',
      '*a',
    ],
    ...[
      '&a',
      '!x',
      '\n',
      '\t',
      '\u0085',
      '\u2028',
      ' ',
      '2026-01-31',
      'n'.repeat(63),
      'a.b',
      '$' + '{x}',
      'x\r# y',
    ],
  )
  const name = fc.oneof(
    word,
    fc.string({ minLength: 1, maxLength: 40 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  )
  const type = fc.oneof(
    fc.constantFrom<Partial<ImportedColumn>>(
      { physicalType: 'text', logicalType: 'string' },
      { physicalType: 'bigint', logicalType: 'integer' },
      { physicalType: 'numeric(12,2)', logicalType: 'number' },
      { physicalType: 'timestamp with time zone', logicalType: 'timestamp' },
      { physicalType: 'uuid', logicalType: 'string' },
      { physicalType: 'jsonb', logicalType: 'object' },
      { physicalType: 'text[]', logicalType: 'array' },
      { logicalType: 'boolean' },
      { logicalType: 'date' },
      { logicalType: 'time' },
      { logicalType: 'integer' },
      {},
    ),
    name.map((physicalType) => ({ physicalType: `"${physicalType}"`, logicalType: 'string' as const })),
  )
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
  const anyColumn: fc.Arbitrary<ImportedColumn> = fc
    .record({
      name,
      required: fc.boolean(),
      unique: fc.boolean(),
      comment: optional(name),
      values: optional(fc.array(name, { maxLength: 3 })),
      rules: optional(fc.array(name, { maxLength: 2 })),
      partitionPosition: fc.constant(undefined),
      options: optional(
        fc.dictionary(
          fc.constantFrom('minimum', 'maximum', 'exclusiveMinimum', 'minLength', 'maxLength'),
          fc.nat(9),
        ),
      ),
      sampled: optional(
        fc.record({ detected: fc.constantFrom('email', 'ip', 'card', null), share: fc.constant(0.5) }),
      ),
      custom: optional(fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 2 })),
    })
    .chain((all) => type.map((typed) => ({ ...all, ...typed })))
    .map(
      (all) =>
        Object.fromEntries(
          Object.entries(all).filter(([, value]) => value !== undefined),
        ) as unknown as ImportedColumn,
    )
  const anyTable: fc.Arbitrary<ImportedTable> = fc
    .record({
      schema: name,
      name,
      comment: optional(name),
      columns: fc.uniqueArray(anyColumn, { selector: (one) => one.name, minLength: 1, maxLength: 8 }),
      foreignKeys: fc.array(
        fc.record({
          columns: fc.array(name, { minLength: 1, maxLength: 2 }),
          to: fc.record({ schema: name, name }),
          toColumns: fc.array(name, { minLength: 1, maxLength: 2 }),
        }),
        { maxLength: 2 },
      ),
      rules: fc.array(name, { maxLength: 2 }),
      notes: fc.array(name, { maxLength: 2 }),
    })
    .map(({ columns: [first, ...others], comment, ...rest }) =>
      table([{ ...(first as ImportedColumn), keyPosition: 1, required: true }, ...others], {
        ...rest,
        ...(comment === undefined ? {} : { comment }),
      }),
    )

  test('lint clean, and keep names and types, whatever they are', () => {
    fc.assert(
      fc.property(anyTable, name, (of, tenantColumn) => {
        const dataset = drafted(of, { column: tenantColumn, constant: 'main' })
        expect(dataset.source).toEqual({ schema: of.schema.toWellFormed(), table: of.name.toWellFormed() })
        expect(dataset.columns.map((one) => one.source)).toEqual(of.columns.map((one) => one.name))
      }),
      { numRuns: 300 },
    )
  })

  test('have datasets of one name each, and the same ones every time', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyTable, { selector: (of) => JSON.stringify([of.schema, of.name]), maxLength: 6 }),
        (all) => {
          const drafts = draftContracts(all, { tenant })
          expect(new Set(drafts.map(({ dataset }) => dataset)).size).toBe(all.length)
          expect(draftContracts(all, { tenant }).map(({ text }) => text)).toEqual(
            drafts.map(({ text }) => text),
          )
          const warned = drafts.flatMap(({ text }) =>
            checkContract(text).faults.filter(
              ({ severity, code }) => severity === 'error' || code !== 'CONTRACT_REFERENCE_DANGLING',
            ),
          )
          expect(warned).toEqual([])
        },
      ),
      { numRuns: 50 },
    )
  })
})
