import { describe, expect, test } from 'vitest'
import {
  createTableStatement,
  quoteIdentifier,
  quoteLiteral,
  sortKey,
} from '#contracts/compile/clickhouse-ddl.ts'
import { scopeSettings } from '#contracts/compile/scope-settings.ts'
import { ALL_ROWS, datasetOf, personal } from './contract-text.ts'

const properties = [
  '{name: id, physicalType: uuid, primaryKey: true}',
  '{name: tenant_id, physicalType: text, required: true, description: "Whose; it\'s theirs."}',
  '{name: total, physicalType: "numeric(12,2)"}',
  '{name: tags, physicalType: "text[]", required: true}',
  personal('email', '{method: hmac, domain: email}', ', required: true'),
  personal('phone', '{method: siv, domain: phone}'),
  personal('street', '{method: drop}'),
  personal('born', '{method: redact}'),
]

describe('CREATE TABLE', () => {
  test('has the columns of the contract, then the internal ones, sorted by tenant and key', () => {
    expect(createTableStatement(datasetOf({ properties }), 'analytics')).toMatchInlineSnapshot(`
      "CREATE TABLE IF NOT EXISTS \`analytics\`.\`things\` (
        \`id\` UUID,
        \`tenant_id\` String COMMENT 'Whose; it\\'s theirs.',
        \`total\` Nullable(Decimal(12, 2)),
        \`tags\` Array(Nullable(String)),
        \`email_token\` String,
        \`phone_token\` Nullable(String),
        \`born\` Nullable(String),
        \`_version\` UInt128 COMMENT 'Row version: epoch, LSN of the commit before, order in the transaction.',
        \`_deleted\` UInt8 COMMENT '1 marks a deleted row.',
        \`_committed_at\` DateTime64(3, 'UTC') COMMENT 'Commit time in Postgres.',
        \`_loaded_at\` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When the row was loaded.'
      )
      ENGINE = ReplacingMergeTree(_version, _deleted)
      ORDER BY (\`tenant_id\`, \`id\`)
      SETTINGS non_replicated_deduplication_window = 1000
      COMMENT 'urn:test:things 1.2.3'"
    `)
  })

  test('has a column for a constant tenant', () => {
    const dataset = datasetOf({ properties, tenant: '{value: main}', roles: [ALL_ROWS] })
    const statement = createTableStatement(dataset, 'analytics')
    expect(statement).toContain(
      "  `_tenant` LowCardinality(String) COMMENT 'Tenant of the row (constant of the contract).'",
    )
    expect(statement).toContain('ORDER BY (`_tenant`, `id`)')
  })

  test('sorts by the token where the key is personal, and by the tenant once', () => {
    const key =
      '{name: mail, physicalName: email, physicalType: text, primaryKey: true, primaryKeyPosition: 1, customProperties: [{property: piiPlan, value: {method: hmac, domain: email}}]}'
    const tenant = '{name: tenant_id, physicalType: text, primaryKey: true, primaryKeyPosition: 2}'
    expect(sortKey(datasetOf({ properties: [key, tenant] }))).toEqual(['tenant_id', 'mail_token'])
  })

  test('of another major version is another table', () => {
    expect(createTableStatement(datasetOf({ version: '3.0.0' }), 'd')).toContain(
      'IF NOT EXISTS `d`.`things_v3` (',
    )
  })
})

test.each([
  ['a', '`a`'],
  ['a`b', '`a\\`b`'],
  ['a\\', '`a\\\\`'],
  ['', '``'],
])('the identifier %s is quoted as %s', (name, quoted) => expect(quoteIdentifier(name)).toBe(quoted))

test.each([
  ['a', "'a'"],
  ["it's", "'it\\'s'"],
  ['\\', "'\\\\'"],
  ["\\'", "'\\\\\\''"],
  ['a\0b\r\n', "'a\\x00b\\x0d\\x0a'"],
  ['é\u2028', "'é\u2028'"],
])('the literal %j is quoted as %s', (text, quoted) => expect(quoteLiteral(text)).toBe(quoted))

test('the settings of every access scope', () => {
  const limits = { maxSeconds: 30, maxMemoryMb: 2, maxResultRows: 10, maxRowsToRead: 20 }
  const settings = scopeSettings(limits)
  expect(settings).toMatchObject({
    readonly: 1,
    final: 1,
    apply_row_policy_after_final: 1,
    use_query_cache: 0,
    use_query_condition_cache: 0,
    allow_ddl: 0,
    max_execution_time: 30,
    max_memory_usage: 2 * 1024 * 1024,
    max_result_rows: 10,
    max_rows_to_read: 20,
  })
})
