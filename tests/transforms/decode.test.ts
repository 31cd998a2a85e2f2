import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDecode } from '#transforms/decode.ts'
import type { Change, RawRow } from '#transforms/record.ts'
import { datasetOf, KEY } from '../contracts/contract-text.ts'
import { envelope, rawRecord } from './records.ts'

const decode = createDecode(datasetOf({ properties: [...KEY, '{name: total, physicalType: float8}'] }))
const changeOf = (body: unknown): Change => {
  const decoded = decode(rawRecord(body))
  if (decoded.kind !== 'change') throw new Error(JSON.stringify(decoded))
  return decoded.change
}
/** JSON text of an envelope whose row image is given as text, so that no digit is lost on the way in. */
const withAfter = (after: string): string =>
  JSON.stringify(envelope({ after: '#' })).replace('"#"', () => after)

describe('an envelope', () => {
  test.each(['c', 'r', 'u'])('with op %s has a row', (op) => {
    expect(changeOf(envelope({ op, after: { id: 1 }, before: { id: 0 } }))).toEqual({
      op,
      before: { id: 0 },
      after: { id: 1 },
      position: op === 'r' ? 0n : 4711n,
      order: 7n,
      committedAt: 1_767_225_600_123,
    })
  })

  test('may carry its schema', () => {
    expect(changeOf({ schema: { type: 'struct' }, payload: envelope({ after: { id: 1 } }) }).after).toEqual({
      id: 1,
    })
  })

  test('of a table with a column named payload or schema is no wrapper', () => {
    expect(changeOf(envelope({ after: { payload: 'x', schema: 'y' } })).after).toEqual({
      payload: 'x',
      schema: 'y',
    })
  })

  test('of a truncate has no row', () => {
    expect(changeOf(envelope({ op: 't' }))).toMatchObject({ op: 't', before: null, after: null })
  })

  test.each([
    [4_711, 4711n],
    ['18446744073709551615', 2n ** 64n - 1n],
    [0, 0n],
  ])('with LSN %s', (lsn, read) => expect(changeOf(envelope({ after: {}, lsn })).position).toBe(read))

  // The offset is 7.
  test.each([
    [
      'a change after a commit stands behind it by its own LSN, whatever that is',
      ['u', '["30352096","30340144"]', 30_340_144],
      [30_352_096n, 30_340_145n],
    ],
    ['a change before any commit has its own LSN', ['c', '[null,"4711"]', 4711], [4711n, 7n]],
    [
      'a row of the first snapshot comes before all changes, in the order of records',
      ['r', '[null,"28702456"]', 28_702_456],
      [0n, 7n],
    ],
    [
      'a row of an incremental snapshot stands where it was read, before what is committed later',
      ['r', '["30352096","30340144"]', 30_340_144],
      [30_352_096n, 0n],
    ],
    ['the sequence knows the LSN, too', ['u', '["9","8"]', null], [9n, 9n]],
    ['a delete comes before the insert of the same LSN', ['d', '["16","8"]', 8], [16n, 8n]],
    ['without an LSN the offset has to do', ['u', '["9",null]', null], [9n, 7n]],
  ] as const)('%s', (_name, [op, sequence, lsn], [position, order]) =>
    expect(changeOf(envelope({ op, before: {}, after: {}, sequence, lsn }))).toMatchObject({
      position,
      order,
    }),
  )

  test.each([
    [undefined, 1_767_225_600_123],
    ['1767225600123', 1_767_225_600_123],
    [1.5, 1],
    [null, 0],
    [-1, 0],
    [1e300, 0],
    ['soon', 0],
    [{ toString: 1 }, 0],
  ])('committed at %j is %s', (millis, read) =>
    expect(changeOf(envelope({ after: {}, millis })).committedAt).toBe(read),
  )
})

