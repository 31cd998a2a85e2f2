import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accessScope, engineScope, type Principal } from '#contracts/compile/access-scope.ts'
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { ALL_ROWS, type ContractParts, datasetOf, KEY, OWN_ROWS, personal } from './contract-text.ts'

const ana: Principal = { subject: 'ana', tenant: 'acme', roles: ['analyst'], attributes: {} }
const things = datasetOf({
  properties: [
    ...KEY,
    personal('email', '{method: hmac, domain: email}'),
    '{name: total, physicalType: integer}',
  ],
  roles: [
    '{role: analyst, customProperties: [{property: columns, value: {exclude: [email]}}, {property: rowFilter, value: [{column: tenant_id, operator: "=", principal: tenant}]}]}',
    '{role: engineer, customProperties: [{property: columns, value: {include: [id]}}, {property: rowFilter, value: all}]}',
  ],
})

const filtered = (predicates: string): ContractParts => ({
  properties: [...KEY, '{name: region, physicalType: text}'],
  roles: [`{role: analyst, customProperties: [{property: rowFilter, value: [${predicates}]}]}`],
})
const compiled = new Map<string, CompiledDataset>()
const filterFor = (predicates: string, principal: Principal): string | undefined => {
  const dataset = compiled.get(predicates) ?? datasetOf(filtered(predicates))
  compiled.set(predicates, dataset)
  return accessScope([dataset], principal, 'analyst').datasets[0]?.filter
}

describe('an access scope', () => {
  test('is grants per column and a literal row filter', () => {
    expect(engineScope(accessScope([things], ana, 'analyst'), 'analytics')).toEqual({
      name: expect.stringMatching(/^scope_[0-9a-f]{24}$/),
      grants: ['GRANT SELECT(`tenant_id`, `id`, `total`) ON `analytics`.`things`'],
      rowFilters: [{ database: 'analytics', table: 'things', filter: "`tenant_id` = 'acme'" }],
    })
  })

  test('is of one role: columns of one are never seen on the rows of another', () => {
    const both: Principal = { ...ana, roles: ['analyst', 'engineer'] }
    const [asAnalyst, asEngineer] = [
      accessScope([things], both, 'analyst'),
      accessScope([things], both, 'engineer'),
    ]
    expect(asAnalyst.datasets[0]).toMatchObject({
      columns: ['tenant_id', 'id', 'total'],
      filter: "`tenant_id` = 'acme'",
    })
    expect(asEngineer.datasets[0]).toMatchObject({ columns: ['id'], filter: '1' })
    expect(asAnalyst.name).not.toBe(asEngineer.name)
  })

  test('has a grant and a row filter for the same tables, always', () => {
    const scope = engineScope(accessScope([things, datasetOf({ name: 'others' })], ana, 'analyst'), 'd')
    expect(scope.grants).toHaveLength(2)
    expect(scope.rowFilters.map(({ table }) => table)).toEqual(['things', 'others'])
  })

  const leftOut: readonly (readonly [string, string, Partial<Principal>])[] = [
    ['the principal lacks the attribute', '{column: region, operator: "=", principal: region}', {}],
    [
      'the attribute is empty',
      '{column: region, operator: in, principal: regions}',
      { attributes: { regions: [] } },
    ],
    [
      'one value is asked for and there are two',
      '{column: region, operator: "=", principal: region}',
      { attributes: { region: ['a', 'b'] } },
    ],
    [
      'a value is the empty text',
      '{column: region, operator: in, principal: regions}',
      { attributes: { regions: ['a', ''] } },
    ],
    ['the tenant is the empty text', '{column: id, operator: "=", principal: tenant}', { tenant: '' }],
    ['the tenant is no valid text', '{column: id, operator: "=", principal: tenant}', { tenant: 'a\ud800' }],
    [
      'the attribute is only that of every object',
      '{column: region, operator: "=", principal: constructor}',
      {},
    ],
    ['the attribute is the prototype', '{column: region, operator: "=", principal: __proto__}', {}],
    [
      'a second predicate cannot be filled',
      '{column: tenant_id, operator: "=", principal: tenant}, {column: region, operator: "=", principal: region}',
      {},
    ],
  ]
  test.each(leftOut)('leaves the dataset out if %s', (_why, predicates, principal) => {
    expect(filterFor(predicates, { ...ana, ...principal })).toBeUndefined()
  })

  test('leaves out datasets that do not know the role, and is empty then', () => {
    const scope = accessScope([things, datasetOf({ roles: [ALL_ROWS] })], ana, 'stranger')
    expect(engineScope(scope, 'd')).toMatchObject({ grants: [], rowFilters: [] })
  })

  test('joins predicates by AND, and writes lists as IN', () => {
    expect(
      filterFor(
        '{column: tenant_id, operator: "=", principal: tenant}, {column: region, operator: in, principal: regions}, {column: id, operator: in, principal: ids}',
        { ...ana, attributes: { regions: ['n', "s'"], ids: ['1', '-2'] } },
      ),
    ).toBe("`tenant_id` = 'acme' AND `region` IN ('n', 's\\'') AND `id` IN (toInt64('1'), toInt64('-2'))")
  })

  test('is shared by principals of the same rights, whoever they are', () => {
    const name = (principal: Principal, role = 'analyst') => accessScope([things], principal, role).name
    expect(name({ ...ana, subject: 'ben', attributes: { shoe: '43' } })).toBe(name(ana))
    expect(name({ ...ana, tenant: 'globex' })).not.toBe(name(ana))
  })

  test('changes its name when the policy changes', () => {
    const other = accessScope([datasetOf({ roles: [OWN_ROWS] })], ana, 'analyst')
    const same = accessScope([datasetOf({ roles: [OWN_ROWS, ALL_ROWS] })], ana, 'analyst')
    expect(other.policyVersion).not.toBe(same.policyVersion)
    expect(other.name).not.toBe(same.name)
  })
})

