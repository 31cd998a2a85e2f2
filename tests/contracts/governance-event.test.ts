import { describe, expect, test } from 'vitest'
import { type AccessEvent, governanceEventSchema } from '#contracts/events/governance-event.ts'

const access: AccessEvent = {
  type: 'access',
  id: 'q1',
  at: '2026-01-01T00:00:00.000Z',
  subject: 'ana',
  tenant: 'acme',
  role: 'analyst',
  purpose: '',
  decision: 'answered',
  reason: '',
  sqlHash: 'ab',
  columnsRead: ['orders.total'],
  policyVersion: 'p',
  rows: 1,
  bytes: 2,
  durationMs: 1.5,
  traceId: '',
  edges: [],
}

describe('an event on the governance topic', () => {
  test('is taken as it is', () => expect(governanceEventSchema.parse(access)).toEqual(access))

  test.each([
    ['a field that is not of the event', { ...access, sql: 'select 1' }],
    ['a decision that is none', { ...access, decision: 'maybe' }],
    ['half a row', { ...access, rows: 0.5 }],
    ['an unknown type', { ...access, type: 'other' }],
    ['a field that is missing', { ...access, tenant: undefined }],
    ['no object', 'access'],
  ])('is refused with %s', (_what, event) =>
    expect(governanceEventSchema.safeParse(event).success).toBe(false),
  )
})
