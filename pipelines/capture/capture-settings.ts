/** Settings of a project -> what capture works with: names, the identity of the connector, topics. */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { governanceTopic, quarantineTopic, rawTopic } from '#contracts/events/topics.ts'
import { type PostgresConnection, type Settings, secretFile } from '#ops/runtime/settings.ts'
import { type ConnectorSettings, rawTopicSettings } from './connector-config.ts'
import type { WantedTopic } from './kafka-topics.ts'

/** Secret with Debezium's placeholder of unchanged values; the worker reads it too. */
export const UNAVAILABLE_SECRET = 'unavailable.value'

/** Keys in the properties file that the embedded Connect's file provider may read. */
const PASSWORD_KEY = 'postgres.capture'
const UNAVAILABLE_KEY = 'unavailable.value'

/** The login that Debezium uses. */
export function captureLogin(settings: Settings): PostgresConnection {
  return settings.postgres('capture')
}

/** True if the capture role is ours to make: on the embedded Postgres. Elsewhere it is the user's, and only checked. */
export function ownsCaptureRole(settings: Settings): boolean {
  return settings.project.config.postgres.url === undefined
}

/** Settings of the connector. */
export function connectorSettings(settings: Settings, epoch: number): ConnectorSettings {
  const { postgres, kafka, connect } = settings.project.config
  const login = captureLogin(settings)
  const [host = login.host, port = String(login.port)] = connect.postgresHost?.split(':') ?? []
  return {
    host,
    port: Number(port),
    database: login.database,
    user: login.user,
    tls: login.tls,
    ...references(settings),
    publication: postgres.publication,
    slot: postgres.slot,
    topicPrefix: kafka.topicPrefix,
    partitions: kafka.partitions,
    replicationFactor: kafka.replicationFactor,
    retentionHours: kafka.retentionHours,
    epoch,
  }
}

function references(settings: Settings): { passwordReference: string; unavailableReference: string } {
  const { connect } = settings.project.config
  const { stateDir } = settings.project
  if (connect.url === undefined) {
    // Connect lets one file be named, by its true path.
    const file = join(realPath(join(stateDir, 'secrets')), 'connect.properties')
    const reference = (key: string) => `\${file:${file}:${key}}`
    return { passwordReference: reference(PASSWORD_KEY), unavailableReference: reference(UNAVAILABLE_KEY) }
  }
  if (connect.secretsReference === undefined)
    throw new MogoError('MOGO_CONFIG_INVALID', {
      file: settings.project.file,
      count: 1,
      faults:
        '  connect.secretsReference: needed with connect.url: how Connect refers to the capture password',
    })
  // The placeholder is random, and that is all it must be: at an own Connect it may stand in the configuration.
  return { passwordReference: connect.secretsReference, unavailableReference: ensurePlaceholder(settings) }
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function ensurePlaceholder(settings: Settings): string {
  const file = secretFile(settings.project.stateDir, UNAVAILABLE_SECRET)
  if (!existsSync(file)) {
    mkdirSync(join(settings.project.stateDir, 'secrets'), { recursive: true, mode: 0o700 })
    try {
      writeFileSync(file, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
    } catch {
      // Another process was faster: its value is read below.
    }
  }
  return settings.secret(UNAVAILABLE_SECRET)
}

/** Every topic of the pipeline. */
export function wantedTopics(
  datasets: readonly CompiledDataset[],
  settings: Settings,
): readonly WantedTopic[] {
  const { topicPrefix, partitions, replicationFactor, retentionHours } = settings.project.config.kafka
  const raw = new Set(datasets.map(({ source }) => rawTopic(topicPrefix, source)))
  const kept = { 'cleanup.policy': 'delete', 'retention.ms': String(14 * 24 * 3_600_000) }
  return [
    ...[...raw].map((topic) => ({
      topic,
      partitions,
      replicationFactor,
      settings: rawTopicSettings(retentionHours),
    })),
    { topic: quarantineTopic(topicPrefix), partitions: 1, replicationFactor, settings: kept },
    { topic: governanceTopic(topicPrefix), partitions: 1, replicationFactor, settings: kept },
  ]
}
