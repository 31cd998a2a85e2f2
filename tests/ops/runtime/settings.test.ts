import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isMogoError, type MogoError } from '#contracts/errors.ts'
import { type Project, parseConfig } from '#ops/runtime/load-config.ts'
import {
  type Endpoints,
  endpointsFile,
  readEndpoints,
  readSecret,
  resolveSettings,
  secretFile,
} from '#ops/runtime/settings.ts'

const dir = mkdtempSync(join(tmpdir(), 'mogo-settings-'))
const stateDir = join(dir, '.mogo')
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const projectOf = (text: string): Project => ({
  dir,
  file: join(dir, 'mogo.yaml'),
  config: parseConfig(text, 'mogo.yaml'),
  contractsDir: join(dir, 'contracts'),
  stateDir,
})
const running: Endpoints = {
  postgres: { host: '127.0.0.1', port: 5001 },
  kafka: { brokers: ['127.0.0.1:5002'] },
  connect: { url: 'http://127.0.0.1:5003' },
  clickhouse: { url: 'http://127.0.0.1:5004' },
  identity: { issuer: 'http://127.0.0.1:5005' },
}
const secrets = [
  'postgres.superuser',
  'postgres.capture',
  'postgres.app',
  'kafka.admin',
  'kafka.worker',
  'connect.rest',
  'clickhouse.admin',
  'clickhouse.query-api-gate',
  'clickhouse.query-api-versions',
  'clickhouse.query-api-audit',
]
const faultOf = (run: () => unknown): MogoError => {
  try {
    run()
  } catch (error) {
    if (isMogoError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

beforeAll(() => {
  mkdirSync(join(stateDir, 'secrets'), { recursive: true })
  mkdirSync(join(stateDir, 'run'), { recursive: true })
  for (const name of secrets) writeFileSync(secretFile(stateDir, name), `secret of ${name}\n`)
  writeFileSync(join(dir, 'pw'), 'own password\n')
})

describe('embedded servers', () => {
  const settings = resolveSettings(projectOf('postgres: {database: shop}'), running)

  test('have an identity per role, with a generated password', () => {
    expect(settings.postgres('superuser')).toEqual({
      host: '127.0.0.1',
      port: 5001,
      database: 'shop',
      user: 'postgres',
      password: 'secret of postgres.superuser',
      tls: false,
    })
    expect(settings.postgres('capture').user).toBe('mogo_capture')
    expect(settings.postgres('app', 'other').database).toBe('other')
    expect(settings.kafka('worker')).toEqual({
      brokers: ['127.0.0.1:5002'],
      tls: false,
      sasl: { mechanism: 'plain', username: 'worker', password: 'secret of kafka.worker' },
    })
    expect(settings.connect()).toEqual({
      url: 'http://127.0.0.1:5003',
      username: 'mogo',
      password: 'secret of connect.rest',
    })
    expect(settings.clickhouse('admin')).toMatchObject({
      username: 'admin',
      password: 'secret of clickhouse.admin',
    })
    expect(settings.clickhouse('gate').username).toBe('query_api_gate')
    expect(settings.clickhouse('versions').username).toBe('query_api_versions')
    expect(settings.clickhouse('audit')).toMatchObject({
      username: 'query_api_audit',
      password: 'secret of clickhouse.query-api-audit',
    })
    expect(settings.issuer()).toBe('http://127.0.0.1:5005')
  })

  test('that are not up are said to be so', () => {
    const none = resolveSettings(projectOf(''), {})
    for (const ask of [
      () => none.postgres('app'),
      () => none.kafka('worker'),
      () => none.connect(),
      () => none.clickhouse('admin'),
      () => none.issuer(),
    ])
      expect(faultOf(ask).code).toBe('MOGO_NOT_RUNNING')
  })

  test('without their secret are a fault that names the file', () => {
    const fault = faultOf(() => settings.kafka('lineage'))
    expect(fault.code).toBe('MOGO_SECRET_MISSING')
    expect(fault.message).toContain(secretFile(stateDir, 'kafka.lineage'))
  })
})

describe('own servers', () => {
  test('are used as they are, with the one login for every role', () => {
    const settings = resolveSettings(
      projectOf(`
postgres: {url: "postgres://ada%40x@db:6543/sh%20op", passwordFile: pw, tls: true}
kafka: {brokers: ["a:1", "b:2"], tls: true, mechanism: scram-sha-512, login: {username: k, passwordFile: ${join(dir, 'pw')}}}
connect: {url: "https://connect:8083", login: {username: c, passwordFile: pw}}
clickhouse: {url: "https://ch:8443", login: {username: h, passwordFile: pw}}
identity: {issuer: "https://id.example"}`),
      {},
    )
    const password = 'own password'
    expect(settings.postgres('superuser')).toEqual({
      host: 'db',
      port: 6543,
      database: 'sh op',
      user: 'ada@x',
      password,
      tls: true,
    })
    expect(settings.postgres('capture')).toEqual(settings.postgres('app'))
    expect(settings.kafka('worker')).toEqual({
      brokers: ['a:1', 'b:2'],
      tls: true,
      sasl: { mechanism: 'scram-sha-512', username: 'k', password },
    })
    expect(settings.connect()).toEqual({ url: 'https://connect:8083', username: 'c', password })
    expect(settings.clickhouse('lineage')).toEqual({ url: 'https://ch:8443', username: 'h', password })
    expect(settings.issuer()).toBe('https://id.example')
  })

  test('without a login are asked without a password', () => {
    const settings = resolveSettings(
      projectOf(
        'postgres: {url: "postgres://db"}\nkafka: {brokers: ["a:1"]}\nclickhouse: {url: "http://ch:8123"}',
      ),
      {},
    )
    expect(settings.postgres('app')).toEqual({
      host: 'db',
      port: 5432,
      database: 'postgres',
      user: 'postgres',
      password: '',
      tls: false,
    })
    expect(settings.kafka('worker').sasl).toBeNull()
    expect(settings.clickhouse('admin')).toEqual({ url: 'http://ch:8123', username: 'default', password: '' })
  })

  test('may have a separate identity for capture', () => {
    const settings = resolveSettings(
      projectOf('postgres: {url: "postgres://ada@db/shop", capture: {username: cdc, passwordFile: pw}}'),
      {},
    )
    expect(settings.postgres('capture')).toMatchObject({ user: 'cdc', password: 'own password' })
    expect(settings.postgres('app')).toMatchObject({ user: 'ada', password: '' })
  })
})

describe('endpoints and secrets', () => {
  test('endpoints are read from their file; what cannot be read is nothing running', () => {
    expect(readEndpoints(stateDir)).toEqual({})
    writeFileSync(endpointsFile(stateDir), JSON.stringify(running))
    expect(readEndpoints(stateDir)).toEqual(running)
    for (const broken of ['{', '{"unknown": 1}', '{"kafka": {"brokers": 1}}']) {
      writeFileSync(endpointsFile(stateDir), broken)
      expect(readEndpoints(stateDir)).toEqual({})
    }
  })

  test.each([
    ['a', 'a'],
    ['a\n', 'a'],
    ['a\r\n', 'a'],
    [' a \n\n', ' a \n'],
  ])('of a secret %j only the last line break is cut', (text, secret) => {
    writeFileSync(join(dir, 'one'), text)
    expect(readSecret(join(dir, 'one'), 'one')).toBe(secret)
  })

  test('an empty secret is none', () => {
    writeFileSync(join(dir, 'one'), '\n')
    expect(faultOf(() => readSecret(join(dir, 'one'), 'the name')).message).toBe(
      `The secret for the name cannot be read from ${join(dir, 'one')}.`,
    )
  })
})
