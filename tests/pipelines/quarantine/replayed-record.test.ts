/** Replayed records: the original place counts only with its proof, and only unchanged. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  claimsReplay,
  createReplayTransform,
  originalPlace,
  originalRecord,
  REPLAY_HEADERS,
  REPLAY_SUPERSEDED,
  REPLAY_UNPROVEN,
  type ReplayMessage,
  replayMessage,
} from '#pipelines/quarantine/replayed-record.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import type { Outcome, RawRecord } from '#transforms/record.ts'
import { compiled } from '../support/catalog.ts'
import { record, row } from '../support/records.ts'

const ring = createKeyRing('k'.repeat(40))
const SEED = 20_260_401

const bytes = fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each))
const records: fc.Arbitrary<RawRecord> = fc.record({
  topic: fc.stringMatching(/^[a-z.]{1,12}$/),
  partition: fc.integer({ min: 0, max: 50 }),
  offset: fc.bigInt({ min: 0n, max: 2n ** 48n - 1n }),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(fc.stringMatching(/^[a-z.-]{1,8}$/), bytes, { maxKeys: 4 }),
})
const attempts = fc.integer({ min: 1, max: 0xff_ff_ff_ff })

/** A message as it is read again, at the end of its partition. */
const readAgain = (message: ReplayMessage, offset = 999_999n): RawRecord => ({ ...message, offset })

describe('a replayed record', () => {
  it('leads back to its place, its try and itself', () => {
    fc.assert(
      fc.property(records, attempts, (original, attempt) => {
        const again = readAgain(replayMessage(original, attempt, ring))
        expect(originalPlace(again, ring)).toEqual({ offset: original.offset, attempt })
        expect(originalRecord(again, ring)).toEqual({ ...original, headers: { ...original.headers } })
      }),
      { seed: SEED, numRuns: 200 },
    )
  })

  it('may be replayed again: it is proven for its first place, as another try', () => {
    fc.assert(
      fc.property(records, (original) => {
        const first = originalRecord(readAgain(replayMessage(original, 1, ring)), ring)
        expect(originalPlace(readAgain(replayMessage(first, 2, ring)), ring)).toEqual({
          offset: original.offset,
          attempt: 2,
        })
      }),
      { seed: SEED, numRuns: 50 },
    )
  })

  const flip = (each: Buffer, at: number): Buffer => {
    const changed = Buffer.from(each)
    changed[at % each.length] = (changed[at % each.length] ?? 0) ^ 1
    return changed
  }
  const header = (again: RawRecord, name: string, value: Buffer): RawRecord => ({
    ...again,
    headers: { ...again.headers, [name]: value },
  })
  const forgeries: readonly (readonly [string, (again: RawRecord, at: number) => RawRecord])[] = [
    ['in another topic', (again) => ({ ...again, topic: `${again.topic}x` })],
    ['in another partition', (again) => ({ ...again, partition: again.partition + 1 })],
    ['with another key', (again) => ({ ...again, key: again.key === null ? Buffer.alloc(0) : null })],
    [
      'with another value',
      (again, at) => ({ ...again, value: again.value?.length ? flip(again.value, at) : Buffer.from('x') }),
    ],
    ['with a header more', (again) => header(again, 'Z', Buffer.from('1'))],
    ['as another try', (again) => header(again, REPLAY_HEADERS.attempt, Buffer.from('0'))],
    [
      'from another offset',
      (again) => {
        const offset = BigInt(again.headers[REPLAY_HEADERS.offset]?.toString() ?? '0')
        return header(again, REPLAY_HEADERS.offset, Buffer.from(String(offset === 0n ? 1n : offset - 1n)))
      },
    ],
    ['with another MAC', (again, at) => header(again, REPLAY_HEADERS.mac, macFlipped(again, at))],
    [
      'with a part of the MAC',
      (again) =>
        header(
          again,
          REPLAY_HEADERS.mac,
          (again.headers[REPLAY_HEADERS.mac] ?? Buffer.alloc(0)).subarray(0, 20),
        ),
    ],
    ['without a MAC', (again) => header(again, REPLAY_HEADERS.mac, Buffer.alloc(0))],
  ]
  function macFlipped(again: RawRecord, at: number): Buffer {
    const mac = Buffer.from(again.headers[REPLAY_HEADERS.mac]?.toString() ?? '', 'base64url')
    return Buffer.from(flip(mac, at).toString('base64url'))
  }

  it.each(forgeries)('is none %s', (_how, forge) => {
    fc.assert(
      fc.property(records, attempts, fc.nat(), (original, attempt, at) => {
        const forged = forge(readAgain(replayMessage(original, attempt, ring)), at)
        expect(originalPlace(forged, ring)).toBeNull()
        expect(originalRecord(forged, ring)).toBe(forged)
        expect(claimsReplay(forged)).toBe(true)
      }),
      { seed: SEED, numRuns: 100 },
    )
  })

  it('is none with a header less, or under another key ring', () => {
    const again = readAgain(replayMessage(record(3, 'x', { epoch: Buffer.from('2') }), 1, ring))
    const { epoch: _without, ...rest } = again.headers
    expect(originalPlace(again, ring)).not.toBeNull()
    expect(originalPlace({ ...again, headers: rest }, ring)).toBeNull()
    expect(originalPlace(again, createKeyRing('o'.repeat(40)))).toBeNull()
  })

  it('cannot borrow the bytes of a neighbouring part: each has its length before it', () => {
    const of = (key: string, value: string) => ({ ...record(3, value), key: Buffer.from(key) })
    const again = readAgain(replayMessage(of('ab', 'c'), 1, ring))
    expect(originalPlace({ ...again, key: Buffer.from('a'), value: Buffer.from('bc') }, ring)).toBeNull()
  })

  it.each(['', '-1', '1e3', '281474976710656', '99999999999999999999', 'x'])('has no offset %j', (offset) => {
    const again = readAgain(replayMessage(record(3), 1, ring))
    expect(originalPlace(header(again, REPLAY_HEADERS.offset, Buffer.from(offset)), ring)).toBeNull()
  })
})

