/** Examples of the operations, by `method path`: what is sent, and what is answered. A test holds each against the schema beside it. */

/** Examples of one operation. */
export type OperationExamples = {
  /** Its id, where the route says none. */
  readonly operationId?: string
  /** By name of the parameter. */
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly request?: unknown
  /** By media type. */
  readonly answers: Readonly<Record<string, unknown>>
}

const QUERY_ID = '5b0d4f0e-98a4-4f3c-8d7a-0f1f9b7a3c55'
const PLACE = { topic: 'mogo.public.orders', partition: 0, offset: '41' }
const PLACE_TEXT = 'mogo.public.orders/0/41'
const json = (value: unknown) => ({ 'application/json': value })

const SUMMARY = {
  name: 'orders',
  description: 'The orders of a shop.',
  domain: 'sales',
  version: '2.1.0',
  columns: 4,
  role: 'analyst',
  rows: 'tenant_id is your tenant',
}

const QUARANTINED = {
  place: PLACE_TEXT,
  dataset: 'orders',
  contractVersion: '2.1.0',
  quarantinedAt: '2026-01-31T09:30:00.000Z',
  faults: [{ code: 'required', column: 'total', rule: 'a value is required' }],
  traceId: '0af7651916cd43dd8448eb211c80319c',
  status: 'open',
  attempts: 0,
  changedAt: '2026-01-31T09:30:00.000Z',
  changedBy: '',
  purpose: '',
}
const REPLAYED = {
  ...{ stored: 1, quarantined: 0, waiting: 0, superseded: 0, unreadable: 0, matched: 0 },
  records: [{ place: PLACE_TEXT, dataset: 'orders', outcome: 'stored' }],
  next: null,
}
const DROPPED = { dropped: 1, matched: 0, records: [{ place: PLACE_TEXT, dataset: 'orders' }], next: null }

const SOURCE = { system: 'postgres', namespace: 'app', dataset: 'public.orders', column: 'email' }
const TARGET = { system: 'clickhouse', namespace: 'analytics', dataset: 'orders', column: 'email_token' }
const STEP = { type: 'DIRECT', subtype: 'TRANSFORMATION', masking: true, description: 'hmac(email)' }
const EDGE = { from: SOURCE, to: TARGET, ...STEP }
const TREE = {
  ...{ node: TARGET, step: null, end: 'open' },
  branches: [{ node: SOURCE, step: STEP, end: 'origin', branches: [] }],
}

const KEY = {
  ...{ id: 'k3yIdOf12chr', account: 'nightly-report', roles: ['analyst'], attributes: {} },
  ...{ description: 'Report of each night', state: 'active', createdBy: 'kim' },
  ...{ createdAt: '2026-01-31T09:30:00.000Z', expiresAt: '2026-05-01T09:30:00.000Z', lastUsedAt: null },
  ...{ revokedBy: null, revokedAt: null },
}

