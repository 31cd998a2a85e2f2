/**
 * The supervisor: all processes of one project, started in the order of what they depend on (in parallel where nothing forbids it), stopped in
 * the reverse order, their state written to `.mogo/run/state.json` after every change.
 */

import { join } from 'node:path'
import { MogoError } from '#contracts/errors.ts'
import { type Child, capLog, describeExit, launch } from './child-process.ts'
import type { Isolation } from './isolation.ts'
import { identityOf } from './process-identity.ts'
import type { CommandLine, ServerDefinition, SupervisorEvent } from './server.ts'
import { explainCommonFailure } from './start-failure.ts'
import { type ProcessRecord, type RunState, writeJson } from './state-file.ts'
import { SupervisedProcess } from './supervised-process.ts'

/** What a supervisor is made with. */
export type SupervisorOptions = {
  readonly stateDir: string
  readonly isolation: Isolation
  readonly baseEnvironment: Readonly<Record<string, string>>
  readonly onEvent: (event: SupervisorEvent) => void
}

const LOG_CHECK_MS = 30_000

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #processes = new Map<string, SupervisedProcess>()
  readonly #tools = new Set<{ readonly name: string; readonly child: Child }>()
  readonly #startedAt = new Date().toISOString()
  readonly #self = identityOf(process.pid) ?? { pid: process.pid, startTicks: '' }
  readonly #logCheck = setInterval(() => this.#capLogs(), LOG_CHECK_MS).unref()
  #stopping: Promise<void> | undefined

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  get stopping(): boolean {
    return this.#stopping !== undefined
  }

  records(): ProcessRecord[] {
    return [...this.#processes.values()].map((process) => process.record())
  }

  /** Starts these; if one fails, all that this call started are stopped again and the first error is thrown. */
  async start(definitions: readonly ServerDefinition[]): Promise<void> {
    const host = {
      launch: (line: CommandLine, name: string) => this.#launch(line, name),
      runTool: (name: string, line: CommandLine, seconds: number, signal: AbortSignal) =>
        this.#runTool(name, line, seconds, signal),
      changed: (event: SupervisorEvent) => {
        this.#write()
        this.#options.onEvent(event)
      },
    }
    const fresh = definitions.map((definition) => new SupervisedProcess(definition, host))
    for (const process of fresh) this.#processes.set(process.name, process)
    const under = new Map<string, Promise<void>>()
    let failed = false
    const begin = async (process: SupervisedProcess): Promise<void> => {
      await Promise.all(process.definition.dependsOn.map((name) => under.get(name)))
      if (failed || this.stopping) throw new MogoError('MOGO_NOT_RUNNING')
      await process.start()
    }
    for (const process of inOrder(fresh)) under.set(process.name, begin(process))
    const failures: unknown[] = []
    await Promise.all(
      [...under.values()].map((running) =>
        running.catch(async (error: unknown) => {
          failures.push(error)
          failed = true
          await Promise.all(fresh.map((process) => process.stop()))
        }),
      ),
    )
    if (failures.length === 0) return
    for (const process of fresh) this.#processes.delete(process.name)
    this.#write()
    throw failures[0]
  }

  /** Stops one process and starts it again; the rest goes on. */
  async restart(name: string): Promise<void> {
    const process = this.#processes.get(name)
    if (process === undefined) throw new MogoError('MOGO_USAGE', { detail: `There is no process ${name}.` })
    await process.restart()
  }

  async stopOne(name: string): Promise<void> {
    await this.#processes.get(name)?.stop()
    this.#processes.delete(name)
    this.#write()
  }

  /** Stops everything, what depends on others first. Calling it again waits for the same stop. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  /** Ends everything at once. */
  kill(): void {
    for (const process of this.#processes.values()) process.kill()
    for (const tool of this.#tools) void tool.child.stop('SIGKILL', 0)
  }

  #capLogs(): void {
    for (const name of this.#processes.keys()) capLog(this.#logFile(name))
  }

  #logFile(name: string): string {
    return join(this.#options.stateDir, 'logs', `${name}.log`)
  }

  async #stopAll(): Promise<void> {
    clearInterval(this.#logCheck)
    const done = new Map<string, Promise<void>>()
    const all = [...this.#processes.values()]
    for (const process of inOrder(all).reverse()) {
      const dependants = all.filter((other) => other.definition.dependsOn.includes(process.name))
      const after = Promise.all(dependants.map((other) => done.get(other.name)))
      done.set(
        process.name,
        after.then(() => process.stop()),
      )
    }
    await Promise.all(done.values())
    this.#write()
  }

  #launch(line: CommandLine, name: string): Child {
    return launch(line, {
      isolation: this.#options.isolation,
      baseEnvironment: this.#options.baseEnvironment,
      logFile: this.#logFile(name),
    })
  }

  async #runTool(
    name: string,
    line: CommandLine,
    timeoutSeconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted()
    const tool = { name, child: this.#launch(line, name) }
    this.#tools.add(tool)
    this.#write()
    const end = (): void => void tool.child.stop('SIGTERM', 2_000)
    signal.addEventListener('abort', end)
    const timer = setTimeout(end, timeoutSeconds * 1000)
    try {
      const info = await tool.child.exited
      await tool.child.stop('SIGKILL', 0) // what it may have left in its group
      signal.throwIfAborted()
      if (info.code === 0) return
      const detail =
        explainCommonFailure(tool.child.logTail()) ?? `its preparation ended with ${describeExit(info)}`
      throw new MogoError('MOGO_SERVER_START_FAILED', { server: name, detail })
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      this.#tools.delete(tool)
      this.#write()
    }
  }

  #write(): void {
    const helpers = [...this.#tools].map(
      ({ name, child }): ProcessRecord => ({
        name: `${name}-prepare`,
        status: 'starting',
        since: this.#startedAt,
        restarts: 0,
        ports: {},
        ...(child.identity === undefined ? {} : { process: child.identity }),
      }),
    )
    const state: RunState = {
      stateDir: this.#options.stateDir,
      supervisor: this.#self,
      startedAt: this.#startedAt,
      processes: [...this.records(), ...helpers],
    }
    try {
      writeJson(join(this.#options.stateDir, 'run', 'state.json'), state, false)
    } catch {
      // A full disk must not end the supervisor: the servers' environment names their project too (see orphan.ts).
    }
  }
}

/** Sorts so that every process comes after those it depends on. */
function inOrder(processes: readonly SupervisedProcess[]): SupervisedProcess[] {
  const byName = new Map(processes.map((process) => [process.name, process]))
  const sorted = new Set<SupervisedProcess>()
  const visit = (process: SupervisedProcess): void => {
    for (const name of process.definition.dependsOn) {
      const other = byName.get(name)
      if (other !== undefined && !sorted.has(other)) visit(other)
    }
    sorted.add(process)
  }
  for (const process of processes) visit(process)
  return [...sorted]
}
