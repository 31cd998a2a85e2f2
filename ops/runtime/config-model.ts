/**
 * The one configuration model: what may stand in `mogo.yaml`, with defaults and prose.
 *
 * Every server is *embedded* (the default: `mogo up` starts it) or *external* (an address is given: it is used as it is).
 * Passwords never stand in the file: `passwordFile` names a file that holds one. Paths are relative to the folder of mogo.yaml.
 * `mogo config` prints the effective configuration; `mogo config --keys` prints the prose below.
 */
import { z } from 'zod'

const port = (what: string) =>
  z.int().min(1).max(65535).optional().describe(`Port of ${what}; without it a free one is taken.`)

const passwordFile = z.string().min(1).describe('File that holds the password, mode 0600.')

const login = z
  .strictObject({ username: z.string().min(1).describe('User name.'), passwordFile })
  .describe('An identity: user name, and the file with its password.')

/** Refuses credentials in a URL: they would reach logs, process lists and this file. */
const urlWithoutPassword = (protocols: readonly string[], what: string) =>
  z
    .string()
    .superRefine((text, context) => {
      let url: URL
      try {
        url = new URL(text)
      } catch {
        context.addIssue({ code: 'custom', message: `not a URL; expected ${protocols[0]}//host:port` })
        return
      }
      if (!protocols.includes(url.protocol))
        context.addIssue({
          code: 'custom',
          message: `expected ${protocols.join(' or ')}, got ${url.protocol}`,
        })
      if (url.password !== '')
        context.addIssue({
          code: 'custom',
          message: 'holds a password; put it into a file and name that in passwordFile',
        })
    })
    .describe(what)

