/**
 * Keeps one of a thing running and puts another in its place: the worker, when its contracts have changed. Whoever holds on to the
 * place always asks the one that runs now.
 */

/** A thing that runs. */
export type Running = {
  start(): Promise<void>
  stop(): Promise<void>
  readonly failed: Promise<never>
}

/** The place. */
export type Replaceable<Made extends Running, Input> = {
  readonly current: Made
  /** Ends the one that runs and starts another; does not wait until that is up. If it cannot be made, the former one goes on, and this rejects. */
  replace(input: Input): Promise<void>
  /** Rejects if the one that runs then has failed. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

/** Makes the first one; `start` is called. */
export function createReplaceable<Made extends Running, Input>(
  make: (input: Input) => Made,
  first: Input,
): Replaceable<Made, Input> {
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  let current = make(first)
  let stopped = false
  let replacing: Promise<void> = Promise.resolve()

  function run(made: Made): void {
    const notice = (error: unknown): void => {
      // What is being stopped may fail as it likes.
      if (current === made && !stopped) failed.reject(error)
    }
    made.start().catch(notice)
    made.failed.catch(notice)
  }

  async function exchange(next: Input): Promise<void> {
    if (stopped) return
    const former = current
    // Made before the former one ends: what cannot be made leaves it running.
    const made = make(next)
    current = made
    try {
      await former.stop()
    } finally {
      // Whatever the former one says at its end: something has to run.
      if (!stopped) run(made)
    }
  }

  run(current)
  return {
    get current() {
      return current
    },
    failed: failed.promise,
    replace(next) {
      replacing = replacing.catch(() => {}).then(() => exchange(next))
      return replacing
    },
    async stop() {
      stopped = true
      await replacing.catch(() => {})
      await current.stop()
    },
  }
}
