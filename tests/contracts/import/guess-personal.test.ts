import { describe, expect, test } from 'vitest'
import { createPersonalDetector } from '#contracts/import/detect-personal.ts'
import { guessByName, guessPersonal } from '#contracts/import/guess-personal.ts'
import { column } from './tables.ts'

describe('a name', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['email', 'hmac'],
    ['billing_e_mail', 'hmac'],
    ['contactEmail', 'hmac'],
    ['email_verified', undefined],
    ['phone', 'hmac'],
    ['Telephone', 'hmac'],
    ['mobile', 'hmac'],
    ['fax', 'hmac'],
    ['automobile_id', undefined],
    ['first_name', 'hmac'],
    ['LastName', 'hmac'],
    ['username', 'hmac'],
    ['product_name', undefined],
    ['name', undefined],
    ['ssn', 'hmac'],
    ['iban', 'hmac'],
    ['pan', 'hmac'],
    ['nationalidnumber', 'hmac'],
    ['national_id', 'hmac'],
    ['panel_width', undefined],
    ['company', undefined],
    ['street', 'redact'],
    ['address', 'redact'],
    ['address_id', undefined],
    ['addressid', undefined],
    ['PhoneNumberTypeID', undefined],
    ['emailaddressid', undefined],
    ['emailaddress', 'hmac'],
    ['addressline1', 'redact'],
    ['birth_date', 'redact'],
    ['dob', 'redact'],
    ['signup_ip', 'hmac'],
    ['ship_date', undefined],
    ['password_hash', 'drop'],
    ['api_key', 'drop'],
    ['total', undefined],
  ]
  test.each(cases)('%s -> %s', (name, method) => expect(guessByName(name)?.plan.method).toBe(method))

  test('of a key never leads to a mask or a normal form: rows must stay apart', () => {
    for (const name of ['address', 'password', 'email', 'dob'])
      expect(guessPersonal(column(name, 'text', { keyPosition: 1 }))?.plan).toMatchObject({
        method: 'hmac',
        normalize: 'none',
        domain: expect.stringMatching(/_key$/),
      })
  })

  test('of a flag says nothing', () => {
    expect(guessPersonal(column('email', 'boolean', { logicalType: 'boolean' }))).toBeUndefined()
  })

  test('inside of a column makes all of it personal', () => {
    const inside = column('buyer', 'jsonb', {
      logicalType: 'object',
      properties: [column('contacts', 'x', { items: { properties: [column('email')] } })],
    })
    expect(guessPersonal(inside)).toMatchObject({
      plan: { method: 'redact' },
      reason: { by: 'content', of: 'email' },
    })
  })
})

describe('a sample', () => {
  const many = (make: (n: number) => string): readonly string[] =>
    Array.from({ length: 20 }, (_, n) => make(n))
  /** Digits with their Luhn digit behind them. */
  const luhn = (digits: string): string =>
    [...'0123456789']
      .map((last) => digits + last)
      .find((whole) => {
        const sum = [...whole]
          .reverse()
          .map(Number)
          .reduce((total, digit, at) => {
            const doubled = at % 2 === 1 ? digit * 2 : digit
            return total + (doubled > 9 ? doubled - 9 : doubled)
          }, 0)
        return sum % 10 === 0
      }) ?? ''
  const detect = (values: readonly unknown[]) => {
    const detector = createPersonalDetector()
    for (const value of values) detector.add(value)
    return detector.result()
  }
  const cases: readonly (readonly [string, readonly string[], string | null])[] = [
    ['e-mail addresses', many((n) => `Person.${n}+x@mail.example.org`), 'email'],
    [
      'texts with e-mail addresses in them',
      many((n) => (n % 3 === 0 ? `write to a${n}@example.org!` : 'no')),
      'email_inside',
    ],
    [
      'IBANs',
      ['DE89 3704 0044 0532 0130 00', 'GB29NWBK60161331926819', 'FR14 2004 1010 0505 0001 3M02 606'],
      'iban',
    ],
    [
      'IBANs with wrong check digits',
      ['DE88370400440532013000', 'GB28NWBK60161331926819', 'FR13200410100505'],
      null,
    ],
    ['card numbers', many((n) => luhn(`4539${String(n).padStart(11, '0')}`)), 'card'],
    [
      'card numbers in groups',
      many((n) => luhn(`5500${String(n).padStart(11, '0')}`).replaceAll(/(\d{4})(?!$)/g, '$1 ')),
      'card',
    ],
    [
      'long numbers',
      many((n) => `4539${String(n * 37 + 11).padStart(12, '0')}`).filter(
        (text) => luhn(text.slice(0, -1)) !== text,
      ),
      null,
    ],
    ['international phone numbers', many((n) => `+49 30 12345${n}`), 'phone'],
    ['phone numbers of North America', many((n) => `(212) 555-01${String(n).padStart(2, '0')}`), 'phone'],
    ['padded numbers', many((n) => String(n).padStart(10, '0')), null],
    ['dates', many((n) => `2026-01-${String(n + 1).padStart(2, '0')}`), null],
    ['UUIDs', many((n) => `0b0e3a3c-7c1e-4e0b-9a7f-0000000000${String(n).padStart(2, '0')}`), null],
    ['addresses of IPv4', many((n) => `192.0.2.${n}`), 'ip'],
    ['addresses and networks of IPv6', many((n) => `2001:db8::${n}/128`), 'ip'],
    ['versions', many((n) => `1.${n}.0`), null],
    ['words', many((n) => `word ${n}`), null],
    [
      'a few e-mail addresses among many words',
      ['a@b.example', 'c@d.example', 'e@f.example', ...many(() => 'word')],
      null,
    ],
  ]
  test.each(cases)('of %s -> %s', (_what, values, kind) => expect(detect(values)?.detected).toBe(kind))

  test('tells its share, and nothing of the values', () => {
    const values = [...many((n) => `person${n}@example.org`), ...many(() => 'unknown').slice(0, 5), null, '']
    expect(detect(values)).toEqual({ detected: 'email', share: 0.8 })
  })

  test('of two values says nothing', () => {
    expect(detect(['a@example.org', 'b@example.org', null, ''])).toBeUndefined()
  })

  test('stays fast for texts that are made to be slow', () => {
    const started = performance.now()
    detect([
      `${'a'.repeat(500)}@`,
      `a@${'a-'.repeat(250)}`,
      `a@${'a.'.repeat(250)}`,
      '4'.repeat(500),
      '+'.repeat(500),
    ])
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  test('is named in the reason, also where the name has spoken first', () => {
    const sampled = { detected: 'email', share: 0.9 } as const
    expect(guessPersonal(column('kontakt', 'text', { sampled }))).toMatchObject({
      plan: { domain: 'email' },
      reason: { by: 'sample', share: 0.9, looksLike: 'email' },
    })
    expect(guessPersonal(column('email', 'text', { sampled }))?.reason).toEqual({
      by: 'name',
      share: 0.9,
      looksLike: 'email',
    })
    expect(guessPersonal(column('x', 'text', { sampled: { detected: null, share: 0 } }))).toBeUndefined()
  })
})
