/** The connector's configuration is pinned: a change of it changes what is captured. */
import { describe, expect, it } from 'vitest'
import { javaPattern } from '#contracts/export/debezium.ts'
import { connectorConfig, epochOf } from '#pipelines/capture/connector-config.ts'
import { scramVerifier, verifierFits } from '#pipelines/capture/scram-verifier.ts'
import { taskErrorText } from '#pipelines/capture/task-error.ts'
import { column, compiled, sourceTable } from '../support/catalog.ts'

const reference = (key: string) => `\${file:/x/connect.properties:${key}}`
const settings = {
  host: '127.0.0.1',
  port: 5432,
  database: 'shop',
  user: 'mogo_capture',
  tls: false,
  passwordReference: reference('postgres.capture'),
  unavailableReference: reference('unavailable.value'),
  publication: 'mogo',
  slot: 'mogo',
  topicPrefix: 'mogo',
  partitions: 3,
  replicationFactor: 1,
  retentionHours: 24,
  epoch: 2,
}
const orders = compiled({
  dataset: 'orders',
  table: 'public.orders',
  tenant: 'tenant',
  columns: [
    { name: 'tenant', type: 'text', key: 1 },
    { name: 'id', type: 'bigint', key: 2 },
  ],
})
const odd = compiled({
  dataset: 'odd',
  table: 'public."Odd, Table"',
  tenant: 'Ten:ant',
  columns: [
    { name: 'id', type: 'uuid', key: 1 },
    { name: 'Ten:ant', property: 'tenant', type: 'text', required: true },
  ],
})
const tables = [
  sourceTable('orders', [column('tenant', 'text'), column('id', 'bigint')], ['tenant', 'id']),
  sourceTable('Odd, Table', [column('id', 'uuid'), column('Ten:ant', 'text')], ['id']),
]

