/** Who may do what in Kafka, asked of the real broker. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { readSecret } from '#ops/embedded/credentials.ts'
import { DEFAULT_TOPICS, defaultAcls } from '#ops/embedded/kafka-acls.ts'

const servers = inject('servers')
const raw = `mogo.acl_check.t${randomUUID().slice(0, 8)}`

function client(
  user: string,
  password = readSecret(join(servers.stateDir, 'secrets'), `kafka.${user}`),
): Kafka {
  return new Kafka({
    brokers: [...servers.kafka.brokers],
    clientId: user,
    sasl: { mechanism: 'plain', username: user, password },
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  })
}

async function createTopic(user: string, topic: string): Promise<void> {
  const admin = client(user).admin()
  await admin.connect()
  try {
    await admin.createTopics({
      topics: [{ topic, numPartitions: 1, replicationFactor: 1 }],
      waitForLeaders: true,
    })
  } finally {
    await admin.disconnect()
  }
}

/** Writes one record; resolves to the type of the refusal, or to `written`. */
async function write(user: string, topic: string): Promise<string> {
  const producer = client(user).producer({ retry: { retries: 0 } })
  await producer.connect()
  try {
    await producer.send({ topic, messages: [{ value: 'x' }] })
    return 'written'
  } catch (error) {
    return typeOf(error)
  } finally {
    await producer.disconnect()
  }
}

/** Asks for the newest offsets, which needs the right to describe, and then for a record, which needs the right to read. */
async function read(user: string, topic: string, groupId: string): Promise<string> {
  const consumer = client(user).consumer({ groupId, retry: { retries: 0 } })
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    return await new Promise<string>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
      consumer.run({ eachMessage: async () => resolve('read') }).catch(reject)
    })
  } catch (error) {
    return typeOf(error)
  } finally {
    await consumer.disconnect()
  }
}

function typeOf(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause
  const { type } = (cause ?? error) as { type?: string }
  return type ?? (error as Error).name
}

beforeAll(async () => {
  await createTopic('connect', raw)
  for (const topic of [DEFAULT_TOPICS.quarantine, DEFAULT_TOPICS.governance]) {
    await createTopic('worker', topic).catch(() => {}) // it may be there
  }
  await createTopic('query-api', DEFAULT_TOPICS.accessKeys).catch(() => {})
  expect(await write('connect', raw)).toBe('written')
})

describe('Kafka', () => {
  it('refuses a wrong password', async () => {
    const admin = client('worker', 'wrong').admin()
    await expect(admin.connect()).rejects.toThrow(/authentication|credentials/i)
    await admin.disconnect()
  })

  const REFUSED = 'TOPIC_AUTHORIZATION_FAILED'
  it.each([
    ['the worker read what was captured', 'worker', 'mogo-worker', 'read'],
    ['what replays read what was captured', 'replay', 'mogo-worker', REFUSED],
    ['the query API read what was captured', 'query-api', 'mogo-lineage', REFUSED],
    ['the lineage service read what was captured', 'lineage', 'mogo-lineage', REFUSED],
    ['the worker read API keys', 'worker', 'mogo-worker', REFUSED, DEFAULT_TOPICS.accessKeys],
    ['the lineage service read API keys', 'lineage', 'mogo-lineage', REFUSED, DEFAULT_TOPICS.accessKeys],
  ])('lets, or does not let, %s', async (_case, user, group, expected, topic = raw) => {
    expect(await read(user, topic, `${group}-${randomUUID()}`)).toBe(expected)
  })

  it.each([
    ['worker', raw, REFUSED],
    ['query-api', raw, REFUSED],
    ['lineage', raw, REFUSED],
    ['replay', raw, 'written'],
    ['replay', DEFAULT_TOPICS.quarantine, REFUSED],
    ['replay', DEFAULT_TOPICS.governance, REFUSED],
    ['worker', DEFAULT_TOPICS.quarantine, 'written'],
    ['connect', DEFAULT_TOPICS.quarantine, REFUSED],
    ['query-api', DEFAULT_TOPICS.quarantine, REFUSED],
    ['query-api', DEFAULT_TOPICS.governance, 'written'],
    ['connect', DEFAULT_TOPICS.governance, REFUSED],
    ['query-api', DEFAULT_TOPICS.accessKeys, 'written'],
    ['worker', DEFAULT_TOPICS.accessKeys, REFUSED],
    ['replay', DEFAULT_TOPICS.accessKeys, REFUSED],
    ['connect', DEFAULT_TOPICS.accessKeys, REFUSED],
    ['lineage', DEFAULT_TOPICS.accessKeys, REFUSED],
  ])('answers %s, who writes to %s: %s', async (user, topic, expected) => {
    expect(await write(user, topic)).toBe(expected)
  })

  it('has no rule for administrators and no rule that names every topic', () => {
    for (const rule of defaultAcls()) {
      expect(rule.user).not.toBe('admin')
      expect(rule.name.replace('*', '')).not.toBe('')
    }
  })
})
