/** Alerts fire after their time, are told once, and are resolved after their time. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AlertBook, type AlertEvent, alertText, createAlertBook } from '#ops/alerts/alert-book.ts'
import type { AlertRule } from '#ops/alerts/alert-rules.ts'

const rule = (over: Partial<AlertRule> = {}): AlertRule => ({
  ...{ alert: 'lag', metric: 'dataset.lag.seconds', above: 10, for: 30, clear: 20, enabled: true },
  ...{ severity: 'warning', message: 'm', remedy: 'r' },
  ...over,
})
type Seen = number | 'unseen'

/** Looks of one subject, each so many seconds after the one before; what was told, with its time in seconds. */
function told(book: AlertBook, looks: readonly (readonly [after: number, Seen])[]): readonly string[] {
  let now = 0
  return looks.flatMap(([after, value]) => {
    now += after
    const samples =
      value === 'unseen' ? [] : [{ metric: 'dataset.lag.seconds' as const, subject: 'orders', value }]
    return book.look(samples, now * 1000).map(({ state }: AlertEvent) => `${state} at ${now}`)
  })
}

describe('an alert', () => {
  it.each<[string, readonly (readonly [number, Seen])[], readonly string[]]>([
    [
      'fires when its condition has held for its time',
      [
        [0, 11],
        [15, 11],
        [15, 11],
      ],
      ['firing at 30'],
    ],
    [
      'does not fire before',
      [
        [0, 11],
        [29, 11],
      ],
      [],
    ],
    [
      'does not fire at its limit',
      [
        [0, 10],
        [60, 10],
      ],
      [],
    ],
    [
      'begins anew when the condition was away',
      [
        [0, 11],
        [15, 9],
        [15, 11],
        [15, 11],
      ],
      [],
    ],
    [
      'does not count a time in which nothing was seen',
      [
        [0, 11],
        [15, 'unseen'],
        [15, 11],
        [29, 11],
      ],
      [],
    ],
    [
      'is told once',
      [
        [0, 11],
        [30, 11],
        [30, 50],
        [30, 11],
      ],
      ['firing at 30'],
    ],
    [
      'is resolved after its clear time',
      [
        [0, 11],
        [30, 11],
        [5, 9],
        [20, 9],
        [5, 9],
      ],
      ['firing at 30', 'resolved at 55'],
    ],
    [
      'does not flap',
      [
        [0, 11],
        [30, 11],
        [5, 9],
        [5, 11],
        [5, 9],
        [15, 9],
      ],
      ['firing at 30'],
    ],
    [
      'stays while nothing is seen',
      [
        [0, 11],
        [30, 11],
        [5, 9],
        [30, 'unseen'],
        [5, 9],
      ],
      ['firing at 30'],
    ],
  ])('%s', (_name, looks, expected) => {
    expect(told(createAlertBook([rule()]), looks)).toEqual(expected)
  })

  it('without a time fires at once, and ends at once', () => {
    const book = createAlertBook([rule({ for: 0, clear: 0 })])
    expect(
      told(book, [
        [0, 11],
        [1, 9],
        [1, 11],
      ]),
    ).toEqual(['firing at 0', 'resolved at 1', 'firing at 2'])
  })

  it('fires below a limit, too', () => {
    const { above: _, ...rest } = rule({ for: 0 })
    expect(
      told(createAlertBook([{ ...rest, below: 10 }]), [
        [0, 10],
        [1, 9],
      ]),
    ).toEqual(['firing at 1'])
  })

  it('is of each subject by itself, and ends with a subject that is gone', () => {
    const book = createAlertBook([rule({ for: 0, clear: 0 })])
    const look = (values: Readonly<Record<string, number>>, now: number) =>
      book
        .look(
          Object.entries(values).map(([subject, value]) => ({
            metric: 'dataset.lag.seconds',
            subject,
            value,
          })),
          now,
        )
        .map(({ state, subject, value }) => [state, subject, value])
    expect(look({ orders: 99, customers: 1 }, 0)).toEqual([['firing', 'orders', 99]])
    expect(book.firing()).toBe(1)
    expect(look({ customers: 1 }, 1000)).toEqual([['resolved', 'orders', null]])
    expect(book.firing()).toBe(0)
  })

  it('of a former run goes on firing, is not told again, and is resolved', () => {
    const book = createAlertBook([rule()])
    book.restore([
      { alert: 'lag', subject: 'orders' },
      { alert: 'no such rule', subject: 'orders' },
    ])
    expect(book.firing()).toBe(1)
    expect(
      told(book, [
        [0, 11],
        [5, 9],
        [20, 9],
      ]),
    ).toEqual(['resolved at 25'])
  })

  it('has held for its time when it fires, has been away for its time when it is resolved, and neither twice in a row', () => {
    const looks = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 25 }), fc.constantFrom<Seen>(5, 15, 15, 'unseen')),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(
        looks,
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 60 }),
        (all, holdFor, clear) => {
          const book = createAlertBook([rule({ for: holdFor, clear })])
          let now = 0
          let fires = false
          const history: { at: number; value: Seen }[] = []
          for (const [after, value] of all) {
            now += after
            history.push({ at: now, value })
            const samples =
              value === 'unseen' ? [] : [{ metric: 'dataset.lag.seconds' as const, subject: 'orders', value }]
            const events = book.look(samples, now * 1000)
            expect(events.length).toBeLessThanOrEqual(1)
            const wanted = fires ? 5 : 15
            const time = fires ? clear : holdFor
            // Since when every look, this one included, has seen the value that counts.
            const run = history.slice(history.findLastIndex((each) => each.value !== wanted) + 1)
            const isDue = run.length > 0 && now - (run[0]?.at ?? now) >= time
            expect(events.map(({ state }) => state)).toEqual(isDue ? [fires ? 'resolved' : 'firing'] : [])
            if (isDue) fires = !fires
            expect(book.firing()).toBe(Number(fires))
          }
        },
      ),
      { seed: 11, numRuns: 400 },
    )
  })
})

describe('the text of an alert', () => {
  it('has subject and value in it', () => {
    expect(alertText('{subject}: {value}, {subject}', 'orders', 1.23456)).toBe('orders: 1.23, orders')
    expect(alertText('{value}', '', null)).toBe('?')
  })
})
