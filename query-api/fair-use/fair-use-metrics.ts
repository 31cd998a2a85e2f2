/** Metrics of fair use. Labels are codes and urgencies: no tenant, no person. */
import { metrics } from '@opentelemetry/api'
import type { FairQueue } from './fair-queue.ts'
import { URGENCIES, type Urgency } from './urgency.ts'

/** Makes them; one set per process. */
export function createFairUseMetrics() {
  const meter = metrics.getMeter('query-api')
  const refusals = meter.createCounter('mogo.fair_use.refusals', {
    description: 'Requests and queries that were refused, by code.',
  })
  const waits = meter.createHistogram('mogo.fair_use.wait', {
    unit: 's',
    description: 'Time that a query waited for its place; those that ran at once are not in it.',
    advice: { explicitBucketBoundaries: [0.005, 0.02, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30] },
  })
  const running = meter.createObservableGauge('mogo.fair_use.running', {
    description: 'Queries that run.',
  })
  const waiting = meter.createObservableGauge('mogo.fair_use.waiting', {
    description: 'Queries that wait for a place.',
  })
  return {
    refused: (code: string) => refusals.add(1, { code }),
    waited: (urgency: Urgency, millis: number) =>
      waits.record(millis / 1000, { urgency: URGENCIES[urgency] }),
    watch(queue: Pick<FairQueue, 'running' | 'waiting'>) {
      running.addCallback((result) => result.observe(queue.running()))
      waiting.addCallback((result) => result.observe(queue.waiting()))
    },
  }
}
