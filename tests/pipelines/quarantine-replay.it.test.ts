/** Quarantined records on real servers: replayed once the contract is mended, in the order of versions; dropped; never forged. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { governanceEventSchema } from '#contracts/events/governance-event.ts'
import { governanceTopic, rawTopic } from '#contracts/events/topics.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { buildQuarantine } from '#pipelines/quarantine/build-quarantine.ts'
import { REPLAY_HEADERS } from '#pipelines/quarantine/replayed-record.ts'
import { contractText, type TestContract } from './support/contract-text.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const SCHEMA = /*sql*/ `
create table notes (tenant text, id bigint, note text, body text, primary key (tenant, id));
create table gone (tenant text, id bigint, note text, primary key (tenant, id));
alter table notes alter column body set storage external;
`
const text = (name: string, rest: object = {}) => ({ name, type: 'text', ...rest })
/** Both tables; notes may be as long as is said. */
const contracts = (maxLength: number): readonly TestContract[] =>
  ['notes', 'gone'].map((table) => ({
    dataset: table,
    table: `public.${table}`,
    tenant: 'tenant',
    version: maxLength === 5 ? '1.0.0' : '1.1.0',
    columns: [
      text('tenant', { key: 1 }),
      { name: 'id', type: 'bigint', key: 2 },
      text('note', { options: { maxLength } }),
      ...(table === 'notes' ? [text('body')] : []),
    ],
  }))

let pipeline: Pipeline
let quarantine: ReturnType<typeof buildQuarantine>
const NAMES = ['notes', 'gone']
const PAGE = { limit: 100 }
const REPLAY = { by: 'dora', dryRun: false, waitMillis: 30_000 }

function buildService() {
  const { settings, project, governance, id } = pipeline.project
  return buildQuarantine({
    datasets: loadContracts(project.contractsDir),
    ...{ kafka: settings.kafka('worker'), replay: settings.kafka('replay') },
    ...{ clickhouse: settings.clickhouse('worker'), governanceDatabase: governance, topicPrefix: id },
    keyRingSecret: settings.secret('keyring.master'),
    logger: pino({ level: 'silent' }),
  })
}
const sql = (statement: string) => pipeline.project.postgres.query(statement)
const open = (dataset: string) => quarantine.service.count({ datasets: [dataset], status: 'open' })
const untilOpen = (dataset: string, records: number) =>
  pipeline.until(
    `SELECT count() FROM ${pipeline.project.governance}.quarantine FINAL WHERE dataset = '${dataset}' AND status = 'open'`,
    records,
  )
const notes = async () =>
  (
    await pipeline.rows(
      'SELECT id, note, length(body) AS size, left(body, 1) AS begin FROM notes FINAL ORDER BY id',
    )
  ).map(({ id, note, size, begin }) => `${id} ${note} ${size}${begin}`)
const B = (letter: string) => `repeat('${letter}', 9000)`

beforeAll(async () => {
  pipeline = await createPipeline({ schema: SCHEMA, contracts: contracts(5) })
  const { governance } = pipeline.project
  // A table as an earlier version has made it: of two rows of a place the later one counts.
  await pipeline.project.clickhouse.query(/*sql*/ `CREATE TABLE ${governance}.quarantine (
    dataset LowCardinality(String), contract_version LowCardinality(String), topic LowCardinality(String), partition UInt32,
    offset UInt64, at DateTime64(3, 'UTC'), codes Array(LowCardinality(String)), columns Array(LowCardinality(String)), payload String
  ) ENGINE = ReplacingMergeTree(at) ORDER BY (dataset, topic, partition, offset)`)
  for (const [at, code] of [
    ['2026-01-02', 'later'],
    ['2026-01-01', 'earlier'],
  ])
    await pipeline.project.clickhouse.query(
      /*sql*/ `INSERT INTO ${governance}.quarantine SELECT 'former', '1.0.0', 'x', 0, 3, toDateTime64('${at}', 3, 'UTC'), ['${code}'], ['note'], 'sealed'`,
    )
  await pipeline.capture().apply()
  await pipeline.startWorker()
  quarantine = buildService()
})
afterAll(async () => {
  await quarantine?.stop()
  await pipeline?.dispose()
})

