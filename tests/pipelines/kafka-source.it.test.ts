/** The Kafka source on the real broker: transactions, codecs, large records, and whatever happens to topics, connections and the group. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Admin, type Kafka, Partitioners, type Producer } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { readSecret } from '#ops/embedded/credentials.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { createTopics } from '#pipelines/capture/kafka-topics.ts'
import { createKafka } from '#pipelines/kafka/kafka-client.ts'
import { cutConnections } from './support/broker-connections.ts'
import { eventually, expectOrder, readSource, type SourceReader } from './support/source-reader.ts'

const servers = inject('servers')
const connection: KafkaConnection = {
  brokers: servers.kafka.brokers,
  tls: false,
  sasl: {
    mechanism: 'plain',
    username: 'admin',
    password: readSecret(join(servers.stateDir, 'secrets'), 'kafka.admin'),
  },
}
const run = `tsource${randomBytes(4).toString('hex')}`
const kafka: Kafka = createKafka(connection, 'test')
let admin: Admin
let producer: Producer
let readers: SourceReader[] = []
let names = 0

beforeAll(async () => {
  admin = kafka.admin()
  producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
})
afterEach(async () => {
  await Promise.all(readers.map((reader) => reader.stop()))
  readers = []
})
afterAll(async () => {
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(run))
  await admin.deleteTopics({ topics })
  await Promise.all([admin.disconnect(), producer.disconnect()])
})

async function makeTopic(
  partitions = 1,
  settings: Readonly<Record<string, string>> = {},
  topic = `${run}.${++names}`,
): Promise<string> {
  await createTopics(connection, [{ topic, partitions, replicationFactor: 1, settings }])
  return topic
}

async function read(
  topics: readonly string[],
  rest: Partial<Parameters<typeof readSource>[0]> = {},
): Promise<SourceReader> {
  const reader = await readSource({ connection, groupId: `mogo-${topics[0]}`, topics, ...rest })
  readers.push(reader)
  return reader
}

const numbers = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => String(first + index))

async function write(
  topic: string,
  values: readonly (string | Buffer)[],
  partition = 0,
  by = producer,
): Promise<void> {
  await by.send({ topic, messages: values.map((value) => ({ value, partition })) })
}

const inOrder = (values: readonly string[]) => [...values].sort((a, b) => Number(a) - Number(b))

describe('what is read', () => {
  it('is what was committed: records of aborted transactions never come', async () => {
    const topic = await makeTopic()
    const transactional = kafka.producer({
      transactionalId: `${topic}.tx`,
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await transactional.connect()
    const transact = async (values: readonly string[], end: 'commit' | 'abort'): Promise<void> => {
      const transaction = await transactional.transaction()
      for (const value of values) await transaction.send({ topic, messages: [{ value, partition: 0 }] })
      await write(topic, [`beside ${values[0]}`])
      await transaction[end]()
    }
    const reader = await read([topic])
    await transact(['1', '2'], 'commit')
    await transact(['3', '4'], 'abort')
    await eventually(() => expect(reader.values).toEqual(['1', '2', 'beside 1', 'beside 3']))
    await transact(['5', '6'], 'commit')
    await transact(['7'], 'abort')
    const open = await transactional.transaction()
    await open.send({ topic, messages: [{ value: '8', partition: 0 }] })
    await write(topic, ['behind an open one'])
    await eventually(() => expect(reader.values.slice(4)).toEqual(['5', '6', 'beside 5', 'beside 7']))
    await open.abort()
    await eventually(() => expect(reader.values.slice(8)).toEqual(['behind an open one']))
    expect(reader.stretches[0]?.behind).toBeLessThanOrEqual(1)
    // Whoever begins in the middle leaves them out, too.
    const other = await read([topic], { groupId: `mogo-${topic}-other` })
    await eventually(() => expect(other.values).toEqual(reader.values))
    await transactional.disconnect()
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('may be compressed with %s', async (codec) => {
    // The broker compresses anew, with Java's codecs.
    const topic = await makeTopic(1, { 'compression.type': codec })
    const values = numbers(0, 3000).map((value) => `${value} ${'lorem ipsum '.repeat(Number(value) % 40)}`)
    for (let first = 0; first < values.length; first += 500)
      await write(topic, values.slice(first, first + 500))
    const reader = await read([topic])
    await eventually(() => expect(reader.values).toHaveLength(values.length))
    expect(reader.values).toEqual(values)
  })

  it('may be larger than what is asked for at once', async () => {
    const topic = await makeTopic(2)
    const large = randomBytes(19 * 1024 * 1024)
    await write(topic, ['before'])
    await write(topic, [large])
    await write(topic, ['after', large])
    await write(topic, numbers(0, 100), 1)
    const sizes: number[] = []
    const reader = await read([topic], {
      keepValues: false,
      taken({ partition }, records) {
        for (let index = 0; index < records.count; index++) {
          const { value } = records.record(index)
          if (partition === 0) sizes.push(value?.length ?? -1)
          if (value?.length === large.length) expect(value.equals(large)).toBe(true)
        }
      },
    })
    await eventually(() => expect(sizes).toEqual([6, large.length, 5, large.length]))
    await eventually(() =>
      expect(reader.stretches.find(({ lane }) => lane.partition === 1)?.offsets).toHaveLength(100),
    )
  })

  it('comes at once after a long silence, on every lane', async () => {
    const topic = await makeTopic(4)
    const reader = await read([topic])
    await eventually(() => expect(reader.lanes()).toHaveLength(4))
    for (const [count, partition] of [0, 2, 1, 3, 0].entries()) {
      const sent = performance.now()
      await write(topic, [String(count)], partition)
      await eventually(() => expect(reader.values).toHaveLength(count + 1))
      expect(performance.now() - sent).toBeLessThan(1500)
    }
  })
})

describe('a lane', () => {
  it('that is paused gets nothing, at once, while others go on; and goes on where it was', async () => {
    const topic = await makeTopic(2)
    const text = 'x'.repeat(1000)
    for (let batch = 0; batch < 20; batch++) await write(topic, Array<string>(200).fill(text), 0)
    const first = { topic, partition: 0 }
    let reads = 0
    const reader: SourceReader = await read([topic], {
      keepValues: false,
      taken({ partition }) {
        if (partition === 0 && ++reads === 2) reader.source.pause(first)
      },
    })
    await eventually(() => expect(reads).toBe(2))
    const stretch = (partition: number) => reader.stretches.find(({ lane }) => lane.partition === partition)
    const before = stretch(0)?.offsets.length
    await write(topic, numbers(0, 10), 1)
    await eventually(() => expect(stretch(1)?.offsets).toHaveLength(10))
    expect([reads, stretch(0)?.offsets.length]).toEqual([2, before])
    reader.source.resume(first)
    await eventually(() => expect(stretch(0)?.offsets).toHaveLength(4000))
    expectOrder(reader.stretches)
  })

  it('is read on when its connections are cut, again and again', async () => {
    const topic = await makeTopic(2)
    const reader = await read([topic])
    await eventually(() => expect(reader.lanes()).toHaveLength(2))
    for (let round = 0; round < 6; round++) {
      await write(topic, numbers(round * 100, 50), 0)
      await write(topic, numbers(round * 100 + 50, 50), 1)
      cutConnections(servers.kafka.brokers)
      const all = numbers(0, (round + 1) * 100)
      await eventually(() => expect(inOrder([...new Set(reader.values)])).toEqual(all))
    }
    expectOrder(reader.stretches)
    expect(inOrder([...new Set(reader.values)])).toEqual(numbers(0, 600))
    await reader.source.check()
  })

  it('is read from its beginning when its topic was made anew, with other partitions', async () => {
    const topic = await makeTopic(2)
    await write(topic, numbers(0, 50), 0)
    await write(topic, numbers(50, 50), 1)
    const reader = await read([topic])
    await eventually(() => expect(reader.values).toHaveLength(100))
    await admin.deleteTopics({ topics: [topic] })
    await eventually(() => expect(reader.lanes()).toHaveLength(2))
    await makeTopic(3, {}, topic)
    // More than the former one had, so that its offsets would fit.
    // The other producer knows two partitions.
    const other = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await other.connect()
    await write(topic, numbers(100, 80), 0, other)
    await write(topic, numbers(180, 20), 2, other)
    await other.disconnect()
    await eventually(() => expect(inOrder(reader.values.slice(100))).toEqual(numbers(100, 100)))
    expect(reader.stretches.at(-1)?.lane).toMatchObject({ partition: 2, committed: null })
  })

  it('is read from what is left when records expired before they were read', async () => {
    const topic = await makeTopic()
    await write(topic, numbers(0, 30))
    const reader = await read([topic])
    await eventually(() => expect(reader.values).toHaveLength(30))
    const lane = { topic, partition: 0 }
    reader.source.pause(lane)
    // The request that is under way brings the first ten; the next ones are gone when they are asked for.
    await write(topic, numbers(30, 10))
    await write(topic, numbers(40, 20))
    // kafkajs deletes records of topics only that it knows already.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '60' }] })
    await write(topic, numbers(60, 30))
    reader.source.resume(lane)
    await eventually(() => expect(reader.values.slice(30)).toEqual([...numbers(30, 10), ...numbers(60, 30)]))
    expect(reader.stretches).toHaveLength(2)
    expectOrder(reader.stretches)
  })
})

describe('a group', () => {
  it('loses nothing while members come and go under load, and repeats only what was not committed', async () => {
    const topic = await makeTopic(4)
    const groupId = `mogo-${topic}`
    const total = 8000
    const seen: SourceReader[] = []
    const join = async (): Promise<SourceReader> => {
      const reader = await read([topic], { groupId })
      seen.push(reader)
      return reader
    }
    const distinct = () => new Set(seen.flatMap(({ values }) => values)).size
    const first = await join()
    await eventually(() => expect(first.lanes()).toHaveLength(4))
    let written = 0
    const writing = (async () => {
      for (; written < total; written += 40) await write(topic, numbers(written, 40), (written / 40) % 4)
    })()
    await eventually(() => expect(distinct()).toBeGreaterThan(1000))
    const second = await join()
    await eventually(() => expect([first.lanes().length, second.lanes().length]).toEqual([2, 2]))
    await first.stop()
    await eventually(() => expect(second.lanes()).toHaveLength(4))
    await join()
    await writing
    await eventually(() => expect(distinct()).toBe(total))
    for (const { stretches } of seen) expectOrder(stretches)
    const all = seen.flatMap(({ values }) => values)
    expect(inOrder([...new Set(all)])).toEqual(numbers(0, total))
    expect(seen.flatMap(({ values }) => values.filter((value) => value.startsWith('failed')))).toEqual([])
  })

  it('reads topics that come to be later', async () => {
    const topic = await makeTopic()
    const later = `${topic}.later`
    const reader = await read([topic, later])
    await write(topic, ['1'])
    await eventually(() => expect(reader.values).toEqual(['1']))
    await makeTopic(1, {}, later)
    await write(later, ['2'])
    await eventually(() => expect(reader.values).toEqual(['1', '2']))
  })

  it('is left at once', async () => {
    const topic = await makeTopic()
    const reader = await read([topic])
    await eventually(() => expect(reader.lanes()).toHaveLength(1))
    const began = performance.now()
    await reader.stop()
    expect(performance.now() - began).toBeLessThan(8000)
    expect((await admin.describeGroups([`mogo-${topic}`])).groups[0]?.members).toEqual([])
  })
})
