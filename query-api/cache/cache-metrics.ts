/** Counts how answers came about. The label is the way alone: no scope, dataset or person. */
import { metrics } from '@opentelemetry/api'
import type { CacheStatus } from './cache-status.ts'

/** Makes the counter; one per cache. */
export function createCacheMetrics() {
  const answers = metrics.getMeter('query-api').createCounter('mogo.cache.answers', {
    description: 'Answers by hit, stale, shared (with a run under way), uri-miss, request, bypass.',
  })
  return {
    answered(status: CacheStatus): void {
      answers.add(1, { result: status.kind === 'ran' ? status.why : status.kind })
    },
  }
}
