/**
 * Logs: one JSON object a line (pino), with the trace and span id of the moment.
 *
 * No data value, secret or token may reach a log. Three things hold that: what is logged are names and counts; the paths below
 * are redacted whatever is passed; and of an error only class, code and stack position are kept, for the message of a driver's
 * error often quotes the value it stumbled over. Messages of a MogoError are made from names only, so they are kept.
 */
import { isSpanContextValid, trace } from '@opentelemetry/api'
import { type DestinationStream, type Logger, pino } from 'pino'
import { MogoError } from '#contracts/errors.ts'

export type { Logger } from 'pino'

const SECRETS = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  'sql',
  'query',
  'value',
  'row',
  'payload',
  'record',
]

/** What is kept of an error. */
export function errorFields(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof MogoError)
    return {
      code: error.code,
      message: error.message,
      ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
    }
  if (!(error instanceof Error)) return { type: typeof error }
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
      ? error.code
      : undefined
  // Frames only: the head of a stack repeats the message.
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim())
  return { type: error.name, ...(code === undefined ? {} : { code }), stack: frames }
}

/** Makes the logger of a process. `name` is the process: worker, query-api, … */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    base: { name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRETS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    serializers: { err: errorFields, error: errorFields },
    mixin(): object {
      const span = trace.getActiveSpan()?.spanContext()
      return span && isSpanContextValid(span) ? { traceId: span.traceId, spanId: span.spanId } : {}
    },
  }
  return destination ? pino(options, destination) : pino(options)
}