describe('what is no change', () => {
  test('a tombstone and a message are filtered', () => {
    expect(decode(rawRecord(null))).toEqual({ kind: 'filtered', reason: 'tombstone' })
    expect(decode(rawRecord({ op: 'm', message: {} }))).toEqual({ kind: 'filtered', reason: 'message' })
  })

  const faults: readonly (readonly [string, unknown, string])[] = [
    ['half a text', '{"op":', 'not_json'],
    ['nothing', '', 'not_json'],
    ['bytes', Buffer.from([0xff, 0x00, 0x7b]), 'not_utf8'],
    [
      'a text in Latin-1',
      Buffer.from(JSON.stringify(envelope({ after: { id: 'é' } })), 'latin1'),
      'not_utf8',
    ],
    ['UTF-16', Buffer.from('{}', 'utf16le'), 'not_json'],
    ['a list', [], 'not_an_envelope'],
    ['null', 'null', 'not_an_envelope'],
    ['a number', '1', 'not_an_envelope'],
    ['no operation', { ...envelope({ after: {} }), op: undefined }, 'not_an_envelope'],
    ['an unknown operation', envelope({ op: 'x', after: {} }), 'not_an_envelope'],
    ['no source', { ...envelope({ after: {} }), source: null }, 'not_an_envelope'],
    ['an insert without a row', envelope({ op: 'c' }), 'not_an_envelope'],
    ['an update whose row is a list', envelope({ op: 'u', after: [] }), 'not_an_envelope'],
    ['a delete without a row', envelope({ op: 'd', after: {} }), 'not_an_envelope'],
    ['no LSN', envelope({ after: {}, lsn: null }), 'no_lsn'],
    ['a negative LSN', envelope({ after: {}, lsn: -1 }), 'no_lsn'],
    ['half an LSN', envelope({ after: {}, lsn: 1.5 }), 'no_lsn'],
    ['an LSN past 64 bits', envelope({ after: {}, lsn: '18446744073709551616' }), 'no_lsn'],
  ]
  test.each(faults)('%s is a fault', (_name, body, code) => {
    expect(decode(rawRecord(body))).toEqual({ kind: 'fault', fault: { code, column: '' } })
  })

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decode(rawRecord(Buffer.from(bytes))).kind).toBe('fault')
      }),
    )
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (after, lsn, whole) => {
        expect(decode(rawRecord(envelope({ after, lsn }))).kind).toMatch(/^(change|fault)$/)
        expect(decode(rawRecord(JSON.stringify(whole))).kind).toBe('fault')
      }),
    )
  })

  test('nesting without end is not followed', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(['change', 'fault']).toContain(decode(rawRecord(withAfter(`{"id":${deep}}`))).kind)
  })
})

describe('long integers', () => {
  const exact: readonly string[] = [
    '9223372036854775807',
    '-9223372036854775808',
    '9007199254740993',
    '-9007199254740993',
    '9007199254740992',
  ]
  test.each(exact)('%s keeps every digit, as text', (digits) => {
    expect(changeOf(withAfter(`{"id":${digits},"x":1}`)).after).toEqual({ id: digits, x: 1 })
    expect(changeOf(withAfter(`{"ids": [ 1, ${digits}]}`)).after).toEqual({ ids: [1, digits] })
  })

  test.each(['9007199254740991', '-9007199254740991', '0', '42'])('%s is a number', (digits) => {
    expect(changeOf(withAfter(`{"id":${digits}}`)).after).toEqual({ id: Number(digits) })
  })

  test('keep their digits whatever other columns hold', () => {
    const tricky = ['"source":', '{"source":{"lsn":1}}', '"after":{', '\\"source\\":', 'x\\', '"before":']
    for (const text of tricky)
      expect(changeOf(withAfter(`{"note":${JSON.stringify(text)},"id":9223372036854775807}`)).after).toEqual({
        note: text,
        id: '9223372036854775807',
      })
  })

  test('keep their digits in any order of the parts of the envelope, and with columns of those names', () => {
    const after = '{"source":"s","before":1,"after":2,"id":9223372036854775807}'
    const parts = [
      `"after":${after}`,
      '"before":null',
      '"source":{"lsn":1,"ts_ns":1767225600123456000}',
      '"op":"c"',
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: 4 }), (shuffled) => {
        expect(changeOf(`{${shuffled.join(',')}}`).after?.['id']).toBe('9223372036854775807')
      }),
    )
  })

  test('keep their digits where the contract knows the column by a type of the user', () => {
    const domain = createDecode(
      datasetOf({
        properties: ['{name: id, physicalType: big_id, primaryKey: true}'],
        tenant: '{value: x}',
        roles: ['{role: a, customProperties: [{property: rowFilter, value: all}]}'],
      }),
    )
    const decoded = domain(rawRecord(withAfter('{"id":9223372036854775807}')))
    expect(decoded).toMatchObject({ change: { after: { id: '9223372036854775807' } } })
  })

  test('beside a large double leave the double one', () => {
    expect(
      changeOf(withAfter('{"id":9223372036854775807,"total":1.0E300,"b":12345678901234567.5}')).after,
    ).toEqual({
      id: '9223372036854775807',
      total: 1e300,
      b: Number('12345678901234567.5'),
    })
  })

  test('are exact, all of them', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.string(), (id, note) => {
        const row = changeOf(withAfter(`{"note":${JSON.stringify(note)},"id":${id}}`)).after as RawRow
        expect(BigInt(String(row['id']))).toBe(id)
        expect(row['note']).toBe(note)
      }),
    )
  })
})
