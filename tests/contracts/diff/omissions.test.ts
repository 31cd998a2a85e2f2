/** Nothing that changes in a document is passed over in silence: each value of a rich one is changed, and each key is taken out. */
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { diffContracts } from '#contracts/diff/diff-contracts.ts'
import { pathText } from '#contracts/fault.ts'
import { readContract } from '#contracts/model/read-contract.ts'
import { RICH_DOCUMENT } from '../shape/rich-document.ts'

type Path = readonly (string | number)[]

/** What version 3.2 adds, and keys that the standard does not know, at every depth. */
const MORE = `
context: {instructions: i, constraints: [{constraint: c}]}
x-contract: 1
schema:
  - name: more
    context: words
    deprecated: Use orders.
    synonyms: [{synonym: s, locale: en}]
    x-dataset: {a: 1}
    properties:
      - {name: state, semanticType: measure, deprecated: false, enum: [{value: a, label: A}, {value: b}], synonyms: [{synonym: s}], x-column: 1}
      - {name: vector, logicalType: vector, logicalTypeOptions: {dimensions: 3, elementType: float32, distanceMetric: cosine, embeddingModel: m, embeddingModelVersion: v, normalized: false}}
      - {name: tree, logicalType: object, properties: [{name: leaf, x-leaf: 1, logicalType: array, items: {logicalType: string, x-item: 1}}]}
      - {name: map, logicalType: map, map: {key: {logicalType: string, x-key: 1}, value: {logicalType: integer, x-value: 1}}}
      - name: email
        customProperties:
          - {property: piiPlan, value: {method: hmac, domain: email, normalize: lower, keyRef: k, subject: state}, description: d, vendor: v}
          - {property: validValues, value: [a]}
          - {property: targetType, value: String}
          - {property: outOfRange, value: clamp}
    customProperties: [{property: tenant, value: {column: state}}]
    quality: [{metric: invalidValues, arguments: {validValues: [a, b]}, mustBe: 0, x-rule: 1}]
    relationships: [{id: r, from: more.state, to: people.state, x-link: 1}]
roles:
  - role: analyst
    x-role: 1
    customProperties:
      - {property: rowFilter, value: [{column: state, operator: "=", value: a}]}
      - {property: columns, value: {include: [state]}}
      - {property: crossTenant, value: true}
slaProperties: [{property: retention, value: 3, unit: y, x-level: 1, customProperties: [{property: a, value: b}]}]
`

/** What says nothing in the rich document, whatever its value. */
const IDLE = [
  'version', // judged by itself
  'slaDefaultElement', // each level has an element of its own
  // A key of one column is required and unique, and has no order.
  'schema[0].properties[0].primaryKeyPosition',
  'schema[0].properties[0].required',
  'schema[0].properties[0].unique',
  'schema[0].properties[0].partitionKeyPosition',
  // Texts that are no moments have no order: the inclusive bound counts.
  'schema[0].properties[2].logicalTypeOptions.exclusiveMinimum',
  'schema[0].properties[2].logicalTypeOptions.exclusiveMaximum',
]
/** What says nothing if it is larger: the other bound is stricter. */
const LARGER = [
  'schema[0].properties[0].logicalTypeOptions.maximum',
  'schema[0].properties[0].logicalTypeOptions.exclusiveMaximum',
]
/** What may be left out, because it is what is meant without it, or because another bound is as strict. */
const NEEDLESS = [
  'slaProperties[0].element',
  'roles[0].access',
  'schema[0].logicalType',
  'schema[0].physicalName',
  'schema[0].relationships[0].type',
  'schema[0].quality[0].type',
  'schema[0].quality[0].severity',
  'schema[0].properties[0].logicalTypeOptions.minimum',
  'schema[0].properties[0].logicalTypeOptions.exclusiveMinimum',
  'schema[0].properties[0].logicalTypeOptions.multipleOf',
  'schema[0].properties[0].relationships[0].type',
  'schema[0].properties[0].quality[0].type',
  'schema[0].properties[3].logicalTypeOptions.minimum',
  'schema[0].properties[3].logicalTypeOptions.maximum',
  'schema[0].properties[3].logicalTypeOptions.defaultTimezone',
  'schema[0].properties[4].logicalTypeOptions.timezone',
]
/** The same of the document of version 3.2: `deprecated: false`, and the usual type of a token. */
const NEEDLESS_TOO = [
  'schema[0].properties[0].deprecated',
  'schema[0].properties[4].customProperties[2]',
  'schema[0].properties[4].customProperties[2].property',
  'schema[0].properties[4].customProperties[2].value',
]

/** All paths of a document, the mappings and lists included. */
function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  const here = path.length === 0 ? [] : [path]
  if (typeof value !== 'object' || value === null) return here
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value)
  return [
    ...here,
    ...keys.flatMap((key) => pathsOf((value as Record<string | number, unknown>)[key], [...path, key])),
  ]
}

/** A copy in which what is at a path is another value, or is gone. */
function changed(document: unknown, path: Path, change: (value: unknown) => unknown): unknown {
  const copy = structuredClone(document)
  let holder = copy as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string | number, unknown>
  const last = path.at(-1) ?? ''
  const value = change(holder[last])
  if (value !== undefined) holder[last] = value
  else if (Array.isArray(holder)) holder.splice(Number(last), 1)
  else delete holder[last]
  return copy
}

const another = (value: unknown): unknown =>
  typeof value === 'number' ? value + 7 : typeof value === 'boolean' ? !value : `${String(value)}z`

/** Paths at which a change is not said. */
function silent(document: unknown, paths: readonly Path[], change: (value: unknown) => unknown) {
  const quiet = paths.filter((path) => {
    const newer = changed(document, path, change)
    const { changes } = diffContracts(readContract(document), readContract(newer), {
      perspective: 'consumer',
    })
    return changes.every(({ code }) => code.startsWith('DIFF_VERSION'))
  })
  return quiet.map(pathText).sort()
}

describe.each([
  { name: 'version 3.1', text: RICH_DOCUMENT, idle: IDLE, larger: LARGER, needless: NEEDLESS },
  { name: 'version 3.2, with unknown keys', text: MORE, idle: [], larger: [], needless: NEEDLESS_TOO },
])('in a document of $name', ({ text, idle, larger, needless }) => {
  const document: unknown = parse(text)
  const paths = pathsOf(document)
  const valueAt = (path: Path): unknown =>
    path.reduce<unknown>((part, key) => (part as Record<string | number, unknown>)[key], document)
  const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

  test('each value that becomes another one is a difference', () => {
    const leaves = paths.filter((path) => !isObject(valueAt(path)))
    expect(silent(document, leaves, another)).toEqual([...idle, ...larger].sort())
  })

  test('each key and item that is taken out is a difference, but for empty lists', () => {
    const full = paths.filter((path) => {
      const value = valueAt(path)
      return !isObject(value) || Object.keys(value).length > 0
    })
    expect(silent(document, full, () => undefined)).toEqual([...idle, ...larger, ...needless].sort())
  })
})