/** Scheme, host and port, as a browser sends them. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text
}

const postgres = z
  .strictObject({
    url: urlWithoutPassword(
      ['postgres:', 'postgresql:'],
      'Address of your own Postgres: postgres://user@host:port/database.',
    ).optional(),
    passwordFile: passwordFile.optional(),
    tls: z.boolean().default(false).describe('Connect by TLS and verify the server (external Postgres).'),
    database: z.string().min(1).default('app').describe('Source database (embedded Postgres).'),
    port: port('the embedded Postgres'),
    publication: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'lower case letters, digits and _')
      .default('mogo')
      .describe('Name of the publication.'),
    slot: z
      .string()
      .regex(/^[a-z0-9_]{1,63}$/, 'lower case letters, digits and _')
      .default('mogo')
      .describe('Name of the replication slot.'),
    capture: login
      .optional()
      .describe('The identity Debezium logs in as (external Postgres); default: the user of url.'),
  })
  .describe('The system of record.')

const kafka = z
  .strictObject({
    brokers: z
      .array(z.string().regex(/^[^\s:]+:\d+$/, 'expected host:port'))
      .min(1)
      .optional()
      .describe('Your own brokers: [host:port, …].'),
    tls: z.boolean().default(false).describe('Connect by TLS (external Kafka).'),
    mechanism: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
      .default('plain')
      .describe('SASL mechanism (external Kafka).'),
    login: login.optional().describe('The identity at your own Kafka; without it no SASL is used.'),
    topicPrefix: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,40}$/, 'letters, digits, _ and -')
      .default('mogo')
      .describe('Prefix of all topics.'),
    partitions: z.int().min(1).max(1000).default(1).describe('Partitions of a raw topic when it is made.'),
    replicationFactor: z.int().min(1).max(9).default(1).describe('Replicas of a topic when it is made.'),
    retentionHours: z
      .int()
      .min(1)
      .default(24)
      .describe('How long raw topics (personal data in clear) are kept.'),
    port: port('the embedded Kafka'),
  })
  .describe('The log between capture and load.')

const connect = z
  .strictObject({
    url: urlWithoutPassword(
      ['http:', 'https:'],
      'REST address of your own Kafka Connect, with the Debezium Postgres plug-in.',
    ).optional(),
    login: login.optional().describe('Basic authentication of the REST address.'),
    secretsReference: z
      .string()
      .optional()
      .describe(
        'How connectors refer to the capture password at your own Connect: a reference of a config provider, such as the one of FileConfigProvider.',
      ),
    postgresHost: z
      .string()
      .optional()
      .describe('host:port of Postgres as Connect sees it, if it differs from here.'),
    port: port('the embedded Connect'),
  })
  .describe('Kafka Connect, which runs Debezium.')

const clickhouse = z
  .strictObject({
    url: urlWithoutPassword(
      ['http:', 'https:'],
      'HTTP address of your own ClickHouse (26.7.7.84 or newer).',
    ).optional(),
    login: login
      .optional()
      .describe('An identity that may create databases, tables, users and row policies there.'),
    database: z
      .string()
      .regex(/^[a-z_][a-z0-9_]*$/, 'lower case letters, digits and _')
      .default('analytics')
      .describe('Database of the datasets.'),
    governanceDatabase: z
      .string()
      .regex(/^[a-z_][a-z0-9_]*$/, 'lower case letters, digits and _')
      .default('governance')
      .describe('Database of quarantine, lineage and access log.'),
    port: port('the embedded ClickHouse (HTTP)'),
  })
  .describe('Where datasets lie and queries run.')

const claims = z.strictObject({
  tenant: z.string().default('tenant').describe('Claim with the tenant.'),
  roles: z.string().default('roles').describe('Claim with the list of roles.'),
  attributes: z.string().default('attributes').describe('Claim with further attributes for row filters.'),
})

const tenantName = z.string().trim().min(1).max(200)

const furtherIssuer = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower case letters, digits and -, at most 40')
    .describe('Short name; part of what its people are called in access records.'),
  issuer: urlWithoutPassword(['http:', 'https:'], 'Issuer URL.'),
  audience: z.string().min(1).optional().describe('Audience of its tokens; default: identity.audience.'),
  claims: claims.optional().describe('Which claims hold what; default: identity.claims.'),
  tenant: tenantName.optional().describe('All of its people are of this tenant.'),
  tenants: z.array(tenantName).min(1).optional().describe('The tenants that it may give.'),
  clientId: z.string().min(1).optional().describe('Client of `mogo login --issuer NAME` there.'),
})

const identity = z
  .strictObject({
    issuer: urlWithoutPassword(
      ['http:', 'https:'],
      'Issuer URL of your own OpenID Connect provider.',
    ).optional(),
    audience: z.string().min(1).default('mogo').describe('The audience that access tokens must carry.'),
    claims: claims.prefault({}).describe('Which claims hold what.'),
    tenants: z
      .array(tenantName)
      .min(1)
      .optional()
      .describe('The tenants that this issuer may give; default: any that none of `issuers` has.'),
    clientId: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Client of `mogo login` at your own provider: public, with the device authorization grant and refresh tokens.',
      ),
    loginScope: z
      .string()
      .min(1)
      .default('openid offline_access')
      .describe(
        'Scopes that `mogo login` asks for; offline_access makes most providers give a refresh token.',
      ),
    issuers: z
      .array(furtherIssuer)
      .default([])
      .describe(
        'Further issuers: [{name, issuer, audience, claims, tenant or tenants, clientId}]. A tenant belongs to one issuer; one without tenants gives those that no other lists.',
      ),
    people: z.string().optional().describe('YAML file with the people of the embedded provider.'),
    port: port('the embedded identity provider'),
  })
  .superRefine(checkIssuers)
  .describe('Who signs the bearer tokens of callers.')

/** One issuer for each URL, name and tenant: else it would be open who may sign for whom. */
function checkIssuers(
  identity: {
    readonly issuer?: string | undefined
    readonly tenants?: readonly string[] | undefined
    readonly issuers: readonly z.output<typeof furtherIssuer>[]
  },
  context: z.RefinementCtx,
): void {
  const urls = new Set(identity.issuer === undefined ? [] : [identity.issuer])
  const names = new Set<string>()
  const tenants = new Set(identity.tenants)
  const once = (seen: Set<string>, value: string, path: readonly (string | number)[], what: string): void => {
    if (seen.has(value)) context.addIssue({ code: 'custom', path: ['issuers', ...path], message: what })
    seen.add(value)
  }
  for (const [index, one] of identity.issuers.entries()) {
    once(urls, one.issuer, [index, 'issuer'], 'this issuer is there twice')
    once(names, one.name, [index, 'name'], 'this name is there twice')
    if (one.tenant !== undefined && one.tenants !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['issuers', index, 'tenants'],
        message: 'give tenant or tenants, not both',
      })
    const listed = one.tenant === undefined ? (one.tenants ?? []) : [one.tenant]
    const place = one.tenant === undefined ? 'tenants' : 'tenant'
    for (const tenant of new Set(listed))
      once(tenants, tenant, [index, place], 'a tenant belongs to one issuer, and this one to another already')
  }
}

