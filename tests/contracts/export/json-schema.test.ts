import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { jsonSchema } from '#contracts/export/json-schema.ts'
import { createValidator } from '#contracts/validator/create-validator.ts'
import { hostileDataset, WIDE_ROW, wideDataset } from './wide-contract.ts'

const schemaOf = (side: 'source' | 'stored') => JSON.parse(jsonSchema(wideDataset(), side))
const check = (schema: object) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  return ajv.compile(schema)
}

describe('JSON Schema of the source', () => {
  const valid = check(schemaOf('source'))

  test('takes a row that keeps the contract', () => {
    expect(valid(WIDE_ROW), JSON.stringify(valid.errors)).toBe(true)
  })

  const broken: readonly (readonly [string, unknown])[] = [
    ['tenant_id', null],
    ['tenant_id', undefined],
    ['id', 'seven'],
    ['id', 1.5],
    ['small', 6],
    ['small', 3],
    ['amount', -1],
    ['amount', 1000],
    ['amount', 'ten'],
    ['flag', 'yes'],
    ['code', 'F'],
    ['code', 'FRAN'],
    ['code', 'fr'],
    ['ref', 'x'],
    ['state', 'else'],
    ['level', 3],
    ['day', '29.02.2020'],
    ['at', '2026-01-31'],
    ['address', { 'post-code': '1' }],
    ['address', { street: 's', geo: { lat: 'x' } }],
    ['tags', []],
    ['tags', ['a', 'a']],
    ['tags', ['a', 'b', 'c', 'd']],
    ['numbers', ['x']],
    ['labels', { one: 'x' }],
    ['email', null],
  ]
  test.each(broken)('refuses %s: %j', (name, value) => {
    expect(valid({ ...WIDE_ROW, [name]: value })).toBe(false)
  })

  test.each(['parent', 'small', 'ref', 'level', 'day', 'address', 'numbers', 'labels', 'note'])(
    '%s may be null or absent',
    (name) => {
      const { [name]: _, ...rest } = WIDE_ROW as Record<string, unknown>
      expect(valid({ ...WIDE_ROW, [name]: null })).toBe(true)
      expect(valid(rest)).toBe(true)
    },
  )

  test('a row that the validator takes is taken here too', () => {
    const validate = createValidator(wideDataset())
    expect(validate({ ...WIDE_ROW, raw: '[1]', address: '{}', labels: '{}' })).toEqual([])
  })

  test('says what is personal, how it is protected, and under which name it is stored', () => {
    const { properties } = schemaOf('source')
    expect(properties.email['x-pii']).toMatchObject({
      method: 'hmac',
      domain: 'email',
      storedAs: 'email_token',
    })
    expect(properties.street['x-pii']).toMatchObject({
      method: 'drop',
      storedAs: null,
      meaning: 'not stored',
    })
    expect(properties.id).not.toHaveProperty('x-pii')
    expect(properties['odd name'].deprecated).toBe(true)
  })
})

test('JSON Schema of what is stored has tokens in place of personal data, and no dropped column', () => {
  const { properties, required } = schemaOf('stored')
  expect(properties).not.toHaveProperty('email')
  expect(properties).not.toHaveProperty('street')
  expect(properties.email_token).toMatchObject({ type: 'string' })
  expect(properties.email_token).not.toHaveProperty('maxLength')
  expect(properties.note.type).toEqual(['string', 'null'])
  expect(properties.numbers).toMatchObject({ type: ['string', 'null'], contentMediaType: 'application/json' })
  expect(required).toContain('email_token')
})

test('a hostile contract is data', () => {
  const schema = JSON.parse(jsonSchema(hostileDataset(), 'source'))
  expect(Object.hasOwn(schema.properties, '__proto__')).toBe(true)
  expect(() => check(schema)).not.toThrow()
})
