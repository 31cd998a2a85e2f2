/** A contract with a column of every type, nested ones included, and everything that outputs show. */
import { compileContract } from '#contracts/compile/compile-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { parseContract } from '#contracts/parse.ts'

/** The text, ODCS 3.2. */
export const WIDE = `
apiVersion: v3.2.0
kind: DataContract
id: urn:test:wide
name: wide
version: 2.1.0
status: active
domain: tests
description: { purpose: Every type once., usage: Tests., limitations: None. }
team: { name: keepers }
support: [{ channel: "#wide", url: "https://example.org/wide" }]
schema:
  - name: wide
    physicalName: shop.wide
    businessName: The wide one
    description: One row per thing.
    deprecated: true
    customProperties: [{ property: tenant, value: { column: tenant_id } }]
    relationships: [{ from: [wide.tenant_id, wide.parent], to: [wide.tenant_id, wide.id] }]
    quality: [{ type: library, metric: rowCount, mustBeGreaterThan: 0 }]
    properties:
      - { name: tenant_id, logicalType: string, physicalType: text, required: true, primaryKey: true, primaryKeyPosition: 1 }
      - { name: id, logicalType: integer, physicalType: bigint, required: true, primaryKey: true, primaryKeyPosition: 2 }
      - { name: parent, logicalType: integer, logicalTypeOptions: { format: i64 } }
      - { name: small, logicalType: integer, physicalType: smallint, logicalTypeOptions: { minimum: 0, maximum: 4, multipleOf: 2 } }
      - { name: amount, logicalType: number, physicalType: 'numeric(12,2)', required: true, logicalTypeOptions: { minimum: 0, exclusiveMaximum: 1000 } }
      - { name: exact, logicalType: number, description: No precision. }
      - { name: ratio, logicalType: number, logicalTypeOptions: { format: f32 } }
      - { name: weight, logicalType: number, physicalType: double precision }
      - { name: flag, logicalType: boolean, physicalType: boolean, required: true }
      - { name: code, logicalType: string, physicalType: varchar(3), required: true, unique: true, logicalTypeOptions: { minLength: 2, maxLength: 3, pattern: '^[A-Z]+$' }, examples: [FRA] }
      - { name: ref, logicalType: string, physicalType: uuid }
      - { name: state, logicalType: string, physicalType: text, required: true, enum: [{ value: new, label: New }, { value: old }] }
      - { name: level, logicalType: integer, physicalType: integer, enum: [{ value: 1 }, { value: 2 }] }
      - { name: day, logicalType: date, physicalType: date, logicalTypeOptions: { minimum: '2000-01-01' } }
      - { name: at, logicalType: timestamp, physicalType: timestamptz, required: true }
      - { name: local, logicalType: timestamp, physicalType: timestamp }
      - { name: hour, logicalType: time, physicalType: time }
      - { name: raw, logicalType: object, physicalType: jsonb }
      - name: address
        logicalType: object
        physicalType: jsonb
        properties:
          - { name: street, logicalType: string, required: true, description: With the number. }
          - { name: "post-code", logicalType: string }
          - { name: geo, logicalType: object, properties: [{ name: lat, logicalType: number, logicalTypeOptions: { format: f64 }, required: true }] }
      - { name: tags, logicalType: array, physicalType: 'text[]', required: true, logicalTypeOptions: { minItems: 1, maxItems: 3, uniqueItems: true } }
      - { name: numbers, logicalType: array, items: { name: item, logicalType: integer, required: true } }
      - { name: labels, logicalType: map, map: { key: { logicalType: string }, value: { logicalType: integer } } }
      - { name: bits, logicalType: string, physicalType: text, required: true, customProperties: [{ property: targetType, value: LowCardinality(String) }] }
      - { name: "odd name", logicalType: string, deprecated: true }
      - { name: email, logicalType: string, physicalType: text, required: true, classification: personal, description: Of the account., logicalTypeOptions: { maxLength: 254 }, customProperties: [{ property: piiPlan, value: { method: hmac, domain: email, normalize: email, subject: id } }] }
      - { name: note, logicalType: string, physicalType: text, classification: personal, customProperties: [{ property: piiPlan, value: { method: mask, keepLast: 4 } }] }
      - { name: street, logicalType: string, physicalType: text, classification: personal, customProperties: [{ property: piiPlan, value: { method: drop } }] }
roles:
  - { role: analyst, access: read, description: Reads own rows., customProperties: [{ property: rowFilter, value: [{ column: tenant_id, operator: '=', principal: tenant }] }, { property: columns, value: { exclude: [note] } }] }
  - { role: engineer, access: read, customProperties: [{ property: rowFilter, value: all }] }
slaProperties:
  - { property: latency, value: 10, unit: s, element: wide.at, description: From commit to query. }
  - { property: latency, value: 99, unit: s, element: other.at }
`

/** Compiles a text; throws if it has an error. */
export function datasetsOf(text: string): readonly CompiledDataset[] {
  const { datasets, faults } = compileContract(parseContract(text))
  const errors = faults.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(JSON.stringify(errors))
  return datasets
}

/** The dataset. */
export function wideDataset(): CompiledDataset {
  const [dataset] = datasetsOf(WIDE)
  if (!dataset) throw new Error('no dataset')
  return dataset
}

/** A row of it that keeps every rule, as Debezium would write it, and nested values as JSON. */
export const WIDE_ROW = {
  tenant_id: 'acme',
  id: 7,
  parent: null,
  small: 2,
  amount: '12.50',
  exact: '0.1000000000000000000001',
  ratio: 0.5,
  weight: 1e10,
  flag: true,
  code: 'FRA',
  ref: '6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d',
  state: 'new',
  level: 2,
  day: '2020-02-29',
  at: '2026-01-31T10:00:00.123456Z',
  local: '2026-01-31T10:00:00Z',
  hour: '10:00:00',
  raw: [1, { a: null }],
  address: { street: '1 Main Street', 'post-code': null, geo: { lat: 48.5 } },
  tags: ['a', 'b'],
  numbers: [1, 2],
  labels: { one: 1 },
  bits: 'x',
  'odd name': 'y',
  email: 'ada@example.org',
  note: null,
  street: null,
} as const

/** Texts that would do harm where they are taken for markup or code. */
export const ATTACK =
  '</script><script>alert(1)</script>"\'><img src=x onerror=alert(1)> */ [x](javascript:alert(1)) | `a` {{ env_var("HOME") }} {% x %} \\" $1 https://evil.example'

/** A dataset of which every text is an attack. */
export function hostileDataset(): CompiledDataset {
  const dataset = wideDataset()
  const columns = dataset.columns.map((column) => ({ ...column, description: ATTACK }))
  const contract = { ...dataset.document.contract, purpose: ATTACK, teamName: ATTACK, tags: [ATTACK] }
  const object = { ...dataset.document.object, businessName: ATTACK, deprecated: ATTACK, synonyms: [ATTACK] }
  const properties = dataset.document.properties.map((property) => ({
    ...property,
    description: ATTACK,
    deprecated: ATTACK,
    businessName: ATTACK,
  }))
  const first = columns[0]
  const named = first ? [{ ...first, source: ATTACK, target: ATTACK, classification: ATTACK }] : []
  const proto = first ? [{ ...first, source: '__proto__', target: '__proto__' }] : []
  return {
    ...dataset,
    name: ATTACK,
    table: ATTACK,
    contractId: ATTACK,
    description: ATTACK,
    source: { schema: ATTACK, table: ATTACK },
    columns: [...columns, ...named, ...proto],
    document: { contract, object, properties: [...properties, ...properties.slice(0, 2)] },
  }
}
