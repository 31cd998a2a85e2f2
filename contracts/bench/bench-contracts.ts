/** Contracts of the benchmark: many columns of every kind, with rules, plans, roles and service levels, as real ones have. */

/** The text of one contract. Deterministic. */
export function benchContract(number: number, columns: number): string {
  const properties = Array.from({ length: columns - 2 }, (_, index) => property(index))
  return [
    'apiVersion: v3.1.0',
    'kind: DataContract',
    `id: urn:mogo:bench:${number}`,
    `name: bench_${number}`,
    'version: 1.4.2',
    'status: active',
    'domain: bench',
    'description:',
    `  purpose: Rows of the table number ${number}, for measuring.`,
    '  usage: None.',
    'schema:',
    `  - name: bench_${number}`,
    `    physicalName: public.bench_${number}`,
    '    physicalType: table',
    '    logicalType: object',
    '    description: One row per thing.',
    '    customProperties:',
    '      - property: tenant',
    '        value: { column: tenant_id }',
    '    properties:',
    ...key('tenant_id', 'string', 'text', 1),
    ...key('id', 'integer', 'bigint', 2),
    ...properties.flat(),
    'roles:',
    '  - role: analyst',
    '    access: read',
    '    customProperties:',
    '      - property: rowFilter',
    '        value: [{ column: tenant_id, operator: "=", principal: tenant }]',
    '  - role: engineer',
    '    access: read',
    '    customProperties:',
    '      - property: rowFilter',
    '        value: all',
    'slaProperties:',
    '  - property: latency',
    '    value: 10',
    '    unit: s',
    `    element: bench_${number}.column_0`,
    '',
  ].join('\n')
}

function key(name: string, logicalType: string, physicalType: string, position: number): readonly string[] {
  return [
    `      - name: ${name}`,
    `        logicalType: ${logicalType}`,
    `        physicalType: ${physicalType}`,
    '        required: true',
    '        primaryKey: true',
    `        primaryKeyPosition: ${position}`,
  ]
}

/** Rules and plans, in turn. */
const KINDS: readonly (readonly string[])[] = [
  ['logicalType: string', 'physicalType: text', 'logicalTypeOptions: { minLength: 1, maxLength: 120 }'],
  ['logicalType: integer', 'physicalType: integer', 'logicalTypeOptions: { minimum: 0, maximum: 1000000 }'],
  ['logicalType: number', 'physicalType: numeric(12,2)', 'logicalTypeOptions: { minimum: 0 }'],
  [
    'logicalType: date',
    'physicalType: date',
    'logicalTypeOptions: { minimum: "1900-01-01", maximum: "2035-12-31" }',
  ],
  ['logicalType: timestamp', 'physicalType: timestamptz', 'required: true'],
  [
    'logicalType: string',
    'physicalType: text',
    'classification: personal',
    "logicalTypeOptions: { maxLength: 254, pattern: '^[^@]+@[^@]+$' }",
    'customProperties:',
    '  - property: piiPlan',
    '    value: { method: hmac, domain: email, normalize: email, subject: id }',
  ],
  [
    'logicalType: string',
    'physicalType: text',
    'customProperties:',
    '  - property: validValues',
    '    value: [new, active, dormant, closed]',
  ],
  ['logicalType: boolean', 'physicalType: boolean'],
]

function property(index: number): readonly string[] {
  return [
    `      - name: column_${index}`,
    `        description: Column number ${index} of the table.`,
    ...(KINDS[index % KINDS.length] ?? []).map((line) => `        ${line}`),
  ]
}
