/**
 * Backpressure and limits, on real servers: whatever lies in a raw topic, and however large it is, the worker stays alive within bounds, each bad record
 * is quarantined alone and whole, and all others are stored. Records are written straight to the topic: Debezium would not send most of them.
 */
import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CompressionTypes, type IHeaders, Partitioners, type Producer } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quarantineTopic } from '#contracts/events/topics.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { wantedTopics } from '#pipelines/capture/capture-settings.ts'
import { EPOCH_HEADER } from '#pipelines/capture/connector-config.ts'
import { createTopics } from '#pipelines/capture/kafka-topics.ts'
import { SUPERSEDED_HEADER } from '#pipelines/capture/superseded-records.ts'
import { createKafka } from '#pipelines/kafka/kafka-client.ts'
import { placeOf, unpackRecord } from '#pipelines/quarantine/packed-record.ts'
import { REPLAY_HEADERS } from '#pipelines/quarantine/replayed-record.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { openPayload } from '#transforms/crypto/seal.ts'
import type { RawRecord } from '#transforms/record.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

/** Stands in all that is bad, and must stand in no log. */
const CANARY = 'canary-5b1d'
const MB = 1_000_000

const LARGE = 50 * MB
/** What the worker may take at most, MiB, while records of so many bytes lie in its lane. */
const MOST_MEMORY = 1024
const DEPTH = 100_000

let pipeline: Pipeline
let producer: Producer
let topic = ''
let log = ''
let worker: ChildProcess

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: '',
    contracts: [
      {
        dataset: 'things',
        table: 'public.things',
        tenant: 'tenant',
        columns: [
          { name: 'tenant', type: 'text', key: 1 },
          { name: 'id', type: 'bigint', key: 2 },
          { name: 'note', type: 'text' },
          { name: 'brief', type: 'text', options: { maxLength: 10 } },
          { name: 'tags', type: 'text[]' },
        ],
      },
    ],
  })
  const { settings, project } = pipeline.project
  const datasets = loadContracts(project.contractsDir)
  const [raw, ...others] = wantedTopics(datasets, settings)
  if (!raw) throw new Error('no topic')
  topic = raw.topic
  const larger = { ...raw, settings: { ...raw.settings, 'max.message.bytes': String(64 * MB) } }
  await createTopics(settings.kafka('admin'), [larger, ...others])
  producer = createKafka(settings.kafka('admin'), 'test').producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  log = join(project.dir, 'worker.log')
  worker = await pipeline.spawnWorker({ rows: 50_000 }, { log })
}, 120_000)
afterAll(async () => {
  await producer?.disconnect()
  await pipeline?.dispose()
})

type Message = { readonly value: string | Buffer | null; readonly headers?: IHeaders; readonly key?: Buffer }

/** Sends messages in one request, and so in one batch; returns the offset of the first. */
async function send(messages: readonly Message[], compression = CompressionTypes.None): Promise<number> {
  const [kept] = await producer.send({
    topic,
    compression,
    messages: messages.map(({ value, headers = {}, key = null }) => ({ key, value, headers })),
  })
  return Number(kept?.baseOffset)
}

const image = (id: number, rest: object = {}) =>
  JSON.stringify({ tenant: 'a', id, note: 'good', brief: null, tags: ['x'], ...rest })
const SOURCE = {
  ...{
    version: '3.7.0.Final',
    connector: 'postgresql',
    ts_ms: 1_767_225_600_123,
    snapshot: 'false',
    db: 'x',
  },
  ...{ schema: 'public', table: 'things', txId: 1, lsn: 4711, xmin: null },
}
const envelope = (after: string, source: object = SOURCE, op = 'c') =>
  `{"before":null,"after":${after},"source":${JSON.stringify(source)},"transaction":null,"op":"${op}","ts_ms":1767225600200}`
/** An envelope with JSON as the value of a column. */
const having = (id: number, column: string, json: string) =>
  envelope(image(id, { [column]: '#' }).replace('"#"', () => json))
const nested = (open: string, close: string, depth = DEPTH) =>
  `${open.repeat(depth)}"${CANARY}"${close.repeat(depth)}`
const names = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, number) => [`more_${number}`, number]))

/** What becomes of a record: a code says that it is quarantined for it. */
type Expected = 'stored' | 'filtered' | (string & {})
type Case = readonly [
  what: string,
  expected: Expected,
  make: (id: number) => Message | string | Buffer | null,
]

