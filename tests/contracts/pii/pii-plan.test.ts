import { describe, expect, test } from 'vitest'
import { isPersonal } from '#contracts/pii/is-personal.ts'
import { patternLength } from '#contracts/pii/pattern-length.ts'
import { PII_METHODS, storedName } from '#contracts/pii/pii-methods.ts'
import { PII_OPTIONS, piiPlanSchema } from '#contracts/pii/pii-plan.ts'
import { piiDescription, piiText } from '#contracts/pii/pii-words.ts'

const plan = (written: object) => piiPlanSchema.parse(written)

describe('a plan', () => {
  test('of each method has its own options, and no others', () => {
    expect(Object.fromEntries(PII_OPTIONS)).toEqual({
      hmac: ['domain', 'normalize', 'onNull', 'subject', 'keyRef'],
      siv: ['domain', 'normalize', 'onNull', 'subject', 'keyRef'],
      ff1: ['domain', 'normalize', 'onNull', 'subject', 'keyRef', 'alphabet', 'preserve', 'minLength'],
      vault: ['domain', 'normalize', 'onNull', 'subject'],
      bucket: ['normalize', 'onNull', 'subject', 'width', 'boundaries', 'unit', 'keep'],
      mask: ['normalize', 'onNull', 'subject', 'keepFirst', 'keepLast', 'with'],
      redact: ['normalize', 'onNull', 'subject', 'with'],
      drop: ['normalize', 'onNull', 'subject'],
    })
    expect(Object.keys(PII_METHODS)).toEqual([...PII_OPTIONS.keys()])
  })

  test('is written as it always was, so that the hash of a dataset stays the same', () => {
    expect(JSON.stringify(plan({ subject: 'id', normalize: 'email', domain: 'email', method: 'hmac' }))).toBe(
      '{"method":"hmac","domain":"email","normalize":"email","onNull":"keep","subject":"id"}',
    )
    expect(JSON.stringify(plan({ method: 'drop' }))).toBe(
      '{"method":"drop","normalize":"none","onNull":"keep"}',
    )
  })

  test.each([
    [{ method: 'bucket', width: 0 }],
    [{ method: 'bucket', width: -5 }],
    [{ method: 'bucket', width: '0.00' }],
    [{ method: 'bucket', width: '1e3' }],
    [{ method: 'bucket', boundaries: [] }],
    [{ method: 'bucket', boundaries: [2 ** 60] }],
    [{ method: 'bucket', unit: 'century' }],
    [{ method: 'bucket', keep: 0 }],
    [{ method: 'bucket', keep: 2, onNull: 'token' }],
    [{ method: 'mask', keepFirst: -1 }],
    [{ method: 'mask', keepLast: 21 }],
    [{ method: 'mask', with: '**' }],
    [{ method: 'redact', with: '' }],
    [{ method: 'ff1', domain: 'd' }],
    [{ method: 'ff1', domain: 'd', alphabet: 'letters' }],
    [{ method: 'ff1', domain: 'd', alphabet: 'aa' }],
    [{ method: 'ff1', domain: 'd', alphabet: 'a' }],
    [{ method: 'ff1', domain: 'd', alphabet: 'digits', onNull: 'token' }],
    [{ method: 'ff1', domain: 'd', alphabet: 'digits', minLength: 1 }],
    [{ method: 'hmac', domain: 'd', keyRef: 'a b' }],
    [{ method: 'vault', domain: 'd' }],
    [{ method: 'drop', domain: 'd' }],
  ])('%j is none', (written) => expect(piiPlanSchema.safeParse(written).success).toBe(false))
})

test.each([
  [null, 'a'],
  [{ method: 'hmac', domain: 'd' }, 'a_token'],
  [{ method: 'siv', domain: 'd' }, 'a_token'],
  [{ method: 'ff1', domain: 'd', alphabet: 'digits' }, 'a_token'],
  [{ method: 'vault', domain: 'd', subject: 'id' }, 'a_token'],
  [{ method: 'bucket', unit: 'year' }, 'a'],
  [{ method: 'mask' }, 'a'],
  [{ method: 'redact' }, 'a'],
  [{ method: 'drop' }, null],
])('under %j a column is stored as %s', (written, name) =>
  expect(storedName('a', written && plan(written))).toBe(name),
)

