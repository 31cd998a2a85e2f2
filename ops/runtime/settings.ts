/**
 * Settings of a process: the project's configuration joined with where the embedded servers listen right now
 * (`<stateDir>/run/endpoints.json`, written by the supervisor's side), as connections per role.
 *
 * A *role* is an identity of one process at one server. Embedded servers have one for each; at an external server all roles
 * fall back to the login that mogo.yaml names. Passwords are read from their files when the settings are made.
 */
import { readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { MogoError } from '#contracts/errors.ts'
import type { Project } from './load-config.ts'

const endpointsSchema = z.strictObject({
  postgres: z.strictObject({ host: z.string(), port: z.int() }).optional(),
  kafka: z.strictObject({ brokers: z.array(z.string()) }).optional(),
  connect: z.strictObject({ url: z.string() }).optional(),
  clickhouse: z.strictObject({ url: z.string() }).optional(),
  identity: z.strictObject({ issuer: z.string() }).optional(),
  api: z.strictObject({ url: z.string(), port: z.int() }).optional(),
  worker: z.strictObject({ port: z.int() }).optional(),
  lineage: z.strictObject({ url: z.string(), port: z.int() }).optional(),
  operations: z.strictObject({ port: z.int() }).optional(),
  /** The supervisor's control API; its token is the secret `supervisor.control`. */
  control: z.strictObject({ url: z.string() }).optional(),
})
/** Where embedded servers and own processes listen. */
export type Endpoints = z.output<typeof endpointsSchema>

/** Identities at the embedded servers: names of secrets are `<server>.<role>`. */
export type PostgresRole = 'superuser' | 'capture' | 'app'
export type KafkaRole = 'admin' | 'worker' | 'replay' | 'query-api' | 'lineage'
export type ClickHouseRole = 'admin' | 'worker' | 'lineage' | 'ops' | 'gate' | 'versions' | 'audit'

/** Identities of the query API beside its access scopes. */
const QUERY_API_ROLES: ReadonlySet<ClickHouseRole> = new Set(['gate', 'versions', 'audit'])

/** How to log in to Postgres. */
export type PostgresConnection = {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
  readonly tls: boolean
}
/** How to log in to Kafka. */
export type KafkaConnection = {
  readonly brokers: readonly string[]
  readonly tls: boolean
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  } | null
}
/** How to log in to ClickHouse. */
export type ClickHouseConnection = {
  readonly url: string
  readonly username: string
  readonly password: string
}
/** How to reach Kafka Connect. */
export type ConnectConnection = { readonly url: string; readonly username: string; readonly password: string }

/** Path of the file with the current endpoints. */
export function endpointsFile(stateDir: string): string {
  return join(stateDir, 'run', 'endpoints.json')
}

/** Current endpoints; empty where nothing embedded runs. */
export function readEndpoints(stateDir: string): Endpoints {
  try {
    return endpointsSchema.parse(JSON.parse(readFileSync(endpointsFile(stateDir), 'utf8')))
  } catch {
    return {}
  }
}

/** Path of a generated secret, `<server>.<role>`. */
export function secretFile(stateDir: string, name: string): string {
  return join(stateDir, 'secrets', name)
}

/** Reads a secret; the last line break is not part of it. @throws MogoError MOGO_SECRET_MISSING */
export function readSecret(file: string, name: string): string {
  try {
    const secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    if (secret !== '') return secret
  } catch {
    // Said below, without the cause: the path says enough.
  }
  throw new MogoError('MOGO_SECRET_MISSING', { name, file })
}

/** Connections of one project, per role. Every method throws MOGO_NOT_RUNNING if an embedded server is not up. */
export type Settings = {
  readonly project: Project
  readonly endpoints: Endpoints
  postgres(role: PostgresRole, database?: string): PostgresConnection
  kafka(role: KafkaRole): KafkaConnection
  connect(): ConnectConnection
  clickhouse(role: ClickHouseRole): ClickHouseConnection
  /** Issuer of access tokens. */
  issuer(): string
  /** A generated secret of this project. */
  secret(name: string): string
}

/** Joins configuration and endpoints. */
export function resolveSettings(
  project: Project,
  endpoints: Endpoints = readEndpoints(project.stateDir),
): Settings {
  const { config } = project
  const path = (file: string) => (isAbsolute(file) ? file : resolve(project.dir, file))
  const generated = (name: string) => readSecret(secretFile(project.stateDir, name), name)
  const running = <T>(value: T | undefined): T => {
    if (value === undefined) throw new MogoError('MOGO_NOT_RUNNING')
    return value
  }
  return {
    project,
    endpoints,
    postgres(role, database) {
      const { url, tls, passwordFile, capture } = config.postgres
      if (url === undefined) {
        const { host, port } = running(endpoints.postgres)
        const user = role === 'superuser' ? 'postgres' : `mogo_${role}`
        return {
          host,
          port,
          database: database ?? config.postgres.database,
          user,
          password: generated(`postgres.${role}`),
          tls: false,
        }
      }
      const parsed = new URL(url)
      const own = role === 'capture' ? capture : undefined
      const user = own?.username ?? (decodeURIComponent(parsed.username) || 'postgres')
      const file = own?.passwordFile ?? passwordFile
      return {
        host: parsed.hostname,
        port: Number(parsed.port || 5432),
        database: database ?? (decodeURIComponent(parsed.pathname.slice(1)) || user),
        user,
        password: file === undefined ? '' : readSecret(path(file), 'postgres.passwordFile'),
        tls,
      }
    },
    kafka(role) {
      const { brokers, tls, mechanism, login } = config.kafka
      if (brokers === undefined)
        return {
          brokers: running(endpoints.kafka).brokers,
          tls: false,
          sasl: { mechanism: 'plain', username: role, password: generated(`kafka.${role}`) },
        }
      const sasl = login
        ? {
            mechanism,
            username: login.username,
            password: readSecret(path(login.passwordFile), 'kafka.login'),
          }
        : null
      return { brokers, tls, sasl }
    },
    connect() {
      const { url, login } = config.connect
      if (url === undefined)
        return { url: running(endpoints.connect).url, username: 'mogo', password: generated('connect.rest') }
      return {
        url,
        username: login?.username ?? '',
        password: login ? readSecret(path(login.passwordFile), 'connect.login') : '',
      }
    },
    clickhouse(role) {
      const { url, login } = config.clickhouse
      if (url === undefined) {
        const user = QUERY_API_ROLES.has(role) ? `query_api_${role}` : role
        return {
          url: running(endpoints.clickhouse).url,
          username: user,
          password: generated(`clickhouse.${user.replaceAll('_', '-')}`),
        }
      }
      return {
        url,
        username: login?.username ?? 'default',
        password: login ? readSecret(path(login.passwordFile), 'clickhouse.login') : '',
      }
    },
    issuer: () => config.identity.issuer ?? running(endpoints.identity).issuer,
    secret: generated,
  }
}
