/** What the byte path learns from records, and single records that it has to leave to the plain path. */
import { describe, expect, test } from 'vitest'
import { placeholderTexts } from '#transforms/unchanged.ts'
import { ALL_ROWS, datasetOf, KEY, personal } from '../../contracts/contract-text.ts'
import { envelope } from '../records.ts'
import { BothPaths } from './support/both-paths.ts'
import { PLACEHOLDER } from './support/column-values.ts'

const DATASET = datasetOf({
  properties: [
    ...KEY,
    '{name: note, physicalType: text}',
    '{name: tags, physicalType: "text[]"}',
    '{name: small, physicalType: smallint}',
    '{name: price, physicalType: "numeric(12,2)"}',
    '{name: born, physicalType: date}',
    personal('email', '{method: hmac, domain: email, normalize: email}'),
    personal('card', '{method: mask, keepLast: 4}'),
  ],
})
const ROW = {
  ...{ tenant_id: 'acme', id: 7, note: 'ok', tags: ['a', null, 'b "c"'], small: 5, price: '12.50' },
  ...{ born: '1990-01-01', email: 'Ada@Example.org', card: '4111111111111111' },
}
const SEQUENCE = '["4711","4712"]'
const json = (after: object) => JSON.stringify(envelope({ after, sequence: SEQUENCE }))
const taken = (paths: BothPaths, text: string, offset = 1) => paths.take(Buffer.from(text), offset)
/** Taken by paths that know this order of columns already? */
const takenLater = (text: string) => {
  const paths = new BothPaths(DATASET)
  expect(taken(paths, json(ROW), 0)).toBe(true)
  return taken(paths, text)
}

describe('the order of the columns', () => {
  test('is learnt from the first record, whatever it is', () => {
    const turned = Object.fromEntries(Object.entries(ROW).toReversed())
    for (const row of [ROW, turned, { more: 1, ...turned, other: { a: [1] } }])
      expect(taken(new BothPaths(DATASET), json(row))).toBe(true)
  })

  test('is learnt anew when it changes: one record takes the plain path', () => {
    const paths = new BothPaths(DATASET)
    const { note, ...rest } = ROW
    for (const [row, expected] of [
      [ROW, true],
      [{ ...ROW, added: 1 }, false],
      [{ ...ROW, added: 1 }, true],
      [{ ...ROW, added: 2 }, true],
    ] as const)
      expect(taken(paths, json(row))).toBe(expected)
    expect(
      [json({ note, ...rest }), json({ note, ...rest }), json({ note, ...rest })].map((text) =>
        taken(paths, text),
      ),
    ).toEqual([false, false, true])
  })

  test('may be another one now and then without being learnt each time', () => {
    const paths = new BothPaths(DATASET)
    const other = json({ ...ROW, added: 1 })
    let count = 0
    for (let index = 0; index < 2000; index++)
      if (taken(paths, index % 100 === 0 ? other : json(ROW), index)) count++
    expect(count).toBeGreaterThan(1950)
  })

  test('is not learnt where a column of the contract is missing that may not be', () => {
    const { id: _id, ...rest } = ROW
    expect(taken(new BothPaths(DATASET), json(rest))).toBe(false)
  })

  test('may have columns before the tenant that need more than a copy', () => {
    const dataset = datasetOf({
      properties: ['{name: sizes, physicalType: "integer[]"}', '{name: at, physicalType: time}', ...KEY],
    })
    const paths = new BothPaths(dataset)
    expect(taken(paths, json({ sizes: [1, 2], at: '10:00:00Z', tenant_id: 'acme', id: 1 }))).toBe(true)
  })
})

describe('a record that is left to the plain path', () => {
  test.each([
    ['a placeholder', json({ ...ROW, note: PLACEHOLDER })],
    ['a placeholder with escapes', json(ROW).replace('"ok"', `"\\u0070${PLACEHOLDER.slice(1)}"`)],
    [
      'a placeholder whose slash is escaped',
      json(ROW).replace('"ok"', `"${PLACEHOLDER.replace('/', '\\/')}"`),
    ],
    ['a placeholder in an array', json({ ...ROW, tags: [PLACEHOLDER] })],
    ['an array in an array', json({ ...ROW, tags: ['[Ljava.lang.String;@1f'] })],
    ['half of a surrogate pair', json({ ...ROW, note: '\ud800' })],
    ['two second halves of surrogate pairs', json({ ...ROW, note: '\udc00\udc00' })],
    ['a smallint that is none', json({ ...ROW, small: 40_000 })],
    ['a zero in front', json(ROW).replace('"small":5', '"small":05')],
    ['a decimal with too many digits', json({ ...ROW, price: '1.001' })],
    ['a day that there is not', json({ ...ROW, born: '2023-02-29' })],
    ['a missing key', json({ ...ROW, id: null })],
    ['an empty tenant', json({ ...ROW, tenant_id: '' })],
    ['an old image', JSON.stringify(envelope({ op: 'u', before: ROW, after: ROW, sequence: SEQUENCE }))],
    ['a delete', JSON.stringify(envelope({ op: 'd', before: ROW }))],
    ['a time of commit that is none', JSON.stringify(envelope({ after: ROW, millis: 0 }))],
    ['a sequence without its own LSN', JSON.stringify(envelope({ after: ROW, sequence: '["4711",""]' }))],
    ['a second source block', json(ROW).replace(/}$/, ',"source":{"ts_ms":1,"lsn":5}}')],
    ['an escaped name in the source block', json(ROW).replace('"lsn":', '"ls\\u006e":')],
    ['a list with a colon in it where nobody looks', json(ROW).replace('"xmin":null', '"xmin":[1:2]')],
    ['bytes that are no JSON where nobody looks', json(ROW).replace('"xmin":null', '"xmin":[1}')],
    ['an escape that JSON does not know where nobody looks', json(ROW).replace('"shop"', '"\\x"')],
    ['a number that JSON does not know where nobody looks', json(ROW).replace('"txId":1', '"txId":1.')],
    ['white space', json(ROW).replace('"note":', '"note": ')],
    ['more behind its end', `${json(ROW)} `],
    ['a record that is cut', json(ROW).slice(0, -1)],
  ])('%s', (_name, text) => {
    expect(takenLater(text)).toBe(false)
  })

  test('has bytes that are no UTF-8, where nobody looks', () => {
    const paths = new BothPaths(DATASET)
    expect(taken(paths, json(ROW))).toBe(true)
    expect(paths.take(Buffer.from(json(ROW).replace('"shop"', '"sh\u00ffp"'), 'latin1'), 1)).toBe(false)
  })
})

