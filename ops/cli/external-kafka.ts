/** The embedded Kafka Connect at a Kafka of the user's own: client properties from mogo.yaml. */
import type { ConnectKafka } from '#ops/embedded/connect.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'

/** Client properties of Kafka's Java clients for the project's own brokers. */
export function externalKafkaProperties(project: Project): ConnectKafka {
  const { brokers, tls, sasl } = resolveSettings(project).kafka('admin')
  const protocol = `${sasl ? 'SASL_' : ''}${tls ? 'SSL' : 'PLAINTEXT'}`
  return {
    bootstrap: brokers.join(','),
    client: {
      'security.protocol': protocol,
      ...(sasl ? { 'sasl.mechanism': sasl.mechanism.toUpperCase(), 'sasl.jaas.config': jaas(sasl) } : {}),
    },
  }
}

function jaas(sasl: {
  readonly mechanism: string
  readonly username: string
  readonly password: string
}): string {
  const module =
    sasl.mechanism === 'plain'
      ? 'org.apache.kafka.common.security.plain.PlainLoginModule'
      : 'org.apache.kafka.common.security.scram.ScramLoginModule'
  const quote = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  return `${module} required username=${quote(sasl.username)} password=${quote(sasl.password)};`
}
