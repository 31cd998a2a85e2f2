/**
 * The floor that the worker is compared with: the least code that moves the records. kafkajs -> JSON.parse -> HMAC -> insert; no
 * validation, no quarantine, no exactly-once, no statistics. Two inserts in flight.
 */
import { Readable } from 'node:stream'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { createHmacSha256 } from '#transforms/crypto/hmac-sha256.ts'
import { insertColumns } from '#transforms/to-row.ts'
import { createKafka } from '../kafka-client.ts'
import type { RunOptions } from './run-worker.ts'

const BATCH = 20_000
const IN_FLIGHT = 2

/** Moves everything; seconds from the first record to the last row. The table is there already. */
export async function runNaive(options: RunOptions, dataset: CompiledDataset): Promise<number> {
  const client = createClient({
    url: options.clickhouse.url,
    username: options.clickhouse.username,
    password: options.clickhouse.password,
    log: { level: ClickHouseLogLevel.OFF },
  })
  const mac = createHmacSha256(Buffer.from(options.secret))
  const token = (text: string | null) => (text === null ? null : mac(text).toString('base64url', 0, 16))
  const consumer = createKafka(options.kafka, 'mogo-bench').consumer({
    groupId: options.groupId,
    maxWaitTimeInMs: 20,
    maxBytesPerPartition: 2 * 1024 * 1024,
  })
  const done = Promise.withResolvers<void>()
  const query = `INSERT INTO ${options.database}.${dataset.table} (${insertColumns(dataset).join(', ')}) FORMAT JSONCompactEachRow`
  let started = 0
  let seen = 0
  let text = ''
  let pending = 0
  const inserts: Promise<void>[] = []

  async function flush(): Promise<void> {
    const lines = Buffer.from(text)
    text = ''
    pending = 0
    while (inserts.length >= IN_FLIGHT) await inserts.shift()
    inserts.push(
      client
        .exec({ query, values: Readable.from([lines], { objectMode: false }) })
        .then(async ({ stream }) => {
          for await (const _chunk of stream);
        }),
    )
  }

  await consumer.connect()
  await consumer.subscribe({ topic: options.topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      started ||= performance.now()
      for (const message of batch.messages) {
        const { after, source } = JSON.parse(message.value?.toString() ?? '{}')
        text += `${JSON.stringify([
          ...[after.tenant_id, after.id, token(after.full_name), token(after.email), token(after.phone)],
          ...[after.status, after.balance, after.score, after.visits, after.notes],
          ...[after.born.slice(0, 10), after.updated_at.replace('T', ' ').slice(0, 26)],
          ...[`${source.lsn}`, 0, new Date(source.ts_ms).toISOString().replace('T', ' ').slice(0, 23)],
        ])}\n`
        if (++pending >= BATCH) await flush()
      }
      seen += batch.messages.length
      if (seen >= options.rows) done.resolve()
    },
  })
  await done.promise
  if (pending > 0) await flush()
  await Promise.all(inserts)
  const seconds = (performance.now() - started) / 1000
  await consumer.disconnect()
  await client.close()
  return seconds
}
