/** Small parts of the worker, each by itself. */
import { ClickHouseError } from '@clickhouse/client'
import { describe, expect, it } from 'vitest'
import { sortKey, tableColumns } from '#contracts/compile/clickhouse-ddl.ts'
import { governanceEventSchema } from '#contracts/events/governance-event.ts'
import { benchDataset } from '#pipelines/bench/bench-dataset.ts'
import { clickhouseFault, isAboutRows } from '#pipelines/clickhouse/clickhouse-errors.ts'
import { checkTable } from '#pipelines/clickhouse/table-check.ts'
import { contractEvent } from '#pipelines/worker/contract-events.ts'
import { createEpochTransform, supersededBelow } from '#pipelines/worker/epoch-transform.ts'
import { isSnapshotRead, quantile } from '#pipelines/worker/freshness.ts'
import { createPipelineStats } from '#pipelines/worker/pipeline-stats.ts'
import { versionOf } from '#transforms/version.ts'
import { record } from './support/records.ts'

const dataset = benchDataset()

describe('faults of ClickHouse', () => {
  const engine = (code: string) => new ClickHouseError({ message: 'may quote a value', code, type: 'X' })
  it.each([
    [
      'the network',
      Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      'MOGO_CLICKHOUSE_UNREACHABLE',
      false,
    ],
    ['a full disk', engine('243'), 'MOGO_CLICKHOUSE_UNREACHABLE', false],
    ['a table that is away', engine('60'), 'MOGO_CLICKHOUSE_UNREACHABLE', false],
    ['a value that does not parse', engine('27'), 'MOGO_CLICKHOUSE_REJECTED', true],
    ['a column that is not there', engine('16'), 'MOGO_CLICKHOUSE_REJECTED', false],
  ])('%s', (_case, error, code, aboutRows) => {
    const fault = clickhouseFault(error, 'http://x', 't')
    expect({ code: fault.code, rows: isAboutRows(error) }).toEqual({ code, rows: aboutRows })
    expect(fault.message).not.toContain('quote')
  })
})

describe('a table that is there', () => {
  const existing = {
    engine: 'ReplacingMergeTree',
    sortingKey: sortKey(dataset).join(', '),
    columns: tableColumns(dataset).map(({ name, type }) => ({ name, type: type.replace(/ DEFAULT .*/, '') })),
  }
  it('fits', () => {
    expect(checkTable(dataset, existing)).toEqual({ fits: true, missing: [], widened: [] })
  })
  it('is given columns that the contract added', () => {
    const columns = existing.columns.filter(({ name }) => name !== 'notes')
    expect(checkTable(dataset, { ...existing, columns })).toMatchObject({
      fits: true,
      missing: [{ name: 'notes' }],
    })
  })
  it.each([
    [
      'another type',
      {
        columns: existing.columns.map((each) => (each.name === 'born' ? { ...each, type: 'Int64' } : each)),
      },
      /born is Int64/,
    ],
    ['another sort key', { sortingKey: 'id' }, /sorted by \(id\)/],
    ['another engine', { engine: 'MergeTree' }, /engine is MergeTree/],
  ])('does not fit with %s', (_case, rest, expected) => {
    const check = checkTable(dataset, { ...existing, ...rest })
    expect(check.fits ? '' : check.detail).toMatch(expected)
  })
})

describe('freshness', () => {
  it('leaves snapshot reads out, whatever stands in the data', () => {
    const envelope = (op: string, note: string) =>
      JSON.stringify({ after: { note }, op, ts_ms: 1, ts_us: 2, ts_ns: 3 })
    expect(isSnapshotRead(record(1, envelope('r', 'x')))).toBe(true)
    expect(isSnapshotRead(record(1, envelope('c', '"op":"r"')))).toBe(false)
  })
  it.each([
    [[], 0.5, Number.NaN],
    [[5], 0.95, 5],
    [[1, 2, 3, 4], 0.5, 2],
    [[1, 2, 3, 4], 1, 4],
  ])('quantile of %j at %d', (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected)
  })
})

describe('the epoch', () => {
  it('of a record chooses its transform; nonsense counts as the first', () => {
    const transform = createEpochTransform((epoch) => () => ({
      kind: 'filtered',
      reason: epoch === 2 ? 'message' : 'tombstone',
    }))
    const inEpoch = (text: string) => record(1, 'x', { 'mogo.epoch': Buffer.from(text) })
    expect([inEpoch('2'), inEpoch('1'), inEpoch('x'), inEpoch('99999'), record(1)].map(transform)).toEqual(
      ['message', 'tombstone', 'tombstone', 'tombstone', 'tombstone'].map((reason) => ({
        kind: 'filtered',
        reason,
      })),
    )
  })
})

describe('the end of a snapshot', () => {
  const ending = '{"source":{"snapshot":"last_in_data_collection"}}'
  it.each([
    ['in a later epoch', ending, '3', versionOf(3, 0n, 0n)],
    ['in the first epoch', ending, '1', null],
    ['of another record', '{"source":{"snapshot":"true"}}', '3', null],
    ['as a column of that name', '{"after":{"snapshot":"last_one"},"source":{"snapshot":"true"}}', '3', null],
    ['as it is quoted in data', JSON.stringify({ note: ending }), '3', null],
  ])('%s', (_case, value, epoch, expected) => {
    expect(supersededBelow(record(1, value, { 'mogo.epoch': Buffer.from(epoch) }))).toBe(expected)
  })
})

describe('statistics', () => {
  it('close a window with its counts and quantiles, once', () => {
    const stats = createPipelineStats('w')
    const judged = { records: 4, quarantined: 1 }
    const batch = { judged, dataset: 'd', records: 4, stored: 2, rows: 3, bytes: 10, seconds: 0.1 }
    stats.loaded({
      ...batch,
      position: 2n ** 60n,
      quarantined: new Map([['pattern', 1]]),
      filtered: new Map([['tombstone', 1]]),
      freshness: [30, 10, 20],
    })
    stats.behind('d', 't/0', 5)
    expect(JSON.parse(stats.closeWindow(0))).toEqual([
      ...['1970-01-01 00:00:00.000', 'w', 'd', 4, 2, 1, 1, 3, 1, 10, 20, 30, 30, 5],
      '1152921504606846976',
    ])
    expect(stats.closeWindow(1)).toBe('')
    expect(stats.totals()['d']).toEqual({ in: 4, stored: 2, quarantined: 1, filtered: 1, rows: 3 })
  })
})

describe('the event of a contract', () => {
  it('fits its schema, and its id follows from the contract', () => {
    const places = { sourceDatabase: 'shop', topicPrefix: 'mogo', database: 'analytics' }
    const event = contractEvent(dataset, places, 0)
    expect(governanceEventSchema.parse(event)).toEqual(event)
    expect(contractEvent(dataset, places, 99).id).toBe(event.id)
    expect(contractEvent({ ...dataset, hash: 'x' }, places, 0).id).not.toBe(event.id)
  })
})
