/**
 * Brings a project up: embedded servers, then the own processes, all under one supervisor in this process.
 *
 *   check config and contracts -> servers -> identity -> [prepare source] -> capture | worker, lineage, query API, operations
 *
 * Where everything listens is written to `<stateDir>/run/endpoints.json` before the first own process starts.
 */

import { join } from 'node:path'
import { scopeSettings } from '#contracts/compile/scope-settings.ts'
import { MogoError } from '#contracts/errors.ts'
import { contractFiles, loadContracts } from '#contracts/load-contracts.ts'
import { ensureSecret, writePrivateFile } from '#ops/embedded/credentials.ts'
import type { ExtraProcess } from '#ops/embedded/extra-process.ts'
import type { SupervisorEvent } from '#ops/embedded/server.ts'
import { type EmbeddedHandle, type EmbeddedServers, startEmbedded } from '#ops/embedded/start-embedded.ts'
import { writeJson } from '#ops/embedded/state-file.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { QUERY_API_FLAGS, YOUNG_SPACE_FLAGS } from '#ops/runtime/node-flags.ts'
import { type Endpoints, endpointsFile, resolveSettings, type Settings } from '#ops/runtime/settings.ts'
import { changeLines, runCapture } from './capture-process.ts'
import { externalKafkaProperties } from './external-kafka.ts'
import { ROOT } from './find-project.ts'
import { peopleScopes } from './people-scopes.ts'

/** Entry files of the own processes, by process name. */
const ENTRIES = {
  identity: 'ops/embedded/identity-main.ts',
  worker: 'pipelines/main.ts',
  lineage: 'lineage/main.ts',
  'query-api': 'query-api/main.ts',
  ops: 'ops/main.ts',
} as const
type ProcessName = keyof typeof ENTRIES

const NODE_FLAGS: Readonly<Partial<Record<ProcessName, readonly string[]>>> = {
  worker: YOUNG_SPACE_FLAGS,
  'query-api': QUERY_API_FLAGS,
}

/** Options of {@link startStack}. */
export type StackOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly onEvent: (event: SupervisorEvent) => void
  /** Called with a line for people about what is going on. */
  readonly onStep: (text: string) => void
  /** Start the servers, but none of the own processes: for benchmarks. */
  readonly serversOnly?: boolean
  /** Runs when the servers are up and before tables are captured: a schema, a seed. */
  readonly prepareSource?: (settings: Settings) => Promise<void>
  /** Called once when a stop was asked for from outside. */
  readonly onStopRequested?: () => void
}

/** A running project. */
export type Stack = {
  readonly handle: EmbeddedHandle
  readonly settings: Settings
  readonly endpoints: Endpoints
  /** Milliseconds until all embedded servers were ready. */
  readonly serversReadyMillis: number
}

/**
 * Starts everything and resolves when all is ready. If anything fails, or `signal` aborts, all is stopped again first.
 *
 * @throws MogoError of contracts, servers and capture
 */
export async function startStack(project: Project, options: StackOptions): Promise<Stack> {
  // A new project with an embedded Postgres has no table yet, so it cannot have a contract either.
  const empty = project.config.postgres.url === undefined && contractFiles(project.contractsDir).length === 0
  const datasets = empty ? [] : loadContracts(project.contractsDir)
  const started = performance.now()
  const handle = await startEmbedded({
    stateDir: project.stateDir,
    libDir: join(ROOT, '.mogo', 'lib'),
    servers: embeddedServers(project),
    environment: options.environment,
    signal: options.signal,
    onEvent: options.onEvent,
    ...(options.onStopRequested === undefined ? {} : { onStopRequested: options.onStopRequested }),
  })
  const serversReadyMillis = performance.now() - started
  const abort = (): void => void handle.stop()
  options.signal.addEventListener('abort', abort)
  try {
    // Before anything is measured or loaded: adding a scope later starts the embedded engine anew.
    if (!empty) await handle.replaceScopes(peopleScopes(project, datasets))
    const endpoints = await publishEndpoints(project, handle)
    const settings = resolveSettings(project, endpoints)
    if (empty)
      options.onStep(
        'no contract yet: only the servers are started; put tables into Postgres, then `mogo contracts import`',
      )
    if (options.serversOnly || empty) return { handle, settings, endpoints, serversReadyMillis }
    if (project.config.identity.issuer === undefined)
      await handle.startProcesses([ownProcess('identity', project, endpoints)])
    options.signal.throwIfAborted()
    if (options.prepareSource) await options.prepareSource(settings)
    options.signal.throwIfAborted()
    options.onStep('capture: publication, slot and connector as the contracts say')
    const own = (['worker', 'lineage', 'query-api', 'ops'] as const).map((name) =>
      ownProcess(name, project, endpoints),
    )
    const [captured] = await Promise.all([
      runCapture(project, 'apply', { environment: options.environment, signal: options.signal }),
      handle.startProcesses(own),
    ])
    for (const text of changeLines(captured.output)) options.onStep(`capture: ${text}`)
    options.signal.throwIfAborted()
    return { handle, settings, endpoints, serversReadyMillis }
  } catch (error) {
    await handle.stop()
    throw options.signal.aborted ? options.signal.reason : error
  } finally {
    options.signal.removeEventListener('abort', abort)
  }
}

