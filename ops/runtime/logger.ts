/**
 * Logs: one JSON object a line (pino), with the trace and span id of the moment.
 *
 * No data value, secret or token may reach a log. Three things hold that: what is logged are names and counts; the paths below
 * are redacted whatever is passed; and of an error only class, code and stack position are kept, for the message of a driver's
 * error often quotes the value it stumbled over. Messages of a MogoError are made from names only, so they are kept. This holds for
 * an error that is logged under any name, or alone: pino would make its message the line's.
 */
import { isSpanContextValid, trace } from '@opentelemetry/api'
import { type Bindings, type DestinationStream, type LogFn, type Logger, pino } from 'pino'
import { MogoError } from '#contracts/errors.ts'

export type { Logger } from 'pino'

const REDACTED = '[redacted]'

const SECRETS: ReadonlySet<string> = new Set([
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
])

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

/** Deeper than this nothing is logged. */
const DEEPEST = 6

/**
 * What may be logged of an object: without what stands under a name of {@link SECRETS}, and of errors what is kept of them; `err` and `error` have
 * serializers. Own code, as pino's redaction by these paths takes more time than all the rest of a line.
 */
function loggable(object: object, depth = 1): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(object)) {
    const isForSerializer = depth === 1 && (name === 'err' || name === 'error')
    if (SECRETS.has(name)) found[name] = REDACTED
    else found[name] = isForSerializer ? value : loggableValue(value, depth)
  }
  return found
}

function loggableValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return errorFields(value)
  // It says itself what becomes of it: a date, an address.
  if ('toJSON' in value) return value
  if (depth >= DEEPEST) return REDACTED
  if (Array.isArray(value)) return value.map((each) => loggableValue(each, depth + 1))
  return loggable(value, depth + 1)
}

/** Makes the logger of a process. `name` is the process: worker, query-api, … */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    base: { name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: errorFields, error: errorFields },
    formatters: { log: (object: object) => loggable(object) },
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
  const logger: Logger = destination ? pino(options, destination) : pino(options)
  const { child } = logger
  // What a child says in each of its lines passes no formatter.
  logger.child = function childOf(this: Logger, bindings: Bindings, ...rest: readonly unknown[]) {
    return Reflect.apply(child, this, [loggable(bindings), ...rest])
  } as Logger['child']
  return logger
}
