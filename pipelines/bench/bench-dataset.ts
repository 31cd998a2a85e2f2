/** The dataset of the benchmark: a customers-like table of twelve columns, three of them tokenized by HMAC. */
import { compileContract } from '#contracts/compile/compile-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { parseContract } from '#contracts/parse.ts'

const CONTRACT = `
apiVersion: v3.1.0
kind: DataContract
id: urn:mogo:bench
name: bench
version: 1.0.0
status: active
schema:
  - name: bench
    physicalName: public.bench
    logicalType: object
    customProperties:
      - { property: tenant, value: { column: tenant_id } }
    properties:
      - { name: tenant_id, logicalType: string, physicalType: text, primaryKey: true, primaryKeyPosition: 1 }
      - { name: id, logicalType: integer, physicalType: bigint, primaryKey: true, primaryKeyPosition: 2, logicalTypeOptions: { minimum: 1 } }
      - name: full_name
        logicalType: string
        physicalType: text
        classification: personal
        customProperties: [{ property: piiPlan, value: { method: hmac, domain: person_name, normalize: trim } }]
      - name: email
        logicalType: string
        physicalType: text
        required: true
        classification: personal
        logicalTypeOptions: { maxLength: 254, pattern: '^[^@]+@[^@]+$' }
        customProperties: [{ property: piiPlan, value: { method: hmac, domain: email, normalize: email } }]
      - name: phone
        logicalType: string
        physicalType: text
        classification: personal
        customProperties: [{ property: piiPlan, value: { method: hmac, domain: phone, normalize: phone } }]
      - name: status
        logicalType: string
        physicalType: text
        required: true
        customProperties: [{ property: validValues, value: [new, active, dormant, closed] }]
      - { name: balance, logicalType: number, physicalType: 'numeric(12,2)', logicalTypeOptions: { minimum: -1000000 } }
      - { name: score, logicalType: number, physicalType: double precision }
      - { name: visits, logicalType: integer, physicalType: integer, required: true, logicalTypeOptions: { minimum: 0 } }
      - { name: notes, logicalType: string, physicalType: text, logicalTypeOptions: { maxLength: 1000 } }
      - { name: born, logicalType: date, physicalType: date }
      - { name: updated_at, logicalType: timestamp, physicalType: timestamptz, required: true }
roles:
  - { role: analyst, access: read, customProperties: [{ property: rowFilter, value: all }] }
`

/** Compiles it. */
export function benchDataset(): CompiledDataset {
  const { datasets } = compileContract(parseContract(CONTRACT))
  const [dataset] = datasets
  if (!dataset) throw new MogoError('MOGO_INTERNAL', { where: 'the contract of the benchmark' })
  return dataset
}

/** The same without its PII plans: what is left is conversion alone. */
export function withoutPlans(dataset: CompiledDataset): CompiledDataset {
  return { ...dataset, columns: dataset.columns.map((column) => ({ ...column, pii: null })) }
}