const cache = z
  .strictObject({
    megabytes: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(32)
      .describe('Memory for kept answers, MiB; 0: none are kept.'),
    lookMillis: z
      .number()
      .min(0)
      .max(1_000)
      .default(10)
      .describe(
        'Whether rows have changed is looked after again after twice the time that this takes, at most after so many milliseconds; 0: for each answer.',
      ),
    maxStaleSeconds: z
      .int()
      .min(0)
      .max(3_600)
      .default(10)
      .describe(
        'How long an outdated answer may be given to a caller who asks for that (Cache-Control: max-stale), seconds; 0: never.',
      ),
  })
  .prefault({})
  .describe('Answers that are kept, per access scope, until the rows behind them change.')

const limits = z
  .strictObject({
    requestsPerMinute: z
      .strictObject({
        principal: z.int().positive().default(120_000).describe('Of one person or program.'),
        tenant: z.int().positive().default(600_000).describe('Of all of a tenant.'),
        routes: z
          .record(z.string().startsWith('/v1/'), z.int().positive())
          .default({})
          .describe('Of one person on one route: {/v1/query: 600}. Routes are written as in /openapi.json.'),
      })
      .prefault({})
      .describe('Requests within a minute, whatever they cost; the usual values stop runaway programs only.'),
    concurrency: z
      .strictObject({
        total: z.int().positive().default(48).describe('Of everybody; exports take three quarters at most.'),
        tenant: z.int().positive().default(32).describe('Of one tenant.'),
        principal: z.int().positive().default(16).describe('Of one person or program.'),
        routes: z
          .record(z.string().startsWith('/v1/'), z.int().positive())
          .default({})
          .describe('Of everybody on one route: {/v1/query: 24}.'),
      })
      .prefault({})
      .describe('Queries that run at the same time. Others wait; tenants take turns.'),
    queueSeconds: z
      .number()
      .positive()
      .max(300)
      .default(10)
      .describe('Longest wait of a query before it is refused, seconds.'),
    queueLength: z
      .int()
      .positive()
      .default(1_000)
      .describe('Queries that wait; a tenant may have a quarter of them.'),
    readGbPerHour: z
      .number()
      .positive()
      .default(10_000)
      .describe('What the queries of a tenant may read in the engine within an hour, GB.'),
    failedLoginsPerMinute: z
      .int()
      .positive()
      .default(600)
      .describe(
        'Failed logins from one address; beyond that, tokens that were not seen before are refused unread. Behind a proxy all callers have its address.',
      ),
    overloadMillis: z
      .int()
      .min(50)
      .default(1_000)
      .describe('Delay of this process from which on requests are refused (exports from half of it).'),
  })
  .prefault({})
  .describe('Fair use.')

const api = z
  .strictObject({
    host: z.string().default('127.0.0.1').describe('Address to listen on.'),
    port: port('the query API'),
    maxSeconds: z.number().positive().default(30).describe('Longest run time of a query, seconds.'),
    maxMemoryMb: z.int().positive().default(1024).describe('Memory of a query in the engine, MiB.'),
    maxResultRows: z.int().positive().default(5_000_000).describe('Most rows in an answer.'),
    maxRowsToRead: z.int().positive().default(2_000_000_000).describe('Most rows that a query may read.'),
    keyRoles: z
      .array(z.string().min(1))
      .default(['data_engineer', 'compliance'])
      .describe('Roles that may list, make and revoke API keys of their own tenant.'),
    keyMaxDays: z.int().min(1).max(3650).default(365).describe('Longest life of an API key, days.'),
    cache,
    limits,
    corsOrigins: z
      .array(z.string().refine(isOrigin, 'expected an origin, such as https://bi.example.com'))
      .default([])
      .describe('Origins whose pages may call the API from a browser: [https://bi.example.com, …].'),
    tls: z
      .strictObject({
        certFile: z.string().min(1).describe('File with the certificate chain (PEM).'),
        keyFile: z.string().min(1).describe('File with its private key (PEM).'),
      })
      .optional()
      .describe('Serve by TLS 1.3; the files are read again when they change.'),
  })
  .describe('The query API.')

