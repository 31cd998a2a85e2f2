/** An envelope that looks as the one before is compared with it; whatever differs in more than numbers is read in full, and both paths agree. */
import { describe, expect, test } from 'vitest'
import { datasetOf, KEY } from '../../contracts/contract-text.ts'
import { envelope } from '../records.ts'
import { BothPaths } from './support/both-paths.ts'

const DATASET = datasetOf({ properties: [...KEY, '{name: note, physicalType: text}'] })
const AFTER = { tenant_id: 'acme', id: 7, note: 'ok' }
const SOUND = JSON.stringify(envelope({ after: AFTER, sequence: '["4711","4712"]' }))

/** Taken after a sound one? Both paths must agree on the second, and on one more sound one. */
function takenAfterSound(text: string): boolean {
  const paths = new BothPaths(DATASET)
  expect(paths.take(Buffer.from(SOUND), 0)).toBe(true)
  const taken = paths.take(Buffer.from(text), 1)
  expect(paths.take(Buffer.from(SOUND), 2)).toBe(true)
  return taken
}

describe('a record with other numbers', () => {
  test.each([
    ['"lsn":4711', '"lsn":999999999999999'],
    ['"lsn":4711', '"lsn":0'],
    ['"txId":1,', '"txId":4294967295,'],
    ['"ts_ms":1767225600123', '"ts_ms":1'],
    ['"ts_ns":1767225600123456000', '"ts_ns":9223372036854775807'],
    ['[\\"4711\\"', '[\\"999999999999999\\"'],
    ['[\\"4711\\"', '[\\"0\\"'],
    ['\\"4712\\"]', '\\"18446744073709551615\\"]'],
    ['"op":"c"', '"op":"u"'],
    ['"op":"c"', '"op":"r"'],
    ['"ts_us":1767225600200000', '"ts_us":null'],
    ['"txId":1,', '"txId":-1,'],
    ['"txId":1,', '"txId":1.5e3,'],
    ['"snapshot":"false"', '"snapshot":"true"'],
    ['"table":"things"', '"table":"things_2026"'],
  ])('%s as %s is taken', (part, other) => {
    expect(SOUND).toContain(part)
    expect(takenAfterSound(SOUND.replace(part, other))).toBe(true)
  })
})

describe('a record that is not sound', () => {
  test.each([
    ['"lsn":4711', '"lsn":04711'],
    ['"lsn":4711', '"lsn":'],
    ['"txId":1,', '"txId":01,'],
    ['"txId":1,', '"txId":,'],
    ['"ts_ms":1767225600123', '"ts_ms":01767225600123'],
    ['"ts_ms":1767225600123', '"ts_ms":0'],
    ['"ts_ms":1767225600123', '"ts_ms":99999999999999'],
    ['"ts_ns":1767225600123456000', '"ts_ns":001'],
    ['"lsn":4711', '"lsn":9999999999999999'],
    ['[\\"4711\\"', '[\\"9999999999999999\\"'],
    ['[\\"4711\\"', '[\\"\\"'],
    ['"op":"c"', '"op":"d"'],
    ['"op":"c"', '"op":"\\"'],
    ['"op":"c"', '"op":"cc"'],
    ['"ts_ns":1767225600200000000}', '"ts_ns":1767225600200000000},'],
    ['"ts_ns":1767225600200000000}', '"ts_ns":1767225600200000000'],
    ['"snapshot":"false"', '"snapshot":"last"'],
  ])('%s as %s is left to the plain path', (part, other) => {
    expect(SOUND).toContain(part)
    expect(takenAfterSound(SOUND.replace(part, other))).toBe(false)
  })

  test('with something behind it, or cut anywhere, is never taken', () => {
    const behind = SOUND.lastIndexOf('"source"')
    for (let end = behind; end < SOUND.length; end++)
      expect(takenAfterSound(SOUND.slice(0, end)), SOUND.slice(end - 20, end)).toBe(false)
    for (const more of ['}', ' ', '0', ',"op":"c"}']) expect(takenAfterSound(SOUND + more)).toBe(false)
  })
})

test('what a record says twice counts as its reader says, whichever record is learnt from', () => {
  const twice = [
    SOUND.replace('"lsn":4711', '"lsn":1,"lsn":4711'),
    SOUND.replace('"lsn":4711', '"lsn":4711,"lsn":1'),
    SOUND.replace('"ts_ms":1767225600123', '"ts_ms":5,"ts_ms":1767225600123'),
    SOUND.replace('"ts_ms":1767225600123', '"ts_ms":1767225600123,"ts_ms":5'),
    SOUND.replace('"op":"c"', '"op":"d","op":"c"'),
    SOUND.replace('"op":"c"', '"op":"c","op":"u"'),
  ]
  for (const text of twice) {
    const paths = new BothPaths(DATASET)
    const other = text.replaceAll('4711', '4713').replaceAll('1767225600123"', '1767225600124"')
    for (const [offset, each] of [text, other, text, SOUND, other, SOUND].entries())
      paths.take(Buffer.from(each), offset)
  }
})

test('records of several shapes that take turns are all taken', () => {
  const paths = new BothPaths(DATASET)
  const shapes = ['things', 'things_1', 'things_2'].map((table) =>
    SOUND.replace('"table":"things"', `"table":"${table}"`),
  )
  for (let offset = 0; offset < 60; offset++)
    expect(paths.take(Buffer.from(shapes[offset % 3] ?? ''), offset)).toBe(true)
})
