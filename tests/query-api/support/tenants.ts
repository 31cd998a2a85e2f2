/**
 * Two tenants on a real engine: `north`, whose analyst asks, and `south`, whose rows carry markers that must never get out. The
 * application runs in this process; engine, supervisor and identity provider are real.
 *
 * The engine is the file's own: new scopes restart it, which tests of other parts on a shared one would notice.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { EngineScope } from '#contracts/compile/access-scope.ts'
import { createTableStatement } from '#contracts/compile/clickhouse-ddl.ts'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { scopeSettings } from '#contracts/compile/scope-settings.ts'
import type { AccessEvent } from '#contracts/events/governance-event.ts'
import { parseContract } from '#contracts/parse.ts'
import { fetchAccessToken } from '#ops/embedded/identity-client.ts'
import { type IdentityServer, startIdentityServer } from '#ops/embedded/identity-server.ts'
import { choosePort } from '#ops/embedded/ports.ts'
import { type EmbeddedHandle, startEmbedded } from '#ops/embedded/start-embedded.ts'
import { type BearerAuth, createBearerAuth } from '#ops/runtime/bearer-auth.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { loadProject, type Project } from '#ops/runtime/load-config.ts'
import { createLogger, type Logger } from '#ops/runtime/logger.ts'
import { readSecret } from '#ops/runtime/settings.ts'
import { createExposureAudit } from '#query-api/access/exposure-audit.ts'
import { createExposureWatch, type ExposureWatch } from '#query-api/access/exposure-watch.ts'
import { createSupervisorScopeStore } from '#query-api/access/supervisor-scope-store.ts'
import { type AppDependencies, buildApp } from '#query-api/app.ts'
import { createClickHouseEngine } from '#query-api/engine/clickhouse-http.ts'
import type { AccessRecorder, QueryEngine, ScopeStore } from '#query-api/ports.ts'

/** Markers in the rows of `south`, and only there. */
export const SOUTH_MARKER = 'zq-southern-marker'
export const SOUTH_NUMBER = 77_777_777

const PEOPLE = `people:
  - { username: nora, displayName: Nora, tenant: north, roles: [analyst] }
  - { username: sam, displayName: Sam, tenant: south, roles: [analyst] }
  - { username: edith, displayName: Edith, tenant: platform, roles: [engineer] }
  - { username: olga, displayName: Olga, tenant: north, roles: [gardener] }
`

const contract = (
  run: string,
  name: string,
  version: string,
  properties: string,
): string => `apiVersion: v3.1.0
kind: DataContract
id: urn:test:${run}:${name}
version: ${version}
status: active
domain: sales
schema:
  - name: ${name}
    physicalName: public.${name}
    description: The ${name} of a shop.
    customProperties: [{ property: tenant, value: { column: tenant_id } }]
    properties:
      - { name: tenant_id, logicalType: string, physicalType: text, required: true, primaryKey: true, primaryKeyPosition: 1 }
      - { name: id, logicalType: integer, physicalType: bigint, required: true, primaryKey: true, primaryKeyPosition: 2 }
${properties}
roles:
  - role: analyst
    access: read
    customProperties:
      - { property: columns, value: { exclude: [secret_note, phone_token] } }
      - { property: rowFilter, value: [{ column: tenant_id, operator: '=', principal: tenant }] }
  - role: engineer
    access: read
    customProperties: [{ property: rowFilter, value: all }]
slaProperties:
  - { property: latency, value: 3, unit: s, element: ${name}.id }
`

const COLUMNS = `      - { name: name, logicalType: string, physicalType: text, description: Its name. }
      - { name: amount, logicalType: number, physicalType: 'numeric(38,4)', required: true }
      - { name: tags, logicalType: array, physicalType: 'text[]', required: true }
      - { name: secret_note, logicalType: string, physicalType: text }
      - name: email
        logicalType: string
        physicalType: text
        classification: personal
        customProperties: [{ property: piiPlan, value: { method: hmac, domain: email } }]
      - name: phone
        logicalType: string
        physicalType: text
        classification: personal
        customProperties: [{ property: piiPlan, value: { method: hmac, domain: phone } }]
      - name: street
        logicalType: string
        physicalType: text
        classification: personal
        customProperties: [{ property: piiPlan, value: { method: drop } }]
      - { name: placed_at, logicalType: timestamp, physicalType: timestamptz, required: true }`

/**
 * YAML of the two contracts: `clients` in version 1, `sales` in version 2 (its table is `sales_v2`). `run` keeps the scopes of test
 * files apart, which share an engine.
 */
const contracts = (run: string) => ({
  clients: contract(run, 'clients', '1.0.0', COLUMNS),
  sales: contract(
    run,
    'sales',
    '2.1.0',
    `      - { name: client_id, logicalType: integer, physicalType: bigint, required: true }\n${COLUMNS}`,
  ),
})

