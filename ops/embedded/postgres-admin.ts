/** What the supervisor does in Postgres as superuser: the ready probe, roles, databases. All idempotent. */

import { Client, escapeIdentifier, escapeLiteral } from 'pg'
import { ensureSecret, readSecret } from './credentials.ts'

/** A login role, its password in the secret `postgres.<secret ?? name>`. */
export type RoleSpec = {
  readonly name: string
  /** Name of the secret behind `postgres.`; the role's name if not given. */
  readonly secret?: string
  /** May open replication connections (Debezium). */
  readonly replication?: boolean
  /** Roles it is a member of, e.g. pg_monitor. */
  readonly memberOf?: readonly string[]
}

/** A database, its owner, and the roles beside the owner that may connect to it. */
export type DatabaseSpec = {
  readonly name: string
  readonly owner?: string
  readonly connect?: readonly string[]
}

/** Where the superuser logs in; its password is the secret `postgres.superuser`. */
export type AdminConnection = {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly secretsDir: string
  readonly database?: string
}

/** True once Postgres answers a query. */
export async function probePostgres(connection: AdminConnection): Promise<boolean> {
  return withClient(connection, async (client) => {
    await client.query(/*sql*/ `SELECT 1`)
    return true
  })
}

/** Creates what is missing of these roles, and sets their passwords and attributes to what is wanted. */
export async function ensureRoles(connection: AdminConnection, roles: readonly RoleSpec[]): Promise<void> {
  if (roles.length === 0) return
  await withClient(connection, async (client) => {
    for (const role of roles) {
      const password = ensureSecret(connection.secretsDir, `postgres.${role.secret ?? role.name}`)
      const name = escapeIdentifier(role.name)
      const known = await client.query(/*sql*/ `SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1`, [
        role.name,
      ])
      if (known.rowCount === 0) await client.query(/*sql*/ `CREATE ROLE ${name} LOGIN`)
      const replication = role.replication === true ? 'REPLICATION' : 'NOREPLICATION'
      // The server would otherwise see the password in clear in a statement; its log keeps none (log_min_error_statement).
      await client.query(
        /*sql*/ `ALTER ROLE ${name} LOGIN ${replication} PASSWORD ${escapeLiteral(password)}`,
      )
      for (const group of role.memberOf ?? [])
        await client.query(/*sql*/ `GRANT ${escapeIdentifier(group)} TO ${name}`)
    }
  })
}

/** Creates what is missing of these databases. A new one lets nobody in but its owner and the roles under `connect`. */
export async function ensureDatabases(
  connection: AdminConnection,
  databases: readonly DatabaseSpec[],
): Promise<void> {
  if (databases.length === 0) return
  await withClient(connection, async (client) => {
    for (const { name, owner, connect } of databases) {
      const database = escapeIdentifier(name)
      const known = await client.query(/*sql*/ `SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1`, [
        name,
      ])
      if (known.rowCount === 0) {
        const owned = owner === undefined ? '' : ` OWNER ${escapeIdentifier(owner)}`
        await client.query(/*sql*/ `CREATE DATABASE ${database}${owned}`)
        await client.query(/*sql*/ `REVOKE CONNECT, TEMPORARY ON DATABASE ${database} FROM PUBLIC`)
      }
      for (const role of connect ?? []) {
        await client.query(/*sql*/ `GRANT CONNECT ON DATABASE ${database} TO ${escapeIdentifier(role)}`)
      }
    }
  })
}

async function withClient<T>(connection: AdminConnection, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    host: connection.host,
    port: connection.port,
    user: connection.user,
    database: connection.database ?? 'postgres',
    password: readSecret(connection.secretsDir, 'postgres.superuser'),
    connectionTimeoutMillis: 5_000,
    application_name: 'mogo supervisor',
  })
  client.on('error', () => {}) // a connection that breaks later is no news here
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}
