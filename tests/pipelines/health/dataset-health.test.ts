/** What is said of a dataset, out of what each part knows. */
import { describe, expect, it } from 'vitest'
import type { ClickHouseHealth } from '#pipelines/health/clickhouse-health.ts'
import { datasetHealth, type HealthSources } from '#pipelines/health/dataset-health.ts'
import type { DatasetLag } from '#pipelines/health/kafka-lag.ts'
import { wellCapture } from '#tests/support/pipeline-health.ts'

const loaded = {
  ...{ dataset: 'orders', last_millis: 90_000, rows_per_s: 1.26, batch_records: 3.33, samples: 2 },
  ...{ p50: 40.04, p95: 90, quarantined: 7, share: 0.01, position: '600' },
}
const clickhouse: ClickHouseHealth = {
  ...{ loaded: [loaded], changes: [], paused: [], verified: [], alerts: [] },
  doubling: new Map([['orders', [{ table: 'd.t', statement: null }]]]),
}
const lag: DatasetLag = { events: 0, oldestAt: null, expired: 0 }
const kafkaWith = (over: Partial<DatasetLag>, workers = 1) => ({
  workers,
  datasets: new Map([['orders', { ...lag, ...over }]]),
})
const sources: HealthSources = {
  ...{ datasets: ['orders'], capture: wellCapture(), kafka: kafkaWith({}), clickhouse },
  ...{ worker: { lanes: [] }, now: 100_000 },
}
const look = (over: Partial<HealthSources> = {}) => {
  const [found] = datasetHealth({ ...sources, ...over })
  if (!found) throw new Error('no dataset')
  return found
}
const lane = (state: 'stopped' | 'held' | 'paused', code: string) => ({ dataset: 'orders', state, code })

describe('a dataset', () => {
  it('that is well flows, with its figures', () => {
    expect(look()).toEqual({
      ...{ dataset: 'orders', state: 'flowing', states: ['flowing'], detail: '' },
      // Nothing waits, so all that the connector has confirmed is loaded: 1000 - 900.
      ...{ lagEvents: 0, lagSeconds: 0, lagBytes: 100, expiredEvents: 0 },
      ...{ freshnessP50Ms: 40, freshnessP95Ms: 90, rowsPerSecond: 1.3, batchRecords: 3.3 },
      ...{ quarantined: 7, quarantinedShare: 0.01, lastLoadedAt: '1970-01-01T00:01:30.000Z' },
      ...{ doubling: [{ table: 'd.t', statement: null }], verified: null },
    })
  })

  it('for which records wait is behind its last row, and behind in time', () => {
    const short = look({ kafka: kafkaWith({ events: 5, oldestAt: 98_000 }) })
    expect([short.state, short.lagEvents, short.lagSeconds, short.lagBytes]).toEqual(['flowing', 5, 2, 400])
    expect(look({ kafka: kafkaWith({ events: 5, oldestAt: 39_000 }) }).state).toBe('behind')
    expect(look({ kafka: kafkaWith({ events: 5 }) }).lagSeconds).toBeNull()
  })

  it('does not know its lag in bytes before a row has told its position', () => {
    const none = { ...clickhouse, loaded: [{ ...loaded, position: '0' }] }
    expect(look({ kafka: kafkaWith({ events: 1 }), clickhouse: none }).lagBytes).toBeNull()
    expect(look({ capture: null }).lagBytes).toBeNull()
  })

  it('is held, in words, while another state that is not so bad is kept', () => {
    const changes = [{ dataset: 'orders', added: ['note'], removed: [] }]
    const found = look({
      worker: { lanes: [lane('held', 'MOGO_SCHEMA_CHANGED')] },
      clickhouse: { ...clickhouse, changes },
      kafka: kafkaWith({ events: 9, oldestAt: 0 }),
    })
    expect(found.states).toEqual(['held', 'behind'])
    expect(found.detail).toBe('"note" came, which the contract does not know')
  })

  it('is paused by the book, whichever worker paused it', () => {
    const paused = [{ dataset: 'orders', since_millis: 0, records: 1000, quarantined: 600 }]
    expect(look({ clickhouse: { ...clickhouse, paused } })).toMatchObject({
      state: 'paused',
      detail: '600 of 1000 records broke the contract',
    })
  })

  it('is cut off by a lost slot before anything else', () => {
    const lost = { code: 'MOGO_SLOT_LOST', message: 'm', remedy: 'r', passing: false }
    const found = look({
      capture: wellCapture({ slot: null, faults: [lost] }),
      worker: { lanes: [lane('stopped', 'MOGO_TABLE_MISMATCH')] },
    })
    expect(found.states).toEqual(['cut off', 'stopped'])
  })

  it.each<[string, Partial<HealthSources>, string]>([
    ['a lane that stopped', { worker: { lanes: [lane('stopped', 'MOGO_TABLE_MISMATCH')] } }, 'stopped'],
    ['records that Kafka removed', { kafka: kafkaWith({ expired: 3 }) }, 'expired'],
    ['no worker', { kafka: kafkaWith({}, 0) }, 'unread'],
    ['no topic', { kafka: { workers: 1, datasets: new Map() } }, 'unread'],
    ['Kafka away', { kafka: null }, 'unknown'],
  ])('with %s is told so', (_name, over, state) => {
    expect(look(over).state).toBe(state)
    expect(look(over).detail).not.toBe('')
  })

  it('has no figures that nobody knows', () => {
    const found = look({ kafka: null, clickhouse: null })
    expect(found).toMatchObject({
      lagEvents: null,
      rowsPerSecond: null,
      quarantined: null,
      freshnessP95Ms: null,
    })
  })

  it('that loaded nothing today has loaded nothing, but is known', () => {
    const found = look({ clickhouse: { ...clickhouse, loaded: [] } })
    expect(found).toMatchObject({
      rowsPerSecond: 0,
      quarantined: 0,
      lastLoadedAt: null,
      freshnessP50Ms: null,
    })
  })
})
