import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadContracts } from '#contracts/load-contracts.ts'
import { compileText, contractText, datasetOf, KEY } from '../contract-text.ts'

/** A column with a plan; `type` is logical and physical type, `more` further keys. */
const column = (
  plan: string,
  { name = 'a', type = 'string', physical = 'text', more = '' }: Record<string, string> = {},
): string =>
  `{name: ${name}, logicalType: ${type}, physicalType: "${physical}", classification: personal${more}, customProperties: [{property: piiPlan, value: ${plan}}]}`
const options = (text: string): Record<string, string> => ({ more: `, logicalTypeOptions: {${text}}` })
const number = { type: 'integer', physical: 'integer' }
const date = { type: 'date', physical: 'date' }

const faultsOf = (...properties: readonly string[]) =>
  compileText({ properties: [...KEY, ...properties] }).faults.map(
    ({ severity, code, path, message }) => `${severity} ${code} ${path}: ${message}`,
  )

describe('a plan that is wrong', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'a method that is none',
      column('{method: hmacs, domain: d}'),
      'CONTRACT_PII_PLAN schema[0].properties[2].customProperties[0].value.method: piiPlan of a: there is no such method; expected hmac, siv, ff1, vault, bucket, mask, redact, drop; did you mean hmac?',
    ],
    ['no method', column('{domain: d}'), 'it has no method'],
    [
      'a vault whose subject is the column itself',
      column('{method: vault, domain: d, subject: a}'),
      'error CONTRACT_PII_SUBJECT schema[0].properties[2].customProperties[0].value.subject: piiPlan of a: the subject is the column itself',
    ],
    ['a list', column('[hmac]'), 'expected an object with a method'],
    [
      'a misspelt option',
      column('{method: hmac, domian: d}'),
      'hmac has no option domian; did you mean domain?',
    ],
    [
      'an option of another method',
      column('{method: redact, keepLast: 4}'),
      'redact has no option keepLast (it is one of mask); expected normalize, onNull, subject, with',
    ],
    ['no domain', column('{method: ff1, alphabet: digits}'), 'CONTRACT_PII_NO_DOMAIN'],
    ['a vault without a subject', column('{method: vault, domain: d}'), 'CONTRACT_PII_NO_SUBJECT'],
    [
      'a vault whose subject is no column',
      column('{method: vault, domain: d, subject: idd}'),
      'CONTRACT_PII_SUBJECT schema[0].properties[2].customProperties[0].value.subject: piiPlan of a: the subject idd is not a property of things; did you mean id?',
    ],
    ['a subject that is no column', column('{method: mask, subject: person}'), 'CONTRACT_PII_SUBJECT'],
    [
      'ff1 with an irreversible normal form',
      column('{method: ff1, domain: d, alphabet: digits, minLength: 6, normalize: phone}'),
      'ff1 is reversible and phone is not',
    ],
    [
      'ff1 that preserves what it encrypts',
      column('{method: ff1, domain: d, alphabet: hex, minLength: 6, preserve: "-a"}'),
      'a character to preserve is one of the alphabet',
    ],
    [
      'ff1 of a date',
      column('{method: ff1, domain: d, alphabet: digits, minLength: 6}', date),
      'ff1 is for texts and whole numbers',
    ],
    [
      'ff1 without a least length',
      column('{method: ff1, domain: d, alphabet: digits}'),
      'CONTRACT_PII_FF1_DOMAIN schema[0].properties[2].customProperties[0].value.minLength: piiPlan of a: the set of values must have at least 1,000,000 (NIST SP 800-38G revision 1), which takes 6 characters of this alphabet; nothing says how long values are at least: add minLength: 6',
    ],
    [
      'ff1 of short values',
      column('{method: ff1, domain: d, alphabet: digits}', options('minLength: 5')),
      'values may have 5',
    ],
    [
      'ff1 of a column that is too short',
      column('{method: ff1, domain: d, alphabet: digits, minLength: 9}', options('maxLength: 5')),
      'the column has at most 5',
    ],
    [
      'ff1 with a short minLength',
      column('{method: ff1, domain: d, alphabet: hex, minLength: 4}'),
      'takes 5 characters of this alphabet, and values may have 4',
    ],
    [
      'ff1 of two letters',
      column('{method: ff1, domain: d, alphabet: ab, minLength: 19}'),
      'takes 20 characters',
    ],
    [
      'ff1 whose length may be dashes',
      column('{method: ff1, domain: d, alphabet: digits, preserve: "-"}', options('minLength: 12')),
      'nothing says how long',
    ],
    [
      'ff1 whose pattern allows five digits',
      column(
        '{method: ff1, domain: d, alphabet: digits, preserve: "-"}',
        options("pattern: '^\\d{2}-\\d{3}-*$'"),
      ),
      'values may have 5',
    ],
    [
      'a bucket of nothing',
      column('{method: bucket}', number),
      'a bucket of this type needs width or boundaries',
    ],
    [
      'a bucket of two kinds',
      column('{method: bucket, width: 1, boundaries: [1]}', number),
      'and nothing else',
    ],
    ['years of a number', column('{method: bucket, unit: year}', number), 'CONTRACT_PII_BUCKET'],
    ['a width of a date', column('{method: bucket, width: 10}', date), 'a bucket of this type needs unit'],
    ['a width of a text', column('{method: bucket, width: 10}'), 'a bucket of this type needs keep'],
    [
      'a bucket of a list',
      column('{method: bucket, keep: 1}', { type: 'array', physical: 'text[]' }),
      'there are no buckets of this type',
    ],
    [
      'a day of a date',
      column('{method: bucket, unit: day}', date),
      'a bucket of one day is the date itself',
    ],
    [
      'the whole text',
      column('{method: bucket, keep: 5}', options('maxLength: 5')),
      'keep 5 is the whole text',
    ],
    [
      'boundaries that do not ascend',
      column('{method: bucket, boundaries: [1, 10, 10]}', number),
      'boundaries must ascend',
    ],
    [
      'boundaries by their digits',
      column('{method: bucket, boundaries: ["9", "10.5", "10.25"]}', number),
      'boundaries must ascend',
    ],
  ]
  test.each(cases)('%s', (_name, property, expected) => {
    const faults = faultsOf(property)
    expect(faults.filter((fault) => fault.startsWith('error ')).join('\n')).toContain(expected)
  })
})

