/**
 * What the supervisor knows of a server.
 *
 * States: starting -> ready -> stopping -> stopped; from starting and ready also -> crashed -> restarting -> ready.
 */

import type { MogoError } from '#contracts/errors.ts'

/** States of a supervised process. */
export type ServerStatus = 'starting' | 'ready' | 'crashed' | 'restarting' | 'stopping' | 'stopped'

/** How a process is started. */
export type CommandLine = {
  readonly command: string
  readonly args: readonly string[]
  /** Added to the little that every child gets (PATH, HOME, LANG, TZ). */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** True for a process that must not run as root (Postgres). */
  readonly refusesRoot?: boolean
  /** Sent by the kernel when the supervisor dies without having stopped it. */
  readonly deathSignal?: 'SIGKILL' | 'SIGQUIT' | 'SIGTERM'
  /** Keep a pipe to its standard input open for as long as the supervisor lives. */
  readonly holdStdin?: boolean
}

/** Runs a helper program to its end (initdb, a formatter); used in {@link ServerDefinition.prepare}. */
export type RunTool = (name: string, line: CommandLine, timeoutSeconds: number) => Promise<void>

/** A server, or any process, under the supervisor. */
export type ServerDefinition = {
  readonly name: string
  /** Servers that must be ready before this one starts, and that stop after it. */
  readonly dependsOn: readonly string[]
  /** Ports it listens on, for the status and for the check that they are free. */
  readonly ports: Readonly<Record<string, number>>
  /** Makes its data folder and configuration; called before every start, so it must be idempotent. */
  readonly prepare?: (run: RunTool) => Promise<void>
  readonly command: () => CommandLine
  /** One probe by its own protocol: resolves to true when it serves; false or a rejection mean "not yet". */
  readonly probe: (signal: AbortSignal) => Promise<boolean>
  /** Runs once it serves, before it counts as ready: roles, access rules. */
  readonly afterReady?: () => Promise<void>
  /** Why it did not start, as far as its log tells without showing a value: a phrase, or an error of its own. */
  readonly explainFailure?: (logTail: string) => string | MogoError | undefined
  readonly stopSignal: NodeJS.Signals
  readonly startTimeoutSeconds: number
  readonly stopTimeoutSeconds: number
}

/** What the supervisor tells while it works. */
export type SupervisorEvent = {
  readonly server: string
  readonly status: ServerStatus
  readonly pid?: number
  /** From the beginning of this start until ready, or until the crash. */
  readonly elapsedMs?: number
  /** Why, for crashed and restarting; has no data values. */
  readonly detail?: string
  /** How often it has been started again. */
  readonly restarts: number
}
