/** Answers of the engine that are too long to come as a whole. */
import { Readable } from 'node:stream'
import type { EngineAnswer } from '#query-api/ports.ts'

/** The stream of a long answer. */
export function streamOf({ body }: EngineAnswer): Readable {
  if (body instanceof Readable) return body
  throw new Error('the answer is a short one')
}
