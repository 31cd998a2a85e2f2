/**
 * Logs: one JSON object a line (pino), with the trace and span id of the moment.
 *
 * No data value, secret or token may reach a log. Three things hold that: what is logged are names and counts; the paths below
 * are redacted whatever is passed; and of an error only class, code and stack position are kept, for the message of a driver's
 * error often quotes the value it stumbled over. Messages of a MogoError are made from names only, so they are kept. This holds for
 * an error that is logged under any name, or alone: pino would make its message the line's.
 */
import { isSpanContextValid, trace } from '@opentelemetry/api'
import { type DestinationStream, type LogFn, type Logger, pino } from 'pino'
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
  // Frames only: the head of a stack repeats the message, of which a line may look like a frame.
  const said = new Set(error.message.split('\n'))
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line) && !said.has(line))
    .slice(0, 8)
    .map((line) => line.trim())
  return { type: error.name, ...(code === undefined ? {} : { code }), stack: frames }
}

/** The line for an error that is logged without one. */
function lineOf(error: Error): string {
  return error instanceof MogoError ? `${error.code}: ${error.message}` : error.name
}

/** An error that stands under another name than `err` and `error`, which have a serializer. */
function withoutErrors(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      value instanceof Error && name !== 'err' && name !== 'error' ? errorFields(value) : value,
    ]),
  )
}

/** Makes the logger of a process. `name` is the process: worker, query-api, … */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    base: { name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: SECRETS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[redacted]',
    },
    serializers: { err: errorFields, error: errorFields },
    formatters: { log: withoutErrors },
    hooks: {
      logMethod(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
        const [first, text, ...rest] = args as readonly unknown[]
        const holder = first instanceof Error ? { err: first } : first
        const error = holder && typeof holder === 'object' && 'err' in holder ? holder.err : undefined
        if (error instanceof Error)
          method.call(this, holder, typeof text === 'string' ? text : lineOf(error), ...rest)
        else method.apply(this, args)
      },
    },
    mixin(): object {
      const span = trace.getActiveSpan()?.spanContext()
      return span && isSpanContextValid(span) ? { traceId: span.traceId, spanId: span.spanId } : {}
    },
  }
  return destination ? pino(options, destination) : pino(options)
}
