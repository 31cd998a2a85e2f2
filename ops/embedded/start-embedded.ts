/**
 * Starts the embedded servers of a project under one supervisor. Used by `mogo up` and by the tests' global setup.
 *
 * Order: the folder and its lock, leftovers of an earlier run, checks that need no server (disk, Java, ports), the control API, then Postgres,
 * Kafka and ClickHouse side by side and Connect after Kafka. Any of the four may be left out because the project has its own.
 */

import { mkdirSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { MogoError } from '#contracts/errors.ts'
import { archivesFit } from './class-archives.ts'
import { canParseFilter, findChdb } from './clickhouse.ts'
import type { RenderedScope } from './clickhouse-config.ts'
import { type ControlFile, startControlApi } from './control-api.ts'
import { checkDiskSpace } from './data-folder.ts'
import { defineServers, type EmbeddedEndpoints, type EmbeddedServers } from './define-servers.ts'
import { type ExtraProcess, extraProcess } from './extra-process.ts'
import { detectIsolation } from './isolation.ts'
import { findJava } from './java.ts'
import type { JavaSetup } from './java-command.ts'
import { STATE_DIR_MARK, stopOrphans } from './orphan.ts'
import { PortBook } from './port-book.ts'
import { lockProject } from './project-lock.ts'
import { ScopeBook } from './scope-book.ts'
import type { SupervisorEvent } from './server.ts'
import { type ProcessRecord, writeJson } from './state-file.ts'
import { Supervisor } from './supervisor.ts'

export type { EmbeddedEndpoints, EmbeddedServers } from './define-servers.ts'

/** Options of {@link startEmbedded}. */
export type EmbeddedOptions = {
  readonly stateDir: string
  /** Folder of the Java libraries (`<repo>/.mogo/lib`); needed for Kafka and Connect. */
  readonly libDir: string
  readonly servers: EmbeddedServers
  /** The caller's environment; PATH, HOME, JAVA_HOME and TMPDIR are used. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The Node that runs ClickHouse's child; this one if not given. */
  readonly node?: string
  /** Write class archives when Kafka and Connect end (see class-archives.ts). */
  readonly makeClassArchives?: boolean
  /** Ends a start that is under way; everything begun is stopped before the promise rejects. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: SupervisorEvent) => void
  /** Called once when a stop was asked for through the control API; by default `handle.stop()`. */
  readonly onStopRequested?: () => void
}

/** The running stack. */
export type EmbeddedHandle = {
  readonly stateDir: string
  readonly secretsDir: string
  readonly endpoints: EmbeddedEndpoints
  readonly control: ControlFile
  /** How many processes of an earlier run had to be ended first. */
  readonly orphansStopped: number
  readonly status: () => ProcessRecord[]
  /** A free port for an own process, the same as last time if possible. */
  readonly choosePort: (name: string, wanted?: number, path?: string) => Promise<number>
  /** Starts own processes and resolves when all are ready. */
  readonly startProcesses: (processes: readonly ExtraProcess[]) => Promise<void>
  readonly stopProcess: (name: string) => Promise<void>
  readonly restart: (name: string) => Promise<void>
  /** Adds access scopes to ClickHouse; restarts it only if something changed. */
  readonly putScopes: (scopes: readonly RenderedScope[]) => Promise<{ changed: boolean }>
  /** Makes these the only access scopes of ClickHouse: those of former contracts go. */
  readonly replaceScopes: (scopes: readonly RenderedScope[]) => Promise<{ changed: boolean }>
  /** Stops everything in reverse order. May be called more than once. */
  readonly stop: () => Promise<void>
  /** Ends everything at once (the second Ctrl-C). */
  readonly kill: () => void
  /** Resolves when everything has been stopped, by whomever. */
  readonly stopped: Promise<void>
}

/**
 * Starts the servers and resolves when all are ready.
 *
 * @throws MogoError MOGO_ALREADY_RUNNING, MOGO_PORT_TAKEN, MOGO_DISK_FULL, MOGO_JAVA_MISSING, MOGO_JAVA_OLD, MOGO_PLATFORM_UNSUPPORTED,
 *   MOGO_DATA_VERSION, MOGO_DATA_BROKEN, MOGO_SERVER_START_FAILED; the signal's reason if aborted
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedHandle> {
  options.signal?.throwIfAborted()
  const [first] = Object.keys(options.servers)
  if (process.platform !== 'linux' && first !== undefined) {
    const platform = `${process.platform}-${process.arch}`
    throw new MogoError('MOGO_PLATFORM_UNSUPPORTED', { server: first, platform, path: first })
  }
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 })
  const stateDir = realpathSync(options.stateDir)
  const release = await lockProject(stateDir)
  try {
    return await startLocked({ ...options, stateDir }, release)
  } catch (error) {
    await release()
    throw error
  }
}

async function startLocked(options: EmbeddedOptions, release: () => Promise<void>): Promise<EmbeddedHandle> {
  const { stateDir, servers, environment, signal } = options
  for (const name of ['run', 'logs', 'data', 'secrets'])
    mkdirSync(join(stateDir, name), { recursive: true, mode: 0o700 })
  const secretsDir = join(stateDir, 'secrets')
  const runDir = join(stateDir, 'run')
  const path = environment['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  const orphansStopped = await stopOrphans(stateDir)
  await checkDiskSpace(stateDir)
  if (servers.clickhouse !== undefined) findChdb()
  const needsJava = servers.kafka !== undefined || servers.connect !== undefined
  const [isolation, foundJava] = await Promise.all([
    detectIsolation(path),
    needsJava ? findJava({ javaHome: environment['JAVA_HOME'], path }) : undefined,
  ])
  signal?.throwIfAborted()
  const java: JavaSetup | undefined =
    foundJava === undefined
      ? undefined
      : {
          java: foundJava.path,
          libDir: options.libDir,
          archives:
            options.makeClassArchives === true
              ? 'make'
              : archivesFit(options.libDir, foundJava)
                ? 'use'
                : 'none',
        }

  const scopes = new ScopeBook(stateDir)
  const ports = new PortBook(join(runDir, 'ports.json'))
  const { definitions, endpoints } = await defineServers(servers, {
    ...{ stateDir, isolation, ports, scopes, node: options.node ?? process.execPath },
    ...(java === undefined ? {} : { java }),
  })

  const supervisor = new Supervisor({
    stateDir,
    isolation,
    baseEnvironment: {
      PATH: path,
      HOME: environment['HOME'] ?? stateDir,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      [STATE_DIR_MARK]: stateDir,
      ...(environment['TMPDIR'] === undefined ? {} : { TMPDIR: environment['TMPDIR'] }),
    },
    onEvent: options.onEvent ?? (() => {}),
  })

  const stopped = Promise.withResolvers<void>()
  let stopping: Promise<void> | undefined
  const controlFile = join(runDir, 'control.json')
  const clickhouse = endpoints.clickhouse?.url
  const changeScopes = (
    given: readonly RenderedScope[],
    others: 'keep' | 'remove',
  ): Promise<{ changed: boolean }> =>
    clickhouse === undefined
      ? Promise.resolve({ changed: false }) // an own server gets its scopes by SQL
      : scopes.put(
          given,
          {
            canParse: (filter) => canParseFilter(clickhouse, secretsDir, filter),
            restart: () => supervisor.restart('clickhouse'),
          },
          others,
        )
  const putScopes = (added: readonly RenderedScope[]) => changeScopes(added, 'keep')
  const stopAll = (): Promise<void> => {
    stopping ??= (async () => {
      await supervisor.stop()
      rmSync(controlFile, { force: true })
      await control.close()
      await release()
      stopped.resolve()
    })()
    return stopping
  }
  const control = await startControlApi({
    status: () => ({ pid: process.pid, stateDir, endpoints, processes: supervisor.records() }),
    stop: () => (options.onStopRequested ?? (() => void stopAll()))(),
    restart: (name) => supervisor.restart(name),
    putScopes,
  })
  const controlAddress: ControlFile = { url: control.url, token: control.token, pid: control.pid }
  writeJson(controlFile, controlAddress)

  const abort = (): void => void supervisor.stop()
  signal?.addEventListener('abort', abort)
  try {
    signal?.throwIfAborted()
    await supervisor.start(definitions)
    signal?.throwIfAborted()
  } catch (error) {
    await stopAll()
    throw signal?.aborted === true ? signal.reason : error
  } finally {
    signal?.removeEventListener('abort', abort)
  }

  return {
    stateDir,
    secretsDir,
    endpoints,
    control: controlAddress,
    orphansStopped,
    status: () => supervisor.records(),
    choosePort: (name, wanted, where) => ports.choose(name, wanted, where ?? `${name}.port`),
    startProcesses: (processes) =>
      supervisor.start(
        processes.map((extra) =>
          extraProcess(
            extra,
            definitions.map((definition) => definition.name),
          ),
        ),
      ),
    stopProcess: (name) => supervisor.stopOne(name),
    restart: (name) => supervisor.restart(name),
    putScopes,
    replaceScopes: (all) => changeScopes(all, 'remove'),
    stop: stopAll,
    kill: () => supervisor.kill(),
    stopped: stopped.promise,
  }
}