describe('a quarantine of an earlier version', () => {
  it('is moved, once, with what counted in it', async () => {
    const { governance } = pipeline.project
    expect(
      await pipeline.rows(
        `SELECT dataset, codes, payload, status, attempts, toString(changed_at) AS changed, version FROM ${governance}.quarantine FINAL WHERE dataset = 'former'`,
      ),
    ).toEqual([
      {
        ...{ dataset: 'former', codes: ['later'], payload: 'sealed', status: 'open', attempts: 0 },
        ...{ changed: '2026-01-02 00:00:00.000', version: '0' },
      },
    ])
    expect(
      await pipeline.rows(
        `SELECT name FROM system.tables WHERE database = '${governance}' AND name LIKE 'quarantine_former'`,
      ),
    ).toEqual([])
  })
})

describe('records that broke their contract', () => {
  it('are listed with the rule, the place and the contract, and without what is in them', async () => {
    // 1 stays as it is; 2 is overwritten; 3 is overwritten by a change that leaves the body out; 4 is deleted; 5 will be dropped.
    await sql(`insert into notes values ('a', 1, 'too long', ${B('p')}), ('a', 2, 'too long', ${B('q')}), ('a', 3, 'too long', ${B('r')}),
      ('a', 4, 'too long', null), ('a', 5, 'too long', ${B('s')})`)
    await sql(`update notes set note = 'new', body = ${B('n')} where id = 2`)
    await sql(`update notes set note = 'new' where id = 3`)
    await sql(`delete from notes where id = 4`)
    await untilOpen('notes', 5)
    await pipeline.until('SELECT count() FROM notes FINAL', 2)
    expect(await notes()).toEqual(['2 new 9000n', '3 new 9000r'])
    const { items } = await quarantine.service.list({ datasets: NAMES }, PAGE)
    expect(items).toHaveLength(5)
    for (const item of items)
      expect(item).toMatchObject({
        ...{ dataset: 'notes', contractVersion: '1.0.0', partition: 0, status: 'open', attempts: 0 },
        faults: [{ code: 'maxLength', column: 'note', rule: 'at most 5 characters' }],
      })
    const traces = new Set(items.map(({ traceId }) => traceId.length))
    expect([...traces].every((length) => length === 0 || length === 32)).toBe(true)
  })

  it('fail again while nothing is mended, at the place of the first try', async () => {
    const before = (await quarantine.service.list({ datasets: NAMES }, PAGE)).items
    const { items } = await quarantine.service.replay({ datasets: NAMES }, PAGE, REPLAY)
    expect(items.map(({ outcome }) => outcome)).toEqual(Array(5).fill('quarantined'))
    const after = (await quarantine.service.list({ datasets: NAMES }, PAGE)).items
    const places = (entries: typeof before) => entries.map(({ offset }) => offset).toSorted()
    expect(places(after)).toEqual(places(before))
    expect(after.map(({ attempts }) => attempts)).toEqual(Array(5).fill(1))
    expect(await notes()).toEqual(['2 new 9000n', '3 new 9000r'])
  })

  it('are opened only after that is on the governance topic', async () => {
    const [first] = (await quarantine.service.list({ datasets: NAMES }, PAGE)).items
    if (!first) throw new Error('nothing in quarantine')
    const principal = { subject: 'cora', tenant: 'platform', roles: ['compliance'], attributes: {} }
    const { record } = await quarantine.service.open(NAMES, first, {
      ...{ principal, role: 'compliance', purpose: 'case 4711', traceId: '' },
    })
    expect(JSON.parse(record.value?.toString() ?? '')).toMatchObject({ after: { note: 'too long' } })
    expect(await accessRecords()).toMatchObject([
      {
        subject: 'cora',
        purpose: 'case 4711',
        columnsRead: expect.arrayContaining(['notes.note', 'notes.body']),
      },
    ])
  })

  it('are dropped for good: what was in them is gone, and so is what they had set', async () => {
    const { governance } = pipeline.project
    const { items } = await quarantine.service.list({ datasets: NAMES }, PAGE)
    // The last of the insert.
    const fifth = items.toSorted((a, b) => Number(b.offset - a.offset))[0]
    if (!fifth) throw new Error('nothing in quarantine')
    const dropping = { by: 'dora', purpose: 'test data', dryRun: false }
    await quarantine.service.drop({ datasets: NAMES, places: [fifth] }, PAGE, dropping)
    // Every row of the place, not only the last one.
    expect(
      await pipeline.rows(
        `SELECT DISTINCT payload = '' AS empty FROM ${governance}.quarantine WHERE dataset = 'notes' AND offset = ${fifth.offset}`,
      ),
    ).toEqual([{ empty: 1 }])
    expect(
      await pipeline.rows(
        `SELECT status, changed_by, purpose FROM ${governance}.quarantine FINAL WHERE dataset = 'notes' AND offset = ${fifth.offset}`,
      ),
    ).toEqual([{ status: 'dropped', changed_by: 'dora', purpose: 'test data' }])
    // The next change leaves the body out: nobody knows it any more, and it is not guessed.
    await sql(`update notes set note = 'new' where id = 5`)
    await pipeline.until(
      `SELECT count() FROM ${governance}.quarantine FINAL WHERE dataset = 'notes' AND has(codes, 'unchanged_value_unknown')`,
      1,
    )
    await sql(`update notes set body = ${B('t')} where id = 5`)
    await pipeline.until('SELECT count() FROM notes FINAL WHERE id = 5', 1)
    expect(await notes()).toEqual(['2 new 9000n', '3 new 9000r', '5 new 9000t'])
  })

  it('are not taken for replays because they say so', async () => {
    const topic = rawTopic(pipeline.project.id, { schema: 'public', table: 'notes' })
    const [victim] = (await quarantine.service.list({ datasets: ['notes'] }, PAGE)).items
    if (!victim) throw new Error('nothing in quarantine')
    const value = JSON.stringify({
      ...{ op: 'c', before: null, after: { tenant: 'a', id: 2, note: 'false', body: 'false' } },
      source: { lsn: 1, sequence: '["1","1"]', ts_ms: 1 },
    })
    await send(topic, value, {
      [REPLAY_HEADERS.offset]: String(victim.offset),
      [REPLAY_HEADERS.attempt]: '1',
      [REPLAY_HEADERS.mac]: Buffer.alloc(32).toString('base64url'),
    })
    await pipeline.until(
      `SELECT count() FROM ${pipeline.project.governance}.quarantine FINAL WHERE has(codes, 'replay_unproven')`,
      1,
    )
    expect((await notes()).filter((note) => note.startsWith('2 '))).toEqual(['2 new 9000n'])
    const forged = { datasets: ['notes'], reason: 'replay_unproven' }
    await quarantine.service.drop(forged, PAGE, { by: 'dora', purpose: 'forged', dryRun: false })
  })

  it('are stored once the contract is mended, and what is newer stays', async () => {
    await mend()
    const before = await notes()
    const { items } = await quarantine.service.replay({ datasets: ['notes'] }, PAGE, REPLAY)
    // What the dropped record had set is known no more, so the change that left it out cannot be stored.
    const outcomes = items.map(({ entry, outcome }) => `${entry.faults[0]?.code} ${outcome}`)
    expect(outcomes.toSorted()).toEqual([
      ...Array(4).fill('maxLength stored'),
      'unchanged_value_unknown quarantined',
    ])
    // 1 is there; 2, 3 and 5 were overwritten since and 4 was deleted.
    expect(await notes()).toEqual([`1 too long 9000p`, ...before])
    const giveUp = { by: 'dora', purpose: 'lost', dryRun: false }
    expect((await quarantine.service.drop({ datasets: ['notes'] }, PAGE, giveUp)).items).toHaveLength(1)
    expect(
      await pipeline.rows(
        `SELECT status, changed_by, count() AS n FROM ${pipeline.project.governance}.quarantine FINAL WHERE dataset = 'notes' GROUP BY ALL ORDER BY status`,
      ),
    ).toEqual([
      { status: 'dropped', changed_by: 'dora', n: '3' },
      { status: 'replayed', changed_by: 'dora', n: '4' },
    ])
  })

  it('stay settled when a worker reads everything again', async () => {
    await pipeline.endWorkers()
    const before = await notes()
    const { settings, id } = pipeline.project
    const admin = kafka(settings.kafka('worker')).admin()
    await admin.connect()
    for (const table of NAMES)
      await admin.resetOffsets({
        groupId: `mogo-worker-${id}`,
        topic: `${id}.public.${table}`,
        earliest: true,
      })
    await admin.disconnect()
    await pipeline.startWorker()
    await sql(`insert into notes values ('a', 90, 'last', null)`)
    await pipeline.until('SELECT count() FROM notes FINAL WHERE id = 90', 1)
    expect((await notes()).filter((note) => !note.startsWith('90 '))).toEqual(before)
    expect(await open('notes')).toBe(0)
  })
})

