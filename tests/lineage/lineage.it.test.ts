/** Store and feed on the real ClickHouse and Kafka. */
import { Kafka, logLevel } from 'kafkajs'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { governanceTopic } from '#contracts/events/topics.ts'
import { createClickHouseStore } from '#lineage/clickhouse-store.ts'
import { createKafkaFeed } from '#lineage/kafka-feed.ts'
import type { EventFeed, LineageStore } from '#lineage/ports.ts'
import { createRecorder } from '#lineage/recorder.ts'
import { createTestProject, type TestProject } from '../support/test-project.ts'
import { accessEvent, contractEvent, datasets } from './facts.ts'

const logger = pino({ level: 'silent' })
const orders = datasets.find(({ name }) => name === 'orders')
if (!orders) throw new Error('the demo project has no orders')

let project: TestProject
let store: LineageStore
let kafka: Kafka

beforeAll(async () => {
  project = await createTestProject()
  store = createClickHouseStore(project.settings.clickhouse('lineage'), project.governance)
  await store.prepare()
  const { brokers, sasl } = project.settings.kafka('lineage')
  kafka = new Kafka({
    brokers: [...brokers],
    sasl: { mechanism: 'plain', username: sasl?.username ?? '', password: sasl?.password ?? '' },
    logLevel: logLevel.NOTHING,
  })
})
afterAll(async () => {
  await store?.close()
  await project?.dispose()
})

describe('the ClickHouse store', () => {
  it('can be prepared again', async () => {
    await expect(store.prepare()).resolves.toBeUndefined()
  })

  it('gives back what was recorded, however often it was delivered', async () => {
    const query = accessEvent('again', { rows: 2 ** 40 })
    for (let delivery = 0; delivery < 3; delivery++) await store.record([contractEvent(orders), query])
    const { type: _, ...record } = query
    expect(await store.queryRecord('again')).toEqual(record)
    const [state, ...more] = await store.contractLineage(['orders'])
    expect(more).toEqual([])
    expect(state).toMatchObject({
      contractId: orders.contractId,
      contractVersion: orders.contractVersion,
      policyHash: orders.hash,
      validSince: '2026-05-01T10:00:00.000Z',
      lastSeen: '2026-05-01T10:00:00.000Z',
    })
    expect(new Set(state?.edges.map((edge) => JSON.stringify(edge)))).toEqual(
      new Set(contractEvent(orders).edges.map((edge) => JSON.stringify(edge))),
    )
  })

  it('keeps since when a state holds, and gives the latest of several', async () => {
    const dataset = { ...orders, name: 'states' }
    const first = contractEvent(dataset, '2026-05-01T10:00:00.000Z')
    const second = {
      ...first,
      contractVersion: '9.0.0',
      policyHash: 'other',
      at: '2026-05-02T10:00:00.000Z',
      edges: first.edges.slice(0, 4),
    }
    await store.record([first, { ...first, at: '2026-05-01T12:00:00.000Z' }])
    expect((await store.contractLineage(['states']))[0]).toMatchObject({
      contractVersion: orders.contractVersion,
      validSince: '2026-05-01T10:00:00.000Z',
      lastSeen: '2026-05-01T12:00:00.000Z',
    })
    await store.record([second])
    const [state] = await store.contractLineage(['states'])
    expect(state).toMatchObject({
      contractVersion: '9.0.0',
      policyHash: 'other',
      validSince: '2026-05-02T10:00:00.000Z',
    })
    expect(state?.edges).toHaveLength(4)
    await store.record([{ ...first, at: '2026-05-03T10:00:00.000Z' }])
    expect((await store.contractLineage(['states']))[0]).toMatchObject({
      contractVersion: orders.contractVersion,
    })
  })

  it('counts the readers of a column, of one tenant or of all', async () => {
    const from = {
      system: 'clickhouse',
      namespace: 'analytics',
      dataset: 'counted',
      column: 'total',
    } as const
    const read = (id: string, tenant: string, at: string) =>
      accessEvent(id, {
        tenant,
        at,
        edges: [
          {
            from,
            to: { system: 'query', namespace: tenant, dataset: id, column: 'x' },
            type: 'DIRECT',
            subtype: 'IDENTITY',
            masking: false,
            description: '',
          },
        ],
      })
    const refused = { ...read('r4', 'acme', '2026-05-04T10:00:00.000Z'), decision: 'refused' as const }
    await store.record([
      read('r1', 'acme', '2026-05-01T10:00:00.000Z'),
      read('r2', 'acme', '2026-05-02T10:00:00.000Z'),
      read('r3', 'globex', '2026-05-03T10:00:00.000Z'),
      refused,
    ])
    const source = { table: 'counted', columns: ['total', 'status'] }
    const never = { column: 'status', queries: 0, lastReadAt: null }
    expect(await store.columnUse(source, 'acme')).toEqual([
      { column: 'total', queries: 2, lastReadAt: '2026-05-02T10:00:00.000Z' },
      never,
    ])
    expect(await store.columnUse(source, undefined)).toEqual([
      { column: 'total', queries: 3, lastReadAt: '2026-05-03T10:00:00.000Z' },
      never,
    ])
    const readers = async (tenant: string | undefined, limit: number) =>
      (await store.latestReaders(source, tenant, limit)).map(({ to }) => to.dataset).toSorted()
    expect(await readers('acme', 1)).toEqual(['r2'])
    expect(await readers(undefined, 2)).toEqual(['r2', 'r3'])
    expect(await readers('initech', 9)).toEqual([])
    expect((await store.queryRecord('r4'))?.decision).toBe('refused')
  })

  it('keeps one row of a query that ends within a batch: its last record, with the edges of the first', async () => {
    const begun = accessEvent('ended', { rows: -1, bytes: -1 })
    const other = accessEvent('other')
    await store.record([begun, other, { ...begun, rows: 7, bytes: 70, edges: [] }])
    expect(await store.queryRecord('ended')).toMatchObject({ rows: 7, bytes: 70, edges: begun.edges })
    expect(await store.queryRecord('other')).toMatchObject({ rows: other.rows })
    const { rows } = await project.clickhouse.query(
      `SELECT id, toUInt32(count()) AS n FROM ${project.governance}.access_log WHERE id IN ('ended', 'other') GROUP BY id ORDER BY id`,
    )
    expect(rows).toEqual([
      { id: 'ended', n: 1 },
      { id: 'other', n: 1 },
    ])
  })

  it('takes names as they come', async () => {
    const odd = `o'dd \\ "name" \u{1f600} {x:String}`
    await store.record([accessEvent(odd, { purpose: odd })])
    expect(await store.queryRecord(odd)).toMatchObject({ id: odd, purpose: odd })
    expect(await store.contractLineage([odd])).toEqual([])
    expect(await store.queryRecord("x' OR 1=1 --")).toBeUndefined()
  })

  it.each([
    ['cannot be reached', { url: 'http://127.0.0.1:9' }, 'MOGO_CLICKHOUSE_UNREACHABLE'],
    ['refuses the login', { password: 'wrong' }, 'MOGO_CLICKHOUSE_AUTH'],
  ])('says with a code that ClickHouse %s', async (_name, change, code) => {
    const other = createClickHouseStore(
      { ...project.settings.clickhouse('lineage'), ...change },
      project.governance,
    )
    await expect(other.check()).rejects.toMatchObject({ code })
    await other.close()
  })
})

