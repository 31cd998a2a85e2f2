/**
 * Our shape of ODCS against the official JSON Schema of 3.1, where it lies beside the project: they accept the same documents. Held side by
 * side on the published examples, on a document that uses nearly every key, and on every systematic change of all of them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2019 } from 'ajv/dist/2019.js'
import formats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { checkShape } from '#contracts/shape/check-shape.ts'
import { mutations } from './mutations.ts'
import { RICH_DOCUMENT } from './rich-document.ts'

const DIR = fileURLToPath(new URL('../../../../shared/specs/odcs', import.meta.url))
const SCHEMA = join(DIR, 'odcs-json-schema-v3.1.0-20260505.json')

/** Documents of which the two say different things, and why. Everything else must agree. */
const DISAGREEMENTS: readonly (readonly [
  why: string,
  change: Readonly<Record<string, unknown>>,
  ours: boolean,
])[] = [
  ['2.2 is of another shape; the schema lets its number through', { apiVersion: 'v2.2.2' }, false],
  ['3.2 has a schema of its own', { apiVersion: 'v3.2.0' }, true],
  ['a newer 3.x is read as the newest that is known, with a warning', { apiVersion: 'v3.9.1' }, true],
  [
    'addresses with placeholders for parts of a path are usual',
    { servers: [{ server: 'a', type: 's3', location: 's3://bucket/{model}/*.json' }] },
    true,
  ],
  [
    'a leap second is accepted at the end of any minute, the schema wants the last of the day',
    { contractCreatedTs: '2026-01-31T09:30:60Z' },
    true,
  ],
  [
    '3.0 wrote the metric of a quality rule as rule',
    {
      apiVersion: 'v3.0.2',
      schema: [{ name: 'a', quality: [{ type: 'library', rule: 'rowCount', mustBe: 1 }] }],
    },
    true,
  ],
]

const accepts = (document: unknown): boolean =>
  !checkShape(document, () => ({ line: 1, column: 1 })).some(({ severity }) => severity === 'error')

describe.skipIf(!existsSync(SCHEMA))('our shape and the official schema', () => {
  const ajv = new Ajv2019({ strict: false, logger: false })
  formats.default(ajv)
  const official = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')))
  const examples = readdirSync(join(DIR, 'examples')).map((name): [string, unknown] => {
    const document = parse(readFileSync(join(DIR, 'examples', name), 'utf8'))
    // Of the largest, two of its 68 tables have every kind of place.
    if (document.schema?.length > 10) document.schema = document.schema.slice(0, 2)
    // Several say 3.0, and are documents of 3.1 by their content; the schema at hand is that of 3.1.
    return [name, { ...document, apiVersion: 'v3.1.0' }]
  })
  let compared = 0
  const documents: readonly (readonly [string, unknown])[] = [
    ...examples,
    ['the document with nearly every key', parse(RICH_DOCUMENT)],
  ]

  test.each(documents)('agree on %s and on every change of it', (_name, document) => {
    expect(official(document)).toBe(true)
    expect(accepts(document)).toBe(true)
    const changed = mutations(document)
    compared += changed.length
    const disagree = changed.filter(({ value }) => official(value) !== accepts(value)).map(({ name }) => name)
    expect(disagree).toEqual([])
  })

  test('were held side by side on thousands of documents', () => {
    expect(examples).toHaveLength(18)
    expect(compared).toBeGreaterThan(10_000)
  })

  test.each(DISAGREEMENTS)('disagree: %s', (_why, change, ours) => {
    const document = {
      apiVersion: 'v3.1.0',
      kind: 'DataContract',
      id: 'a',
      version: '1.0.0',
      status: 'active',
    }
    expect(accepts({ ...document, ...change })).toBe(ours)
    expect(official({ ...document, ...change })).toBe(!ours)
  })
})