const BROKEN: readonly Case[] = [
  ['text', 'not_json', () => `${CANARY} is no JSON`],
  ['half a text', 'not_json', () => `{"after":{"note":"${CANARY}`],
  ['an empty value', 'not_json', () => ''],
  ['no value', 'filtered', () => null],
  ['a number', 'not_an_envelope', () => '42'],
  ['zeros', 'not_json', () => Buffer.alloc(1000)],
  ['a mark of byte order before it', 'not_json', (id) => `\ufeff${envelope(image(id, { note: CANARY }))}`],
  ['UTF-16', 'not_json', (id) => Buffer.from(envelope(image(id, { note: CANARY })), 'utf16le')],
  [
    'bytes that are no UTF-8',
    'not_utf8',
    (id) => Buffer.from(envelope(image(id, { note: `${CANARY}\u00ff` })), 'latin1'),
  ],
  ['half a character', 'half_character', (id) => having(id, 'note', `"${CANARY}\\ud83d"`)],
  ['a truncated envelope', 'not_json', (id) => envelope(image(id, { note: CANARY })).slice(0, -40)],
  [
    'an envelope without a source',
    'not_an_envelope',
    (id) => `{"after":${image(id, { note: CANARY })},"op":"c"}`,
  ],
  ['an envelope without a row', 'not_an_envelope', () => envelope('null')],
  ['an unknown operation', 'not_an_envelope', (id) => envelope(image(id, { note: CANARY }), SOURCE, 'z')],
  ['no place in the log', 'no_lsn', (id) => envelope(image(id, { note: CANARY }), { ...SOURCE, lsn: -1 })],
  ['arrays in arrays', 'not_an_envelope', () => nested('[', ']')],
  ['objects in objects', 'not_an_envelope', () => nested('{"a":', '}')],
  ['arrays that do not end', 'not_json', () => `["${CANARY}",${'['.repeat(900_000)}`],
  ['arrays in arrays for a text', 'type', (id) => having(id, 'note', nested('[', ']'))],
  ['objects in objects for a text', 'type', (id) => having(id, 'note', nested('{"a":', '}'))],
  ['arrays in arrays for a list', 'multi_dimensional', (id) => having(id, 'tags', nested('[', ']'))],
  ['objects in objects in a list', 'type', (id) => having(id, 'tags', `[${nested('{"a":', '}')}]`)],
  ['arrays in arrays for a key', 'type', (id) => having(id, 'id', nested('[', ']'))],
  ['arrays in arrays for a tenant', 'tenant_missing', (id) => having(id, 'tenant', nested('[', ']'))],
  [
    'arrays in arrays beside a long number',
    'not_json',
    (id) => having(id, 'note', `[12345678901234567890,${nested('[', ']')}]`),
  ],
  ['a number without end', 'type', (id) => having(id, 'id', '1e999')],
  ['a column that is too long', 'maxLength', (id) => envelope(image(id, { brief: CANARY }))],
  [
    'a huge number of columns',
    'too_many_columns',
    (id) => envelope(image(id, { [CANARY]: CANARY, ...names(100_000) })),
  ],
  [
    'more values than may be',
    'too_many_values',
    (id) => having(id, 'tags', `["${CANARY}"${',"xy"'.repeat(MB)}]`),
  ],
]

