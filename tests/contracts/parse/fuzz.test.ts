/** Contracts are untrusted: no text makes a check throw, take long, or grow without bound. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of contracts
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { checkContract } from '#contracts/check-contract.ts'
import { faultLine } from '#contracts/fault.ts'
import { RICH_DOCUMENT } from '../shape/rich-document.ts'
import { mutated, scrap, scraps, written, yamlValues } from './yaml-arbitraries.ts'

/** Longest that one check may take, ms: a second, and one more because other tests run beside this one. */
const MOST_TIME = 2_000
const MOST_MEMORY = 500 * 1024 * 1024

let slowest = 0

function check(text: string): void {
  const start = performance.now()
  const { faults, parsed } = checkContract(text, { purpose: text.length % 2 === 0 ? 'pipeline' : 'document' })
  slowest = Math.max(slowest, performance.now() - start)
  expect(parsed.text).toBe(text)
  for (const fault of faults) {
    expect(fault.line).toBeGreaterThan(0)
    expect(fault.column).toBeGreaterThan(0)
    expect(faultLine('f', fault)).toContain(fault.code)
  }
}

/** Keys of contracts, so that the values reach all rules. */
const KEYS = [
  ...[
    'schema',
    'properties',
    'items',
    'name',
    'logicalType',
    'logicalTypeOptions',
    'quality',
    'relationships',
    'to',
    'from',
    'roles',
    'role',
  ],
  ...[
    'servers',
    'type',
    'host',
    'location',
    'customProperties',
    'property',
    'value',
    'slaProperties',
    'element',
    'slaDefaultElement',
    'team',
  ],
  ...[
    'query',
    'metric',
    'pattern',
    'minimum',
    'maximum',
    'enum',
    'map',
    'key',
    'apiVersion',
    'version',
    'status',
    'primaryKey',
    'unique',
    'id',
  ],
]
const LEAVES = [
  ...[
    'v3.1.0',
    'v3.2.0',
    'string',
    'integer',
    'object',
    'array',
    'map',
    'vector',
    'library',
    'sql',
    'kafka',
    'tenant',
    'piiPlan',
    'rowFilter',
  ],
  ...[
    'columns',
    'validValues',
    'a.b',
    'schema/a/properties/b',
    '(a+)+',
    'select 1',
    'all',
    '${X}',
    '1.0.0',
    'personal',
    'hmac',
  ],
]
const contractLike: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(...LEAVES),
    yamlValues,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 6 }),
  ),
})).value
const contracts = fc.dictionary(fc.constantFrom(...KEYS), contractLike, { maxKeys: 10 })

const repeated = fc
  .tuple(scrap, fc.constantFrom(10, 1_000, 20_000), scraps)
  .map(([part, times, rest]) => part.repeat(times) + rest)
const nested = fc
  .tuple(fc.constantFrom('[', '{a: ', '- ', 'a:\n', '{"a":[', '? '), fc.integer({ min: 50, max: 3_000 }))
  .map(([part, depth]) => (part === 'a:\n' ? indented(depth % 300) : part.repeat(depth)))
const aliases = fc
  .tuple(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 2, max: 12 }), fc.boolean())
  .map(([levels, width, isMap]) => bomb(levels, width, isMap))
const inContract = fc
  .tuple(fc.constantFrom(...KEYS), contractLike)
  .map(([key, value]) => `${RICH_DOCUMENT}\n${stringify({ [key]: value }, { aliasDuplicateObjects: false })}`)

const inputs: readonly (readonly [string, fc.Arbitrary<string>, number])[] = [
  ['random texts', fc.string({ unit: 'binary', maxLength: 300 }), 2_500],
  ['scraps of YAML', scraps, 2_500],
  ['values in every style', written, 1_500],
  ['values with a scrap put in', mutated, 1_500],
  [
    'things like contracts',
    contracts.map((value) => stringify(value, { aliasDuplicateObjects: false })),
    1_500,
  ],
  ['things like contracts, as JSON', contracts.map((value) => JSON.stringify(value)), 1_000],
  ['a contract with one more key', inContract, 60],
  ['a scrap many times', repeated, 60],
  ['deep nesting', nested, 60],
  ['aliases of aliases', aliases, 60],
]

