/** PII plans on their way through the whole transform: what is stored, what is quarantined, and that nothing gets out in clear. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonRow } from '#tests/support/json-row.ts'
import { createTransform } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import type { Outcome } from '#transforms/record.ts'
import { insertColumns } from '#transforms/to-row.ts'
import { datasetOf, KEY } from '../contracts/contract-text.ts'
import { envelope, MASTER, rawRecord } from './records.ts'

const column = (name: string, type: string, physical: string, plan: string): string =>
  `{name: ${name}, logicalType: ${type}, physicalType: "${physical}", classification: personal, customProperties: [{property: piiPlan, value: ${plan}}]}`
const dataset = datasetOf({
  properties: [
    ...KEY,
    column(
      'card',
      'string',
      'text',
      '{method: ff1, domain: card, alphabet: digits, preserve: "-", minLength: 12}',
    ),
    column('age', 'integer', 'integer', '{method: bucket, width: 10}'),
    column('born', 'date', 'date', '{method: bucket, unit: year}'),
    column('zip', 'string', 'text', '{method: bucket, keep: 2}'),
    column('iban', 'string', 'text', '{method: mask, keepLast: 4, with: "*"}'),
    column('note', 'string', 'text', '{method: redact, with: "-", onNull: token}'),
    column('phone', 'string', 'text', '{method: hmac, domain: phone, onNull: token}'),
  ],
})
const keyed = datasetOf({
  properties: [
    ...KEY,
    '{name: card, logicalType: string, physicalType: text, primaryKey: true, primaryKeyPosition: 3, customProperties: [{property: piiPlan, value: {method: ff1, domain: card, alphabet: digits, minLength: 8}}]}',
  ],
})
const person = {
  tenant_id: 'acme',
  id: 7,
  card: '4111-1111-1111-1111',
  age: 37,
  born: '1987-03-12',
  zip: '75001',
  iban: 'GB33BUKB20201555555555',
  note: 'met Ada',
  phone: '+442079460000',
}
const deps = { keyRing: createKeyRing(MASTER), unavailableValue: 'unchanged', epoch: 1 }
const run = (of: typeof dataset, parts: Parameters<typeof envelope>[0]): Outcome =>
  createTransform(of, deps)(rawRecord(envelope(parts)))
const cellsOf = (outcome: Outcome): Record<string, unknown> => {
  if (outcome.kind !== 'rows' || !outcome.rows[0]) throw new Error(outcome.kind)
  const cells = JSON.parse(jsonRow(outcome.rows[0])) as unknown[]
  return Object.fromEntries(insertColumns(dataset).map((name, index) => [name, cells[index]]))
}

describe('a row under plans', () => {
  test('is stored protected', () => {
    expect(cellsOf(run(dataset, { after: person }))).toMatchObject({
      card_token: expect.stringMatching(/^\d{4}-\d{4}-\d{4}-\d{4}$/),
      age: '[30,40)',
      born: '1987',
      zip: '75',
      iban: '******************5555',
      note: '-',
      phone_token: expect.stringMatching(/^h1_.{22}$/),
    })
  })

  test('keeps NULL, or hides it where the plan says so', () => {
    const nothing = { card: null, age: null, born: null, zip: null, iban: null, note: null, phone: null }
    const cells = cellsOf(run(dataset, { after: { ...person, ...nothing } }))
    expect(cells).toMatchObject({ card_token: null, age: null, born: null, zip: null, iban: null, note: '-' })
    expect(cells['phone_token']).toMatch(/^h1_.{22}$/)
  })

  test.each([
    ['card', '4111x1111-1111-1111', 'pii_alphabet'],
    ['card', '4111-1111', 'pii_too_short'],
    ['age', 'old', 'type'],
    ['born', '1987-02-30', 'type'],
  ])('with a %s that cannot be protected is quarantined, without the value', (name, value, code) => {
    const outcome = run(dataset, { after: { ...person, [name]: value } })
    if (outcome.kind !== 'quarantine') throw new Error(outcome.kind)
    expect(outcome.faults).toEqual([{ code, column: name }])
  })

  test('whose key cannot be protected is quarantined, and so is its delete', () => {
    const bad = { tenant_id: 'acme', id: 7, card: '12' }
    for (const parts of [{ after: bad }, { op: 'd', before: bad }]) {
      const outcome = run(keyed, parts)
      if (outcome.kind !== 'quarantine') throw new Error(outcome.kind)
      expect(outcome.faults).toEqual([{ code: 'pii_too_short', column: 'card' }])
    }
  })

  test('shows nothing of a person, whatever the person', () => {
    const secret = fc.array(fc.constantFrom(...'0123456789abcdefXYZ-é😀'), { minLength: 9, maxLength: 30 })
    fc.assert(
      fc.property(secret, (parts) => {
        const value = `#${parts.join('')}`
        const fields = { card: value, zip: value, iban: value, note: value, phone: value }
        const outcome = run(dataset, { after: { ...person, ...fields } })
        const seen =
          outcome.kind === 'rows'
            ? JSON.stringify(outcome.rows)
            : JSON.stringify(outcome, (key, inner: unknown) => (key === 'dataset' ? 0 : inner))
        expect(seen).not.toContain(value.slice(0, 6))
      }),
    )
  })
})
