/** Roles and databases in the real Postgres. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Client } from 'pg'
import { describe, expect, inject, it } from 'vitest'
import { readSecret } from '#ops/embedded/credentials.ts'
import { type AdminConnection, ensureDatabases, ensureRoles } from '#ops/embedded/postgres-admin.ts'

const servers = inject('servers')
const secretsDir = join(servers.stateDir, 'secrets')
const admin: AdminConnection = { ...servers.postgres, user: 'postgres', secretsDir }
const id = randomUUID().slice(0, 8)
const [owner, guest, stranger, database] = [`Owner ${id}`, `guest_${id}`, `stranger_${id}`, `db "${id}"`]

async function logIn(
  role: string,
  password = readSecret(secretsDir, `postgres.${role}`),
  into = database,
): Promise<string> {
  const client = new Client({ ...servers.postgres, user: role, database: into, password })
  try {
    await client.connect()
    return (await client.query(`SELECT current_user AS who`)).rows[0].who
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name
  } finally {
    await client.end().catch(() => {})
  }
}

describe('roles and databases', () => {
  it('are made once, whatever their names, and made again without harm', async () => {
    for (let i = 0; i < 2; i++) {
      await ensureRoles(admin, [
        { name: owner },
        { name: guest, replication: true, memberOf: ['pg_monitor'] },
        { name: stranger },
      ])
      await ensureDatabases(admin, [{ name: database, owner, connect: [guest] }])
    }
    expect(await logIn(owner)).toBe(owner)
    expect(await logIn(guest)).toBe(guest)
  })

  it('let in only the owner and who was named', async () => {
    expect(await logIn(stranger)).toBe('42501')
  })

  it('refuse a wrong password', async () => {
    expect(await logIn(owner, 'wrong')).toBe('28P01')
  })

  it('keep passwords as SCRAM and give no role more than it was named for', async () => {
    const client = new Client({
      ...servers.postgres,
      user: 'postgres',
      database: 'postgres',
      password: readSecret(secretsDir, 'postgres.superuser'),
    })
    await client.connect()
    const { rows } = await client.query(
      `SELECT rolname, rolpassword LIKE 'SCRAM-SHA-256$%' AS scram, rolreplication, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls
       FROM pg_authid WHERE rolname = ANY ($1) ORDER BY rolname`,
      [[owner, guest]],
    )
    await client.end()
    const plain = {
      scram: true,
      rolsuper: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolbypassrls: false,
    }
    expect(rows).toEqual([
      { rolname: owner, rolreplication: false, ...plain },
      { rolname: guest, rolreplication: true, ...plain },
    ])
  })
})