describe('a value of its own column', () => {
  const [, base64 = '', hstore = '', uuid = ''] = placeholderTexts(PLACEHOLDER)
  const numbers = [...new Int8Array(Buffer.from(PLACEHOLDER))]
  test.each([
    ['integer[]', [1, null], numbers],
    ['uuid[]', [uuid, uuid], [uuid]],
    ['citext[]', ['a', null], [base64]],
    ['citext[]', [], [null]],
    ['citext[]', [null, 'a'], [null, null]],
    ['boolean[]', [true], [null]],
    ['numeric', '5', PLACEHOLDER],
    ['bytea', 'aGk=', base64],
    ['hstore', '{"a":"1"}', hstore],
    ['jsonb', '{}', PLACEHOLDER],
    ['time', '10:00:00Z', 5],
    ['bit(3)', 'BQ==', 'x'],
    ['interval', 'P0Y0M1DT0H0M0S', 'tomorrow'],
  ])('of the type %s is taken, unless it is unchanged or none', (type, usual, odd) => {
    for (const required of [true, false]) {
      const properties = [...KEY, `{name: value, physicalType: "${type}", required: ${required}}`]
      const paths = new BothPaths(datasetOf({ properties }))
      const takes = (value: unknown) => taken(paths, json({ tenant_id: 'a', id: 1, value }))
      expect([takes(usual), takes(odd), takes(usual), takes(null)]).toEqual([true, false, true, !required])
    }
  })
})

test('a value that is clamped is left to the plain path, one that is not has its mark', () => {
  const policy = 'customProperties: [{property: outOfRange, value: clamp}]'
  const rules = 'logicalTypeOptions: {minimum: "1000-01-01"}'
  const properties = [
    `{name: one, physicalType: date, ${policy}}`,
    `{name: two, physicalType: date, ${policy}, ${rules}}`,
  ]
  const paths = new BothPaths(datasetOf({ properties: [...KEY, ...properties] }))
  const key = { tenant_id: 'a', id: 1 }
  expect(taken(paths, json({ ...key, one: '2000-01-01', two: '2000-01-01' }))).toBe(true)
  expect(taken(paths, json({ ...key, one: null, two: null }))).toBe(true)
  expect(taken(paths, json({ ...key, one: '1800-01-01', two: '2000-01-01' }))).toBe(false)
  expect(taken(paths, json({ ...key, one: '2000-01-01', two: '1800-01-01' }))).toBe(false)
})

describe('a usual record', () => {
  test.each([
    ['numbers of sixteen digits in texts', { ...ROW, note: '1234567890123456', card: '4000123412341234' }],
    [
      'NULL',
      { ...ROW, note: null, tags: null, small: null, price: null, born: null, email: null, card: null },
    ],
    [
      'quotes, line breaks and slashes',
      { ...ROW, note: 'a "b" \\ /\n', tags: ['a\n"b"'], email: '"A" <a@b>' },
    ],
    [
      'other scripts',
      { ...ROW, tenant_id: 'Straße', note: '日本 😀', tags: ['é'], email: 'Ü@b.de', card: 'é1' },
    ],
    ['the least and the most', { ...ROW, small: -32_768, id: 999_999_999_999_999, price: '-9999999999.99' }],
    ['a text of JSON', { ...ROW, note: '{"a":["b",{"c":"\\n"}]}', tags: ['["a"]', '[x'] }],
  ])('with %s is taken', (_name, row) => {
    expect(takenLater(json(row))).toBe(true)
  })

  test('of a dataset with one tenant for all is taken', () => {
    const dataset = datasetOf({ tenant: '{value: main}', roles: [ALL_ROWS], properties: [KEY[1] ?? ''] })
    expect(taken(new BothPaths(dataset), json({ id: 1 }))).toBe(true)
  })

  test('with a token where NULL is protected, too, is taken', () => {
    const plan = '{method: hmac, domain: email, onNull: token}'
    const paths = new BothPaths(datasetOf({ properties: [...KEY, personal('email', plan)] }))
    for (const email of ['a@b.de', null])
      expect(taken(paths, json({ tenant_id: 'a', id: 1, email }))).toBe(true)
  })

  test('with any kind of telephone number is taken', () => {
    const plan = '{method: hmac, domain: phone, normalize: phone}'
    const paths = new BothPaths(datasetOf({ properties: [...KEY, personal('phone', plan)] }))
    const phones = [
      '0049 1',
      '0',
      '00',
      '000',
      '+',
      '+00 1',
      ' +1',
      '1+',
      '',
      ' ',
      '-',
      '089/12 34',
      '1 x 2',
      '1 EXT. 3',
      '@1',
    ]
    for (const phone of phones) expect(taken(paths, json({ tenant_id: 'a', id: 1, phone })), phone).toBe(true)
  })
})
