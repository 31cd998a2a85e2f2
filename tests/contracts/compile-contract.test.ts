import { describe, expect, test } from 'vitest'
import { checkContract } from '#contracts/check-contract.ts'
import {
  ALL_ROWS,
  type ContractParts,
  compileText,
  contractText,
  datasetOf,
  KEY,
  OWN_ROWS,
  personal,
} from './contract-text.ts'

type Case = readonly [name: string, parts: ContractParts, code: string, place: string]

const more = (...properties: readonly string[]): ContractParts => ({ properties: [...KEY, ...properties] })
const role = (rowFilter: string, columns?: string): ContractParts => ({
  ...more('{name: total, physicalType: integer}', personal('email', '{method: hmac, domain: email}')),
  roles: [
    `{role: analyst, customProperties: [{property: rowFilter, value: ${rowFilter}}${columns ? `, {property: columns, value: ${columns}}` : ''}]}`,
  ],
})

describe('each semantic fault has a code and a place', () => {
  const cases: readonly Case[] = [
    [
      'no key',
      { properties: ['{name: tenant_id, required: true}'] },
      'CONTRACT_NO_KEY',
      'schema[0].properties',
    ],
    [
      'a key that is dropped',
      more(
        '{name: a, physicalType: text, primaryKey: true, customProperties: [{property: piiPlan, value: {method: drop}}]}',
      ),
      'CONTRACT_KEY_DROPPED',
      'schema[0].properties[2]',
    ],
    ...(['mask', 'redact'] as const).map(
      (method): Case => [
        `a key under ${method}`,
        more(
          `{name: a, physicalType: text, primaryKey: true, customProperties: [{property: piiPlan, value: {method: ${method}}}]}`,
        ),
        'CONTRACT_KEY_MASKED',
        'schema[0].properties[2]',
      ],
    ),
    ['no tenant', { tenant: null }, 'CONTRACT_NO_TENANT', 'schema[0].customProperties'],
    ['an empty tenant', { tenant: '{value: ""}' }, 'CONTRACT_NO_TENANT', 'schema[0].customProperties'],
    [
      'an unknown tenant',
      { tenant: '{column: tenantid}' },
      'CONTRACT_TENANT_UNKNOWN',
      'schema[0].customProperties[0].value.column',
    ],
    [
      'a tenant that may be NULL',
      { tenant: '{column: org}', ...more('{name: org, physicalType: text}') },
      'CONTRACT_TENANT_NULLABLE',
      'schema[0].customProperties',
    ],
    [
      'a tenant that is personal',
      { tenant: '{column: org}', ...more(personal('org', '{method: hmac, domain: o}', ', required: true')) },
      'CONTRACT_TENANT_PERSONAL',
      'schema[0].customProperties',
    ],
    ['two columns of one name', more('{name: ID}'), 'CONTRACT_DUPLICATE_NAME', 'schema[0].properties[2]'],
    [
      'a column named like the token of another',
      more(personal('email', '{method: siv, domain: email}'), '{name: email_token}'),
      'CONTRACT_DUPLICATE_NAME',
      'schema[0].properties[3]',
    ],
    [
      'one source column twice, protected and in clear',
      more(personal('email', '{method: hmac, domain: email}'), '{name: mail, physicalName: email}'),
      'CONTRACT_DUPLICATE_SOURCE',
      'schema[0].properties[3]',
    ],
    ['a reserved name', more('{name: _version}'), 'CONTRACT_RESERVED_NAME', 'schema[0].properties[2].name'],
    ...(['personal', 'Sensitive', 'PII', 'restricted-personal'] as const).map(
      (classification): Case => [
        `${classification} without a plan`,
        more(`{name: email, classification: ${classification}}`),
        'CONTRACT_PII_NO_PLAN',
        'schema[0].properties[2]',
      ],
    ),
    [
      'a plan with an unknown method',
      more(personal('a', '{method: rot13}')),
      'CONTRACT_PII_PLAN',
      'schema[0].properties[2].customProperties',
    ],
    [
      'a plan with an unknown key',
      more(personal('a', '{method: mask, salt: x}')),
      'CONTRACT_PII_PLAN',
      'schema[0].properties[2].customProperties',
    ],
    [
      'a plan that is a text',
      more(personal('a', 'hmac')),
      'CONTRACT_PII_PLAN',
      'schema[0].properties[2].customProperties',
    ],
    [
      'hmac without a domain',
      more(personal('a', '{method: hmac}')),
      'CONTRACT_PII_NO_DOMAIN',
      'schema[0].properties[2].customProperties',
    ],
    [
      'siv without a domain',
      more(personal('a', '{method: siv}')),
      'CONTRACT_PII_NO_DOMAIN',
      'schema[0].properties[2].customProperties',
    ],
    [
      'a domain in capitals',
      more(personal('a', '{method: siv, domain: E-Mail}')),
      'CONTRACT_PII_PLAN',
      'schema[0].properties[2].customProperties',
    ],
    [
      'a pattern that is none',
      more('{name: a, logicalTypeOptions: {pattern: "(["}}'),
      'CONTRACT_PATTERN',
      'schema[0].properties[2].logicalTypeOptions.pattern',
    ],
    [
      'a bound that is no number',
      more('{name: a, physicalType: integer, logicalTypeOptions: {minimum: many}}'),
      'CONTRACT_BOUND',
      'schema[0].properties[2].logicalTypeOptions.minimum',
    ],
    [
      'a bound in another time zone',
      more(
        '{name: a, physicalType: timestamptz, logicalTypeOptions: {maximum: "2026-01-01T00:00:00+02:00"}}',
      ),
      'CONTRACT_BOUND',
      'schema[0].properties[2].logicalTypeOptions.maximum',
    ],
    ...(['x', '[]', '{a: 1}', '[[1]]', '[null]', '[{toString: 1}]'] as const).map(
      (values): Case => [
        `validValues ${values}`,
        more(`{name: a, customProperties: [{property: validValues, value: ${values}}]}`),
        'CONTRACT_VALID_VALUES',
        'schema[0].properties[2].customProperties',
      ],
    ),
    [
      'a role without a row filter',
      { roles: ['{role: analyst}'] },
      'CONTRACT_ROLE_ROW_FILTER',
      'roles[0].customProperties',
    ],
    ['an empty row filter', role('[]'), 'CONTRACT_ROLE_ROW_FILTER', 'roles[0].customProperties'],
    ['a row filter in SQL', role('"1 = 1"'), 'CONTRACT_ROLE_ROW_FILTER', 'roles[0].customProperties'],
    [
      'a row filter with another operator',
      role('[{column: tenant_id, operator: like, principal: tenant}]'),
      'CONTRACT_ROLE_ROW_FILTER',
      'roles[0].customProperties',
    ],
    [
      'a row filter on an unknown column',
      role('[{column: tenant, operator: "=", principal: tenant}]'),
      'CONTRACT_ROLE_ROW_FILTER',
      'roles[0]',
    ],
    ['columns as a list', role('all', '[total]'), 'CONTRACT_ROLE_COLUMNS', 'roles[0].customProperties'],
    [
      'columns that include nothing',
      role('all', '{include: []}'),
      'CONTRACT_ROLE_COLUMNS',
      'roles[0].customProperties',
    ],
    [
      'columns both ways',
      role('all', '{include: [id], exclude: [total]}'),
      'CONTRACT_ROLE_COLUMNS',
      'roles[0].customProperties',
    ],
    [
      'an unknown column',
      role('all', '{exclude: [totl]}'),
      'CONTRACT_ROLE_COLUMNS',
      'roles[0].customProperties',
    ],
    ['a role twice', { roles: [OWN_ROWS, OWN_ROWS] }, 'CONTRACT_ROLE_TWICE', 'roles[1].role'],
  ]
  test.each(cases)('%s', (_name, parts, code, place) => {
    const { datasets, faults } = compileText(parts)
    const fault = faults.find((one) => one.code === code)
    expect(fault, JSON.stringify(faults)).toBeDefined()
    expect(fault?.path.startsWith(place), fault?.path).toBe(true)
    expect(fault?.line).toBeGreaterThan(1)
    expect(datasets).toEqual([])
  })

  test('a near miss is named', () => {
    const { faults } = compileText({ tenant: '{column: tenantid}' })
    expect(faults.map((fault) => fault.message)).toContain(
      'the tenant column tenantid is not a property; did you mean tenant_id?',
    )
  })

  test.each<readonly [name: string, columns: string, path: string, message: string, near?: string]>([
    [
      'an unknown name',
      '{include: [id, tenant_idd]}',
      '.include[1]',
      'there is no column tenant_idd; did you mean tenant_id?',
      'tenant_id',
    ],
    [
      'an unknown name of a source',
      '{exclude: [emial]}',
      '.exclude[0]',
      'there is no column emial; did you mean email?',
      'email',
    ],
    ['a name that is none', '{include: [id, 5]}', '.include[1]', 'the name of a column is a text'],
    [
      'a misspelt key',
      '{inclde: [id]}',
      '.inclde',
      'there is no inclde; expected {include: […]} or {exclude: […]}; did you mean include?',
      'include',
    ],
    ['another key beside', '{include: [id], rows: all}', '.rows', 'there is no rows; expected'],
    ['both ways', '{include: [id], exclude: [id]}', '', 'include and exclude contradict each other'],
    ['no list', '{include: id}', '.include', 'include is a list of at least one column'],
    ['nothing', '{include: []}', '.include', 'include is a list of at least one column'],
    ['a list', '[id]', '', 'expected {include: […]} or {exclude: […]}'],
  ])('columns of a role, %s: the fault is where it stands', (_name, columns, path, message, near) => {
    const own = '{property: rowFilter, value: [{column: tenant_id, operator: "=", principal: tenant}]}'
    const { faults } = compileText({
      properties: [...KEY, personal('email', '{method: hmac, domain: email}')],
      roles: [`{role: analyst, customProperties: [${own}, {property: columns, value: ${columns}}]}`],
    })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatchObject({
      severity: 'error',
      code: 'CONTRACT_ROLE_COLUMNS',
      path: `roles[0].customProperties[1].value${path}`,
      message: expect.stringContaining(`columns of role analyst: ${message}`),
      line: 14,
    })
    expect(faults[0]?.suggestion).toBe(near)
    expect(faults[0]?.column).toBeGreaterThan(140)
  })

  test('a property of the name and source of another is said once', () => {
    const { faults } = checkContract(
      contractText({ properties: [...KEY, '{name: id, physicalType: bigint}'] }),
    )
    expect(faults.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'CONTRACT_DUPLICATE_NAME schema[0].properties[2]',
    ])
  })

  test('what was meant is said for programs too', () => {
    const { faults } = compileText({ tenant: '{colum: tenant_id}' })
    expect(faults[0]).toMatchObject({ code: 'CONTRACT_NO_TENANT', suggestion: 'column' })
  })

  test('a name that means two columns is refused in roles', () => {
    const properties = [
      ...KEY,
      personal('email', '{method: hmac, domain: email}'),
      '{name: mail_hash, physicalName: email_token}',
    ]
    for (const custom of [
      '{property: rowFilter, value: all}, {property: columns, value: {include: [email_token]}}',
      '{property: rowFilter, value: [{column: email_token, operator: "=", principal: x}]}',
    ]) {
      const { faults } = compileText({ properties, roles: [`{role: a, customProperties: [${custom}]}`] })
      expect(faults.map((fault) => fault.message).join()).toContain(
        'email_token is one column in Postgres and another one as stored',
      )
    }
  })

  test('a fault of a role is said once, however many datasets the contract has', () => {
    const { faults, datasets } = compileText({
      properties: [
        ...KEY,
        '{name: b}\n  - name: others\n    customProperties: [{property: tenant, value: {value: x}}]\n    properties: [{name: id, primaryKey: true}]',
      ],
      roles: ['{role: analyst}'],
    })
    expect(faults.map((fault) => fault.code)).toEqual(['CONTRACT_ROLE_ROW_FILTER'])
    expect(datasets).toEqual([])
  })
})

