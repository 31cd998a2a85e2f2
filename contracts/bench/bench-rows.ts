/** The dataset of the benchmark: twelve columns with the rules that contracts have, valid rows, and rows that break one rule or three. */
import { z } from 'zod'
import { compileContract } from '../compile/compile-contract.ts'
import type { CompiledDataset } from '../compile/compiled-dataset.ts'
import { parseContract } from '../parse.ts'
import type { Row, RowValue } from '../validator/row.ts'

const CONTRACT = String.raw`
apiVersion: v3.1.0
kind: DataContract
id: urn:mogo:bench:validator
name: bench
version: 1.0.0
status: active
schema:
  - name: bench
    physicalName: public.bench
    customProperties: [{ property: tenant, value: { column: tenant_id } }]
    properties:
      - { name: id, logicalType: integer, physicalType: bigint, primaryKey: true, primaryKeyPosition: 1, logicalTypeOptions: { minimum: 1 } }
      - { name: tenant_id, logicalType: string, physicalType: text, required: true, logicalTypeOptions: { pattern: '^[a-z][a-z0-9-]{1,30}$' } }
      - { name: email, logicalType: string, physicalType: text, required: true, logicalTypeOptions: { maxLength: 254, pattern: '^[^@]+@[^@]+$' } }
      - { name: phone, logicalType: string, physicalType: text, logicalTypeOptions: { pattern: '^\+[0-9][0-9 ()-]{6,22}$' } }
      - { name: full_name, logicalType: string, physicalType: text, required: true, logicalTypeOptions: { minLength: 1, maxLength: 120 } }
      - { name: born, logicalType: date, physicalType: date, logicalTypeOptions: { minimum: '1900-01-01', maximum: '2035-12-31' } }
      - { name: credit, logicalType: number, physicalType: 'numeric(12,2)', logicalTypeOptions: { minimum: 0, maximum: 1000000 } }
      - { name: status, logicalType: string, physicalType: text, required: true, customProperties: [{ property: validValues, value: [new, active, dormant, closed] }] }
      - { name: tags, logicalType: array, physicalType: 'text[]', logicalTypeOptions: { maxItems: 20 } }
      - { name: opt_in, logicalType: boolean, physicalType: boolean, required: true }
      - { name: created_at, logicalType: timestamp, physicalType: timestamptz, required: true, logicalTypeOptions: { minimum: '2015-01-01T00:00:00Z', maximum: '2035-12-31T23:59:59Z' } }
      - { name: updated_at, logicalType: timestamp, physicalType: timestamptz, required: true }
roles:
  - { role: analyst, access: read, customProperties: [{ property: rowFilter, value: [{ column: tenant_id, operator: '=', principal: tenant }] }] }
`

/** Compiles it. */
export function benchDataset(): CompiledDataset {
  const [dataset] = compileContract(parseContract(CONTRACT)).datasets
  if (!dataset) throw new Error('the contract of the benchmark has faults')
  return dataset
}

/** The same rules in zod, as somebody would write them: the floor. */
export const BENCH_SCHEMA = z.object({
  id: z.union([z.int().min(1), z.string().regex(/^\d{1,19}$/)]),
  tenant_id: z.string().regex(/^[a-z][a-z0-9-]{1,30}$/u),
  email: z
    .string()
    .max(254)
    .regex(/^[^@]+@[^@]+$/u),
  phone: z
    .string()
    .regex(/^\+[0-9][0-9 ()-]{6,22}$/u)
    .nullish(),
  full_name: z.string().min(1).max(120),
  born: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dZ?$/)
    .refine((text) => text >= '1900-01-01' && text <= '2035-12-31~')
    .nullish(),
  credit: z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .refine((text) => Number(text) >= 0 && Number(text) <= 1_000_000)
    .nullish(),
  status: z.enum(['new', 'active', 'dormant', 'closed']),
  tags: z.array(z.string().nullable()).max(20).nullish(),
  opt_in: z.boolean(),
  created_at: z
    .string()
    .regex(/^\d{4}-[01]\d-[0-3]\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/)
    .refine((text) => text >= '2015-01-01' && text <= '2035-12-31T23:59:59~'),
  updated_at: z.string().regex(/^\d{4}-[01]\d-[0-3]\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/),
})

/** What is broken in a bad row: every rule in its turn, NULL, wrong types, and three rules at once. */
const BROKEN: readonly Readonly<Record<string, RowValue>>[] = [
  { id: 0 },
  { tenant_id: null },
  { tenant_id: 'Not A Tenant' },
  { email: 'nobody' },
  { phone: '12' },
  { full_name: '' },
  { born: '1850-01-01Z' },
  { credit: '-5.00' },
  { status: 'unheard of' },
  { tags: 'vip' },
  { opt_in: 'yes' },
  { created_at: '2014-12-31T23:59:59.999Z' },
  { updated_at: '2025-01-41T10:00:00Z' },
  { email: 'nobody', credit: '1000000.01', updated_at: 'now' },
]

/** Rows as they come out of JSON.parse, which decides how the engine keeps them. */
export function benchRows(count: number, bad: boolean): readonly Row[] {
  return Array.from({ length: count }, (_, index) => {
    const digit = index % 9
    const row = {
      id: index % 2 === 0 ? index + 1 : String(9_007_199_254_741 + index),
      tenant_id: ['acme', 'globex', 'initech'][index % 3],
      email: `user.${index}@mail${index % 50}.example.org`,
      phone: index % 4 === 3 ? null : `+44 20 79${String(index).padStart(6, '0')}`,
      full_name: `Ada ${index} Lovelace`,
      born: index % 10 === 9 ? null : `19${50 + (index % 40)}-0${1 + digit}-${10 + (index % 20)}Z`,
      credit: `${index % 5000}.${10 + (index % 80)}`,
      status: ['new', 'active', 'dormant', 'closed'][index % 4],
      tags: ['vip', 'wholesale', 'b2b'].slice(index % 4),
      opt_in: index % 2 === 0,
      created_at: `2024-0${1 + digit}-1${digit}T10:0${digit}:11.12${digit}456Z`,
      updated_at: `2025-0${1 + digit}-1${digit}T10:0${digit}:11.12${digit}456Z`,
      ...(bad ? BROKEN[index % BROKEN.length] : {}),
    }
    return JSON.parse(JSON.stringify(row)) as Row
  })
}
