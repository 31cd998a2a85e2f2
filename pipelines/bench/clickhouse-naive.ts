/**
 * The floor that the worker is compared with: the least code that moves the records. kafkajs -> JSON.parse -> HMAC -> RowBinary -> insert; no
 * validation, no quarantine, no exactly-once, no statistics. Two inserts in flight.
 */
import { Readable } from 'node:stream'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { createHmacSha256 } from '#transforms/crypto/hmac-sha256.ts'
import { RowWriter } from '#transforms/rowbinary/row-writer.ts'
import { insertColumns } from '#transforms/to-row.ts'
import { createKafka } from '../kafka/kafka-client.ts'
import type { BenchRow } from './bench-records.ts'
import type { RunningMover, RunOptions } from './run-options.ts'

const BATCH = 20_000
const IN_FLIGHT = 2
/** What is left in the buffer when no further records come. */
const IDLE_MILLIS = 100
const DAY_MILLIS = 86_400_000

type Envelope = {
  readonly after: BenchRow
  readonly source: { readonly lsn: number; readonly ts_ms: number }
}

/** Starts it; the table is there already. `first` is called when it has got its first records. */
export async function runNaive(
  options: RunOptions,
  dataset: CompiledDataset,
  first: () => void,
): Promise<RunningMover> {
  const client = createClient({
    url: options.clickhouse.url,
    username: options.clickhouse.username,
    password: options.clickhouse.password,
    log: { level: ClickHouseLogLevel.OFF },
  })
  const encode = createEncoder(options.secret)
  const consumer = createKafka(options.kafka, 'mogo-bench').consumer({
    groupId: options.groupId,
    maxWaitTimeInMs: 20,
    maxBytesPerPartition: 2 * 1024 * 1024,
  })
  const query = `INSERT INTO ${options.database}.${dataset.table} (${insertColumns(dataset).join(', ')}) FORMAT RowBinary`
  let writer = new RowWriter()
  let pending = 0
  let timer: NodeJS.Timeout | undefined
  const inserts: Promise<void>[] = []

  async function insert(rows: Buffer): Promise<void> {
    const { stream } = await client.exec({ query, values: Readable.from([rows], { objectMode: false }) })
    for await (const _chunk of stream);
  }

  async function flush(): Promise<void> {
    clearTimeout(timer)
    if (pending === 0) return
    const rows = writer.written()
    writer = new RowWriter(rows.length)
    pending = 0
    while (inserts.length >= IN_FLIGHT) await inserts.shift()
    inserts.push(insert(rows))
  }

  await consumer.connect()
  await consumer.subscribe({ topic: options.topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      first()
      for (const { value, offset } of batch.messages) {
        encode(JSON.parse(value?.toString() ?? '{}') as Envelope, Number(offset), writer)
        if (++pending >= BATCH) await flush()
      }
      clearTimeout(timer)
      timer = setTimeout(() => void flush(), IDLE_MILLIS)
    },
  })
  return {
    async stop() {
      await consumer.disconnect()
      await client.close()
    },
  }
}

function createEncoder(secret: string): (envelope: Envelope, offset: number, writer: RowWriter) => void {
  const mac = createHmacSha256(Buffer.from(secret))
  const micros = (iso: string) => Date.parse(`${iso.slice(0, 19)}Z`) * 1000 + Number(iso.slice(20, 26))
  return ({ after, source }, offset, writer) => {
    const token = (text: string) => writer.text(mac(text).toString('base64url', 0, 16))
    writer.integer(BigInt(after.id), 8)
    writer.text(after.tenant_id)
    token(after.email)
    writer.byte(after.phone === null ? 1 : 0)
    if (after.phone !== null) token(after.phone)
    token(after.full_name)
    writer.byte(after.born === null ? 1 : 0)
    if (after.born !== null) writer.integer(BigInt(Date.parse(after.born.slice(0, 10)) / DAY_MILLIS), 4)
    writer.integer(BigInt(Math.round(Number(after.balance) * 100)), 8)
    writer.length(after.tags.length)
    for (const tag of after.tags) {
      writer.byte(0)
      writer.text(tag)
    }
    writer.text(after.preferences)
    writer.text(after.notes)
    writer.integer(BigInt(micros(after.created_at)), 8)
    writer.integer(BigInt(micros(after.updated_at)), 8)
    writer.integer((BigInt(source.lsn) << 48n) | BigInt(offset), 16)
    writer.byte(0)
    writer.integer(BigInt(source.ts_ms), 8)
  }
}
