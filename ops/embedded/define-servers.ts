/**
 * From what a project wants embedded to the definitions that the supervisor starts: chooses ports, makes secrets, joins the servers.
 */

import { join } from 'node:path'
import { clickhouseServer } from './clickhouse.ts'
import { type ClickHouseDatabases, DEFAULT_DATABASES } from './clickhouse-config.ts'
import { type ConnectKafka, connectServer, saslClientProperties } from './connect.ts'
import { ensureSecret } from './credentials.ts'
import type { Isolation } from './isolation.ts'
import type { JavaSetup } from './java-command.ts'
import { kafkaServer } from './kafka.ts'
import { type AclRule, DEFAULT_TOPICS, defaultAcls, type TopicNames } from './kafka-acls.ts'
import type { PortBook } from './port-book.ts'
import { postgresServer } from './postgres.ts'
import type { DatabaseSpec, RoleSpec } from './postgres-admin.ts'
import type { ScopeBook } from './scope-book.ts'
import type { ServerDefinition } from './server.ts'

/** Which servers to start. One that is left out is not started: the project has its own, or needs none. Ports not given are free ones. */
export type EmbeddedServers = {
  readonly postgres?: {
    readonly port?: number | undefined
    readonly roles?: readonly RoleSpec[]
    readonly databases?: readonly DatabaseSpec[]
    readonly maxConnections?: number
  }
  readonly kafka?: {
    readonly port?: number | undefined
    readonly controllerPort?: number | undefined
    readonly topics?: TopicNames
    /** Beside those that follow from `topics`. */
    readonly acls?: readonly AclRule[]
    readonly heapMb?: number
  }
  readonly connect?: {
    readonly port?: number | undefined
    readonly group?: string
    /** Needed if Kafka is not embedded. */
    readonly kafka?: ConnectKafka
    /** Secrets that connectors may name, by key. */
    readonly secrets?: Readonly<Record<string, string>>
    readonly heapMb?: number
  }
  readonly clickhouse?: {
    readonly port?: number | undefined
    readonly nativePort?: number | undefined
    readonly databases?: ClickHouseDatabases
    readonly scopeSettings?: Readonly<Record<string, string | number>>
    readonly maxMemoryBytes?: number
  }
}

/** Where the servers are; those that are not embedded are missing. */
export type EmbeddedEndpoints = {
  readonly postgres?: { readonly host: string; readonly port: number }
  readonly kafka?: { readonly brokers: readonly string[] }
  readonly connect?: { readonly url: string }
  readonly clickhouse?: {
    readonly url: string
    readonly host: string
    readonly port: number
    readonly nativePort: number
  }
}

/** What the machine and the state folder give. */
export type ServerGround = {
  readonly stateDir: string
  readonly isolation: Isolation
  readonly ports: PortBook
  readonly scopes: ScopeBook
  /** The Node that runs ClickHouse's child. */
  readonly node: string
  /** There if Kafka or Connect is wanted. */
  readonly java?: JavaSetup
}

/** Defines the servers that are wanted, and says where they will be. */
export async function defineServers(
  servers: EmbeddedServers,
  ground: ServerGround,
): Promise<{ definitions: ServerDefinition[]; endpoints: EmbeddedEndpoints }> {
  const { stateDir, isolation, ports, scopes, node, java } = ground
  const secretsDir = join(stateDir, 'secrets')
  const definitions: ServerDefinition[] = []
  const endpoints: { -readonly [K in keyof EmbeddedEndpoints]: EmbeddedEndpoints[K] } = {}
  if (servers.postgres !== undefined) {
    const { roles = [], databases = [], maxConnections } = servers.postgres
    const port = await ports.choose('postgres', servers.postgres.port, 'postgres.port')
    endpoints.postgres = { host: '127.0.0.1', port }
    definitions.push(
      postgresServer({
        ...{ stateDir, port, isolation, roles, databases },
        ...(maxConnections === undefined ? {} : { maxConnections }),
      }),
    )
  }
  const topics = servers.kafka?.topics ?? DEFAULT_TOPICS
  const group = servers.connect?.group ?? topics.connectGroup
  if (servers.kafka !== undefined && java !== undefined) {
    const { heapMb, acls = [] } = servers.kafka
    const port = await ports.choose('kafka', servers.kafka.port, 'kafka.port')
    const controllerPort = await ports.choose(
      'kafka.controller',
      servers.kafka.controllerPort,
      'kafka.controllerPort',
    )
    endpoints.kafka = { brokers: [`127.0.0.1:${port}`] }
    definitions.push(
      kafkaServer({
        ...{ stateDir, java, port, controllerPort },
        acls: [...defaultAcls({ ...topics, connectGroup: group }), ...acls],
        ...(heapMb === undefined ? {} : { heapMb }),
      }),
    )
  }
  if (servers.connect !== undefined && java !== undefined) {
    const { heapMb } = servers.connect
    const port = await ports.choose('connect', servers.connect.port, 'connect.port')
    const kafka = servers.connect.kafka ?? {
      bootstrap: endpoints.kafka?.brokers.join(',') ?? '',
      client: saslClientProperties('connect', ensureSecret(secretsDir, 'kafka.connect')),
    }
    endpoints.connect = { url: `http://127.0.0.1:${port}` }
    definitions.push(
      connectServer({
        ...{ stateDir, java, port, group, kafka },
        dependsOn: servers.kafka === undefined ? [] : ['kafka'],
        secrets: servers.connect.secrets ?? {},
        ...(heapMb === undefined ? {} : { heapMb }),
      }),
    )
  }
  if (servers.clickhouse !== undefined) {
    const { databases = DEFAULT_DATABASES, scopeSettings, maxMemoryBytes } = servers.clickhouse
    const port = await ports.choose('clickhouse', servers.clickhouse.port, 'clickhouse.port')
    const nativePort = await ports.choose(
      'clickhouse.native',
      servers.clickhouse.nativePort,
      'clickhouse.nativePort',
    )
    endpoints.clickhouse = { url: `http://127.0.0.1:${port}`, host: '127.0.0.1', port, nativePort }
    ensureSecret(secretsDir, 'clickhouse.scopes', 32)
    definitions.push(
      clickhouseServer({
        ...{ stateDir, node, port, nativePort, databases },
        scopes: () => scopes.current(),
        ...(scopeSettings === undefined ? {} : { scopeSettings }),
        ...(maxMemoryBytes === undefined ? {} : { maxMemoryBytes }),
      }),
    )
  }
  return { definitions, endpoints }
}