/** What a test gets. */
export type Tenants = {
  readonly project: Project
  readonly servers: EmbeddedHandle
  readonly datasets: readonly CompiledDataset[]
  /** Runs a statement as the administrator. */
  admin(sql: string): Promise<string>
  readonly engine: QueryEngine
  readonly logger: Logger
  readonly logLines: string[]
  /** Records that were written, in order. */
  readonly records: AccessEvent[]
  /** All that were written, also those whose place another took. */
  readonly written: AccessEvent[]
  readonly app: HttpServer
  /** Base address of the application. */
  readonly url: string
  readonly issuer: string
  token(username: string): Promise<string>
  /** Another application on the same servers, with parts exchanged. */
  build(parts: {
    readonly recorder?: AccessRecorder
    readonly wrapScopes?: (store: ScopeStore) => ScopeStore
    readonly versionMillis?: number
    readonly stallMillis?: number
    readonly auth?: BearerAuth
    readonly accessKeys?: NonNullable<AppDependencies['accessKeys']>
    readonly engine?: QueryEngine
    readonly cache?: AppDependencies['cache']
    readonly limits?: AppDependencies['limits']
    readonly load?: AppDependencies['load']
    /** Whether something is exposed; default: the audit of the engine. */
    readonly exposure?: Pick<ExposureWatch, 'assertNothingExposed'>
  }): Promise<HttpServer>
  /** Another watch over what callers could reach. */
  watch(parts: { readonly everyMillis: number; readonly soonMillis: number }): ExposureWatch
  dispose(): Promise<void>
}

/** Other contracts than the usual ones. */
export type TenantsOptions = {
  /** YAML by name. */
  readonly contracts?: (run: string) => Readonly<Record<string, string>>
  /** Changes what was compiled: types that no contract can ask for. */
  readonly adapt?: (dataset: CompiledDataset) => CompiledDataset
  readonly people?: string
  /** Longest run time of a query. */
  readonly maxSeconds?: number
  /** Settings of every scope; default: those of a project that sets none. */
  readonly scopeSettings?: Readonly<Record<string, string | number>>
  readonly fill?: (
    admin: Tenants['admin'],
    datasets: readonly CompiledDataset[],
    database: string,
  ) => Promise<void>
}

