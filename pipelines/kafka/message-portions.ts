/** Messages in portions, one request each. Pure. */

/** What goes in one request: a broker refuses batches beyond its limit, 1 MB by default. A larger message goes alone. */
const MOST_BYTES = 512 * 1024
const MOST_MESSAGES = 500

/** Cuts a list of messages, in order; `sizeOf` says the bytes of one. */
export function messagePortions<Message>(
  messages: readonly Message[],
  sizeOf: (message: Message) => number,
): readonly (readonly Message[])[] {
  const made: Message[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const message of messages) {
    const size = sizeOf(message)
    const last = made.at(-1)
    if (last && bytes + size <= MOST_BYTES && last.length < MOST_MESSAGES) {
      last.push(message)
      bytes += size
    } else {
      made.push([message])
      bytes = size
    }
  }
  return made
}
