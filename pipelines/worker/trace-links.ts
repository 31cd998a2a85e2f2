/**
 * Trace context across Kafka: a record may carry a W3C `traceparent` header. A batch has many records, so its span continues the first
 * such trace and links the others.
 */
import { type Context, context, isSpanContextValid, type Link, propagation, trace } from '@opentelemetry/api'
import type { RawRecord } from '#transforms/record.ts'

/** Traces of a batch that are looked at: one to continue, the others to link. */
export const MOST_TRACES = 33

/** Parent context and links of the span of a batch that has these `traceparent` headers. */
export function batchParent(traces: readonly string[]): { readonly parent: Context; readonly links: Link[] } {
  const links: Link[] = []
  let parent: Context | undefined
  for (const traceparent of traces) {
    const extracted = propagation.extract(context.active(), { traceparent })
    const span = trace.getSpanContext(extracted)
    if (!span || !isSpanContextValid(span)) continue
    if (parent === undefined) parent = extracted
    else links.push({ context: span })
  }
  return { parent: parent ?? context.active(), links }
}

const TRACEPARENT = /^[\da-f]{2}-(?!0{32})([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/

/** The trace that a record belongs to (W3C Trace Context, 3.2.2.3); undefined if it says none. */
export function traceIdOf({ headers }: Pick<RawRecord, 'headers'>): string | undefined {
  return TRACEPARENT.exec(headers['traceparent']?.toString('latin1') ?? '')?.[1]
}