/** Starts everything. Call it in `beforeAll`. */
export async function startTenants(options: TenantsOptions = {}): Promise<Tenants> {
  const dir = mkdtempSync(join(tmpdir(), 'mogo-tenants-'))
  const files = (options.contracts ?? contracts)(randomUUID())
  mkdirSync(join(dir, 'contracts'))
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(dir, 'contracts', `${name}.odcs.yaml`), text)
  writeFileSync(join(dir, 'people.yaml'), options.people ?? PEOPLE)
  writeFileSync(
    join(dir, 'mogo.yaml'),
    stringify({
      kafka: { topicPrefix: `t${randomUUID().slice(0, 8)}` },
      identity: { people: 'people.yaml' },
    }),
  )
  const project = loadProject(dir)
  const { api } = project.config
  const limits = { ...api, maxSeconds: options.maxSeconds ?? api.maxSeconds }
  const servers = await startEmbedded({
    stateDir: project.stateDir,
    libDir: fileURLToPath(new URL('../../../.mogo/lib', import.meta.url)),
    environment: process.env,
    servers: { clickhouse: { scopeSettings: options.scopeSettings ?? scopeSettings(limits) } },
  })
  const endpoint = servers.endpoints.clickhouse?.url ?? ''
  const database = project.config.clickhouse.database
  const datasets = Object.values(files).flatMap((text) => {
    const compiled = compileContract(parseContract(text))
    const errors = compiled.faults.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) throw new Error(JSON.stringify(errors))
    return options.adapt ? compiled.datasets.map(options.adapt) : compiled.datasets
  })
  const secretOf = (name: string) => readSecret(join(servers.stateDir, 'secrets', name), name)
  const engine = createClickHouseEngine({ url: endpoint })
  const login = { username: 'admin', password: secretOf('clickhouse.admin') }
  const admin = (sql: string) => engine.text(login, { sql, format: 'TSVRaw' })
  await admin(`CREATE DATABASE IF NOT EXISTS ${database}`)
  await (options.fill ?? fill)(admin, datasets, database)

  const logLines: string[] = []
  const logger = createLogger('query-api', 'debug', { write: (line: string) => void logLines.push(line) })
  const port = await choosePort({ server: 'identity', path: 'identity.port', given: new Set() })
  const issuer = `http://127.0.0.1:${port}`
  const identity: IdentityServer = await startIdentityServer(project, issuer, logger)
  const scopes = createSupervisorScopeStore({
    controlFile: join(servers.stateDir, 'run', 'control.json'),
    secret: secretOf('clickhouse.scopes'),
    gate: { username: 'query_api_gate', password: secretOf('clickhouse.query-api-gate') },
  })
  const records: AccessEvent[] = []
  const written: AccessEvent[] = []
  const recorder: AccessRecorder = {
    async record(event) {
      const kept = structuredClone(event)
      written.push(kept)
      // As where they are stored: one of the same id takes the place of the other.
      const former = records.findIndex(({ id }) => id === kept.id)
      if (former < 0) records.push(kept)
      // Edges are stored beside the record: those of an earlier one stay.
      else
        records[former] =
          kept.decision === 'answered'
            ? { ...kept, edges: [...(records[former]?.edges ?? []), ...kept.edges] }
            : kept
    },
    async check() {},
    async close() {},
  }
  const auth = createBearerAuth({
    issuer,
    audience: 'mogo',
    claims: { tenant: 'tenant', roles: 'roles', attributes: 'attributes' },
    logger,
  })
  const cache = {
    identity: { username: 'query_api_versions', password: secretOf('clickhouse.query-api-versions') },
    megabytes: 16,
    lookMillis: 10,
    maxStaleSeconds: 10,
  }
  const watches: ExposureWatch[] = []
  const watch = (parts: { readonly everyMillis?: number; readonly soonMillis?: number }): ExposureWatch => {
    const login = { username: 'query_api_audit', password: secretOf('clickhouse.query-api-audit') }
    const audit = createExposureAudit({
      ...{ engine, identity: login, database, datasets, gate: scopes.gate().username },
    })
    const made = createExposureWatch({ audit, logger, now: () => performance.now(), ...parts })
    watches.push(made)
    return made
  }
  const exposure = watch({})
  const apps: HttpServer[] = []
  const build: Tenants['build'] = async (parts) => {
    const app = await buildApp({
      logger,
      telemetry: { prometheusText: async () => '' },
      auth: parts.auth ?? auth,
      ...(parts.accessKeys ? { accessKeys: parts.accessKeys } : {}),
      datasets,
      serviceLevels: () => [],
      database,
      engine: parts.engine ?? engine,
      scopes: parts.wrapScopes?.(scopes) ?? scopes,
      exposure: parts.exposure ?? exposure,
      recorder: parts.recorder ?? recorder,
      lineageUrl: undefined,
      workerUrl: undefined,
      maxResultRows: 400_000,
      secret: secretOf('clickhouse.scopes'),
      versionMillis: parts.versionMillis ?? 20_000,
      stallMillis: parts.stallMillis,
      cache: 'cache' in parts ? parts.cache : cache,
      ...(parts.limits && { limits: parts.limits }),
      ...(parts.load && { load: parts.load }),
      now: Date.now,
    })
    apps.push(app)
    return app
  }
  const app = await build({})
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const tokens = new Map<string, string>()
  return {
    project,
    servers,
    datasets,
    admin,
    engine,
    logger,
    logLines,
    records,
    written,
    app,
    url,
    issuer,
    build,
    watch,
    async token(username) {
      const known = tokens.get(username)
      if (known !== undefined) return known
      const secret = readFileSync(join(servers.stateDir, 'secrets', `identity.${username}`), 'utf8').trim()
      const { token } = await fetchAccessToken({ issuer, username, secret })
      tokens.set(username, token)
      return token
    },
    async dispose() {
      for (const each of watches) each.stop()
      for (const each of apps) await each.close()
      engine.close()
      await identity.stop()
      await servers.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A store whose scopes keep their grants and whose row filters let every row through: the engine without its layer. */
export function withoutRowFilters(store: ScopeStore): ScopeStore {
  const open = (scope: EngineScope): EngineScope => ({
    ...scope,
    name: scope.name.replace(/^(scope|fresh)_/, 'open_$1_'),
    rowFilters: scope.rowFilters.map((filter) => ({ ...filter, filter: '1' })),
  })
  return { ...store, ensure: (scopes) => store.ensure(scopes.map(open)) }
}

async function fill(
  admin: Tenants['admin'],
  datasets: readonly CompiledDataset[],
  database: string,
): Promise<void> {
  for (const dataset of datasets) {
    await admin(createTableStatement(dataset, database))
    const client = dataset.name === 'sales' ? 'client_id, ' : ''
    const clientValue = dataset.name === 'sales' ? 'number % 10, ' : ''
    const row = (tenant: string, name: string, amount: string) =>
      `SELECT '${tenant}', number, ${clientValue}${name}, ${amount}, ['vip', NULL], 'hush', 'tok', 'tel', now64(6), 1, 0, now64(3) FROM numbers(50)`
    for (const [tenant, name, amount] of [
      ['north', `concat('north-', toString(number))`, 'number'],
      ['south', `'${SOUTH_MARKER}'`, String(SOUTH_NUMBER)],
    ] as const)
      await admin(
        `INSERT INTO ${database}.${dataset.table} (tenant_id, id, ${client}name, amount, tags, secret_note, email_token, phone_token, placed_at, _version, _deleted, _committed_at) ${row(tenant, name, amount)}`,
      )
  }
}
