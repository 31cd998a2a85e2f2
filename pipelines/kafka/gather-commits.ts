/**
 * Sends the commits of all lanes together. Every batch of every lane commits twice (its pending range, then its end), and the
 * broker answers one request of a connection after the other: one by one they would queue up behind each other. Here one
 * request is under way at a time, and what comes meanwhile goes out with the next.
 */

/** Sends positions in one request. */
export type SendCommits<Entry> = (entries: readonly Entry[]) => Promise<void>

type Waiting<Entry> = {
  readonly entry: Entry
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/**
 * Makes a commit that resolves when its request was answered, and rejects as the request does. Later entries of the same
 * lane come after earlier ones in the list.
 */
export function gatherCommits<Entry>(send: SendCommits<Entry>): (entry: Entry) => Promise<void> {
  let waiting: Waiting<Entry>[] = []
  let sending = false

  async function work(): Promise<void> {
    sending = true
    // What the other lanes commit in this turn of the loop goes along.
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        await send(batch.map(({ entry }) => entry))
        for (const { done } of batch) done()
      } catch (error) {
        for (const { failed } of batch) failed(error)
      }
    }
    sending = false
  }

  return (entry) =>
    new Promise((done, failed) => {
      waiting.push({ entry, done, failed })
      if (!sending) void work()
    })
}
