/**
 * One process under the supervisor, through its whole life: started, watched, started again after a crash, stopped.
 *
 *   stopped -> starting -> ready -> (crashed -> restarting -> ready)* -> stopping -> stopped
 *
 * A first start that fails is an error for the caller. A crash later on is said and healed: it is started again after 0.5 s, 1 s, 2 s … up to
 * 30 s; after a minute without a crash the row begins anew. There is no last attempt: the disk may be full now and not in an hour.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { MogoError } from '#contracts/errors.ts'
import { type Child, describeExit } from './child-process.ts'
import { isPortFree, portTaken } from './ports.ts'
import type { CommandLine, ServerDefinition, ServerStatus, SupervisorEvent } from './server.ts'
import type { ProcessRecord } from './state-file.ts'

const PROBE_INTERVAL_MS = 50
const PROBE_TIMEOUT_MS = 5_000
const BACKOFF_FIRST_MS = 500
const BACKOFF_MOST_MS = 30_000
const CALM_AFTER_MS = 60_000
const PORT_WAIT_MS = 5_000

/** What the process needs from its supervisor. */
export type ProcessHost = {
  readonly launch: (line: CommandLine, name: string) => Child
  /** Runs a helper to its end, or to the abort. */
  readonly runTool: (
    name: string,
    line: CommandLine,
    timeoutSeconds: number,
    signal: AbortSignal,
  ) => Promise<void>
  /** Called after every change, when `record()` already tells the new state. */
  readonly changed: (event: SupervisorEvent) => void
}

/** Waiting time before the n-th restart in a row (n from 0). */
export function backoffMs(attempt: number): number {
  return Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 10))
}

const failureText = (error: unknown): string =>
  error instanceof MogoError ? error.message : 'the start failed'

export class SupervisedProcess {
  readonly definition: ServerDefinition
  readonly #host: ProcessHost
  #child: Child | undefined
  #status: ServerStatus = 'stopped'
  #since = new Date()
  #restarts = 0
  #attempt = 0
  #startedInMs: number | undefined
  #detail: string | undefined
  /** Aborts whatever start or restart is under way. */
  #life = new AbortController()
  #starting: Promise<void> = Promise.resolve()
  #healing: Promise<void> | undefined

  constructor(definition: ServerDefinition, host: ProcessHost) {
    this.definition = definition
    this.#host = host
  }

  get name(): string {
    return this.definition.name
  }

  get status(): ServerStatus {
    return this.#status
  }

