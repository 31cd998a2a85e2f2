/** Spans and metrics of queries. Attributes are codes and roles, never SQL or values. */
import { metrics, SpanStatusCode, trace } from '@opentelemetry/api'
import { isMogoError } from '#contracts/errors.ts'
import type { AccessEnd } from './access/access-record.ts'

const tracer = trace.getTracer('query-api')

/** Runs a step of a query in a span of its own; without one where nothing of the request's span is kept, and so nothing would be of this. */
export function inSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (trace.getActiveSpan()?.isRecording() === false) return work()
  return tracer.startActiveSpan(name, async (span) => {
    try {
      return await work()
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: isMogoError(error) ? error.code : 'fault' })
      throw error
    } finally {
      span.end()
    }
  })
}

/** Makes the counters; one set per service. */
export function createQueryMetrics() {
  const meter = metrics.getMeter('query-api')
  const queries = meter.createCounter('mogo.queries', {
    description: 'Queries by decision, code and role.',
  })
  const rows = meter.createCounter('mogo.query.rows', { description: 'Rows sent in answers.' })
  const bytes = meter.createCounter('mogo.query.bytes', {
    unit: 'By',
    description: 'Bytes of answers, before compression.',
  })
  return {
    ended(end: AccessEnd, role: string): void {
      queries.add(1, { decision: end.decision, reason: end.reason, role })
      if (end.rows > 0) rows.add(end.rows, { role })
      bytes.add(end.bytes, { role })
    },
  }
}
