/** The writer on a real broker: what is acknowledged is there, in order by key, on every partition, whatever happens to its connections. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { readSecret } from '#ops/embedded/credentials.ts'
import { type ConnectTo, connectTo } from '#ops/runtime/kafka/kafka-broker-connection.ts'
import { createKafkaWriter } from '#ops/runtime/kafka/kafka-writer.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'

const servers = inject('servers')
const login = {
  username: 'admin',
  password: readSecret(join(servers.stateDir, 'secrets'), 'kafka.admin'),
}
const connection: KafkaConnection = {
  brokers: servers.kafka.brokers,
  tls: false,
  sasl: { mechanism: 'plain', ...login },
}
const kafka = new Kafka({
  brokers: [...servers.kafka.brokers],
  sasl: { mechanism: 'plain', ...login },
  logLevel: logLevel.NOTHING,
})
const admin = kafka.admin()
beforeAll(() => admin.connect())
afterAll(() => admin.disconnect())

async function makeTopic(numPartitions: number, entries: readonly [string, string][] = []): Promise<string> {
  const topic = `t${randomUUID().slice(0, 8)}`
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions, configEntries: entries.map(([name, value]) => ({ name, value })) }],
  })
  return topic
}

type Found = {
  readonly partition: number
  readonly key: string
  readonly value: string
  readonly trace: string
}

/** All that is there, by partition and in its order. */
async function readAll(topic: string, count: number): Promise<readonly Found[]> {
  const found: Found[] = []
  const consumer = kafka.consumer({ groupId: `g-${topic}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const all = Promise.withResolvers<void>()
  await consumer.run({
    async eachMessage({ partition, message }) {
      found.push({
        partition,
        key: String(message.key),
        value: String(message.value),
        trace: String(message.headers?.['trace'] ?? ''),
      })
      if (found.length >= count) all.resolve()
    },
  })
  await all.promise
  await consumer.disconnect()
  return found
}

const record = (key: string, value: string) => ({ key, value, headers: { trace: `of ${key}` } })

it('writes to all partitions, a key to one of them, in order, with headers', async () => {
  const topic = await makeTopic(3)
  const writer = createKafkaWriter({ connection, clientId: 'test', topic, limitMillis: 3000 })
  for (let turn = 0; turn < 5; turn++)
    await writer.send(Array.from({ length: 40 }, (_, key) => record(`k${key}`, `${turn} ä€`)))
  writer.close()
  const found = await readAll(topic, 200)
  expect(new Set(found.map(({ partition }) => partition)).size).toBe(3)
  for (let key = 0; key < 40; key++) {
    const own = found.filter((each) => each.key === `k${key}`)
    expect(own.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4].map((turn) => `${turn} ä€`))
    expect(new Set(own.map(({ partition }) => partition)).size).toBe(1)
    expect(own[0]?.trace).toBe(`of k${key}`)
  }
}, 30_000)

it('goes on when its connections were cut, before a request and while one is under way', async () => {
  const topic = await makeTopic(1)
  const open = new Set<() => void>()
  const real = connectTo(connection, 'test')
  const connect: ConnectTo = (address, opened) =>
    real(address, (close) => {
      open.add(close)
      opened(close)
    })
  const writer = createKafkaWriter({ connection, clientId: 'test', topic, limitMillis: 3000, connect })
  const cut = () => {
    for (const close of open) close()
  }
  await writer.send([record('a', '1')])
  cut()
  await writer.send([record('a', '2')])
  const sent = writer.send([record('a', '3')])
  setImmediate(cut)
  await sent
  writer.close()
  const found = await readAll(topic, 3)
  expect(new Set(found.map(({ value }) => value))).toEqual(new Set(['1', '2', '3']))
}, 30_000)

it('says by its name what a broker refuses for good, at once', async () => {
  const topic = await makeTopic(1, [['max.message.bytes', '1000']])
  let connects = 0
  const real = connectTo(connection, 'test')
  const connect: ConnectTo = (...args) => {
    connects += 1
    return real(...args)
  }
  const writer = createKafkaWriter({ connection, clientId: 'test', topic, limitMillis: 3000, connect })
  await expect(writer.send([record('a', 'x'.repeat(5000))])).rejects.toMatchObject({
    name: 'MESSAGE_TOO_LARGE',
  })
  expect(connects).toBe(2)
  await writer.send([record('a', 'small')])
  expect((await readAll(topic, 1))[0]?.value).toBe('small')
  writer.close()
}, 30_000)

it('tells that a topic is not there, and writes once it is', async () => {
  const topic = `t${randomUUID().slice(0, 8)}`
  const writer = createKafkaWriter({ connection, clientId: 'test', topic, limitMillis: 3000 })
  await expect(writer.check()).rejects.toMatchObject({ name: 'UNKNOWN_TOPIC_OR_PARTITION' })
  await expect(writer.send([record('a', '1')])).rejects.toMatchObject({ name: 'UNKNOWN_TOPIC_OR_PARTITION' })
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1 }] })
  await writer.send([record('a', '1')])
  await writer.check()
  writer.close()
  await expect(writer.send([record('a', '2')])).rejects.toThrow()
  expect(await readAll(topic, 1)).toHaveLength(1)
}, 30_000)

it('asks on the connection that it has, whatever became of the brokers that are configured', async () => {
  const topic = await makeTopic(1)
  let connects = 0
  let isAway = false
  const real = connectTo(connection, 'test')
  const connect: ConnectTo = async (...args) => {
    connects += 1
    if (isAway) throw new Error('refused')
    return real(...args)
  }
  const writer = createKafkaWriter({ connection, clientId: 'test', topic, limitMillis: 500, connect })
  await writer.send([record('a', '1')])
  isAway = true
  for (let time = 0; time < 3; time++) await writer.check()
  await writer.send([record('a', '2')])
  expect(connects).toBe(2)
  expect((await readAll(topic, 2)).map(({ value }) => value)).toEqual(['1', '2'])
  writer.close()
  // It does not try for longer than it may, and not at all once it is closed.
  const other = createKafkaWriter({ connection, clientId: 'test', topic, limitMillis: 300, connect })
  const began = performance.now()
  await expect(other.send([record('a', '3')])).rejects.toThrow()
  expect(performance.now() - began).toBeGreaterThan(300)
  const tried = connects
  other.close()
  await expect(other.send([record('a', '4')])).rejects.toThrow()
  expect(connects).toBe(tried)
}, 30_000)