test.each([
  [
    { method: 'hmac', domain: 'email' },
    'hmac(email)',
    'one-way token, hmac(email); equal within the domain email of a tenant',
  ],
  [
    { method: 'siv', domain: 'phone', keyRef: 'second', normalize: 'phone', onNull: 'token', subject: 'id' },
    'siv(phone, key second)',
    'reversible token, siv(phone, key second); equal within the domain phone of a tenant; normalized as phone; NULL is protected too; subject id',
  ],
  [
    { method: 'ff1', domain: 'card', alphabet: 'digits' },
    'ff1(card)',
    'reversible token of the same format, ff1(card); equal within the domain card of a tenant',
  ],
  [
    { method: 'vault', domain: 'name', subject: 'id' },
    'vault(name)',
    'token; the value lies in the vault, vault(name); equal within the domain name of a tenant; subject id',
  ],
  [{ method: 'bucket', unit: 'year' }, 'bucket(year)', 'range instead of the value, bucket(year)'],
  [{ method: 'bucket', width: 10 }, 'bucket(width 10)', 'range instead of the value, bucket(width 10)'],
  [
    { method: 'bucket', boundaries: [18, 65] },
    'bucket(18, 65)',
    'range instead of the value, bucket(18, 65)',
  ],
  [{ method: 'bucket', keep: 2 }, 'bucket(first 2)', 'range instead of the value, bucket(first 2)'],
  [{ method: 'mask' }, 'mask', 'shape of the value, mask'],
  [
    { method: 'mask', keepFirst: 1, keepLast: 4 },
    'mask(first 1, last 4)',
    'shape of the value, mask(first 1, last 4)',
  ],
  [{ method: 'redact', with: '-' }, 'redact', 'constant instead of the value, redact'],
  [{ method: 'drop' }, 'drop', 'not stored'],
])('%j reads %s', (written, short, long) => {
  expect([piiText(plan(written)), piiDescription(plan(written))]).toEqual([short, long])
})

test.each<readonly [string | undefined, boolean]>([
  ['personal', true],
  ['PII', true],
  ['Sensitive', true],
  ['restricted-personal', true],
  ['confidential-personal', true],
  ['Confidential Personal Data', true],
  ['gdpr_art9', true],
  ['GDPR', true],
  ['PersonalData', true],
  ['internal/pii', true],
  ['personenbezogen', true],
  ['Personenbezogene Daten', true],
  ['besonders-sensibel', true],
  ['persönlich', true],
  ['donnees_personnelles', true],
  ['Données personnelles', true],
  ['à caractère personnel', true],
  ['datos personales', true],
  ['dati personali', true],
  ['Dados pessoais', true],
  ['persoonsgegevens', true],
  ['personuppgifter', true],
  ['personopplysning', true],
  ['henkilötiedot', true],
  ['dane osobowe', true],
  ['osobní údaje', true],
  ['kişisel veri', true],
  ['персональные данные', true],
  ['προσωπικά δεδομένα', true],
  ['個人情報', true],
  ['个人信息', true],
  ['개인정보', true],
  ['LGPD', true],
  ['nicht personenbezogen', false],
  ['nicht-personenbezogen', false],
  ['non personnelles', false],
  ['ikke personlig', false],
  ['не персональные', false],
  ['vertraulich', false],
  ['intern', false],
  ['personalised', false],
  ['depersonalized', false],
  ['sensible defaults', false],
  ['non-personal', false],
  ['not personal', false],
  ['non_sensitive', false],
  ['nonPersonal', false],
  ['internal', false],
  ['restricted', false],
  ['confidential', false],
  ['public', false],
  ['personnel', false],
  ['', false],
  [undefined, false],
])('classification %j is personal: %s', (classification, personal) =>
  expect(isPersonal(classification)).toBe(personal),
)

test.each<readonly [string, string, number]>([
  ['^\\d{4}$', '', 4],
  ['^\\d{4}-\\d{4}$', '', 9],
  ['^\\d{4}-\\d{4}$', '-', 8],
  ['^[\\d-]{9,}$', '-', 0],
  ['^[0-9]{6,19}$', '', 6],
  ['^(?:\\d{3}|ab)$', '', 2],
  ['^(\\d{3}){2}x?$', '', 6],
  ['^a+b*c?$', '', 1],
  ['^(?=.{9})a$', '', 1],
  ['^\\p{L}{5}\\u{1F600}[a\\]b]$', '', 7],
  ['a|b', '', 1],
  ['a|', '', 0],
  ['.{12}', '', 12],
  ['.{12}', '-', 0],
  ['\\bab\\b', '', 2],
  ['(a)\\1', '', 1],
  ['^$', '', 0],
  ['([', '', 0],
  ['(((((a{1000}){1000}){1000}){1000}){1000})', '', 1000],
])('the pattern %s demands, without %j, %i characters', (pattern, without, length) =>
  expect(patternLength(pattern, without)).toBe(length),
)
