/**
 * The peer: ClickHouse's own Kafka engine with a materialized view, as one would set it up for speed. The whole message as text, one JSONExtract
 * into a tuple, three HMACs; two consumers with a thread each. No validation, no quarantine, no exactly-once.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import type { BenchDatabase } from './clickhouse-bench.ts'
import type { Mover } from './mover.ts'

/** What it needs. */
export type PeerOptions = {
  readonly database: BenchDatabase
  readonly dataset: CompiledDataset
  readonly kafka: KafkaConnection
  readonly topic: string
  readonly groupId: string
  readonly secret: string
  readonly signal: AbortSignal
}

const POLL_MILLIS = 5
const AFTER =
  'Tuple(id Int64, tenant_id String, email String, phone Nullable(String), full_name String, born Nullable(String), balance Decimal(12, 2), tags Array(Nullable(String)), preferences String, notes String, created_at String, updated_at String)'
const ENVELOPE = `Tuple(after ${AFTER}, source Tuple(lsn UInt64, ts_ms Int64))`

/** Makes it; it begins when its view is made. */
export function createPeer(options: PeerOptions): Mover {
  const { database, dataset } = options
  const { name } = database
  return {
    async begin() {
      await database.run(queueStatement(options))
      await database.run(viewStatement(name, dataset.table, options.secret))
      const read = /*sql*/ `SELECT sum(num_messages_read) FROM system.kafka_consumers WHERE database = ${quoteLiteral(name)}`
      while ((await database.number(read)) === 0)
        await delay(POLL_MILLIS, undefined, { signal: options.signal })
    },
    pids: () => [],
    failed: new Promise(() => {}),
    async end() {
      await database.run(/*sql*/ `DROP VIEW IF EXISTS ${name}.move SYNC`)
      await database.run(/*sql*/ `DROP TABLE IF EXISTS ${name}.queue SYNC`)
    },
  }
}

/** The engine hides the password where it shows the table. */
function queueStatement({ database, kafka, topic, groupId }: PeerOptions): string {
  const { brokers, sasl, tls } = kafka
  const protocol = `${sasl ? 'sasl_' : ''}${tls ? 'ssl' : 'plaintext'}`
  const settings: Readonly<Record<string, string | number>> = {
    kafka_broker_list: brokers.join(','),
    kafka_topic_list: topic,
    kafka_group_name: groupId,
    kafka_format: 'RawBLOB',
    kafka_num_consumers: 2,
    kafka_thread_per_consumer: 1,
    kafka_max_block_size: 16_384,
    kafka_poll_max_batch_size: 16_384,
    kafka_flush_interval_ms: 500,
    kafka_security_protocol: protocol,
    ...(sasl
      ? {
          kafka_sasl_mechanism: sasl.mechanism.toUpperCase(),
          kafka_sasl_username: sasl.username,
          kafka_sasl_password: sasl.password,
        }
      : {}),
  }
  const list = Object.entries(settings).map(
    ([setting, value]) => `${setting} = ${typeof value === 'number' ? value : quoteLiteral(value)}`,
  )
  return /*sql*/ `CREATE TABLE ${database.name}.queue (message String) ENGINE = Kafka SETTINGS ${list.join(', ')}`
}

function viewStatement(database: string, table: string, secret: string): string {
  const key = quoteLiteral(secret)
  const token = (value: string) => `base64URLEncode(substring(HMAC('sha256', ${value}, ${key}), 1, 16))`
  const moment = (value: string) => `parseDateTime64BestEffort(${value}, 6, 'UTC')`
  return /*sql*/ `CREATE MATERIALIZED VIEW ${database}.move TO ${database}.${table} AS
    WITH JSONExtract(message, ${quoteLiteral(ENVELOPE)}) AS envelope, envelope.after AS row
    SELECT row.id AS id, row.tenant_id AS tenant_id, ${token('lower(row.email)')} AS email_token,
      if(isNull(row.phone), NULL, ${token('assumeNotNull(row.phone)')}) AS phone_token, ${token('row.full_name')} AS full_name_token,
      toDate32OrNull(substring(row.born, 1, 10)) AS born, row.balance AS balance, row.tags AS tags, row.preferences AS preferences,
      row.notes AS notes, ${moment('row.created_at')} AS created_at, ${moment('row.updated_at')} AS updated_at,
      bitShiftLeft(toUInt128(envelope.source.lsn), 48) + _offset AS _version, 0 AS _deleted,
      fromUnixTimestamp64Milli(envelope.source.ts_ms, 'UTC') AS _committed_at
    FROM ${database}.queue`
}
