/**
 * Mends three faults of kafkajs 2.2.4, which has had no release since 2023, in its own classes. Both are there for every client of the process.
 *
 * 1. Once a connection has answered anything, its request queue looks every millisecond, for good, whether a request waits that was throttled.
 *    An idle worker spent 3 % of a core on that (and Node warns of a negative timeout). It is enough to look while one waits.
 * 2. A commit that failed because a connection broke is tried again, if need be after the group was joined again, and then counts as one of the
 *    new generation. But its lane may have gone to another worker meanwhile, whose position it would set back. So it is given up.
 * 3. It counts the time between two heartbeats by the time of day. If that is set back by an hour, none is sent for an hour, the member is put out of its
 *    group, and does not notice. A last heartbeat that is still to come counts as one of long ago.
 */
import { createRequire } from 'node:module'

type RequestQueue = {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}
type ConsumerGroup = {
  /** One per generation, made when the join is complete; it names the generation in what it sends. */
  readonly offsetManager: object | null
  commitOffsets(offsets?: object): Promise<void>
  /** When the last heartbeat was sent, by the time of day. */
  lastRequest: number
  heartbeat(options: { readonly interval: number }): Promise<void>
}
type ClassOf<T> = { readonly prototype: T }

const load = createRequire(import.meta.url)

/** Mends kafkajs; again does no harm. */
export function mendKafkajs(): void {
  if (mended) return
  mended = true
  const queue = (load('kafkajs/src/network/requestQueue/index.js') as ClassOf<RequestQueue>).prototype
  const schedule = queue.scheduleCheckPendingRequests
  queue.scheduleCheckPendingRequests = function scheduleIfWaiting(this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this)
  }

  const group = (load('kafkajs/src/consumer/consumerGroup.js') as ClassOf<ConsumerGroup>).prototype
  const commit = group.commitOffsets
  /** Every try is made with the same object. */
  const firstTried = new WeakMap<object, object | null>()
  group.commitOffsets = async function commitInItsGeneration(this: ConsumerGroup, offsets?: object) {
    if (offsets && !firstTried.has(offsets)) firstTried.set(offsets, this.offsetManager)
    if (offsets && firstTried.get(offsets) !== this.offsetManager) throw new StaleCommit()
    await commit.call(this, offsets)
  }

  const { heartbeat } = group
  group.heartbeat = async function heartbeatByAnyClock(this: ConsumerGroup, options) {
    if (this.lastRequest > Date.now()) this.lastRequest = 0
    await heartbeat.call(this, options)
  }
}

let mended = false

/** As the broker would have refused it. */
class StaleCommit extends Error {
  readonly type = 'ILLEGAL_GENERATION'
  readonly retriable = false
}
