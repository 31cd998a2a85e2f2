/** Record batches: what another client has written comes out; what must not count is left out; and bytes that are broken are a fault. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import { type AbortedTransaction, RecordBatches } from '#pipelines/kafka/record-batch.ts'
import { CODECS, encodeBatch, encodeMarker, seal, type TestRecord } from '../support/record-batches.ts'

const settings = { seed: 20_260_101, numRuns: 150 }
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((each) => Buffer.from(each))
const codecs = fc.constantFrom(...CODECS)

/** Offsets that rise from `first` on, with gaps such as compaction leaves. */
const recordList = (first: number, options: fc.ArrayConstraints) =>
  fc
    .array(
      fc.record({
        gap: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 200 })),
        key: fc.oneof(fc.constant(null), bytes(30)),
        value: fc.oneof(fc.constant(null), bytes(300)),
        headers: fc.dictionary(fc.stringMatching(/^[a-zé]{1,6}$/), bytes(80), { maxKeys: 3 }),
      }),
      options,
    )
    .map((all): TestRecord[] => {
      let offset = first - 1
      return all.map(({ gap, key, value, headers }) => {
        offset += gap
        return { offset, key, value, headers }
      })
    })

type Read = {
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: object
}

function open(whole: Buffer, from = 0, aborted: readonly AbortedTransaction[] = []): RecordBatches {
  return new RecordBatches({ topic: 't', partition: 3, from, bytes: whole, aborted })
}

async function readAll(batches: RecordBatches): Promise<Read[]> {
  const read: Read[] = []
  for (let taken = await batches.take(); taken; taken = await batches.take()) {
    expect(taken.records).toMatchObject({ topic: 't', partition: 3 })
    for (let index = 0; index < taken.records.count; index++) {
      const { offset, key, value, headers } = taken.records.record(index)
      read.push({ offset: Number(offset), key, value, headers })
    }
    // Whoever stops here goes on behind what was read, and before what was not.
    expect(taken.next).toBeGreaterThan(read.at(-1)?.offset ?? -1)
  }
  return read
}

const plain = (records: readonly TestRecord[]): Read[] =>
  records.map(({ offset, key, value, headers }) => ({ offset, key, value, headers: headers ?? {} }))