describe('records of a table that was truncated', () => {
  it('are not brought back: they are dropped as superseded', async () => {
    await sql(`insert into gone values ('a', 1, repeat('x', 60))`)
    await untilOpen('gone', 1)
    await sql(`truncate gone`)
    await sql(`insert into gone values ('a', 2, 'after'), ('a', 3, repeat('y', 60))`)
    await untilOpen('gone', 2)
    await pipeline.until('SELECT count() FROM gone FINAL', 1)
    await mend(100)
    const { items } = await quarantine.service.replay({ datasets: ['gone'] }, PAGE, REPLAY)
    expect(items.map(({ outcome }) => outcome).toSorted()).toEqual(['stored', 'superseded'])
    expect(await pipeline.rows('SELECT id FROM gone FINAL ORDER BY id')).toEqual([{ id: '2' }, { id: '3' }])
    expect(await open('gone')).toBe(0)
  })
})

describe('the book of paused datasets', () => {
  it('says who is paused until somebody resumes it', async () => {
    const { governance } = pipeline.project
    await pipeline.project.clickhouse.query(
      /*sql*/ `INSERT INTO ${governance}.quarantine_breakers (dataset, event, worker, records, quarantined) SELECT 'notes', 'paused', 'w', 1000, 900`,
    )
    expect(await quarantine.service.paused(NAMES)).toMatchObject([
      { dataset: 'notes', records: 1000, quarantined: 900 },
    ])
    expect(await quarantine.service.resume('gone', 'dora')).toBe(false)
    expect(await quarantine.service.resume('notes', 'dora')).toBe(true)
    expect(await quarantine.service.paused(NAMES)).toEqual([])
  })
})

