/**
 * What the query API needs from outside, in its own words: an engine that answers, a store of access scopes, a recorder of
 * accesses. Adapters are named after their vendor; tests may bring others.
 */
import type { Readable } from 'node:stream'
import type { EngineScope } from '#contracts/compile/access-scope.ts'
import type { AccessEvent } from '#contracts/events/governance-event.ts'

/** How to log in at the engine. */
export type EngineIdentity = { readonly username: string; readonly password: string }

/** Values of `{name:Type}` places, each in the engine's text form. */
export type EngineParameters = Readonly<Record<string, string>>

/** One statement for the engine. */
export type EngineStatement = {
  readonly sql: string
  readonly parameters?: EngineParameters
  /** Name of an output format of the engine. */
  readonly format: string
  readonly queryId?: string
  readonly signal?: AbortSignal
  /** Database that plain table names belong to. */
  readonly database?: string
}

/** An answer: all of it if it is short, else a stream, which fails with an {@link EngineFault} if the engine fails midway. */
export type EngineAnswer = {
  readonly body: Buffer | Readable
  /** Bytes that the engine has read until its answer began, if it says so. For accounts alone: rows of others are counted, too. */
  readonly readBytes?: number
}

/** Runs statements. Faults are thrown as `EngineFault` or as MogoError MOGO_CLICKHOUSE_UNREACHABLE, MOGO_UNAVAILABLE. */
export type QueryEngine = {
  /** The whole answer as text, for small ones. */
  text(identity: EngineIdentity, statement: EngineStatement): Promise<string>
  /** Resolves when all of a short answer is there, or as much of a long one. */
  stream(identity: EngineIdentity, statement: EngineStatement): Promise<EngineAnswer>
  /** Rejects if the engine does not answer. */
  check(): Promise<void>
  close(): void
}

/** Keeps the engine's identities of access scopes. */
export type ScopeStore = {
  /** Makes sure that the engine knows these scopes just as they are, and says how to log in as each. */
  ensure(scopes: readonly EngineScope[]): Promise<readonly EngineIdentity[]>
  /** Forgets that they were made, so that the next `ensure` makes them anew. */
  forget(names: readonly string[]): void
  /** The identity that may parse, and nothing else. */
  gate(): EngineIdentity
}

/** Records accesses; resolves when the record is safe. */
export type AccessRecorder = {
  /**
   * One that is not waited for may be held for a moment, to go with others. Records of one id are written in the order in which they come.
   *
   * @throws MogoError MOGO_ACCESS_NOT_RECORDED
   */
  record(event: AccessEvent, options?: { readonly isWaitedFor?: boolean }): Promise<void>
  /** Rejects if nothing could be recorded now. */
  check(): Promise<void>
  close(): Promise<void>
}