/** Odd, and not wrong. */
const ODD: readonly Case[] = [
  ['as many columns as a table can have', 'stored', (id) => envelope(image(id, names(1500)))],
  ['nesting in a column of no contract', 'stored', (id) => having(id, 'other', nested('[', ']'))],
  ['a column with the name of a prototype', 'stored', (id) => having(id, '__proto__', '{"note":"x"}')],
  ['very many values', 'stored', (id) => having(id, 'tags', `[""${',""'.repeat(1.3 * MB)}]`)],
  [
    'very many values on the plain path',
    'stored',
    (id) => ({ value: having(id, 'tags', `[""${',""'.repeat(1.3 * MB)}]`), headers: { other: 'x' } }),
  ],
  [
    'a key that is no text',
    'stored',
    (id) => ({ value: envelope(image(id)), key: Buffer.from([0xff, 0, 0xfe]) }),
  ],
  [
    'headers without name or value',
    'stored',
    (id) => ({ value: envelope(image(id)), headers: { '': Buffer.alloc(0), none: '' } }),
  ],
  [
    'headers with names that objects have',
    'stored',
    (id) => ({
      value: envelope(image(id)),
      headers: {
        ['__proto__']: 'x',
        constructor: 'x',
        toString: 'x',
        hasOwnProperty: 'x',
      } as unknown as IHeaders,
    }),
  ],
  [
    'a header many times',
    'stored',
    (id) => ({ value: envelope(image(id)), headers: { twice: ['a', 'b', 'c'] } }),
  ],
  [
    'very many headers',
    'stored',
    (id) => ({
      value: envelope(image(id)),
      headers: Object.fromEntries(Object.keys(names(20_000)).map((name) => [name, 'x'])),
    }),
  ],
  ...['', 'x', '-1', '70000', '1.5', 'NaN', '9'.repeat(400)].map(
    (epoch): Case => [
      `the epoch ${epoch.slice(0, 5)}`,
      'stored',
      (id) => ({ value: envelope(image(id)), headers: { [EPOCH_HEADER]: epoch } }),
    ],
  ),
  ...[
    Buffer.alloc(MB, 0xff),
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-zz',
    `${'0'.repeat(60)}`,
  ].map(
    (traceparent): Case => [
      `a trace of ${traceparent.length} bytes`,
      'stored',
      (id) => ({ value: envelope(image(id)), headers: { traceparent } }),
    ],
  ),
  ...['x', '{', 'null', '[]', '{"payload":7,"schema":7}', nested('[', ']'), nested('{"id":', '}')].map(
    (key): Case => [
      `an old key that is none: ${key.slice(0, 5)}`,
      'stored',
      (id) => ({ value: envelope(image(id)), headers: { '__debezium.oldkey': key } }),
    ],
  ),
  [
    'the end of a snapshot of this epoch',
    'stored',
    (id) => ({ value: envelope(image(id)), headers: { [SUPERSEDED_HEADER]: '1' } }),
  ],
  [
    'a replay that nobody has asked for',
    'replay_unproven',
    (id) => ({ value: envelope(image(id, { note: CANARY })), headers: { [REPLAY_HEADERS.offset]: '0' } }),
  ],
  [
    'a replay with a proof that is none',
    'replay_unproven',
    (id) => ({
      value: envelope(image(id, { note: CANARY })),
      headers: {
        ...{ [REPLAY_HEADERS.offset]: '0', [REPLAY_HEADERS.attempt]: '1', [REPLAY_HEADERS.mac]: 'AAAA' },
        ...{ canary: CANARY, ['__proto__']: CANARY },
      } as IHeaders,
    }),
  ],
]

/** What was sent, in all, and what is expected of it. */
const sent = { records_in: 0, stored: 0, quarantined: 0, filtered: 0 }
const storedIds: number[] = []
const quarantined = new Map<number, { readonly code: string; readonly message: Message }>()
let lastId = 0

/** Notes what is expected of a record. */
function expectRecord(offset: number, expected: Expected, message: Message, id: number): void {
  sent.records_in++
  if (expected === 'filtered') sent.filtered++
  else if (expected === 'stored') {
    sent.stored++
    storedIds.push(id)
  } else {
    sent.quarantined++
    quarantined.set(offset, { code: expected, message })
  }
}

const governance = (table: string) => `${pipeline.project.governance}.${table}`

/** Waits until all is accounted for, and looks at what has become of it. */
async function expectOutcome(seconds: number): Promise<void> {
  const counts = ['records_in', 'stored', 'quarantined', 'filtered'].map(
    (name) => `toUInt32(sum(${name})) AS ${name}`,
  )
  const stats = governance('pipeline_stats')
  await pipeline.until(`SELECT sum(records_in) FROM ${stats}`, sent.records_in, seconds)
  const stored = await pipeline.rows('SELECT toUInt32(id) AS id FROM things ORDER BY id')
  expect(stored.map(({ id }) => id)).toEqual([...storedIds].sort((a, b) => a - b))
  const found = await pipeline.rows(
    `SELECT toUInt32(offset) AS offset, codes[1] AS code, length(codes) AS faults FROM ${governance('quarantine')} FINAL ORDER BY offset`,
  )
  expect(found).toEqual(
    [...quarantined]
      .map(([offset, { code }]) => ({ offset, code, faults: '1' }))
      .sort((a, b) => a.offset - b.offset),
  )
  expect(await pipeline.rows(`SELECT ${counts.join(', ')} FROM ${stats}`)).toEqual([sent])
  // The very same process, in its lane all the time.
  expect([worker.exitCode, worker.signalCode]).toEqual([null, null])
}

