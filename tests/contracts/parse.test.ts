import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import { faultLine } from '#contracts/fault.ts'
import { parseContract, pathText } from '#contracts/parse.ts'
import { contractText } from './contract-text.ts'

describe('parseContract', () => {
  const { contract } = parseContract(contractText())

  test('reads a contract and fills in what is left out', () => {
    const { contract, faults } = parseContract(contractText())
    expect(faults).toEqual([])
    expect(contract?.schema[0]?.name).toBe('things')
    expect(contract?.schema[0]?.properties[0]).toMatchObject({ name: 'tenant_id', unique: false })
    expect(contract?.slaProperties).toEqual([])
  })

  test('reads JSON too', () => {
    const { contract } = parseContract(contractText())
    expect(parseContract(JSON.stringify(contract)).contract).toEqual(contract)
  })

  test('keeps keys that it does not know', () => {
    const { contract } = parseContract(`${contractText()}price: {priceAmount: 9}\n`)
    expect(contract).toMatchObject({ price: { priceAmount: 9 } })
  })

  test('says all faults at once, each with its place', () => {
    const text = [
      'apiVersion: v9.0.0',
      'kind: DataContract',
      'id: x',
      'version: one',
      'status: active',
      'schema:',
      '  - name: Bad Name',
      '    properties:',
      '      - name: a',
      '        required: perhaps',
      '      - physicalType: text',
    ].join('\n')
    const { contract, faults } = parseContract(text)
    expect(contract).toBeUndefined()
    expect(faults.map(({ code, path, line, column }) => `${code} ${path} ${line}:${column}`).sort()).toEqual([
      'CONTRACT_SHAPE apiVersion 1:13',
      'CONTRACT_SHAPE schema[0].name 7:11',
      'CONTRACT_SHAPE schema[0].properties[0].required 10:19',
      'CONTRACT_SHAPE schema[0].properties[1].name 11:9',
      'CONTRACT_SHAPE version 4:10',
    ])
    expect(faults.find((fault) => fault.path === 'apiVersion')?.message).toBe(
      'expected v3.0.x, v3.1.x or v3.2.x',
    )
  })

  const unreadable: readonly (readonly [string, string, string, string])[] = [
    ['a syntax error', 'id: x\nschema: [\n  a: }', 'CONTRACT_SYNTAX', ''],
    [
      'a key that stands twice',
      'id: 1\nkind: x\nid: 2',
      'CONTRACT_SYNTAX',
      '3:1: the key id stands twice in one map',
    ],
    ['two documents', 'id: 1\n---\nid: 2', 'CONTRACT_SYNTAX', '2:1: more than one document'],
    ['aliases that multiply', bomb(), 'CONTRACT_SYNTAX', 'aliases that multiply'],
    ['many aliases', `a: &a 1\nb: [${'*a,'.repeat(501)}]`, 'CONTRACT_SYNTAX', 'more than 500 aliases'],
    ['brackets without end', '['.repeat(100_000), 'CONTRACT_SYNTAX', 'nested too deeply'],
    ['dashes without end', '- '.repeat(20_000), 'CONTRACT_SYNTAX', 'nested too deeply'],
    ['more than 4 MiB', `id: "${'é'.repeat(2_200_000)}"`, 'CONTRACT_TOO_LARGE', 'longer than 4194304 bytes'],
    ['nothing', '', 'CONTRACT_SHAPE', 'expected object'],
    ['a list', '- a', 'CONTRACT_SHAPE', 'expected object'],
    ['a text', 'hello', 'CONTRACT_SHAPE', 'expected object'],
  ]
  test.each(unreadable)('%s is a fault', (_name, text, code, message) => {
    const { contract, faults, locate } = parseContract(text)
    expect(contract).toBeUndefined()
    expect(faults.length).toBeGreaterThan(0)
    expect(faults.length).toBeLessThanOrEqual(10)
    expect(faults[0]?.code).toBe(code)
    const said = faults.map((fault) => `${fault.line}:${fault.column}: ${fault.message}`).join('\n')
    expect(said).toContain(message)
    expect(locate(['schema', 0])).toMatchObject({ line: expect.any(Number) })
  })

  test('says every key that stands twice', () => {
    const { faults } = parseContract('a: 1\nb: 2\na: 3\nb: 4')
    expect(faults.map((fault) => fault.line)).toEqual([3, 4])
  })

  test('takes time in proportion to the number of keys, not to its square', () => {
    const keys = (count: number) => Array.from({ length: count }, (_, index) => `k${index}: 1`).join('\n')
    const time = (text: string) => {
      const start = performance.now()
      parseContract(text)
      return performance.now() - start
    }
    time(keys(1_000))
    const small = time(keys(2_000))
    expect(time(keys(16_000))).toBeLessThan(Math.max(small, 20) * 40)
  })

  test('no text makes it or the compiler throw', () => {
    const scrap = fc.constantFrom(
      ...[
        '- ',
        '? ',
        ': ',
        '{',
        '}',
        '[',
        ']',
        ',',
        '&a ',
        '*a',
        '!!str ',
        '|\n',
        '>\n',
        '"',
        "'",
        '#',
        '\n',
        '  ',
        '---\n',
        '%',
        '\0',
        'x',
        '<<: ',
      ],
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(scrap, { maxLength: 60 }).map((parts) => parts.join('')),
        ),
        (text) => {
          const parsed = parseContract(text)
          expect(compileContract(parsed).datasets).toEqual([])
          for (const fault of parsed.faults) expect(faultLine('f', fault)).toContain(fault.code)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('no value in the place of another makes it or the compiler throw', () => {
    const paths = ['status', 'schema', 'roles', 'slaProperties', 'description', 'version', 'domain']
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const parsed = parseContract(JSON.stringify({ ...contract, [path]: value }))
        const { datasets, faults } = compileContract(parsed)
        expect(datasets.length + faults.length).toBeGreaterThan(0)
      }),
      { numRuns: 300 },
    )
  })

  test('no custom property makes the compiler throw', () => {
    const names = ['piiPlan', 'validValues', 'tenant', 'rowFilter', 'columns']
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.anything({ withObjectString: true }), (property, value) => {
        const custom = [{ property, value }]
        if (!contract) throw new Error('the small contract has a fault')
        const [object] = contract.schema
        if (!object) throw new Error('it has no dataset')
        const changed = {
          ...contract,
          schema: [
            {
              ...object,
              customProperties: custom,
              properties: object.properties.map((one) => ({ ...one, customProperties: custom })),
            },
          ],
          roles: contract.roles.map((role) => ({ ...role, customProperties: custom })),
        }
        const result = compileContract({
          contract: changed,
          faults: [],
          locate: () => ({ line: 1, column: 1 }),
        })
        expect(result.datasets).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})

function bomb(): string {
  const lines = ['a0: &a0 [1,1,1,1,1,1,1,1,1,1]']
  for (let level = 1; level < 9; level++)
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join()}]`)
  return lines.join('\n')
}

describe('pathText', () => {
  const cases: readonly (readonly [readonly PropertyKey[], string])[] = [
    [[], ''],
    [['schema', 0, 'properties', 12, 'name'], 'schema[0].properties[12].name'],
    [[3], '[3]'],
  ]
  test.each(cases)('%j', (path, text) => expect(pathText(path)).toBe(text))
})

test('a fault is one line that an editor can jump to', () => {
  const fault = {
    severity: 'error',
    code: 'CONTRACT_X',
    path: '',
    message: 'no',
    line: 3,
    column: 7,
  } as const
  expect(faultLine('a.odcs.yaml', fault)).toBe('  a.odcs.yaml:3:7: error: no (CONTRACT_X at document)')
})