describe('the transform of a dataset that may be replayed', () => {
  const dataset = compiled({
    dataset: 'orders',
    table: 'public.orders',
    tenant: 'id',
    columns: [{ name: 'id', type: 'text', key: 1 }],
  })
  /** A row whose version is the offset; `truncate` removes what is below it. */
  const plain = (each: RawRecord): Outcome =>
    each.value?.toString() === 'truncate'
      ? { kind: 'truncate', dataset, version: String(each.offset) }
      : {
          kind: 'rows',
          dataset,
          rows: [row([JSON.stringify(each.headers)], { version: String(each.offset) })],
        }
  const versionsOf = (outcome: Outcome) =>
    outcome.kind === 'rows' ? outcome.rows.map(({ version }) => version) : outcome
  const refused = (code: string) => ({ kind: 'quarantine', dataset, faults: [{ code, column: '' }] })

  it('sees a replayed record as it first stood, and any other as it is', () => {
    const transform = createReplayTransform(plain, { dataset, ring })
    const original = record(7, 'x', { 'mogo.epoch': Buffer.from('2') })
    expect(transform(readAgain(replayMessage(original, 1, ring)))).toEqual(plain(original))
    expect(transform(original)).toEqual(plain(original))
  })

  it('refuses a claim that nothing proves', () => {
    const transform = createReplayTransform(plain, { dataset, ring })
    const forged = { ...readAgain(replayMessage(record(7, 'x'), 1, ring)), value: Buffer.from('y') }
    expect(transform(forged)).toEqual(refused(REPLAY_UNPROVEN))
    const claim = record(9, 'x', { [REPLAY_HEADERS.offset]: Buffer.from('7') })
    expect(transform(claim)).toEqual(refused(REPLAY_UNPROVEN))
  })

  it('does not bring back what a TRUNCATE has removed', () => {
    const transform = createReplayTransform(plain, { dataset, ring })
    const replayOf = (offset: number) => readAgain(replayMessage(record(offset, 'x'), 1, ring))
    expect(versionsOf(transform(replayOf(7)))).toEqual(['7'])
    transform(record(10, 'truncate'))
    transform(record(9, 'truncate'))
    expect(transform(replayOf(7))).toEqual(refused(REPLAY_SUPERSEDED))
    expect(versionsOf(transform(replayOf(11)))).toEqual(['11'])
    expect(versionsOf(transform(record(8)))).toEqual(['8'])
  })
})