test.each([
  column('{method: ff1, domain: d, alphabet: digits}', options('minLength: 6')),
  column('{method: ff1, domain: d, alphabet: digits, minLength: 6}'),
  column(
    '{method: ff1, domain: d, alphabet: digits, preserve: "- ", normalize: trim}',
    options("pattern: '^\\d{4}-\\d{4}-\\d{4}$'"),
  ),
  column('{method: ff1, domain: d, alphabet: digits, minLength: 7}', { type: 'integer', physical: 'bigint' }),
  column('{method: bucket, boundaries: ["9", "10.25", "10.5"]}', {
    type: 'number',
    physical: 'numeric(6,2)',
  }),
  column('{method: bucket, boundaries: [-5, 0, 5]}', number),
  column('{method: bucket, width: 0.5}', { type: 'number', physical: 'double precision' }),
  column('{method: bucket, unit: day}', { type: 'timestamp', physical: 'timestamptz' }),
  column('{method: bucket, unit: year}', { type: 'date', physical: 'birth_day' }),
  column('{method: bucket, keep: 2}', options('maxLength: 5')),
  column('{method: mask, keepLast: 4, with: "*"}'),
  column('{method: redact, with: "-", onNull: token}', date),
  column('{method: hmac, domain: d, onNull: token, keyRef: second, subject: id}'),
])('%s is fine', (property) => expect(faultsOf(property)).toEqual([]))