describe('a compiled dataset', () => {
  test('has key columns in their order, and required', () => {
    const dataset = datasetOf({
      properties: [
        '{name: b, physicalType: bigint, primaryKey: true, primaryKeyPosition: 2}',
        '{name: tenant_id, physicalType: text, primaryKey: true, primaryKeyPosition: 1}',
      ],
    })
    expect(dataset.key).toEqual(['tenant_id', 'b'])
    expect(dataset.columns.map((column) => column.nullable)).toEqual([false, false])
    expect(dataset.tenantInKey).toBe(true)
  })

  test('knows whether the tenant is in the key', () => {
    const properties = [
      '{name: id, physicalType: uuid, primaryKey: true}',
      '{name: tenant_id, physicalType: text, required: true}',
    ]
    expect(datasetOf({ properties }).tenantInKey).toBe(false)
    expect(datasetOf({ properties, tenant: '{value: main}', roles: [ALL_ROWS] }).tenantInKey).toBe(true)
  })

  test.each([
    ['0.9.0', 'things'],
    ['1.9.0', 'things'],
    ['2.0.1', 'things_v2'],
    ['11.0.0', 'things_v11'],
  ])('of version %s is the table %s', (version, table) => expect(datasetOf({ version }).table).toBe(table))

  test.each([
    [undefined, 'public', 'things'],
    ['orders', 'public', 'orders'],
    ['shop.orders', 'shop', 'orders'],
    [`'"My Shop"."Or.ders"'`, 'My Shop', 'Or.ders'],
    [`'"a""b".c'`, 'a"b', 'c'],
  ])('with physicalName %s comes from %s.%s', (physicalName, schema, table) =>
    expect(datasetOf(physicalName === undefined ? {} : { physicalName }).source).toEqual({ schema, table }),
  )

  const plans: readonly (readonly [string, string | null, string])[] = [
    ['{method: hmac, domain: d}', 'a_token', 'Nullable(String)'],
    ['{method: siv, domain: d}', 'a_token', 'Nullable(String)'],
    ['{method: mask}', 'a', 'Nullable(String)'],
    ['{method: redact}', 'a', 'Nullable(String)'],
    ['{method: drop}', null, 'Nullable(Date32)'],
  ]
  test.each(plans)('stores a date under %s as %s %s', (plan, target, targetType) => {
    const property = `{name: a, physicalType: date, classification: personal, customProperties: [{property: piiPlan, value: ${plan}}]}`
    expect(datasetOf({ properties: [...KEY, property] }).columns[2]).toMatchObject({ target, targetType })
  })

  test('grants roles the columns of their contract, in table order, by either name', () => {
    const properties = [
      ...KEY,
      personal('email', '{method: hmac, domain: email}'),
      '{name: total, physicalType: integer}',
    ]
    const granted = (columns: string) =>
      datasetOf({
        properties,
        roles: [
          `{role: a, customProperties: [{property: rowFilter, value: all}, {property: columns, value: ${columns}}]}`,
        ],
      }).roles[0]?.columns
    expect(granted('{include: [total, id]}')).toEqual(['id', 'total'])
    expect(granted('{include: [email]}')).toEqual(['email_token'])
    expect(granted('{exclude: [email_token]}')).toEqual(['tenant_id', 'id', 'total'])
    expect(granted('{exclude: [email]}')).toEqual(['tenant_id', 'id', 'total'])
    expect(granted('{exclude: []}')).toEqual(['tenant_id', 'id', 'email_token', 'total'])
  })

  test('has no role for those who may not read', () => {
    const roles = [OWN_ROWS, '{role: loader, access: write}']
    expect(datasetOf({ roles }).roles.map((one) => one.role)).toEqual(['analyst'])
  })

  test('translates row filters to stored columns', () => {
    const properties = [...KEY, personal('owner', '{method: hmac, domain: person}')]
    const roles = [
      '{role: a, customProperties: [{property: rowFilter, value: [{column: owner, operator: in, principal: owners}]}]}',
    ]
    expect(datasetOf({ properties, roles }).roles[0]?.rowFilter).toEqual([
      { column: 'owner_token', operator: 'in', principal: 'owners' },
    ])
  })

  test('with one constant tenant filters on the internal column', () => {
    const roles = [
      '{role: a, customProperties: [{property: rowFilter, value: [{column: _tenant, operator: "=", principal: tenant}]}]}',
    ]
    const dataset = datasetOf({ tenant: '{value: main}', roles })
    expect(dataset.tenantColumn).toBe('_tenant')
    expect(dataset.roles[0]?.rowFilter).toEqual([{ column: '_tenant', operator: '=', principal: 'tenant' }])
  })

  test('has a hash that changes with what counts, and only then', () => {
    const hash = (parts: ContractParts) => datasetOf(parts).hash
    expect(hash({})).toBe(hash({}))
    expect(hash({})).not.toBe(hash({ version: '1.2.4' }))
    expect(hash({})).not.toBe(hash({ roles: [ALL_ROWS] }))
    expect(hash({})).not.toBe(hash(more('{name: extra}')))
  })

  test('keeps bounds as text, so that no digit is lost', () => {
    const property =
      '{name: a, physicalType: bigint, logicalTypeOptions: {minimum: -1, maximum: 9223372036854775807, exclusiveMaximum: "0.10000000000000000001"}}'
    expect(datasetOf(more(property)).columns[2]?.rules).toEqual([
      { rule: 'minimum', bound: '-1' },
      { rule: 'maximum', bound: '9223372036854775807' },
      { rule: 'exclusiveMaximum', bound: '0.10000000000000000001' },
    ])
  })
})