describe('from the topic to the store', () => {
  const feedOf = (onLag: () => void): EventFeed =>
    createKafkaFeed({
      connection: project.settings.kafka('lineage'),
      topic: governanceTopic(project.id),
      group: `mogo-lineage-${project.id}`,
      replicationFactor: 1,
      logger,
      onLag,
    })

  async function send(...values: (string | null)[]): Promise<void> {
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({
      topic: governanceTopic(project.id),
      acks: -1,
      messages: values.map((value) => ({ key: 'k', value })),
    })
    await producer.disconnect()
  }

  async function committed(): Promise<string | undefined> {
    const admin = kafka.admin()
    await admin.connect()
    const [topic] = await admin.fetchOffsets({
      groupId: `mogo-lineage-${project.id}`,
      topics: [governanceTopic(project.id)],
    })
    await admin.disconnect()
    return topic?.partitions[0]?.offset
  }

  it('stores events, skips what is none, and commits only what is stored', async () => {
    // First a store that fails for good: nothing may be committed, and the process must hear of it.
    const broken = feedOf(() => undefined)
    const failing = createRecorder({
      feed: broken,
      store: { ...store, record: () => Promise.reject(new TypeError('broken')) },
      logger,
    })
    await failing.start()
    await send('{"type":"none"}', JSON.stringify(accessEvent('k1')), null)
    await expect(broken.failed).rejects.toThrow('broken')
    await failing.stop()
    expect(await committed()).toBe('-1')

    // Then one that works: the same records come again.
    const { promise: acknowledged, resolve: acknowledge } = Promise.withResolvers<void>()
    const recorder = createRecorder({ feed: feedOf(acknowledge), store, logger })
    await recorder.start()
    await acknowledged
    expect(await store.queryRecord('k1')).toMatchObject({ id: 'k1', tenant: 'acme' })
    await recorder.stop()
    expect(await committed()).toBe('3')

    // A third one begins behind them.
    const seen: string[] = []
    const { promise: more, resolve: came } = Promise.withResolvers<void>()
    const last = createRecorder({
      feed: feedOf(came),
      store: { ...store, record: async (events) => void seen.push(...events.map(({ id }) => id)) },
      logger,
    })
    await last.start()
    await send(JSON.stringify(accessEvent('k2')))
    await more
    await last.stop()
    expect(seen).toEqual(['k2'])
  })

  it('says with a code that Kafka refuses the login', async () => {
    const connection = project.settings.kafka('lineage')
    const feed = createKafkaFeed({
      connection: { ...connection, sasl: { mechanism: 'plain', username: 'lineage', password: 'wrong' } },
      topic: 'x',
      group: 'mogo-x',
      replicationFactor: 1,
      logger,
    })
    await expect(feed.start(async () => undefined)).rejects.toMatchObject({ code: 'MOGO_KAFKA_AUTH' })
    await feed.stop()
  })
})