/** Reads one quoted literal of ClickHouse from the start of a text: its value, and what follows it. */
function readLiteral(text: string): { value: string; rest: string } {
  if (text[0] !== "'") throw new Error('no literal')
  let value = ''
  for (let at = 1; at < text.length; ) {
    const char = text[at] ?? ''
    if (char === "'") {
      if (text[at + 1] !== "'") return { value, rest: text.slice(at + 1) }
      value += "'"
      at += 2
    } else if (char === '\\') {
      const next = text[at + 1] ?? ''
      if (next === 'x') {
        value += String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 4), 16))
        at += 4
      } else {
        value += { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', a: '\x07', '0': '\0' }[next] ?? next
        at += 2
      }
    } else {
      value += char
      at++
    }
  }
  throw new Error('the literal has no end')
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        "'",
        '\\',
        '\0',
        '\r',
        '\n',
        '--',
        '/*',
        "' OR 1=1 --",
        '`',
        'é',
        '\u2028',
        '’',
        'x',
        ';',
        '\\x27',
      ),
    )
    .map((parts) => parts.join('')),
)

describe('what a principal says is data', () => {
  test('a literal holds its text and nothing else, whatever the text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(readLiteral(quoteLiteral(text))).toEqual({ value: text, rest: '' })
      }),
      { numRuns: 1_000 },
    )
  })

  test('a literal has no character that XML lacks or changes', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what is looked for
        expect(quoteLiteral(text)).not.toMatch(/[\u0000-\u001f\u007f]/)
      }),
    )
  })

  test('a row filter is one comparison with exactly the tenant, whatever the tenant', () => {
    fc.assert(
      fc.property(hostile, (tenant) => {
        const filter = filterFor('{column: tenant_id, operator: "=", principal: tenant}', { ...ana, tenant })
        if (tenant === '' || !tenant.isWellFormed()) expect(filter).toBeUndefined()
        else {
          expect(filter?.startsWith('`tenant_id` = ')).toBe(true)
          expect(readLiteral(filter?.slice('`tenant_id` = '.length) ?? '')).toEqual({
            value: tenant,
            rest: '',
          })
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('a list holds exactly the values, whatever they are', () => {
    const value = hostile.filter((text) => text !== '' && text.isWellFormed())
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
        const filter = filterFor('{column: region, operator: in, principal: regions}', {
          ...ana,
          attributes: { regions: values },
        })
        let rest = filter?.slice('`region` IN ('.length) ?? ''
        const read: string[] = []
        while (rest !== ')') {
          const literal = readLiteral(rest.startsWith(', ') ? rest.slice(2) : rest)
          read.push(literal.value)
          rest = literal.rest
        }
        expect(read).toEqual(values)
      }),
    )
  })

  test('an identifier cannot be left either', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const quoted = quoteIdentifier(name)
        expect(quoted.at(0) + (quoted.at(-1) ?? '')).toBe('``')
        expect(quoted.slice(1, -1).replaceAll(/\\[\\`]/g, '')).not.toMatch(/[`\\]/)
      }),
    )
  })
})
