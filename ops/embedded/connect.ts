/**
 * The embedded Kafka Connect 4.3 in distributed mode, with Debezium 3.7 for Postgres on its class path.
 *
 * Its REST interface listens on the loopback address and asks for user `mogo` and the password in the secret `connect.rest`. Connector
 * configurations name secrets as `${file:PATH:NAME}` (see {@link connectSecretReference}); the only file that may be named so is
 * `secrets/connect.properties`, which holds just what connectors need.
 */

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureSecret, writePrivateFile } from './credentials.ts'
import { type JavaSetup, javaCommand, renderLog4j, renderProperties } from './java-command.ts'
import { plainJaas } from './kafka.ts'
import type { ServerDefinition } from './server.ts'
import { explainCommonFailure } from './start-failure.ts'

export const CONNECT_REST_USER = 'mogo'

/** Where Connect finds its Kafka. */
export type ConnectKafka = {
  readonly bootstrap: string
  /** Client properties without prefix: security.protocol, sasl.… */
  readonly client: Readonly<Record<string, string>>
}

/** Options of the embedded Connect. */
export type ConnectOptions = {
  readonly stateDir: string
  readonly java: JavaSetup
  readonly port: number
  readonly group: string
  readonly kafka: ConnectKafka
  /** Set when Kafka is embedded too. */
  readonly dependsOn: readonly string[]
  /** Secrets that connectors may name: key -> value. */
  readonly secrets: Readonly<Record<string, string>>
  readonly heapMb?: number
}

/** Client properties for a user of the embedded Kafka. */
export function saslClientProperties(user: string, password: string): Record<string, string> {
  return {
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': plainJaas(user, password),
  }
}

/** File of the secrets that connectors may name. */
export function connectSecretsFile(secretsDir: string): string {
  return join(secretsDir, 'connect.properties')
}

/** How a connector's configuration names a secret, so that Connect keeps and shows only the name. */
export function connectSecretReference(secretsDir: string, key: string): string {
  return `\${file:${connectSecretsFile(secretsDir)}:${key}}`
}

/** Writes the secrets that connectors may name; keys not given are dropped. Read anew at each connector start. */
export function writeConnectSecrets(secretsDir: string, secrets: Readonly<Record<string, string>>): void {
  mkdirSync(secretsDir, { recursive: true, mode: 0o700 })
  const file = connectSecretsFile(secretsDir)
  const text = renderProperties(secrets)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  writePrivateFile(file, text)
}

/** Renders connect.properties of the worker. It holds passwords. */
export function renderConnectProperties(options: {
  readonly port: number
  readonly group: string
  readonly kafka: ConnectKafka
  readonly secretsFile: string
}): string {
  const { group, kafka } = options
  const clients = Object.fromEntries(
    ['', 'producer.', 'consumer.', 'admin.'].flatMap((prefix) =>
      Object.entries(kafka.client).map(([key, value]) => [`${prefix}${key}`, value]),
    ),
  )
  return renderProperties({
    'bootstrap.servers': kafka.bootstrap,
    ...clients,
    'group.id': group,
    listeners: `http://127.0.0.1:${options.port}`,
    'rest.advertised.host.name': '127.0.0.1',
    'rest.advertised.port': options.port,
    'rest.extension.classes':
      'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension',
    'plugin.discovery': 'service_load',
    'exactly.once.source.support': 'enabled',
    'connector.client.config.override.policy': 'All',
    'scheduled.rebalance.max.delay.ms': 0,
    'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'key.converter.schemas.enable': false,
    'value.converter.schemas.enable': false,
    'config.storage.topic': `${group}-configs`,
    'config.storage.replication.factor': 1,
    'offset.storage.topic': `${group}-offsets`,
    'offset.storage.replication.factor': 1,
    'offset.storage.partitions': 1,
    'status.storage.topic': `${group}-status`,
    'status.storage.replication.factor': 1,
    'status.storage.partitions': 1,
    'topic.creation.enable': true,
    'config.providers': 'file',
    'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
    'config.providers.file.param.allowed.paths': options.secretsFile,
    'task.shutdown.graceful.timeout.ms': 5_000,
    'offset.flush.interval.ms': 10_000,
    'producer.compression.type': 'none',
  })
}

