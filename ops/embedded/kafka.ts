/**
 * The embedded Kafka 4.3: one KRaft node, broker and controller in one process.
 *
 * Both listeners are on the loopback address and ask for user and password (SASL/PLAIN). The users stand in the configuration, which is a file of
 * mode 0600; `kafka-acls.ts` says what each may do. The controller quorum is static (`controller.quorum.voters`): the dynamic one keeps the
 * controller's port in its log and would not find itself again under another port.
 */

import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensureSecret, writePrivateFile } from './credentials.ts'
import { ensureDataFolder } from './data-folder.ts'
import { type JavaSetup, javaCommand, renderLog4j, renderProperties } from './java-command.ts'
import { type AclRule, ensureAcls, KAFKA_USERS, probeKafka } from './kafka-acls.ts'
import type { ServerDefinition } from './server.ts'
import { brokenData, explainCommonFailure } from './start-failure.ts'

export const KAFKA_VERSION = '4.3.1'

/** Options of the embedded Kafka. */
export type KafkaOptions = {
  readonly stateDir: string
  readonly java: JavaSetup
  readonly port: number
  readonly controllerPort: number
  readonly acls: readonly AclRule[]
  readonly heapMb?: number
}

/** What server.properties is rendered from. */
export type KafkaProperties = {
  readonly port: number
  readonly controllerPort: number
  readonly logDir: string
  /** User -> password; `admin` must be among them. */
  readonly users: Readonly<Record<string, string>>
}

/** A JAAS entry for SASL/PLAIN; with `users`, also the list a server checks against. */
export function plainJaas(
  user: string,
  password: string,
  users: Readonly<Record<string, string>> = {},
): string {
  const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  const known = Object.entries(users).map(([name, secret]) => ` user_${name}=${quoted(secret)}`)
  return `org.apache.kafka.common.security.plain.PlainLoginModule required username=${quoted(user)} password=${quoted(password)}${known.join('')};`
}

/** Renders server.properties. It holds passwords. */
export function renderServerProperties(options: KafkaProperties): string {
  const jaas = plainJaas('admin', options.users['admin'] ?? '', options.users)
  return renderProperties({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${options.controllerPort}`,
    listeners: `CLIENT://127.0.0.1:${options.port},CONTROLLER://127.0.0.1:${options.controllerPort}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${options.port}`,
    'listener.security.protocol.map': 'CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'CLIENT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.client.plain.sasl.jaas.config': jaas,
    'listener.name.controller.plain.sasl.jaas.config': jaas,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:admin',
    'allow.everyone.if.no.acl.found': false,
    'log.dirs': options.logDir,

    'auto.create.topics.enable': false,
    'num.partitions': 1,
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'transactional.id.expiration.ms': 604_800_000,

    // Raw topics hold personal data: short retention, small segments so that it takes effect.
    'log.retention.hours': 24,
    'log.segment.bytes': 134_217_728,
    'log.roll.hours': 6,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    'log.cleaner.threads': 1,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'num.replica.fetchers': 1,
    'num.recovery.threads.per.data.dir': 2,
    'background.threads': 2,
    // After a kill -9 the controller lets the broker in again when its last session is over (9 s by default).
    'broker.session.timeout.ms': 6_000,
    'broker.heartbeat.interval.ms': 1_000,
    'message.max.bytes': 20_971_520,
    'replica.fetch.max.bytes': 20_971_520,
    'controlled.shutdown.max.retries': 1,
  })
}

/** A cluster id as Kafka writes it: 16 random bytes in base64url, not beginning with a hyphen. */
export function newClusterId(random: (size: number) => Buffer = randomBytes): string {
  for (;;) {
    const id = random(16).toString('base64url')
    if (!id.startsWith('-')) return id
  }
}

/** Defines the embedded Kafka for the supervisor. */
export function kafkaServer(options: KafkaOptions): ServerDefinition {
  const dataDir = join(options.stateDir, 'data', 'kafka')
  const secretsDir = join(options.stateDir, 'secrets')
  const confDir = join(options.stateDir, 'run', 'conf')
  const properties = join(confDir, 'kafka.properties')
  const logConfig = join(confDir, 'kafka-log4j2.properties')
  const connection = { brokers: [`127.0.0.1:${options.port}`], secretsDir }
  const render = (logDir: string): string =>
    renderServerProperties({
      port: options.port,
      controllerPort: options.controllerPort,
      logDir,
      users: Object.fromEntries(
        ['admin', ...KAFKA_USERS].map((user) => [user, ensureSecret(secretsDir, `kafka.${user}`)]),
      ),
    })
  const { java } = options
  return {
    name: 'kafka',
    dependsOn: [],
    ports: { port: options.port, controller: options.controllerPort },
    stopSignal: 'SIGTERM',
    startTimeoutSeconds: 120,
    stopTimeoutSeconds: java.archives === 'make' ? 90 : 15,
    prepare: async (run) => {
      mkdirSync(confDir, { recursive: true, mode: 0o700 })
      mkdirSync(dirname(dataDir), { recursive: true, mode: 0o700 })
      writePrivateFile(logConfig, renderLog4j({ 'org.apache.kafka.clients.NetworkClient': 'ERROR' }))
      await ensureDataFolder(dataDir, { server: 'kafka', version: KAFKA_VERSION }, async (fresh) => {
        const formatProperties = join(confDir, 'kafka-format.properties')
        writePrivateFile(formatProperties, render(join(fresh, 'log')))
        const args = ['format', '-t', newClusterId(), '-c', formatProperties]
        const tool = {
          ...java,
          mainClass: 'kafka.tools.StorageTool',
          args,
          heapMb: 128,
          logConfig,
          shortLived: true,
        }
        await run('kafka', javaCommand('kafka', tool), 60)
      })
      checkFormat(join(dataDir, 'log'))
      writePrivateFile(properties, render(join(dataDir, 'log')))
    },
    command: () =>
      javaCommand('kafka', {
        ...java,
        mainClass: 'kafka.Kafka',
        args: [properties],
        heapMb: options.heapMb ?? 768,
        logConfig,
      }),
    probe: () => probeKafka(connection),
    afterReady: () => ensureAcls(connection, options.acls),
    explainFailure: (logTail) => {
      if (/Failed to acquire lock on file \.lock/.test(logTail)) return 'another Kafka uses its data folder'
      return explainCommonFailure(logTail)
    },
  }
}

/** @throws MogoError MOGO_DATA_BROKEN if the folder does not say which cluster it belongs to */
function checkFormat(logDir: string): void {
  let text = ''
  try {
    text = readFileSync(join(logDir, 'meta.properties'), 'utf8')
  } catch {
    // missing: the same as empty
  }
  if (!/^version=1$/m.test(text) || !/^cluster\.id=\S+$/m.test(text)) {
    throw brokenData('kafka', logDir, 'meta.properties is missing or damaged')
  }
}
