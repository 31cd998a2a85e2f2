/** Small pure parts of the command line: exit codes, paths, the list of configuration keys. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ERRORS, type ErrorCode, MogoError } from '#contracts/errors.ts'
import { describeKeys } from '#ops/cli/commands/config.ts'
import { lineagePath } from '#ops/cli/commands/query.ts'
import { exitCodeOf, sayError } from '#ops/cli/exit-codes.ts'

describe('the exit code', () => {
  const codes: readonly (readonly [ErrorCode, number])[] = [
    ['MOGO_USAGE', 2],
    ['MOGO_CONFIG_INVALID', 2],
    ['MOGO_CONFIG_NOT_FOUND', 2],
    ['MOGO_CONFIG_SYNTAX', 2],
    ['MOGO_NOT_RUNNING', 3],
    ['MOGO_POSTGRES_UNREACHABLE', 3],
    ['MOGO_UNAVAILABLE', 3],
    ['MOGO_CONTRACT_INVALID', 1],
    ['MOGO_AUTH_EXPIRED', 1],
    ['MOGO_INTERNAL', 1],
  ]
  test.each(codes)('of %s is %i', (code, exit) => expect(exitCodeOf(new MogoError(code))).toBe(exit))

  test('of every fault is 1, 2 or 3', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[])
      expect([1, 2, 3]).toContain(exitCodeOf(new MogoError(code)))
  })

  test.each([[new Error('x')], ['x'], [undefined], [{ code: 'MOGO_USAGE' }]])(
    'of what is unexpected is 1',
    (error) => expect(exitCodeOf(error)).toBe(1),
  )
})

describe('what is said of an error', () => {
  afterEach(() => void vi.restoreAllMocks())
  const said = (error: unknown): string => {
    let text = ''
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      text += String(chunk)
      return true
    })
    sayError(error)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour
    return text.replaceAll(/\u001b\[\d+m/g, '')
  }

  test('is its code, what is wrong, and what to do', () => {
    expect(said(new MogoError('MOGO_NOT_RUNNING'))).toBe(
      'error MOGO_NOT_RUNNING: This project is not running.\n  what to do: Start it with `mogo up`.\n',
    )
  })

  test('holds nothing of an unexpected one but its class and place', () => {
    const text = said(new TypeError('ada@example.org'))
    expect(text).not.toContain('ada')
    expect(text).toMatch(
      /^error MOGO_INTERNAL: An unexpected fault in TypeError at .*words\.test\.ts:\d+\.\n/,
    )
    expect(said('ada')).toContain('An unexpected fault in string.')
  })
})

test.each([
  ['orders', '/v1/lineage/orders'],
  ['orders.total', '/v1/lineage/orders?column=total'],
  ['a b/../c.d&e=f', '/v1/lineage/a%20b%2F'],
  ['0198c1d2-0000-7000-8000-0123456789ab', '/v1/lineage/queries/0198c1d2-0000-7000-8000-0123456789ab'],
  ['0198c1d2', '/v1/lineage/0198c1d2'],
  ['', '/v1/lineage/'],
])('the lineage of %j is at %s', (what, path) => expect(lineagePath(what).startsWith(path)).toBe(true))

describe('the list of configuration keys', () => {
  const keys = describeKeys()

  test('has a meaning for each', () => {
    for (const text of keys) expect(text).toMatch(/^[a-zA-Z.]+ +\S.*\.( \(default: .+\))?$/)
  })

  test('is complete', () => {
    expect(keys.map((text) => text.split(' ')[0])).toMatchInlineSnapshot(`
      [
        "name",
        "contracts",
        "stateDir",
        "logLevel",
        "postgres",
        "postgres.url",
        "postgres.passwordFile",
        "postgres.tls",
        "postgres.database",
        "postgres.port",
        "postgres.publication",
        "postgres.slot",
        "postgres.capture",
        "postgres.capture.username",
        "postgres.capture.passwordFile",
        "kafka",
        "kafka.brokers",
        "kafka.tls",
        "kafka.mechanism",
        "kafka.login",
        "kafka.login.username",
        "kafka.login.passwordFile",
        "kafka.topicPrefix",
        "kafka.partitions",
        "kafka.replicationFactor",
        "kafka.retentionHours",
        "kafka.port",
        "connect",
        "connect.url",
        "connect.login",
        "connect.login.username",
        "connect.login.passwordFile",
        "connect.secretsReference",
        "connect.postgresHost",
        "connect.port",
        "clickhouse",
        "clickhouse.url",
        "clickhouse.login",
        "clickhouse.login.username",
        "clickhouse.login.passwordFile",
        "clickhouse.database",
        "clickhouse.governanceDatabase",
        "clickhouse.port",
        "identity",
        "identity.issuer",
        "identity.audience",
        "identity.claims",
        "identity.claims.tenant",
        "identity.claims.roles",
        "identity.claims.attributes",
        "identity.tenants",
        "identity.clientId",
        "identity.loginScope",
        "identity.issuers",
        "identity.people",
        "identity.port",
        "api",
        "api.host",
        "api.port",
        "api.maxSeconds",
        "api.maxMemoryMb",
        "api.maxResultRows",
        "api.maxRowsToRead",
        "api.keyRoles",
        "api.keyMaxDays",
        "api.cache",
        "api.cache.megabytes",
        "api.cache.lookMillis",
        "api.cache.maxStaleSeconds",
        "api.limits",
        "api.limits.requestsPerMinute",
        "api.limits.requestsPerMinute.principal",
        "api.limits.requestsPerMinute.tenant",
        "api.limits.requestsPerMinute.routes",
        "api.limits.concurrency",
        "api.limits.concurrency.total",
        "api.limits.concurrency.tenant",
        "api.limits.concurrency.principal",
        "api.limits.concurrency.routes",
        "api.limits.queueSeconds",
        "api.limits.queueLength",
        "api.limits.readGbPerHour",
        "api.limits.failedLoginsPerMinute",
        "api.limits.overloadMillis",
        "api.corsOrigins",
        "api.tls",
        "api.tls.certFile",
        "api.tls.keyFile",
        "worker",
        "worker.flushRows",
        "worker.flushBytes",
        "worker.flushMillis",
        "worker.metricsPort",
        "worker.quarantineBreaker",
        "worker.quarantineBreaker.share",
        "worker.quarantineBreaker.records",
        "quarantine",
        "quarantine.operatorRoles",
        "quarantine.payloadRoles",
        "lineage",
        "lineage.port",
        "operations",
        "operations.port",
        "operations.captureCheckCron",
        "operations.alertRules",
        "telemetry",
        "telemetry.endpoint",
        "telemetry.sampleRatio",
      ]
    `)
  })

  test('says defaults', () => {
    expect(keys.find((text) => text.startsWith('kafka.partitions '))).toBe(
      'kafka.partitions                   Partitions of a raw topic when it is made. (default: 1)',
    )
  })
})