/** Defines the embedded Connect for the supervisor. */
export function connectServer(options: ConnectOptions): ServerDefinition {
  const secretsDir = join(options.stateDir, 'secrets')
  const confDir = join(options.stateDir, 'run', 'conf')
  const properties = join(confDir, 'connect.properties')
  const restUsers = join(confDir, 'connect-rest.users')
  const jaas = join(confDir, 'connect-rest.jaas')
  const logConfig = join(confDir, 'connect-log4j2.properties')
  const url = `http://127.0.0.1:${options.port}`
  const password = ensureSecret(secretsDir, 'connect.rest')
  const authorization = `Basic ${Buffer.from(`${CONNECT_REST_USER}:${password}`).toString('base64')}`
  return {
    name: 'connect',
    dependsOn: options.dependsOn,
    ports: { port: options.port },
    stopSignal: 'SIGTERM',
    startTimeoutSeconds: 120,
    stopTimeoutSeconds: options.java.archives === 'make' ? 90 : 15,
    prepare: async () => {
      mkdirSync(confDir, { recursive: true, mode: 0o700 })
      writeConnectSecrets(secretsDir, options.secrets)
      writePrivateFile(restUsers, renderProperties({ [CONNECT_REST_USER]: password }))
      writePrivateFile(
        jaas,
        `KafkaConnect {\n  org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule required\n  file="${restUsers}";\n};\n`,
      )
      writePrivateFile(logConfig, renderLog4j(QUIET))
      const { port, group, kafka } = options
      writePrivateFile(
        properties,
        renderConnectProperties({ port, group, kafka, secretsFile: connectSecretsFile(secretsDir) }),
      )
    },
    command: () =>
      javaCommand('connect', {
        ...options.java,
        mainClass: 'org.apache.kafka.connect.cli.ConnectDistributed',
        args: [properties],
        // Large rows are there several times over: as text, as JSON, and on their way.
        heapMb: options.heapMb ?? 1280,
        logConfig,
        properties: { 'java.security.auth.login.config': jaas },
      }),
    probe: async (signal) => {
      const answer = await fetch(`${url}/connectors`, { headers: { authorization }, signal })
      await answer.arrayBuffer()
      return answer.status === 200
    },
    explainFailure: (logTail) => {
      if (/SaslAuthenticationException/.test(logTail)) return 'Kafka refuses its user'
      if (/TimeoutException|TimedOut/.test(logTail)) return 'Kafka does not answer it'
      return explainCommonFailure(logTail)
    },
  }
}

/** Classes that would fill the log, or quote a value in a message. */
const QUIET: Readonly<Record<string, string>> = {
  'org.reflections': 'OFF',
  'org.apache.kafka.clients.NetworkClient': 'ERROR',
  'org.apache.kafka.connect.runtime.WorkerConfig': 'ERROR',
  'org.apache.kafka.connect.runtime.distributed.DistributedConfig': 'ERROR',
  'org.apache.kafka.clients.admin.AdminClientConfig': 'ERROR',
  'org.apache.kafka.clients.producer.ProducerConfig': 'ERROR',
  'org.apache.kafka.clients.consumer.ConsumerConfig': 'ERROR',
  'org.glassfish.jersey': 'ERROR',
  'org.eclipse.jetty': 'ERROR',
  'io.debezium.relational.TableSchemaBuilder': 'OFF',
  'io.debezium.connector.postgresql.PostgresValueConverter': 'OFF',
  'io.debezium.jdbc.JdbcValueConverters': 'OFF',
}
