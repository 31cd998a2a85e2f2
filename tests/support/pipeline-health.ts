/** A look at a pipeline that is well, to be changed by a test. */
import type { CaptureStatus, DatasetHealth, PipelineHealth } from '#contracts/events/pipeline-health.ts'

/** Capture that is well. */
export function wellCapture(over: Partial<CaptureStatus> = {}): CaptureStatus {
  return {
    connector: 'shop-postgres',
    state: 'RUNNING',
    detail: '',
    tasks: [{ id: 0, state: 'RUNNING', detail: '' }],
    slotName: 'mogo',
    slot: {
      ...{
        name: 'mogo',
        active: true,
        snapshotting: false,
        walStatus: 'reserved',
        lagBytes: 100,
        retainedBytes: 2048,
      },
      ...{ safeBytes: null, inactiveSeconds: null, confirmed: '900' },
    },
    position: '1000',
    pending: [],
    identities: [],
    unguarded: [],
    faults: [],
    healthy: true,
    ...over,
  }
}

/** A dataset that flows. */
export function wellDataset(dataset: string, over: Partial<DatasetHealth> = {}): DatasetHealth {
  return {
    ...{ dataset, state: 'flowing', states: ['flowing'], detail: '' },
    ...{ lagEvents: 0, lagSeconds: 0, lagBytes: 100, expiredEvents: 0 },
    ...{ freshnessP50Ms: 40, freshnessP95Ms: 90, rowsPerSecond: 12.5, batchRecords: 3 },
    ...{ quarantined: 0, quarantinedShare: 0, lastLoadedAt: '2026-01-01T00:00:00.000Z' },
    ...{ doubling: [], verified: null },
    ...over,
  }
}

/** All of it. */
export function wellHealth(over: Partial<PipelineHealth> = {}): PipelineHealth {
  return {
    at: '2026-01-01T00:00:05.000Z',
    capture: wellCapture(),
    workers: 1,
    workerAnswers: true,
    datasets: [wellDataset('orders'), wellDataset('customers')],
    alerts: [],
    faults: [],
    ...over,
  }
}