/** By `method path`. */
export const EXAMPLES: Readonly<Record<string, OperationExamples>> = {
  // Its schemas have examples of their own.
  'post /v1/query': { operationId: 'query', answers: {} },
  'get /v1/queries/{id}': { operationId: 'queryStatus', parameters: { id: QUERY_ID }, answers: {} },
  'delete /v1/queries/{id}': { operationId: 'cancelQuery', parameters: { id: QUERY_ID }, answers: {} },
  'get /v1/queries/{id}/events': { operationId: 'queryEvents', parameters: { id: QUERY_ID }, answers: {} },
  'get /v1/datasets': {
    operationId: 'datasets',
    parameters: { search: 'orders', role: 'analyst' },
    answers: json({ datasets: [SUMMARY] }),
  },
  'get /v1/datasets/{name}': {
    operationId: 'dataset',
    parameters: { name: 'orders', role: 'analyst' },
    answers: json({
      ...SUMMARY,
      columns: [
        {
          name: 'total',
          type: 'Decimal(12, 2)',
          description: 'What the customer pays.',
          classification: null,
          source: 'total',
          masking: null,
        },
        {
          name: 'email_token',
          type: 'String',
          description: 'Address of the customer.',
          classification: 'personal',
          source: 'email',
          masking: 'hmac(email)',
        },
      ],
      withheld: 1,
      masked: ['email → email_token (hmac(email))'],
      freshness: {
        lastCommittedAt: '2026-01-31T09:30:00.000Z',
        lastLoadedAt: '2026-01-31T09:30:00.412Z',
        delaySeconds: 0.412,
      },
      serviceLevels: [{ property: 'latency', value: 3, unit: 's', element: 'orders.id' }],
    }),
  },
  'get /v1/me': {
    operationId: 'me',
    answers: json({
      subject: 'nora',
      tenant: 'north',
      roles: ['analyst'],
      attributes: { region: ['eu'] },
      scopes: [{ role: 'analyst', policyVersion: '4d1f0c6a9b3e7d25', datasets: ['orders', 'customers'] }],
    }),
  },
  'get /v1/functions': {
    operationId: 'functions',
    answers: json({
      scalar: { rounding: ['round', 'floor', 'ceil'] },
      aggregate: ['count', 'sum'],
      window: ['row_number'],
    }),
  },
  'get /v1/keys': { operationId: 'keys', answers: json({ keys: [KEY] }) },
  'post /v1/keys': {
    operationId: 'makeKey',
    request: { account: 'nightly-report', roles: ['analyst'], days: 90, description: 'Report of each night' },
    answers: json({ ...KEY, key: 'mogo_k3yIdOf12chr_…' }),
  },
  'delete /v1/keys/{id}': {
    operationId: 'revokeKey',
    parameters: { id: KEY.id },
    answers: json({ ...KEY, state: 'revoked', revokedBy: 'kim', revokedAt: '2026-02-01T08:00:00.000Z' }),
  },
  'get /v1/datasets/{name}/rows': {
    answers: {
      'application/x-ndjson': '{"id":"17","total":"250"}\n{"id":"4","total":"199.9"}\n',
      'text/csv': '"id","total"\n17,250\n4,199.9\n',
    },
  },
  'get /v1/lineage/{dataset}': {
    parameters: { dataset: 'orders', column: 'email_token' },
    answers: {
      'application/json': {
        dataset: 'orders',
        table: 'orders_v2',
        contract: { id: 'urn:shop:orders', version: '2.1.0', policyHash: '4d1f0c6a9b3e7d25' },
        recorded: null,
        columns: [{ column: 'email_token', masking: ['hmac(email)'], upstream: TREE, downstream: null }],
        edges: [EDGE],
      },
      'text/plain': 'orders.email_token\n└─ public.orders.email  hmac(email)\n',
    },
  },
  'get /v1/lineage/queries/{queryId}': {
    parameters: { queryId: QUERY_ID },
    answers: {
      'application/json': {
        query: {
          ...{ id: QUERY_ID, at: '2026-01-31T09:30:00.000Z', tenant: 'north', role: 'analyst' },
          ...{ decision: 'answered', reason: '', policyVersion: '4d1f0c6a9b3e7d25' },
          ...{ subject: 'nora', purpose: 'weekly report' },
        },
        columns: [{ column: 'email_token', masking: ['hmac(email)'], upstream: TREE }],
        edges: [EDGE],
      },
      'text/plain': 'email_token\n└─ orders.email_token\n   └─ public.orders.email  hmac(email)\n',
    },
  },
  'get /v1/lineage/openlineage/{dataset}': {
    parameters: { dataset: 'orders' },
    answers: json({
      eventType: 'RUNNING',
      eventTime: '2026-01-31T09:30:00.000Z',
      producer: 'https://github.com/mogothrow77',
      schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
      run: { runId: QUERY_ID },
      job: { namespace: 'shop', name: 'orders' },
      inputs: [{ namespace: 'postgres://db:5432', name: 'app.public.orders' }],
      outputs: [],
    }),
  },
  'get /v1/quarantine': {
    parameters: { dataset: 'orders', reason: 'required', since: '2026-01-31T00:00:00Z', cursor: 'b3BlbjE' },
    answers: json({ records: [QUARANTINED], total: 1, next: null, paused: [] }),
  },
  'get /v1/quarantine/{topic}/{partition}/{offset}': {
    parameters: PLACE,
    answers: json({ records: [QUARANTINED] }),
  },
  'post /v1/quarantine/{topic}/{partition}/{offset}/open': {
    parameters: PLACE,
    request: { purpose: 'case 4711' },
    answers: json({ record: QUARANTINED, key: '{"id":41}', value: '{"total":null}', headers: {} }),
  },
  'post /v1/quarantine/{topic}/{partition}/{offset}/replay': {
    parameters: PLACE,
    request: { waitSeconds: 10 },
    answers: json(REPLAYED),
  },
  'post /v1/quarantine/{topic}/{partition}/{offset}/drop': {
    parameters: PLACE,
    request: { purpose: 'a test order' },
    answers: json(DROPPED),
  },
  'post /v1/quarantine/replay': {
    request: { dataset: 'orders', reason: 'required' },
    answers: json(REPLAYED),
  },
  'post /v1/quarantine/drop': {
    request: { places: [PLACE_TEXT], purpose: 'test orders' },
    answers: json(DROPPED),
  },
  'post /v1/quarantine/resume': {
    request: { dataset: 'orders' },
    answers: json({ dataset: 'orders', resumed: true }),
  },
}
