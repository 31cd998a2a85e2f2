import { describe, expect, it } from 'vitest'
import { decodeEvent } from '#lineage/decode-event.ts'
import { accessEvent } from './facts.ts'

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

describe('decoding', () => {
  it('gives the event, with its time in UTC', () => {
    const event = accessEvent('q1', { at: '2026-05-01T13:00:00+02:00' })
    expect(decodeEvent(bytes(event))).toEqual({
      ok: true,
      event: { ...event, at: '2026-05-01T11:00:00.000Z' },
    })
  })

  it('repairs strings that are not well-formed, which the store would refuse', () => {
    const decoded = decodeEvent(
      Buffer.from(JSON.stringify(accessEvent('q1')).replace('reporting', '\\ud800')),
    )
    expect(decoded).toMatchObject({ ok: true, event: { purpose: '\ufffd' } })
  })

  it.each([
    ['nothing', null, 'the record has no value'],
    ['text', Buffer.from('ada@example.org'), 'the record is not JSON'],
    ['another type', bytes({ type: 'ada@example.org' }), 'type: invalid_union'],
    ['a missing field', bytes({ ...accessEvent('q1'), rows: undefined }), 'rows: invalid_type'],
    [
      'a field too many',
      bytes({ ...accessEvent('q1'), email: 'ada@example.org' }),
      '(root): unrecognized_keys',
    ],
    ['a wrong time', bytes(accessEvent('q1', { at: 'ada@example.org' })), 'at: not a time'],
    ['a time out of range', bytes(accessEvent('q1', { at: '9999-01-01T00:00:00Z' })), 'at: not a time'],
  ])('refuses %s and says why without a value', (_name, value, fault) => {
    expect(decodeEvent(value)).toEqual({ ok: false, fault })
  })
})
