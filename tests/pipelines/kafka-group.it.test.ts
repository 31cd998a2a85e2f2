/** Membership in the group on the real broker: kafkajs never fetches, its heartbeats go on, and a commit counts only while its lane is ours. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Admin, Consumer, Kafka } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { readSecret } from '#ops/embedded/credentials.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { createTopics } from '#pipelines/capture/kafka-topics.ts'
import { createKafka } from '#pipelines/kafka/kafka-client.ts'
import { createKafkaGroup, type GroupAssignment, type KafkaGroup } from '#pipelines/kafka/kafka-group.ts'
import { cutConnections } from './support/broker-connections.ts'
import { eventually } from './support/source-reader.ts'

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
const kafka: Kafka = createKafka(connection, 'test')
const topic = `tgroup${randomBytes(4).toString('hex')}`
let admin: Admin
let members: Member[] = []

beforeAll(async () => {
  admin = kafka.admin()
  await admin.connect()
  await createTopics(connection, [{ topic, partitions: 2, replicationFactor: 1, settings: {} }])
})
afterEach(async () => {
  await Promise.all(members.map(({ group }) => group.leave()))
  members = []
})
afterAll(async () => {
  await admin.deleteTopics({ topics: [topic] })
  await admin.disconnect()
})

type Member = {
  readonly group: KafkaGroup
  readonly joins: GroupAssignment[]
  /** Names of the requests that kafkajs has sent, in order. */
  readonly requests: string[]
  commit(partition: number, offset: number): Promise<boolean>
  lanes(): readonly number[]
}

async function member(groupId: string): Promise<Member> {
  const joins: GroupAssignment[] = []
  const requests: string[] = []
  const consumer: Kafka['consumer'] = (options): Consumer => {
    const made = kafka.consumer(options)
    made.on(made.events.REQUEST, ({ payload }) => requests.push(payload.apiName))
    return made
  }
  const group: KafkaGroup = createKafkaGroup({
    kafka: { ...kafka, consumer } as Kafka,
    groupId,
    joined(assignment) {
      joins.push(assignment)
      group.own((assignment[topic] ?? []).map((partition) => ({ topic, partition })))
    },
    left: () => {},
    crashed: () => {},
  })
  const made: Member = {
    ...{ group, joins, requests },
    commit: async (partition, offset) =>
      (await group.commit({ topic, partition, offset: String(offset), metadata: '' })) === 'kept',
    lanes: () => [...(joins.at(-1)?.[topic] ?? [])],
  }
  members.push(made)
  await group.join([topic])
  return made
}

const committed = async (groupId: string) =>
  (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions.map(({ offset }) => Number(offset))

describe('a member of the group', () => {
  it('sends heartbeats and commits, but fetches nothing, however often it has to join again', async () => {
    const groupId = `mogo-${topic}-1`
    const first = await member(groupId)
    const heartbeats = () => first.requests.filter((name) => name === 'Heartbeat').length
    await eventually(() => expect(heartbeats()).toBeGreaterThan(0))
    cutConnections(servers.kafka.brokers)
    const before = heartbeats()
    await eventually(() => expect(heartbeats()).toBeGreaterThan(before))
    const second = await member(groupId)
    await eventually(() =>
      expect([first.lanes(), second.lanes()].map(({ length }) => length)).toEqual([1, 1]),
    )
    await second.group.leave()
    await eventually(() => expect(first.lanes()).toHaveLength(2))
    const began = performance.now()
    for (let offset = 0; offset < 20; offset++) expect(await first.commit(0, offset)).toBe(true)
    expect((performance.now() - began) / 20).toBeLessThan(300)
    expect([...first.requests, ...second.requests]).not.toContain('Fetch')
    expect(await committed(groupId)).toEqual([19, -1])
  })

  it('keeps positions of its own lanes only', async () => {
    const groupId = `mogo-${topic}-2`
    const first = await member(groupId)
    await eventually(() => expect(first.lanes()).toHaveLength(2))
    expect(await first.commit(0, 5)).toBe(true)
    expect(await first.commit(7, 5)).toBe(false)
    // Begun for lanes that are let go of meanwhile: whoever begins anew reads the position now.
    const begun = first.commit(0, 5)
    first.group.own([])
    expect([await begun, await first.commit(0, 6)]).toEqual([false, false])
    const second = await member(groupId)
    await eventually(() => expect([first.lanes().length, second.lanes().length]).toEqual([1, 1]))
    const [lost] = second.lanes()
    expect(await first.commit(lost ?? -1, 9)).toBe(false)
    expect(await second.commit(lost ?? -1, 10)).toBe(true)
    await first.group.leave()
    expect(await first.commit(first.lanes()[0] ?? -1, 11)).toBe(false)
    expect((await committed(groupId))?.[lost ?? -1]).toBe(10)
  })

  it('does not take what it could not send for kept', async () => {
    const groupId = `mogo-${topic}-3`
    const only = await member(groupId)
    await eventually(() => expect(only.lanes()).toHaveLength(2))
    const leaving = only.group.leave()
    expect(await only.commit(0, 5)).toBe(false)
    await leaving
    await only.group.join([topic])
    await eventually(() => expect(only.joins).toHaveLength(2))
    expect(await only.commit(0, 6)).toBe(true)
    expect(await committed(groupId)).toEqual([6, -1])
  })
})