/** A worker and a service that know a contract with longer notes. */
async function mend(maxLength = 50): Promise<void> {
  await pipeline.endWorkers()
  await quarantine.stop()
  for (const contract of contracts(maxLength))
    writeFileSync(
      join(pipeline.project.project.contractsDir, `${contract.dataset}.odcs.yaml`),
      contractText(contract),
    )
  await pipeline.startWorker()
  quarantine = buildService()
}

function kafka({ brokers, sasl }: ReturnType<Pipeline['project']['settings']['kafka']>): Kafka {
  const { username = '', password = '' } = sasl ?? {}
  return new Kafka({
    ...{ brokers: [...brokers], logLevel: logLevel.NOTHING },
    sasl: { mechanism: 'plain', username, password },
  })
}

/** Writes a record to a raw topic, as somebody may who should not. */
async function send(topic: string, value: string, headers: Record<string, string>): Promise<void> {
  const producer = kafka(pipeline.project.settings.kafka('worker')).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  await producer.send({ topic, messages: [{ key: '{}', value, headers }] })
  await producer.disconnect()
}

/** Access records on the governance topic so far. */
async function accessRecords() {
  const { settings, id } = pipeline.project
  const consumer = kafka(settings.kafka('lineage')).consumer({ groupId: `mogo-test-${id}` })
  const found: unknown[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  await consumer.connect()
  await consumer.subscribe({ topic: governanceTopic(id), fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      const event = governanceEventSchema.parse(JSON.parse(message.value?.toString() ?? ''))
      if (event.type !== 'access') return
      found.push(event)
      resolve()
    },
  })
  await promise
  await consumer.disconnect()
  return found
}
