/**
 * Trace context across Kafka: a record may carry a W3C `traceparent` header. A batch has many records, so its span continues the first
 * such trace and links the others.
 */
import { type Context, context, isSpanContextValid, type Link, propagation, trace } from '@opentelemetry/api'
import type { Batch } from './batcher.ts'

const MOST_LINKS = 32

/** Parent context and links of a batch's span. */
export function batchParent(batch: Batch): { readonly parent: Context; readonly links: Link[] } {
  const links: Link[] = []
  let parent: Context | undefined
  for (const { record } of batch.rows) {
    const header = record.headers['traceparent']
    if (!header) continue
    const extracted = propagation.extract(context.active(), { traceparent: header.toString('latin1') })
    const span = trace.getSpanContext(extracted)
    if (!span || !isSpanContextValid(span)) continue
    if (parent === undefined) parent = extracted
    else links.push({ context: span })
    if (links.length >= MOST_LINKS) break
  }
  return { parent: parent ?? context.active(), links }
}
