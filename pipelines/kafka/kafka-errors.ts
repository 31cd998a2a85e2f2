/** Faults of Kafka as faults of the catalogue: a refused login is told apart from a broker that is away. */

import { protocolErrorsCodesById } from '@platformatic/kafka'
import { MogoError } from '#contracts/errors.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'

/** Translates an error of kafkajs or of our own connections; its text is not told, its name is. */
export function kafkaFault(cause: unknown, connection: KafkaConnection): MogoError {
  if (cause instanceof MogoError) return cause
  const brokers = connection.brokers.join(', ')
  const names = namesOf(cause)
  if (names.some((name) => REFUSED_LOGIN.has(name)))
    return new MogoError('MOGO_KAFKA_AUTH', { brokers, user: connection.sasl?.username ?? '' }, { cause })
  return new MogoError('MOGO_KAFKA_UNREACHABLE', { brokers, detail: names[0] || 'no answer' }, { cause })
}

/** Kafka's name of an error number. */
export function protocolErrorName(code: number): string {
  return protocolErrorsCodesById[code] ?? `error ${code}`
}

/** What the broker said, by Kafka's name; kafkajs wraps it. Empty if it said nothing. */
export function refusalOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return 'type' in error && typeof error.type === 'string' ? error.type : refusalOf(error.cause)
}

const REFUSED_LOGIN: ReadonlySet<string> = new Set(['KafkaJSSASLAuthenticationError', 'LoginRefused'])

/** Of the error and of what it wraps: retries wrap the last try. */
function namesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  // The system's errors have a code for a name.
  const name = error.name === 'Error' && 'code' in error ? String(error.code) : error.name
  return [name, ...namesOf(error.cause)]
}
