/** The topic of API keys on a real broker: replicas agree, nothing is readable in it, and without it no key is taken. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import kafkajs, { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Principal } from '#contracts/compile/access-scope.ts'
import { isMogoError } from '#contracts/errors.ts'
import { accessKeysTopic } from '#contracts/events/topics.ts'
import { readSecret } from '#ops/embedded/credentials.ts'
import { createLogger } from '#ops/runtime/logger.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { type AccessKeys, createAccessKeys } from '#query-api/access/access-keys.ts'
import { openKafkaKeyTopic } from '#query-api/access/kafka-key-topic.ts'
import { createKeyRecords, type KeyRecord } from '#query-api/access/key-records.ts'

const servers = inject('servers')
const topic = accessKeysTopic(`t${randomUUID().slice(0, 8)}`)
const login = (username: string) => ({
  username,
  password: readSecret(join(servers.stateDir, 'secrets'), `kafka.${username}`),
})
const connection: KafkaConnection = {
  brokers: servers.kafka.brokers,
  tls: false,
  sasl: { mechanism: 'plain', ...login('query-api') },
}
const SECRET = 'the same for all'
const lines: string[] = []
const logger = createLogger('test', 'debug', { write: (line: string) => void lines.push(line) })
const opened: AccessKeys[] = []
function replica(
  to: KafkaConnection = connection,
  limits: { readonly staleMillis?: number; readonly patienceMillis?: number } = {},
): AccessKeys {
  const keys = createAccessKeys({
    open: openKafkaKeyTopic({ connection: to, topic, replicationFactor: 1, logger, ...limits }),
    ...{ secret: SECRET, mostDays: 365, logger, now: Date.now },
  })
  opened.push(keys)
  return keys
}
const clientOf = (user: string): Kafka =>
  new Kafka({
    brokers: [...servers.kafka.brokers],
    sasl: { mechanism: 'plain', ...login(user) },
    logLevel: logLevel.NOTHING,
  })
const admin = clientOf('admin').admin()
async function write(record: KeyRecord): Promise<void> {
  const producer = clientOf('query-api').producer()
  await producer.connect()
  await producer.send({ topic, messages: [record] })
  await producer.disconnect()
}

const dana: Principal = { subject: 'dana', tenant: 'acme', roles: ['analyst'], attributes: {} }
const request = { account: 'nightly', roles: ['analyst'], days: 30, description: '' }
const codeOf = (made: Promise<unknown>): Promise<unknown> =>
  made.then(
    () => 'passed',
    (error: unknown) => (isMogoError(error) ? error.code : error),
  )

let first: AccessKeys
let second: AccessKeys
beforeAll(async () => {
  await admin.connect()
  first = replica()
  second = replica()
})
afterAll(async () => {
  await Promise.all(opened.map((keys) => keys.close()))
  await admin.disconnect()
})

test('what one replica makes and revokes counts on the others at once', async () => {
  const { known, text } = await first.create(dana, request)
  await expect.poll(() => codeOf(second.verify(text)), { timeout: 5000, interval: 10 }).toBe('passed')
  await second.revoke(dana, known.definition.id)
  const revokedAt = performance.now()
  expect(await codeOf(second.verify(text))).toBe('MOGO_KEY_REVOKED')
  await expect
    .poll(() => codeOf(first.verify(text)), { timeout: 5000, interval: 10 })
    .toBe('MOGO_KEY_REVOKED')
  expect(performance.now() - revokedAt).toBeLessThan(3000)
})

test('a replica that starts knows everything before it takes the first key', async () => {
  const kept = await first.create(dana, request)
  const ended = await first.create(dana, request)
  await first.revoke(dana, ended.known.definition.id)
  const third = replica()
  expect(await codeOf(third.verify(ended.text))).toBe('MOGO_KEY_REVOKED')
  expect(await codeOf(third.verify(kept.text))).toBe('passed')
})

test('the topic is compacted, and neither it nor the log holds a key', async () => {
  const { text } = await first.create(dana, request)
  const described = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name: topic, configNames: ['cleanup.policy'] }],
  })
  expect(described.resources[0]?.configEntries[0]?.configValue).toBe('compact')
  expect(lines.join('')).not.toContain(text.slice(18))
  expect(lines.join('')).toContain('API key made')
})

test('a topic that was made anew holds no key', async () => {
  const { text } = await first.create(dana, request)
  await expect.poll(() => codeOf(second.verify(text)), { timeout: 5000 }).toBe('passed')
  await admin.deleteTopics({ topics: [topic] })
  for (const keys of [first, second])
    await expect.poll(() => codeOf(keys.verify(text)), { timeout: 15_000 }).toBe('MOGO_KEY_REFUSED')
  expect(await codeOf(first.create(dana, request))).toBe('passed')
})

test('what is known is believed for its time only, and waited for after that', async () => {
  const { text } = await first.create(dana, request)
  const waiting = replica(connection, { staleMillis: 0 })
  for (let n = 0; n < 3; n++) expect(await codeOf(waiting.verify(text))).toBe('passed')
  const closed = replica(connection, { staleMillis: 0, patienceMillis: 0 })
  await closed.close()
  expect(await codeOf(closed.verify(text))).toBe('MOGO_KEYS_UNAVAILABLE')
})

test('when the topic can no longer be read, no key is taken until it can, and then the revoked ones are known', async () => {
  const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs
  const denial = {
    ...{ resourceType: AclResourceTypes.TOPIC, resourceName: topic, principal: 'User:query-api', host: '*' },
    ...{ operation: AclOperationTypes.READ, permissionType: AclPermissionTypes.DENY },
  }
  const kept = await first.create(dana, request)
  const ended = await first.create(dana, request)
  for (const { text } of [kept, ended])
    await expect.poll(() => codeOf(second.verify(text)), { timeout: 5000 }).toBe('passed')
  await admin.createAcls({ acl: [{ ...denial, resourcePatternType: ResourcePatternTypes.LITERAL }] })
  // Writing goes on, so that a key can be revoked meanwhile; only nobody hears of it.
  await expect.poll(() => codeOf(second.verify(kept.text)), { timeout: 15_000 }).toBe('MOGO_KEYS_UNAVAILABLE')
  expect(await codeOf(first.verify(ended.text))).toBe('MOGO_KEYS_UNAVAILABLE')
  await write(
    createKeyRecords(SECRET).revoke(ended.known.definition.id, {
      by: 'dana',
      at: '2026-11-01T00:00:00.000Z',
    }),
  )
  await admin.deleteAcls({ filters: [{ ...denial, resourcePatternType: ResourcePatternTypes.LITERAL }] })
  for (const keys of [first, second]) {
    await expect.poll(() => codeOf(keys.verify(kept.text)), { timeout: 15_000 }).toBe('passed')
    expect(await codeOf(keys.verify(ended.text))).toBe('MOGO_KEY_REVOKED')
  }
})

test('without a broker no key is taken', async () => {
  const alone = replica({ ...connection, brokers: ['127.0.0.1:9'] })
  const { text } = await first.create(dana, request)
  expect(await codeOf(alone.verify(text))).toBe('MOGO_KEYS_UNAVAILABLE')
  expect(await codeOf(alone.create(dana, request))).toBe('MOGO_KEYS_UNAVAILABLE')
})

test('an identity that may not read the topic takes no key', async () => {
  const other = replica({
    ...connection,
    sasl: { mechanism: 'plain', ...login('query-api'), password: 'wrong' },
  })
  const { text } = await first.create(dana, request)
  expect(await codeOf(other.verify(text))).toBe('MOGO_KEYS_UNAVAILABLE')
})
