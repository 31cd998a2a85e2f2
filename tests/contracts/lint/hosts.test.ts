/** Hosts that a credential would be sent to. */
import { describe, expect, test } from 'vitest'
import { checkContract } from '#contracts/check-contract.ts'

const faultsOf = (type: string, key: string, value: string): readonly string[] =>
  checkContract(
    JSON.stringify({
      ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'x', version: '1.0.0', status: 'active' },
      servers: [
        {
          ...{ server: 's', type },
          ...(type === 'postgres' ? { port: 5432, database: 'd', schema: 'p' } : {}),
          [key]: value,
        },
      ],
    }),
    { purpose: 'document' },
  )
    .faults.filter(({ code }) => code === 'CONTRACT_HOST' || code === 'CONTRACT_CREDENTIAL')
    .map(({ severity, code }) => `${severity} ${code}`)

describe('a host', () => {
  test.each([
    'db.example.org',
    'db.example.org:5432',
    'kafka-1.example.org:9092,kafka-2.example.org:9092',
    '10.1.2.3',
    '[2001:db8::1]:5432',
    'sql.example.org\\INSTANCE',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the standard
    '${DB_HOST}',
    'db_1.internal',
    'https://api.example.org/v1',
  ])('%s is one', (host) => expect(faultsOf('postgres', 'host', host)).toEqual([]))

  test.each([
    'db.example.org@evil.example',
    'db.example.org;host=evil.example',
    'db.example.org/evil',
    'db.example.org evil.example',
    'db.example.org?x=1',
    'db.example.org#@evil.example',
    "db.example.org' or 1",
  ])('%s is none', (host) => expect(faultsOf('postgres', 'host', host)).toContain('error CONTRACT_HOST'))

  test('written as a number is said', () =>
    expect(faultsOf('postgres', 'host', '2130706433')).toContain('warning CONTRACT_HOST'))
})

describe('an address', () => {
  test.each([
    ['http://example.org@evil.example/', 'warning CONTRACT_HOST'],
    ['javascript:alert(1)', 'warning CONTRACT_HOST'],
    ['https://b.example.org/x?X-Amz-Signature=abc', 'error CONTRACT_CREDENTIAL'],
    ['https://user:pass@example.org/', 'error CONTRACT_CREDENTIAL'],
  ])('%s is said', (location, fault) => expect(faultsOf('api', 'location', location)).toContain(fault))
})