/** What stands in the log: lines of this worker, and nothing of a bad record. */
function expectQuietLog(): void {
  const text = readFileSync(log, 'utf8')
  expect(text).toContain('lanes assigned')
  expect(text).not.toContain(CANARY)
  expect(text).not.toContain(Buffer.from(CANARY).toString('base64').slice(0, -4))
  expect(text.length).toBeLessThan(100_000)
}

/** A record out of quarantine. */
function opened(offset: number, payload: unknown): RawRecord | undefined {
  const ring = createKeyRing(pipeline.project.settings.secret('keyring.master'))
  const place = { topic, partition: 0, offset: BigInt(offset) }
  const packed = openPayload(ring, placeOf(place), String(payload))
  return packed && unpackRecord(place, packed)
}

async function stopWorker(): Promise<void> {
  const ended = once(worker, 'exit')
  worker.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
}

/** The worker's largest memory so far, MiB. */
function peakMemory(): number {
  const status = readFileSync(`/proc/${worker.pid}/status`, 'utf8')
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024)
}

const asMessage = (made: ReturnType<Case[2]>): Message =>
  made === null || typeof made === 'string' || Buffer.isBuffer(made) ? { value: made } : made

describe('among good records', () => {
  it('each broken one is quarantined alone, with its code, and odd ones are stored', async () => {
    const cases: Case[] = [...BROKEN, ...ODD].flatMap((each): Case[] => [
      ['a good one', 'stored', (id) => envelope(image(id))],
      each,
    ])
    const made = cases.map(([, expected, make]) => {
      const id = ++lastId
      return { expected, id, message: asMessage(make(id)) }
    })
    // In one batch, and one by one.
    const first = await send(made.map(({ message }) => message))
    for (const [index, { expected, message, id }] of made.entries())
      expectRecord(first + index, expected, message, id)
    await expectOutcome(60)
    expectQuietLog()
  })

  it('each quarantined one is kept whole', async () => {
    const rows = await pipeline.rows(
      `SELECT toUInt32(offset) AS offset, payload FROM ${governance('quarantine')} FINAL`,
    )
    expect(rows).toHaveLength(quarantined.size)
    for (const { offset, payload } of rows) {
      const record = opened(Number(offset), payload)
      const { value, headers = {} } = quarantined.get(Number(offset))?.message ?? { value: null }
      expect(hash(record?.value)).toBe(hash(value))
      const kept = Object.entries(record?.headers ?? {}).map(([name, bytes]) => [name, String(bytes)])
      expect(kept).toEqual(Object.entries(headers).map(([name, bytes]) => [name, String(bytes)]))
    }
  })
})

/** Texts are of words, so that one that is cut or mixed up is seen. */
const WORD = 'lorem ipsum '
const longText = (bytes: number) => WORD.repeat(Math.ceil(bytes / WORD.length)).slice(0, bytes)
/** One character beyond Latin-1 makes a text twice as long in memory. */
const LONG_TEXTS = [longText(LARGE), `${longText(LARGE - 3)}\u8a9e`] as const

/** Records of {@link LARGE} bytes, and how often each lies in the topic. */
const LARGE_ONES: readonly (readonly [times: number, ...Case])[] = [
  [4, 'a row with a long text', 'stored', (id) => envelope(image(id, { note: LONG_TEXTS[0] }))],
  [2, 'a row with a long wide text', 'stored', (id) => envelope(image(id, { note: LONG_TEXTS[1] }))],
  [
    1,
    'a long text that breaks a rule',
    'maxLength',
    (id) => envelope(image(id, { brief: CANARY + LONG_TEXTS[0] })),
  ],
  [
    1,
    'a text that breaks a rule beside a long one',
    'maxLength',
    (id) => envelope(image(id, { note: LONG_TEXTS[0], brief: CANARY })),
  ],
  [
    1,
    'a truncated row',
    'not_json',
    (id) => envelope(image(id, { note: CANARY + LONG_TEXTS[0] })).slice(0, -100),
  ],
  [
    1,
    'bytes that are no UTF-8',
    'not_utf8',
    (id) => Buffer.from(envelope(image(id, { note: `${LONG_TEXTS[0]}${CANARY}\u00ff` })), 'latin1'),
  ],
  [
    1,
    'small objects beside a long number',
    'too_many_values',
    (id) => having(id, 'note', `[12345678901234567890,"${CANARY}"${',{}'.repeat(LARGE / 3)}]`),
  ],
  [1, 'arrays in arrays', 'too_many_values', () => '['.repeat(LARGE)],
  [
    1,
    'very many columns',
    'too_many_values',
    (id) => envelope(image(id).replace('}', `${',"c":0'.repeat(LARGE / 6)}}`)),
  ],
]

