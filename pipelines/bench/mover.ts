/** What moves the records of the benchmark: the worker, or what it is compared with. */

/** See above. */
export type Mover = {
  /** Starts it; resolves when it has got its first record. */
  begin(): Promise<void>
  /** Its own processes, if it has any. */
  pids(): readonly number[]
  /** Rejects if it ended before it was told to. */
  readonly failed: Promise<never>
  /** Ends it and removes what it left. */
  end(): Promise<void>
}