const worker = z
  .strictObject({
    flushRows: z.int().min(1).max(1_000_000).default(50_000).describe('Rows after which a batch is loaded.'),
    flushBytes: z
      .int()
      .min(1024)
      .default(14 * 1024 * 1024)
      .describe('Bytes of rows after which a batch is loaded.'),
    flushMillis: z
      .int()
      .min(1)
      .max(60_000)
      .default(80)
      .describe('Milliseconds after which a batch is loaded, however small.'),
    metricsPort: port('the worker (metrics and health)'),
    quarantineBreaker: z
      .strictObject({
        share: z
          .number()
          .positive()
          .max(1)
          .default(0.5)
          .describe(
            'A table is paused when more than this share of its latest records is quarantined; 1: never.',
          ),
        records: z
          .int()
          .min(1)
          .default(1000)
          .describe('How many of the latest records are looked at, at least.'),
      })
      .prefault({})
      .describe('What pauses a table whose records mostly break the contract.'),
  })
  .describe('The pipeline worker.')

const quarantine = z
  .strictObject({
    operatorRoles: z
      .array(z.string().min(1))
      .default(['data_engineer', 'compliance'])
      .describe(
        'Roles that may list, replay and drop quarantined records, of datasets whose contract gives the role every row.',
      ),
    payloadRoles: z
      .array(z.string().min(1))
      .default(['compliance'])
      .describe(
        'Roles that may open a quarantined record, personal data in clear, for a purpose that is recorded; under the same condition.',
      ),
  })
  .describe('Who may work on quarantined records.')

const lineage = z.strictObject({ port: port('the lineage service') }).describe('The lineage service.')

const operations = z
  .strictObject({
    port: port('the operations service (health)'),
    captureCheckCron: z
      .string()
      .default('*/15 * * * * *')
      .describe(
        'When the pipeline is looked at: its figures, alerts, and failed tasks of the connector, which are restarted (cron, with seconds).',
      ),
    alertRules: z
      .string()
      .min(1)
      .optional()
      .describe('YAML file with alert rules that add to the built-in ones or change them by their name.'),
  })
  .describe('Schedules.')

const telemetry = z
  .strictObject({
    endpoint: urlWithoutPassword(
      ['http:', 'https:'],
      'OTLP/HTTP endpoint of traces and metrics; without it none are sent.',
    ).optional(),
    sampleRatio: z
      .number()
      .min(0)
      .max(1)
      .default(0.05)
      .describe('Share of records and requests that are traced.'),
  })
  .describe('OpenTelemetry.')

/** What may stand in mogo.yaml. */
export const projectConfigSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower case letters, digits and -, at most 40')
      .default('mogo')
      .describe('Name of the project.'),
    contracts: z.string().default('contracts').describe('Folder of the contracts (*.odcs.yaml).'),
    stateDir: z.string().default('.mogo').describe('Folder of data, logs and secrets of embedded servers.'),
    logLevel: z
      .enum(['trace', 'debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('Least level that is logged.'),
    postgres: postgres.prefault({}),
    kafka: kafka.prefault({}),
    connect: connect.prefault({}),
    clickhouse: clickhouse.prefault({}),
    identity: identity.prefault({}),
    api: api.prefault({}),
    worker: worker.prefault({}),
    quarantine: quarantine.prefault({}),
    lineage: lineage.prefault({}),
    operations: operations.prefault({}),
    telemetry: telemetry.prefault({}),
  })
  .superRefine((config, context) => {
    // An embedded Connect beside an own Kafka is fine (it inherits the login), the reverse is not: an own Connect cannot be
    // expected to reach, or to have an identity at, an embedded Kafka on loopback.
    if (config.connect.url && !config.kafka.brokers)
      context.addIssue({
        code: 'custom',
        path: ['connect', 'url'],
        message: 'an own Kafka Connect needs an own Kafka too (set kafka.brokers)',
      })
  })

/** Limits of fair use. */
export type FairUseConfig = z.output<typeof limits>

/** Limits of fair use where nothing else is said. */
export const USUAL_LIMITS: FairUseConfig = limits.parse({})

/** The effective configuration: every default filled in. */
export type ProjectConfig = z.output<typeof projectConfigSchema>