describe('no text makes a check throw, take long, or grow', () => {
  test.each(inputs)('%s', (_name, texts, numRuns) => {
    slowest = 0
    fc.assert(fc.property(texts, check), { numRuns })
    expect(slowest).toBeLessThan(MOST_TIME)
  })

  const M = 3_500_000
  const HEAD = 'apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\n'
  const fill = (part: string): string => part.repeat(Math.floor(M / part.length))
  const large: readonly (readonly [string, () => string])[] = [
    ['one long text', () => `a: "${fill('x')}"`],
    ['one long number', () => `a: ${fill('9')}`],
    ['a million lines', () => fill('- a\n')],
    ['a million numbers', () => `[${fill('1,')}1]`],
    ['comments only', () => fill('# a\n')],
    ['quotes only', () => fill('"')],
    ['directives', () => fill('%a\n')],
    ['aliases', () => fill('*a ')],
    ['many keys', () => Array.from({ length: 140_000 }, (_, index) => `k${index}: 1`).join('\n')],
    [
      'many unknown keys',
      () => HEAD + Array.from({ length: 70_000 }, (_, index) => `nmae${index}: 1`).join('\n'),
    ],
    ['many tags that are no texts', () => `${HEAD}tags: [${'1,'.repeat(140_000)}]`],
    [
      'many properties of one name',
      () => `${HEAD}schema: [{name: a, properties: [${'{name: b},'.repeat(60_000)}]}]`,
    ],
    [
      'many datasets and roles',
      () => `${HEAD}roles: [${'{role: a},'.repeat(30_000)}]\nschema: [${'{name: a},'.repeat(30_000)}]`,
    ],
    [
      'a long pattern',
      () =>
        `${HEAD}schema: [{name: a, properties: [{name: b, logicalType: string, logicalTypeOptions: {pattern: "${fill('(a')}"}}]}]`,
    ],
    [
      'a long query',
      () => `${HEAD}schema: [{name: a, quality: [{type: sql, mustBe: 1, query: "select ${fill('a,')}"}]}]`,
    ],
    [
      'a long reference',
      () => `${HEAD}schema: [{name: a, properties: [{name: b, relationships: [{to: "${fill('a/')}!"}]}]}]`,
    ],
  ]
  test.each(large)('%s', (_name, make) => {
    const text = make()
    const before = process.memoryUsage.rss()
    const start = performance.now()
    check(text)
    expect(performance.now() - start).toBeLessThan(MOST_TIME)
    expect(process.memoryUsage.rss() - before).toBeLessThan(MOST_MEMORY)
  })

  test.each([
    ['__proto__ as a key', '__proto__: {polluted: 1}\nschema: [{__proto__: {name: a}, name: b}]'],
    ['constructor as a key', 'constructor: {prototype: {polluted: 1}}'],
    ['an alias of what it is in', 'a: &a [*a]'],
    ['an alias of nothing', 'a: *b'],
    ['a byte order mark', '\ufeffapiVersion: v3.1.0'],
    ['half a character', 'id: "\ud800"\nname: \udfff'],
    ['NUL', 'id: "a\0b"'],
    [
      'tags of other languages',
      'a: !!python/object:os.system [x]\nb: !!js/function "x"\nc: !!binary aGk=\nd: !!set {x}',
    ],
    ['dates and times', 'version: 2026-01-31\nid: 12:30:45\nname: 2026-01-31T00:00:00Z'],
    ['yes and no', 'schema: [{name: no, properties: [{name: on, required: yes}]}]'],
  ])('%s', (_name, text) => {
    check(text)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

function indented(depth: number): string {
  return Array.from({ length: depth }, (_, level) => `${' '.repeat(level)}a:`).join('\n')
}

function bomb(levels: number, width: number, isMap: boolean): string {
  const lines = ['a0: &a0 x']
  for (let level = 1; level <= levels; level++) {
    const parts = Array.from({ length: width }, (_, index) => `${isMap ? `k${index}: ` : ''}*a${level - 1}`)
    lines.push(`a${level}: &a${level} ${isMap ? '{' : '['}${parts.join(', ')}${isMap ? '}' : ']'}`)
  }
  return lines.join('\n')
}
