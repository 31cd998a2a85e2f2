import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkContract } from '#contracts/check-contract.ts'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import { faultLine, pathText } from '#contracts/fault.ts'
import { parseContract } from '#contracts/parse.ts'
import { contractText } from './contract-text.ts'

describe('parseContract', () => {
  const parsed = parseContract(contractText())
  const { contract, value } = parsed
  const sound = value as Readonly<Record<string, unknown>>

  test('reads a contract and fills in what is left out', () => {
    const { contract, faults } = parseContract(contractText())
    expect(faults).toEqual([])
    expect(contract?.schema[0]?.name).toBe('things')
    expect(contract?.schema[0]?.properties[0]).toMatchObject({ name: 'tenant_id', unique: false })
    expect(contract?.slaProperties).toEqual([])
  })

  test.each<readonly [name: string, text: string, place: string, message: string]>([
    ["a tag of one's own", 'id: !secret x', '1:5', 'the tag !secret means nothing in a contract'],
    ['a tag before a list', 'tags: !foo\n  - x', '1:7', 'the tag !foo means nothing'],
    ['a tag of a key', '!foo id: x', '1:1', 'the tag !foo means nothing'],
    ['bytes', 'id: !!binary aGk=', '1:5', 'the tag !!binary means nothing'],
    ['a set', 'tags: !!set {x, y}', '1:7', 'the tag !!set means nothing'],
    [
      'an object of a language',
      'id: !!python/object:os.system [x]',
      '1:5',
      'the tag !!python/object:os.system means nothing',
    ],
    [
      'a tag in full',
      'id: !<tag:example.com,2000:x> y',
      '1:5',
      'the tag tag:example.com,2000:x means nothing',
    ],
    ['a tag that is hidden behind an anchor', 'id: &a !foo x', '1:8', 'the tag !foo means nothing'],
    ['a tag whose value is another', 'id: !!int abc', '1:5', 'what follows is no value of the tag !!int'],
  ])('%s is a fault at its place', (_name, text, place, message) => {
    const faults = parseContract(text).faults.filter(({ code }) => code === 'CONTRACT_TAG')
    expect(faults.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
      expect.stringContaining(`${place} ${message}`),
    ])
  })

  test('tags of the core schema are followed', () => {
    const { value, faults } = parseContract(
      'a: !!str 5\nb: !!int "5"\nc: ! 5\nd: !!map {e: !!seq [1]}\nf: !!null',
    )
    expect(value).toEqual({ a: '5', b: 5, c: '5', d: { e: [1] }, f: null })
    expect(faults.filter(({ code }) => code === 'CONTRACT_TAG')).toEqual([])
  })

  test('no fault of syntax quotes the text', () => {
    const texts = [
      'a: "\\hunter2"',
      'a: b: hunter2',
      'a: [x hunter2: {',
      "a: 'x' hunter2",
      '- a\nhunter2',
      'a: |hunter2\n x',
      '%hunter2\n---',
      'a: *hunter2',
      'a: &hunter2: x',
      '!hunter2!x y',
    ]
    for (const text of texts) {
      const { faults } = parseContract(text)
      expect(faults.length, text).toBeGreaterThan(0)
      expect(JSON.stringify(faults.map(({ message }) => message)), text).not.toContain('hunter2')
    }
  })

  test('a control character is a fault at its place, and line ends of any kind are none', () => {
    expect(parseContract('id: x\ny: "a\u0007b"').faults).toContainEqual({
      severity: 'error',
      code: 'CONTRACT_SYNTAX',
      path: '',
      message: 'a control character (U+0007) stands in the text',
      line: 2,
      column: 6,
    })
    const text = contractText()
    expect(parseContract(text.replaceAll('\n', '\r'))).toMatchObject({ value, faults: [] })
    // A tab is fine, where YAML allows it.
    expect(parseContract(`${text}\t# a comment\n`)).toMatchObject({ value, faults: [] })
  })

  test('reads JSON too', () => {
    expect(parseContract(JSON.stringify(value)).contract).toEqual(contract)
    expect(parseContract(JSON.stringify(value, undefined, '\t')).contract).toEqual(contract)
  })

  test('keeps what is not in the view, in the value', () => {
    const { value, faults } = parseContract(`${contractText()}price: {priceAmount: 9}\nprize: 1\n`)
    expect(value).toMatchObject({ price: { priceAmount: 9 }, prize: 1 })
    expect(faults.map(({ code, path, suggestion }) => [code, path, suggestion])).toEqual([
      ['CONTRACT_UNKNOWN_KEY', 'prize', 'price'],
    ])
  })

  test('reads line ends and byte order marks of Windows, at the same places', () => {
    const text = contractText({ properties: ['{name: a, nmae: b}'] })
    for (const other of [text.replaceAll('\n', '\r\n'), `\ufeff${text}`])
      expect(parseContract(other)).toMatchObject({
        contract: parseContract(text).contract,
        faults: parseContract(text).faults,
        text: other,
      })
  })

  test('says all faults at once, each with its place', () => {
    const text = [
      'apiVersion: v9.0.0',
      'kind: DataContract',
      'id: x',
      'version: 1.0.0',
      'status: active',
      'schema:',
      '  - name: things',
      '    properties:',
      '      - name: a',
      '        required: perhaps',
      '      - physicalType: text',
    ].join('\n')
    const { contract, faults } = parseContract(text)
    expect(contract?.schema[0]?.properties.map(({ name }) => name)).toEqual(['a', ''])
    expect(faults.map(({ code, path, line, column }) => `${code} ${path} ${line}:${column}`)).toEqual([
      'CONTRACT_API_VERSION apiVersion 1:13',
      'CONTRACT_SHAPE schema[0].properties[0].required 10:19',
      'CONTRACT_MISSING schema[0].properties[1].name 11:9',
    ])
  })

  const unreadable: readonly (readonly [string, string, string, string])[] = [
    ['a syntax error', 'id: x\nschema: [\n  a: }', 'CONTRACT_SYNTAX', ''],
    ['two documents', 'id: 1\n---\nid: 2', 'CONTRACT_SYNTAX', '2:1: more than one document'],
    ['aliases that multiply', bomb(), 'CONTRACT_SYNTAX', 'aliases that multiply'],
    ['many aliases', `a: &a 1\nb: [${'*a,'.repeat(501)}]`, 'CONTRACT_SYNTAX', 'more than 500 aliases'],
    ['brackets without end', '['.repeat(100_000), 'CONTRACT_SYNTAX', 'nested too deeply'],
    ['dashes without end', '- '.repeat(20_000), 'CONTRACT_SYNTAX', 'nested too deeply'],
    ['more than 4 MiB', `id: "${'é'.repeat(2_200_000)}"`, 'CONTRACT_TOO_LARGE', 'longer than 4194304 bytes'],
    ['nothing', '', 'CONTRACT_SHAPE', 'the document is empty'],
    ['a list', '- a', 'CONTRACT_SHAPE', 'must be a mapping'],
    ['a text', 'hello', 'CONTRACT_SHAPE', 'must be a mapping'],
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

  test('says every key that stands twice, and reads the rest', () => {
    const { contract, faults } = parseContract('id: 1\nname: 2\nid: a\nname: b\ntags: [{a: 1, a: 2}]')
    expect(faults.filter(({ code }) => code === 'CONTRACT_DUPLICATE_KEY')).toMatchObject([
      { path: 'id', line: 3, column: 1, message: 'the key id stands twice in one map' },
      { path: 'name', line: 4, column: 1 },
      { path: 'tags[0].a', line: 5, column: 15 },
    ])
    expect(contract?.name).toBe('b')
  })

  test('follows anchors and merge keys, and finds places in what they stand for', () => {
    const { value, faults, locate } = parseContract(
      'base: &base {a: 1, b: 2}\nmine:\n  <<: *base\n  b: 3\nagain: *base\nboth:\n  <<: [*base, {c: 4}]\n',
    )
    expect(value).toMatchObject({ mine: { a: 1, b: 3 }, again: { a: 1, b: 2 }, both: { a: 1, b: 2, c: 4 } })
    expect(faults.some(({ code }) => code === 'CONTRACT_SYNTAX')).toBe(false)
    expect(locate(['mine', 'a'])).toEqual({ line: 1, column: 17 })
    expect(locate(['mine', 'b'])).toEqual({ line: 4, column: 6 })
    expect(locate(['again', 'b'], 'key')).toEqual({ line: 1, column: 20 })
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
        const parsed = parseContract(JSON.stringify({ ...sound, [path]: value }))
        const { datasets, faults } = checkContract(parsed)
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
        const result = compileContract({ ...parsed, contract: changed })
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