describe('somebody should look', () => {
  test('at a mask that keeps much', () => {
    expect(faultsOf(column('{method: mask, keepFirst: 4, keepLast: 4}')).join()).toMatch(
      /^warning CONTRACT_PII_MASK .*keeps 8 characters/,
    )
    expect(faultsOf(column('{method: mask, keepLast: 3}', options('maxLength: 5'))).join()).toMatch(
      /^warning CONTRACT_PII_MASK .*keeps 3 of at most 5/,
    )
  })

  test.each([
    ['method', '{method: siv, domain: email}'],
    ['normal form', '{method: hmac, domain: email, normalize: email}'],
    ['key', '{method: hmac, domain: email, keyRef: second}'],
  ])('at two columns of one domain that differ in their %s, because they never join', (_what, other) => {
    const faults = faultsOf(
      column('{method: hmac, domain: email}'),
      column('{method: hmac, domain: email, subject: id}', { name: 'b' }),
      column(other, { name: 'c' }),
    )
    expect(faults).toEqual([
      'warning CONTRACT_PII_DOMAIN_MIXED schema[0].properties[4].customProperties[0].value.domain: piiPlan of c: things.a makes tokens of the same domain in another way; the two columns would never join',
    ])
  })
})

describe('personal data inside of a column', () => {
  const nested = (plan: string) =>
    `{name: doc, logicalType: object, physicalType: jsonb${plan}, properties: [{name: mail, logicalType: string, classification: pii}]}`
  test('that has no plan is a fault at its place', () => {
    expect(faultsOf(nested('')).join()).toMatch(
      /^error CONTRACT_PII_NO_PLAN schema\[0\]\.properties\[2\]\.properties\[0\]: mail is classified pii and lies in the column doc/,
    )
    expect(
      faultsOf(
        '{name: mails, logicalType: array, physicalType: "text[]", items: {logicalType: string, classification: personal}}',
      ).join(),
    ).toMatch(/^error CONTRACT_PII_NO_PLAN schema\[0\]\.properties\[2\]\.items: /)
  })

  test('is protected with the whole column', () => {
    expect(faultsOf(nested(', customProperties: [{property: piiPlan, value: {method: drop}}]'))).toEqual([])
  })

  test('is not protected by a plan of its own', () => {
    const inner =
      'properties: [{name: mail, logicalType: string, customProperties: [{property: piiPlan, value: {method: drop}}]}]'
    expect(faultsOf(`{name: doc, logicalType: object, physicalType: jsonb, ${inner}}`).join()).toMatch(
      /^error CONTRACT_PII_NESTED .*put it on doc/,
    )
    expect(
      faultsOf(
        `{name: doc, logicalType: object, physicalType: jsonb, customProperties: [{property: piiPlan, value: {method: drop}}], ${inner}}`,
      ).join(),
    ).toMatch(/^warning CONTRACT_PII_NESTED /)
  })
})

describe('a key', () => {
  const key = (plan: string) =>
    `{name: a, logicalType: string, physicalType: text, primaryKey: true, customProperties: [{property: piiPlan, value: ${plan}}]}`
  test.each([
    '{method: hmac, domain: d}',
    '{method: siv, domain: d}',
    '{method: ff1, domain: d, alphabet: digits, minLength: 6}',
  ])('stays one under %s', (plan) => {
    expect(faultsOf(key(plan))).toEqual([])
    expect(datasetOf({ properties: [...KEY, key(plan)] }).columns[2]).toMatchObject({
      target: 'a_token',
      targetType: 'String',
    })
  })

  test.each(['{method: bucket, keep: 1}', '{method: mask, keepLast: 1}', '{method: redact}'])(
    'is none under %s',
    (plan) => expect(faultsOf(key(plan)).join()).toContain('CONTRACT_KEY_MASKED'),
  )
})

test('a contract may ask for the vault, and no pipeline runs it as long as there is none', () => {
  const parts = {
    properties: [...KEY, column('{method: vault, domain: d, subject: id}')],
  }
  expect(compileText(parts).faults.map(({ severity, code }) => [severity, code])).toEqual([
    ['warning', 'CONTRACT_PII_VAULT_ABSENT'],
  ])
  const dir = mkdtempSync(join(tmpdir(), 'mogo-vault-'))
  try {
    writeFileSync(join(dir, 'things.odcs.yaml'), contractText(parts))
    expect(() => loadContracts(dir)).toThrow(/the token vault is not part of this version; use siv/)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