/** Which servers the project leaves to us. */
function embeddedServers(project: Project): EmbeddedServers {
  const { config } = project
  const secrets = join(project.stateDir, 'secrets')
  const database = config.postgres.database
  return {
    ...(config.postgres.url === undefined
      ? {
          postgres: {
            port: config.postgres.port,
            roles: [
              { name: 'mogo_capture', secret: 'capture', replication: true },
              { name: 'mogo_app', secret: 'app' },
            ],
            databases: [{ name: database, owner: 'mogo_app', connect: ['mogo_capture'] }],
          },
        }
      : {}),
    ...(config.kafka.brokers === undefined
      ? { kafka: { port: config.kafka.port, topics: topicNames(config.kafka.topicPrefix) } }
      : {}),
    ...(config.connect.url === undefined
      ? {
          connect: {
            port: config.connect.port,
            secrets: {
              'postgres.capture': captureSecret(project),
              'unavailable.value': ensureSecret(secrets, 'unavailable.value'),
            },
            ...(config.kafka.brokers === undefined ? {} : { kafka: externalKafkaProperties(project) }),
          },
        }
      : {}),
    ...(config.clickhouse.url === undefined
      ? {
          clickhouse: {
            port: config.clickhouse.port,
            databases: {
              analytics: config.clickhouse.database,
              governance: config.clickhouse.governanceDatabase,
            },
            scopeSettings: scopeSettings(config.api),
          },
        }
      : {}),
  }
}

/** Password that Debezium logs in with: generated for the embedded server, read from its file for an own one. */
function captureSecret(project: Project): string {
  return project.config.postgres.url === undefined
    ? ensureSecret(join(project.stateDir, 'secrets'), 'postgres.capture')
    : resolveSettings(project).postgres('capture').password
}

/** Chooses the ports of the own processes and writes where everything is. */
async function publishEndpoints(project: Project, handle: EmbeddedHandle): Promise<Endpoints> {
  const { config } = project
  const secrets = join(project.stateDir, 'secrets')
  ensureSecret(secrets, 'keyring.master', 48)
  ensureSecret(secrets, 'unavailable.value')
  ensureSecret(secrets, 'clickhouse.scopes', 32)
  writePrivateFile(join(secrets, 'supervisor.control'), `${handle.control.token}\n`)
  const identityPort = await handle.choosePort('identity', config.identity.port, 'identity.port')
  const apiPort = await handle.choosePort('query-api', config.api.port, 'api.port')
  const workerPort = await handle.choosePort('worker', config.worker.metricsPort, 'worker.metricsPort')
  const lineagePort = await handle.choosePort('lineage', config.lineage.port, 'lineage.port')
  const operationsPort = await handle.choosePort('ops', config.operations.port, 'operations.port')
  const { postgres, kafka, connect, clickhouse } = handle.endpoints
  const endpoints: Endpoints = {
    ...(postgres ? { postgres } : {}),
    ...(kafka ? { kafka: { brokers: [...kafka.brokers] } } : {}),
    ...(connect ? { connect } : {}),
    ...(clickhouse ? { clickhouse: { url: clickhouse.url } } : {}),
    identity: { issuer: config.identity.issuer ?? `http://127.0.0.1:${identityPort}` },
    api: {
      url: `${config.api.tls ? 'https' : 'http'}://${config.api.host === '0.0.0.0' ? '127.0.0.1' : config.api.host}:${apiPort}`,
      port: apiPort,
    },
    worker: { port: workerPort },
    lineage: { url: `http://127.0.0.1:${lineagePort}`, port: lineagePort },
    operations: { port: operationsPort },
    control: { url: handle.control.url },
  }
  writeJson(endpointsFile(project.stateDir), endpoints)
  return endpoints
}

/** One of our own processes, for the supervisor. */
export function ownProcess(name: ProcessName, project: Project, endpoints: Endpoints): ExtraProcess {
  const ports: Readonly<Record<ProcessName, number | undefined>> = {
    identity: Number(new URL(endpoints.identity?.issuer ?? 'http://127.0.0.1:0').port),
    worker: endpoints.worker?.port,
    lineage: endpoints.lineage?.port,
    'query-api': endpoints.api?.port,
    ops: endpoints.operations?.port,
  }
  const port = ports[name]
  if (port === undefined) throw new MogoError('MOGO_INTERNAL', { where: `the ports of ${name}` })
  const scheme = name === 'query-api' && project.config.api.tls ? 'https' : 'http'
  const path = name === 'identity' ? '/.well-known/openid-configuration' : '/healthz'
  return {
    name,
    command: process.execPath,
    args: [
      '--disable-warning=ExperimentalWarning',
      '--disable-warning=TimeoutNegativeWarning',
      ...(NODE_FLAGS[name] ?? []),
      join(ROOT, ENTRIES[name]),
    ],
    env: { MOGO_PROJECT: project.dir, NODE_COMPILE_CACHE: join(ROOT, '.mogo', 'cache', 'node') },
    cwd: project.dir,
    ports: { http: port },
    ready: { httpUrl: `${scheme}://127.0.0.1:${port}${path}` },
  }
}

/** Topics that Kafka's access rules speak of. */
function topicNames(prefix: string) {
  return {
    prefix,
    quarantine: `${prefix}.quarantine`,
    governance: `${prefix}.governance`,
    accessKeys: `${prefix}.access-keys`,
    connectGroup: 'mogo-connect',
  }
}
