/** A flood of bad records pauses its dataset and no other, until it is resumed, by this worker or by way of the book. */
import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { type BreakerBook, createBreakerWatch } from '#pipelines/quarantine/breaker-watch.ts'
import { createQuarantineBreaker } from '#pipelines/quarantine/quarantine-breaker.ts'

const LIMITS = { share: 0.5, records: 100 }

describe('the breaker', () => {
  it('does not trip before enough records are seen, nor at the share itself', () => {
    const breaker = createQuarantineBreaker(LIMITS)
    breaker.observe('a', 99, 99)
    expect(breaker.tripped('a')).toBe(false)
    breaker.observe('b', 100, 50)
    expect(breaker.tripped('b')).toBe(false)
    breaker.observe('b', 1, 1)
    expect(breaker.tripped('b')).toBe(true)
  })

  it('trips for one dataset alone, and says what it saw', () => {
    const breaker = createQuarantineBreaker(LIMITS)
    const changes: string[] = []
    breaker.onChange((dataset, tripped) => changes.push(`${dataset} ${tripped}`))
    breaker.observe('a', 100, 100)
    breaker.observe('a', 100, 100)
    breaker.observe('b', 100, 0)
    expect([breaker.tripped('a'), breaker.tripped('b'), breaker.tripped('c')]).toEqual([true, false, false])
    expect(breaker.paused()).toEqual([{ dataset: 'a', records: 100, quarantined: 100 }])
    expect(changes).toEqual(['a true'])
  })

  it('forgets old records: a long good time does not hide a flood', () => {
    const breaker = createQuarantineBreaker(LIMITS)
    for (let batch = 0; batch < 1000; batch++) breaker.observe('a', 100, 0)
    breaker.observe('a', 60, 60)
    expect(breaker.tripped('a')).toBe(false)
    breaker.observe('a', 50, 50)
    expect(breaker.tripped('a')).toBe(true)
  })

  it('begins anew when it is resumed', () => {
    const breaker = createQuarantineBreaker(LIMITS)
    breaker.observe('a', 100, 100)
    expect(breaker.resume('a')).toBe(true)
    expect(breaker.resume('a')).toBe(false)
    expect(breaker.tripped('a')).toBe(false)
    breaker.observe('a', 99, 99)
    expect(breaker.tripped('a')).toBe(false)
    breaker.observe('a', 1, 1)
    expect(breaker.tripped('a')).toBe(true)
  })

  it('never trips with a share of 1', () => {
    const breaker = createQuarantineBreaker({ share: 1, records: 1 })
    breaker.observe('a', 1000, 1000)
    expect(breaker.tripped('a')).toBe(false)
  })

  it('trips exactly if the latest batches that make up the window have too many', () => {
    const batch = fc
      .record({ records: fc.integer({ min: 0, max: 60 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
      .map(({ records, share }) => ({ records, quarantined: Math.round(records * share) }))
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 30 }), (batches) => {
        const breaker = createQuarantineBreaker(LIMITS)
        let expected = false
        for (const [index, { records, quarantined }] of batches.entries()) {
          breaker.observe('a', records, quarantined)
          // The plain definition: from the newest backwards, until there are enough.
          let sum = { records: 0, quarantined: 0 }
          for (let at = index; at >= 0 && sum.records < LIMITS.records; at--) {
            const each = batches[at] ?? { records: 0, quarantined: 0 }
            sum = { records: sum.records + each.records, quarantined: sum.quarantined + each.quarantined }
          }
          expected ||= sum.records >= LIMITS.records && sum.quarantined > LIMITS.share * sum.records
          expect(breaker.tripped('a')).toBe(expected)
        }
      }),
      { seed: 20_260_402, numRuns: 300 },
    )
  })
})

describe('the book of paused datasets', () => {
  function setUp() {
    const events: { dataset: string; event: string; by?: string | undefined }[] = []
    let isAway = false
    const book: BreakerBook = {
      async paused() {
        const last = new Map(events.map((each) => [each.dataset, each.event]))
        return [...last].flatMap(([dataset, event]) =>
          event === 'paused' ? [{ dataset, sinceMillis: 0, records: 1, quarantined: 1 }] : [],
        )
      },
      async resumptions(dataset) {
        if (isAway) throw new Error('away')
        return events.filter((each) => each.dataset === dataset && each.event === 'resumed').length
      },
      noteBreaker: async ({ dataset, event, by }) => void events.push({ dataset, event, by }),
    }
    const worker = () => {
      const breaker = createQuarantineBreaker(LIMITS)
      const watch = createBreakerWatch({ breaker, book, worker: 'w', logger: pino({ level: 'silent' }) })
      return { breaker, watch }
    }
    return {
      ...{ events, book, worker },
      setAway(away: boolean): void {
        isAway = away
      },
    }
  }

  it('notes a pause once, and resumes each worker that has one when somebody asks for it', async () => {
    const { events, book, worker } = setUp()
    const [first, second] = [worker(), worker()]
    await book.noteBreaker({ dataset: 'a', event: 'resumed' })
    for (const { breaker, watch } of [first, second]) {
      breaker.observe('a', 100, 100)
      await watch.look()
      await watch.look()
      expect(breaker.tripped('a')).toBe(true)
    }
    expect(events.map(({ event }) => event)).toEqual(['resumed', 'paused', 'paused'])
    await book.noteBreaker({ dataset: 'b', event: 'resumed' })
    await first.watch.look()
    expect(first.breaker.tripped('a')).toBe(true)
    await book.noteBreaker({ dataset: 'a', event: 'resumed', by: 'dora' })
    await Promise.all([first.watch.look(), second.watch.look()])
    expect([first.breaker.tripped('a'), second.breaker.tripped('a')]).toEqual([false, false])
  })

  it('is asked again if it was away', async () => {
    const { events, worker, setAway } = setUp()
    const { breaker, watch } = worker()
    breaker.observe('a', 100, 100)
    setAway(true)
    await watch.look()
    expect(events).toEqual([])
    setAway(false)
    await watch.look()
    expect(events.map(({ event }) => event)).toEqual(['paused'])
  })

  it('says that a pause is over when the worker starts anew', async () => {
    const { book, worker } = setUp()
    for (const dataset of ['a', 'of another project']) await book.noteBreaker({ dataset, event: 'paused' })
    await worker().watch.restarted(['a', 'b'])
    expect((await book.paused()).map(({ dataset }) => dataset)).toEqual(['of another project'])
  })
})
