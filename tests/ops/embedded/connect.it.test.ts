/** The REST interface of the real Kafka Connect, and what it does with secrets. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { CONNECT_REST_USER, connectSecretReference } from '#ops/embedded/connect.ts'
import { readSecret } from '#ops/embedded/credentials.ts'

const servers = inject('servers')
const secretsDir = join(servers.stateDir, 'secrets')

function ask(path: string, password?: string, method = 'GET', body?: unknown): Promise<Response> {
  const authorization =
    password === undefined ? {} : { authorization: `Basic ${btoa(`${CONNECT_REST_USER}:${password}`)}` }
  return fetch(`${servers.connect.url}${path}`, {
    method,
    headers: { ...authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

const password = (): string => readSecret(secretsDir, 'connect.rest')

describe('Kafka Connect', () => {
  it.each([
    ['without a password', undefined],
    ['with a wrong password', 'wrong'],
  ])('answers nobody %s', async (_case, wrong) => {
    expect((await ask('/connectors', wrong)).status).toBe(401)
  })

  it('answers with the password', async () => {
    expect((await ask('/connectors', password())).status).toBe(200)
  })

  it('has Debezium for Postgres', async () => {
    const plugins = (await (await ask('/connector-plugins', password())).json()) as {
      class: string
      version: string
    }[]
    expect(plugins.find((plugin) => plugin.class.endsWith('.PostgresConnector'))?.version).toBe('3.7.0.Final')
  })

  it('fills in the secrets that it was given, and no other file', async () => {
    const { port, host } = servers.postgres
    const config = (reference: string) => ({
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      name: 'validated-only',
      'database.hostname': host,
      'database.port': String(port),
      'database.user': 'mogo_capture',
      'database.password': reference,
      'database.dbname': 'postgres',
      'topic.prefix': 'validated',
      'plugin.name': 'pgoutput',
    })
    const validate = async (reference: string): Promise<string> => {
      const answer = await ask(
        '/connector-plugins/io.debezium.connector.postgresql.PostgresConnector/config/validate',
        password(),
        'PUT',
        config(reference),
      )
      const { configs } = (await answer.json()) as {
        configs?: { value: { name: string; errors: string[] } }[]
      }
      return (configs ?? []).flatMap(({ value }) => value.errors).join()
    }
    // Debezium logs in to validate: it can do so only with the secret filled in.
    expect(await validate(connectSecretReference(secretsDir, 'postgres.capture'))).toBe('')
    expect(await validate(`\${file:${join(secretsDir, 'clickhouse.admin')}:x}`)).not.toBe('')
  })

  it('writes no secret into its log', () => {
    const log = readFileSync(join(servers.stateDir, 'logs', 'connect.log'), 'utf8')
    const secrets = ['kafka.connect', 'connect.rest', 'postgres.capture'].map((name) =>
      readSecret(secretsDir, name),
    )
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([])
  })
})
