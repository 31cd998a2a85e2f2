/** Where the systems are, as OpenLineage names them: scheme, host and port; never a login. */
import type { ProjectConfig } from '#ops/runtime/config-model.ts'
import type { Endpoints } from '#ops/runtime/settings.ts'
import type { SystemAddresses } from './openlineage.ts'

/** Addresses from the configuration, or of the embedded servers. */
export function systemAddresses(config: ProjectConfig, endpoints: Endpoints): SystemAddresses {
  const postgres = config.postgres.url
    ? hostOf(config.postgres.url, '5432')
    : `${endpoints.postgres?.host ?? 'localhost'}:${endpoints.postgres?.port ?? 5432}`
  const brokers = config.kafka.brokers ?? endpoints.kafka?.brokers ?? ['localhost:9092']
  const clickhouse = hostOf(
    config.clickhouse.url ?? endpoints.clickhouse?.url ?? 'http://localhost:8123',
    '8123',
  )
  return {
    postgres: `postgres://${postgres}`,
    kafka: `kafka://${brokers[0]}`,
    clickhouse: `clickhouse://${clickhouse}`,
  }
}

function hostOf(url: string, port: string): string {
  const { hostname, port: given } = new URL(url)
  return `${hostname}:${given || port}`
}