  record(): ProcessRecord {
    const identity = this.#child?.hasExited() === false ? this.#child.identity : undefined
    return {
      name: this.name,
      status: this.#status,
      since: this.#since.toISOString(),
      restarts: this.#restarts,
      ports: this.definition.ports,
      ...(this.#startedInMs === undefined ? {} : { startedInMs: this.#startedInMs }),
      ...(this.#detail === undefined ? {} : { detail: this.#detail }),
      ...(identity === undefined ? {} : { process: identity }),
    }
  }

  /**
   * Starts it and resolves when it is ready.
   *
   * @throws MogoError of the definition's own checks, MOGO_PORT_TAKEN, MOGO_SERVER_START_FAILED
   */
  async start(): Promise<void> {
    this.#life = new AbortController()
    this.#set('starting')
    const running = this.#bringUp(this.#life.signal)
    this.#starting = running.catch(() => {})
    try {
      await running
    } catch (error) {
      await this.#endChild()
      if (!this.#life.signal.aborted) this.#set('stopped')
      throw error
    }
  }

  /** Stops it, also in the middle of a start or restart. */
  async stop(): Promise<void> {
    this.#life.abort()
    if (this.#status !== 'stopped') this.#set('stopping')
    await this.#endChild()
    await Promise.all([this.#starting, this.#healing])
    await this.#endChild() // a child that was being launched just then
    if (this.#status !== 'stopped') this.#set('stopped')
  }

  async restart(): Promise<void> {
    await this.stop()
    this.#restarts++
    try {
      await this.start()
    } catch (error) {
      // It was running and is meant to run: go on trying, as after a crash.
      if (!this.#life.signal.aborted) {
        this.#detail = failureText(error)
        this.#set('crashed')
        this.#healing = this.#heal(this.#life.signal)
      }
      throw error
    }
  }

  /** At once and without politeness. */
  kill(): void {
    this.#life.abort()
    void this.#child?.stop('SIGKILL', 0)
  }

  async #bringUp(signal: AbortSignal): Promise<void> {
    const begun = performance.now()
    const { definition } = this
    await this.#waitForPorts(signal)
    await definition.prepare?.((name, line, seconds) => this.#host.runTool(name, line, seconds, signal))
    signal.throwIfAborted()
    const child = this.#host.launch(definition.command(), definition.name)
    this.#child = child
    this.#host.changed(this.#event())
    const limit = AbortSignal.timeout(definition.startTimeoutSeconds * 1000)
    await this.#untilReady(child, AbortSignal.any([signal, limit]), limit)
    await definition.afterReady?.()
    signal.throwIfAborted()
    this.#startedInMs = Math.round(performance.now() - begun)
    this.#set('ready')
    void this.#watch(child)
  }

  async #untilReady(child: Child, signal: AbortSignal, limit: AbortSignal): Promise<void> {
    const ended = child.exited.then(() => 'ended' as const)
    for (;;) {
      if (child.hasExited()) throw this.#startFailed(child, describeExit(await child.exited))
      if (limit.aborted)
        throw this.#startFailed(child, `no answer within ${this.definition.startTimeoutSeconds} s`)
      signal.throwIfAborted()
      const probe = this.definition
        .probe(AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]))
        .catch(() => false)
      if ((await Promise.race([probe, ended])) === true && !child.hasExited()) return
      await Promise.race([sleep(PROBE_INTERVAL_MS), ended])
    }
  }

  #startFailed(child: Child, how: string): MogoError {
    const why = this.definition.explainFailure?.(child.logTail())
    if (why instanceof MogoError) return why
    return new MogoError('MOGO_SERVER_START_FAILED', {
      server: this.name,
      detail: why === undefined ? how : `${why} (${how})`,
    })
  }

  /** A port may still be held for a moment by what is left of the last run. */
  async #waitForPorts(signal: AbortSignal): Promise<void> {
    const until = performance.now() + (this.#restarts > 0 ? PORT_WAIT_MS : 0)
    for (const [name, port] of Object.entries(this.definition.ports)) {
      while (!(await isPortFree(port))) {
        signal.throwIfAborted()
        if (performance.now() >= until) {
          throw portTaken(this.name, port, `${this.name}.${name === 'port' ? 'port' : `ports.${name}`}`)
        }
        await sleep(PROBE_INTERVAL_MS)
      }
    }
  }

  async #watch(child: Child): Promise<void> {
    const readyAt = performance.now()
    const info = await child.exited
    if (this.#child !== child || this.#life.signal.aborted) return
    if (performance.now() - readyAt > CALM_AFTER_MS) this.#attempt = 0
    this.#detail = describeExit(info)
    this.#set('crashed')
    await child.stop('SIGKILL', 0) // its group
    this.#healing = this.#heal(this.#life.signal)
  }

  async #heal(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await sleep(backoffMs(this.#attempt++), undefined, { signal })
        this.#restarts++
        this.#set('restarting')
        await this.#bringUp(signal)
        return
      } catch (error) {
        await this.#endChild()
        if (signal.aborted) return
        this.#detail = failureText(error)
        this.#set('crashed')
      }
    }
  }

  async #endChild(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    await child.stop(this.definition.stopSignal, this.definition.stopTimeoutSeconds * 1000)
    if (this.#child === child) this.#child = undefined
  }

  #set(status: ServerStatus): void {
    this.#status = status
    this.#since = new Date()
    if (status === 'ready') this.#detail = undefined
    this.#host.changed(this.#event())
  }

  #event(): SupervisorEvent {
    const child = this.#child
    return {
      server: this.name,
      status: this.#status,
      restarts: this.#restarts,
      ...(child === undefined || child.hasExited() ? {} : { pid: child.pid }),
      ...(this.#status === 'ready' && this.#startedInMs !== undefined
        ? { elapsedMs: this.#startedInMs }
        : {}),
      ...(this.#detail === undefined ? {} : { detail: this.#detail }),
    }
  }
}