describe('the connector configuration', () => {
  it('leaves out what Debezium would stop at or change, if no contract stores it', () => {
    const [plain] = tables
    if (!plain) throw new Error('no table')
    const columns = [
      ...plain.columns,
      column('Cursor, of it', 'refcursor'),
      column('kinds', 'kind[]', { elementKind: 'enum' }),
      column('note', 'text'),
    ]
    const config = connectorConfig([orders], [{ ...plain, columns }], settings)
    expect(config['column.exclude.list']).toBe(
      '(?-i)public\\.orders\\.Cursor\\x{2C}\\x{20}of\\x{20}it,(?-i)public\\.orders\\.kinds',
    )
    const stored = compiled({
      dataset: 'orders',
      table: 'public.orders',
      tenant: 'tenant',
      columns: [
        { name: 'tenant', type: 'text', key: 1 },
        { name: 'id', type: 'bigint', key: 2 },
        { name: 'kinds', type: 'kind[]' },
      ],
    })
    expect(connectorConfig([orders, stored], [{ ...plain, columns }], settings)['column.exclude.list']).toBe(
      '(?-i)public\\.orders\\.Cursor\\x{2C}\\x{20}of\\x{20}it',
    )
  })

  it('is what it is', () => {
    expect(connectorConfig([orders, odd], tables, settings)).toMatchInlineSnapshot(`
      {
        "binary.handling.mode": "base64",
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "database.dbname": "shop",
        "database.hostname": "127.0.0.1",
        "database.password": "\${file:/x/connect.properties:postgres.capture}",
        "database.port": "5432",
        "database.sslmode": "prefer",
        "database.user": "mogo_capture",
        "decimal.handling.mode": "string",
        "driver.stringtype": "unspecified",
        "errors.log.enable": "true",
        "errors.log.include.messages": "false",
        "errors.tolerance": "none",
        "event.converting.failure.handling.mode": "fail",
        "exactly.once.support": "required",
        "extended.headers.enabled": "false",
        "header.converter": "org.apache.kafka.connect.json.JsonConverter",
        "header.converter.schemas.enable": "false",
        "heartbeat.action.query": "INSERT INTO "mogo"."heartbeat" (id, at) VALUES (1, now()) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
        "heartbeat.interval.ms": "10000",
        "hstore.handling.mode": "json",
        "include.unknown.datatypes": "true",
        "incremental.snapshot.chunk.size": "8192",
        "incremental.snapshot.watermarking.strategy": "insert_delete",
        "interval.handling.mode": "string",
        "key.converter": "org.apache.kafka.connect.json.JsonConverter",
        "key.converter.schemas.enable": "false",
        "max.batch.size": "4096",
        "max.queue.size": "16384",
        "max.queue.size.in.bytes": "67108864",
        "message.key.columns": "(?-i)public\\.Odd\\x{2C}\\x{20}Table:id,Ten\\x{3A}ant",
        "offset.mismatch.strategy": "trust_offset",
        "plugin.name": "pgoutput",
        "poll.interval.ms": "20",
        "producer.override.batch.size": "131072",
        "producer.override.buffer.memory": "134217728",
        "producer.override.max.request.size": "100663296",
        "provide.transaction.metadata": "false",
        "publication.autocreate.mode": "disabled",
        "publication.name": "mogo",
        "publish.via.partition.root": "true",
        "retriable.restart.connector.wait.ms": "2000",
        "signal.data.collection": "mogo.signal",
        "signal.enabled.channels": "source",
        "skipped.operations": "none",
        "slot.drop.on.stop": "false",
        "slot.name": "mogo",
        "snapshot.mode": "initial",
        "table.include.list": "(?-i)public\\.orders,(?-i)public\\.Odd\\x{2C}\\x{20}Table,(?-i)mogo\\.signal",
        "tasks.max": "1",
        "time.precision.mode": "isostring",
        "tombstones.on.delete": "false",
        "topic.creation.default.cleanup.policy": "delete",
        "topic.creation.default.max.message.bytes": "100663296",
        "topic.creation.default.partitions": "3",
        "topic.creation.default.replication.factor": "1",
        "topic.creation.default.retention.ms": "86400000",
        "topic.prefix": "mogo",
        "transaction.boundary": "poll",
        "transforms": "epoch",
        "transforms.epoch.header": "mogo.epoch",
        "transforms.epoch.type": "org.apache.kafka.connect.transforms.InsertHeader",
        "transforms.epoch.value.literal": "2",
        "unavailable.value.placeholder": "\${file:/x/connect.properties:unavailable.value}",
        "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "value.converter.schemas.enable": "false",
      }
    `)
  })

  it('holds references, never a secret', () => {
    const config = connectorConfig([orders], tables, settings)
    expect(config['database.password']).toMatch(/^\$\{file:/)
    expect(config['unavailable.value.placeholder']).toMatch(/^\$\{file:/)
  })

  it('carries the epoch', () => {
    expect(epochOf(connectorConfig([orders], tables, settings))).toBe(2)
    expect(epochOf(null)).toBe(1)
    expect(epochOf({ 'transforms.epoch.value.literal': 'x' })).toBe(1)
  })
})

describe('names', () => {
  it.each([
    ['orders', 'orders'],
    ['Odd, Table', 'Odd\\x{2C}\\x{20}Table'],
    ['a.b:c', 'a\\x{2E}b\\x{3A}c'],
    ['naïve', 'na\\x{EF}ve'],
  ])('%s as a Java pattern', (text, expected) => {
    expect(javaPattern(text)).toBe(expected)
  })
})

describe('a password', () => {
  it('is known by its verifier (the example of RFC 7677)', () => {
    const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))
    expect(verifier).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    )
    expect(verifierFits(verifier, 'pencil')).toBe(true)
    expect(verifierFits(verifier, 'pencils')).toBe(false)
    expect(verifierFits(null, 'pencil')).toBe(false)
    expect(verifierFits('md5abc', 'pencil')).toBe(false)
  })
})

describe('the cause of a failed task', () => {
  it.each([
    ['', /no cause is given/],
    [
      'org.apache.kafka.connect.errors.ConnectException: outer\n\tat x\nCaused by: org.postgresql.util.PSQLException: FATAL: password authentication failed for user "mogo_capture"\n\tat y',
      /^PSQLException: FATAL: password authentication failed for user "mogo_capture"$/,
    ],
    [
      'io.debezium.DebeziumException: x\nCaused by: org.postgresql.util.PSQLException: ERROR: invalid input syntax for type integer: "secret@person.example"',
      /^PSQLException: ERROR: invalid input syntax for type integer: …$/,
    ],
    [
      'java.lang.RuntimeException: Failed to convert value 4711 of a column',
      /^RuntimeException: Failed to convert value …$/,
    ],
    ['java.lang.RuntimeException: bad value: 4711', /^RuntimeException: bad value …$/],
  ])('is told in one line, without values', (trace, expected) => {
    expect(taskErrorText(trace, ['mogo_capture'])).toMatch(expected)
  })
})