describe('record batches', () => {
  it('come out as another client has written them, in every codec', async () => {
    const batchList = fc.array(fc.tuple(codecs, recordList(1, { minLength: 1, maxLength: 12 })), {
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(batchList, fc.nat(400), async (wanted, from) => {
        const parts: Buffer[] = []
        const all: TestRecord[] = []
        for (const [codec, records] of wanted) {
          const first = (all.at(-1)?.offset ?? -1) + 1
          const moved = records.map((each) => ({ ...each, offset: each.offset + first }))
          all.push(...moved)
          parts.push(await encodeBatch(moved, { codec }))
        }
        const batches = open(Buffer.concat(parts), from)
        expect(await readAll(batches)).toEqual(plain(all.filter(({ offset }) => offset >= from)))
        expect(batches.end).toBe(Math.max(from, (all.at(-1)?.offset ?? -1) + 1))
      }),
      settings,
    )
  })

  it('leave out what is not whole at the end, and say how much it would be if it is the first', async () => {
    const [first, second] = [
      await encodeBatch([{ offset: 5, key: null, value: Buffer.alloc(100) }]),
      await encodeBatch([{ offset: 6, key: null, value: Buffer.alloc(200) }]),
    ]
    for (let cut = 0; cut < second.length; cut += 7) {
      const batches = open(Buffer.concat([first, second.subarray(0, cut)]), 5)
      expect((await readAll(batches)).map(({ offset }) => offset)).toEqual([5])
      expect([batches.end, batches.missing]).toEqual([6, 0])
    }
    const cut = open(first.subarray(0, 80), 5)
    expect([await cut.take(), cut.end, cut.missing]).toEqual([null, 5, first.length])
    const nothing = open(first.subarray(0, 7), 5)
    expect([await nothing.take(), nothing.end, nothing.missing]).toEqual([null, 5, 0])
  })

  it('go past what compaction has left of a batch', async () => {
    const records = [{ offset: 14, key: Buffer.from('k'), value: null }]
    const whole = Buffer.concat([
      await encodeBatch(records, { baseOffset: 10, lastOffset: 19 }),
      await encodeBatch([], { baseOffset: 20, lastOffset: 29 }),
    ])
    const batches = open(whole, 12)
    expect(await readAll(batches)).toEqual(plain(records))
    expect(batches.end).toBe(30)
  })

  it('are handed out in pieces, however small they are', async () => {
    const parts: Buffer[] = []
    for (let offset = 0; offset < 600; offset++)
      parts.push(await encodeBatch([{ offset, key: null, value: Buffer.alloc(1000) }]))
    const batches = open(Buffer.concat(parts))
    const counts: number[] = []
    for (let taken = await batches.take(); taken; taken = await batches.take())
      counts.push(taken.records.count)
    expect(counts.reduce((sum, each) => sum + each)).toBe(600)
    expect(Math.max(...counts)).toBeLessThan(300)
    expect(counts.length).toBeLessThan(5)
  })
})

describe('transactions', () => {
  const row = (offset: number): TestRecord => ({ offset, key: null, value: Buffer.from(`row ${offset}`) })
  const write = (producerId: number, ...offsets: number[]) =>
    encodeBatch(offsets.map(row), { producerId, transactional: true })

  it('that were aborted are left out, with all markers; the others and what is in no transaction stay', async () => {
    const whole = Buffer.concat([
      await write(1, 0, 1),
      await write(2, 2, 3),
      await encodeBatch([row(4)]),
      await encodeMarker(5, 1, 'abort'),
      // The same producer goes on, and this time commits.
      await write(1, 6),
      await write(2, 7),
      await encodeMarker(8, 2, 'commit'),
      await encodeMarker(9, 1, 'commit'),
      await write(3, 10, 11),
      await encodeMarker(12, 3, 'abort'),
    ])
    const aborted = [
      { producerId: 3, firstOffset: 10 },
      { producerId: 1, firstOffset: 0 },
    ]
    const batches = open(whole, 0, aborted)
    const taken = await batches.take()
    expect([...(taken?.records.offsets ?? [])]).toEqual([2, 3, 4, 6, 7])
    // What is left out at the end is gone past at once.
    expect([taken?.next, batches.end]).toEqual([13, 13])
    expect(await batches.take()).toBeNull()
  })

  it('are left out from the middle on, too', async () => {
    const whole = Buffer.concat([await write(1, 4, 5), await encodeMarker(6, 1, 'abort'), await write(1, 7)])
    const batches = open(whole, 5, [{ producerId: 1, firstOffset: 2 }])
    expect((await readAll(batches)).map(({ offset }) => offset)).toEqual([7])
  })

  it('that are all there is leave nothing but the way past them', async () => {
    const whole = Buffer.concat([await write(1, 0, 1), await encodeMarker(2, 1, 'abort')])
    const batches = open(whole, 0, [{ producerId: 1, firstOffset: 0 }])
    expect([await batches.take(), batches.end]).toEqual([null, 3])
  })
})

describe('broken bytes', () => {
  const good = (offset: number, codec: (typeof CODECS)[number] = 0) =>
    encodeBatch(
      [{ offset, key: Buffer.from('key'), value: Buffer.alloc(90, 'v'), headers: { h: Buffer.from('x') } }],
      {
        codec,
      },
    )

  it('of any kind are a fault that says where, after the records before them', async () => {
    const first = await good(7)
    await fc.assert(
      fc.asyncProperty(codecs, fc.nat(), fc.integer({ min: 1, max: 255 }), async (codec, at, change) => {
        const second = await good(8, codec)
        // The leader's epoch is not part of the checksum, and a changed length or offset is seen as something else.
        const place = 16 + (at % (second.length - 16))
        second[place] = (second[place] as number) ^ change
        const batches = open(Buffer.concat([first, second]), 7)
        expect((await batches.take())?.records.count).toBe(1)
        const fault = await batches.take().catch((error: unknown) => error)
        expect(fault).toBeInstanceOf(MogoError)
        expect(fault).toMatchObject({
          code: 'MOGO_KAFKA_RECORDS_DAMAGED',
          params: { topic: 't', partition: 3, offset: 8 },
        })
      }),
      settings,
    )
  })

  it('never crash or hang the reader, even under a checksum that is right', async () => {
    await fc.assert(
      fc.asyncProperty(
        codecs,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (codec, changes) => {
          const batch = await good(8, codec)
          for (const [at, value] of changes) batch[21 + (at % (batch.length - 21))] = value
          const batches = open(seal(batch), 8)
          try {
            for (const { headers } of await readAll(batches)) expect(headers).toBeTypeOf('object')
          } catch (error) {
            expect(error).toMatchObject({ code: 'MOGO_KAFKA_RECORDS_DAMAGED' })
          }
        },
      ),
      { ...settings, numRuns: 1500 },
    )
  })

  it('that are no batches at all are a fault or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(bytes(300), async (rubbish) => {
        const batches = open(rubbish)
        try {
          expect(await readAll(batches)).toEqual([])
        } catch (error) {
          expect(error).toMatchObject({ code: 'MOGO_KAFKA_RECORDS_DAMAGED' })
        }
      }),
      settings,
    )
  })

  it('of a format before v2 are named as such', async () => {
    const old = await good(8)
    old.writeInt8(1, 16)
    await expect(open(old, 8).take()).rejects.toThrow(/message format v1/)
  })

  it.each([
    ['an unknown codec', (batch: Buffer) => batch.writeInt16BE(5, 21), /unknown compression 5/],
    ['a number of records below zero', (batch: Buffer) => batch.writeInt32BE(-2, 57), /number of records/],
    [
      'more records than can be',
      (batch: Buffer) => batch.writeInt32BE(2 ** 30, 57),
      /more records than bytes/,
    ],
    ['no records, but bytes of some', (batch: Buffer) => batch.writeInt32BE(0, 57), /number of records/],
    ['offsets below zero', (batch: Buffer) => batch.writeBigInt64BE(-9n, 0), /offsets make no sense/],
    [
      'a last offset before the first',
      (batch: Buffer) => batch.writeInt32BE(-1, 23),
      /offsets make no sense/,
    ],
  ])('with %s are not guessed at', async (_what, change, message) => {
    const batch = await good(8)
    change(batch)
    await expect(open(seal(batch), 0).take()).rejects.toThrow(message)
  })
})