describe('records of 50 MB', () => {
  it('are stored, or quarantined, one after the other, and memory stays within bounds', async () => {
    await stopWorker()
    // From here on all ids have as many digits, so that one takes the place of another.
    lastId = 1000
    let large = 0
    let offset = 0
    for (const [times, _what, expected, make] of LARGE_ONES) {
      const value = Buffer.from(asMessage(make(1000)).value ?? '')
      for (let time = 0; time < times; time++) {
        const id = ++lastId
        const digits = value.indexOf('"id":1')
        if (digits > 0) value.write(String(id), digits + '"id":'.length)
        // Half of them are compressed: what is small in the topic may be large in memory.
        const compression = ++large % 2 === 0 ? CompressionTypes.GZIP : CompressionTypes.None
        offset = await send([{ value }], compression)
        expectRecord(offset, expected, { value: hash(value) }, id)
        const good = ++lastId
        const message = { value: envelope(image(good)) }
        expectRecord(await send([message]), 'stored', message, good)
      }
    }
    expect(large).toBe(13)
    worker = await pipeline.spawnWorker({ rows: 50_000 }, { log })
    await expectOutcome(120)
    expect(peakMemory()).toBeLessThan(MOST_MEMORY)
    expectQuietLog()
    // None of them has cost the worker its lane.
    expect(readFileSync(log, 'utf8').match(/lanes assigned/g)).toHaveLength(2)
    expect(readFileSync(log, 'utf8')).not.toMatch(/"level":[456]0/)
    const texts = await pipeline.rows(
      `SELECT lower(hex(SHA256(note))) AS hash, toUInt32(count()) AS n FROM things WHERE length(note) > 1000 GROUP BY hash ORDER BY n`,
    )
    expect(texts).toEqual([
      { hash: hash(LONG_TEXTS[1]), n: 2 },
      { hash: hash(LONG_TEXTS[0]), n: 4 },
    ])
  }, 300_000)

  it('are kept whole in the table of quarantine, which is what they are replayed from', async () => {
    const [offset, { message }] = [...quarantined].at(-2) ?? [0, { message: { value: null } }]
    const rows = await pipeline.rows(
      `SELECT payload FROM ${governance('quarantine')} FINAL WHERE offset = ${offset}`,
    )
    const record = opened(offset, rows[0]?.['payload'])
    expect(record?.value?.length).toBe(LARGE)
    expect(hash(record?.value)).toBe(message.value)
  })
})

describe('a flood of bad records', () => {
  it('is quarantined even if it is more than the broker takes in one request', async () => {
    await stopWorker()
    // Sealed a batch of them is more than 30 MB; the broker takes 20 MB.
    const headers = { padding: CANARY.repeat(30) }
    const messages = Array.from({ length: 25_000 }, () => ({
      value: envelope(image(++lastId, { brief: CANARY })),
      headers,
    }))
    const first = await send(messages)
    for (const [index, message] of messages.entries()) expectRecord(first + index, 'maxLength', message, 0)
    // Batches are full before they are due.
    worker = await pipeline.spawnWorker({ rows: 50_000 }, { log, options: { flushMillis: 3000 } })
    await expectOutcome(60)
    expect(peakMemory()).toBeLessThan(MOST_MEMORY)
    expectQuietLog()
  }, 120_000)

  it('has a message for each record in the topic, too', async () => {
    const { settings, id } = pipeline.project
    const admin = createKafka(settings.kafka('admin'), 'test').admin()
    await admin.connect()
    const [end] = await admin.fetchTopicOffsets(quarantineTopic(id))
    await admin.disconnect()
    expect(Number(end?.high)).toBe(sent.quarantined)
  })
})

const hash = (value: Buffer | string | null | undefined) =>
  createHash('sha256')
    .update(value ?? 'null')
    .digest('hex')
