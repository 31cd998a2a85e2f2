/** Faults of Kafka as faults of the catalogue: a refused login is told apart from a broker that is away. */
import { MogoError } from '#contracts/errors.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'

/** Translates an error of kafkajs; its text is not told, its name is. */
export function kafkaFault(cause: unknown, connection: KafkaConnection): MogoError {
  if (cause instanceof MogoError) return cause
  const brokers = connection.brokers.join(', ')
  const name = cause instanceof Error ? cause.name : ''
  // Retries wrap the last try.
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause.name : ''
  if ([name, inner].includes('KafkaJSSASLAuthenticationError'))
    return new MogoError('MOGO_KAFKA_AUTH', { brokers, user: connection.sasl?.username ?? '' }, { cause })
  return new MogoError('MOGO_KAFKA_UNREACHABLE', { brokers, detail: name || 'no answer' }, { cause })
}
