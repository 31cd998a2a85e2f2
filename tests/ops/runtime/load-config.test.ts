import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { isMogoError, type MogoError } from '#contracts/errors.ts'
import { loadProject, parseConfig } from '#ops/runtime/load-config.ts'

const faultOf = (run: () => unknown): MogoError => {
  try {
    run()
  } catch (error) {
    if (isMogoError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
/** The faults of a configuration, one line each. */
const faultsOf = (text: string): readonly string[] => {
  const fault = faultOf(() => parseConfig(text, 'mogo.yaml'))
  expect(fault.code).toBe('MOGO_CONFIG_INVALID')
  return String(fault.params['faults'])
    .split('\n')
    .map((line) => line.trim())
}

describe('mogo.yaml', () => {
  test('may be empty: everything has a default', () => {
    expect(parseConfig('', 'f')).toMatchObject({
      name: 'mogo',
      stateDir: '.mogo',
      postgres: { publication: 'mogo', slot: 'mogo', tls: false },
      kafka: { topicPrefix: 'mogo', partitions: 1 },
      clickhouse: { database: 'analytics', governanceDatabase: 'governance' },
      identity: { claims: { tenant: 'tenant', roles: 'roles' } },
    })
    expect(parseConfig('# nothing but a comment\n', 'f')).toEqual(parseConfig('{}', 'f'))
  })

  test('says all faults at once, each with its path, its line and a suggestion', () => {
    const text = [
      'name: Shop!',
      'logLvl: info',
      'kafka:',
      '  partitons: 3',
      '  brokers: [localhost]',
      'api:',
      '  maxSeconds: -1',
      'worker: {flushMillis: soon}',
    ].join('\n')
    expect([...faultsOf(text)].sort()).toEqual([
      'api.maxSeconds (line 7): Too small: expected number to be >0',
      'kafka.brokers.0 (line 5): expected host:port',
      'kafka.partitons (line 4): unknown key; did you mean partitions?',
      'logLvl (line 2): unknown key; did you mean logLevel?',
      'name (line 1): lower case letters, digits and -, at most 40',
      'worker.flushMillis (line 8): Invalid input: expected number, received string',
    ])
  })

  test.each([
    ['postgres: {url: "postgres://ada:hunter2@db:5432/shop"}', 'postgres.url'],
    ['clickhouse: {url: "https://ada:hunter2@ch:8443"}', 'clickhouse.url'],
    ['connect: {url: "http://ada:hunter2@connect:8083"}\nkafka: {brokers: ["k:9092"]}', 'connect.url'],
    ['identity: {issuer: "https://ada:hunter2@id"}', 'identity.issuer'],
    ['telemetry: {endpoint: "http://ada:hunter2@otel:4318"}', 'telemetry.endpoint'],
  ])('refuses a password in a URL, and does not repeat it: %s', (text, path) => {
    const faults = faultsOf(text)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(path)
    expect(faults[0]).toContain('holds a password; put it into a file')
    expect(faults.join()).not.toContain('hunter2')
  })

  test.each([
    ['postgres: {url: db}', 'postgres.url (line 1): not a URL; expected postgres://host:port'],
    ['postgres: {url: "mysql://db"}', 'postgres.url (line 1): expected postgres: or postgresql:, got mysql:'],
    [
      'connect: {url: "http://c:8083"}',
      'connect.url (line 1): an own Kafka Connect needs an own Kafka too (set kafka.brokers)',
    ],
    ['postgres: {slot: My-Slot}', 'postgres.slot (line 1): lower case letters, digits and _'],
    ['postgres: {port: 0}', 'postgres.port (line 1): Too small: expected number to be >=1'],
    ['postgres: {port: 70000}', 'postgres.port (line 1): Too big: expected number to be <=65535'],
    [
      'kafka: {login: {username: a}}',
      'kafka.login.passwordFile (line 1): Invalid input: expected string, received undefined',
    ],
    [
      'kafka: {login: {username: a, passwordfile: b}}',
      'kafka.login.passwordfile (line 1): unknown key; did you mean passwordFile?',
    ],
    ['postgres: [1]', 'postgres (line 1): Invalid input: expected object, received array'],
    ['- a', '(root): Invalid input: expected object, received array'],
    ['hello', '(root): Invalid input: expected object, received string'],
  ])('%s -> %s', (text, fault) => expect(faultsOf(text)).toContain(fault))

  test.each([
    ['a: [', 1],
    ['name: shop\nname: other', 2],
    ['name: shop\n\tkafka: {}', 2],
    ['a: 1\n---\nb: 2', 2],
    [`a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [${'*a,'.repeat(9)}*a]\nc: [${'*b,'.repeat(9)}*b]`, 1],
  ])('that is no YAML is said with its line: %j', (text, line) => {
    const fault = faultOf(() => parseConfig(text, 'x/mogo.yaml'))
    expect(fault.code).toBe('MOGO_CONFIG_SYNTAX')
    expect(fault.message).toMatch(new RegExp(`^x/mogo\\.yaml:${line}:\\d+: not valid YAML: `))
  })

  test('of any kind is read or refused, never worse', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.jsonValue().map((value) => JSON.stringify(value)),
        ),
        (text) => {
          try {
            parseConfig(text, 'f')
          } catch (error) {
            expect(
              isMogoError(error, 'MOGO_CONFIG_INVALID') || isMogoError(error, 'MOGO_CONFIG_SYNTAX'),
            ).toBe(true)
          }
        },
      ),
    )
  })
})

describe('a project', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mogo-config-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  test('has its folders as absolute paths, beside mogo.yaml', () => {
    writeFileSync(join(dir, 'mogo.yaml'), 'contracts: deep/contracts\nstateDir: /var/mogo\n')
    expect(loadProject(dir)).toMatchObject({
      dir,
      file: join(dir, 'mogo.yaml'),
      contractsDir: join(dir, 'deep', 'contracts'),
      stateDir: '/var/mogo',
    })
  })

  test('is missed where there is no mogo.yaml', () => {
    const empty = join(dir, 'empty')
    mkdirSync(empty)
    const fault = faultOf(() => loadProject(empty))
    expect([fault.code, fault.message]).toEqual(['MOGO_CONFIG_NOT_FOUND', `No mogo.yaml in ${empty}.`])
  })
})
