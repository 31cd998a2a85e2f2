/**
 * The record source on Kafka: one consumer group, positions committed by hand after the load.
 *
 *   kafka-group.ts    membership and commits (kafkajs)      --lanes--> positions are read -> `assigned`
 *   kafka-fetcher.ts  the records, on connections of its own          --lanes, from where--> `records`
 *
 * After every rebalance `assigned([])` comes first and forgets what was buffered; then positions are read, and lanes begin at
 * the committed offset again. Of the former assignment nothing is handed over, and nothing is committed, any more.
 *
 * Topics that do not exist yet are waited for: their tables may be empty, or capture may not have run. A topic that is made anew
 * is read from its beginning.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import type { Logger } from '#ops/runtime/logger.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import type { AssignedLane, Lane, RecordSource, SourceHandler } from '../ports.ts'
import { createKafka } from './kafka-client.ts'
import { kafkaFault } from './kafka-errors.ts'
import { KafkaFetcher } from './kafka-fetcher.ts'
import { createKafkaGroup, type GroupAssignment } from './kafka-group.ts'
import { readMetadata, writeMetadata } from './offset-metadata.ts'

/** Options of {@link createKafkaSource}. */
export type KafkaSourceOptions = {
  readonly connection: KafkaConnection
  readonly groupId: string
  readonly topics: readonly string[]
  readonly logger: Logger
  /** How often missing topics are looked for. */
  readonly topicPollMillis?: number
}

/** Before lanes that could not be read on are assigned again. */
const LOST_PAUSE_MILLIS = 300

/** A lane, its position, and the first offset that the log still has. */
type Start = { readonly lane: AssignedLane; readonly low: bigint }

/** Makes a source. */
export function createKafkaSource(options: KafkaSourceOptions): RecordSource {
  const { connection, groupId, topics, logger, topicPollMillis = 1000 } = options
  const kafka: Kafka = createKafka(connection, 'mogo-worker', logger)
  const admin: Admin = kafka.admin({ retry: { retries: 8 } })
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const stopping = new AbortController()
  const { signal } = stopping
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  let handler: SourceHandler | null = null
  let connected: Promise<unknown> = Promise.resolve()
  let following: Promise<void> = Promise.resolve()
  /** One join, and one assignment, at a time. */
  let joining: Promise<void> = Promise.resolve()
  let assigning: Promise<void> = Promise.resolve()
  let subscribed: readonly string[] = []
  let assignment: GroupAssignment = {}
  /** Counts assignments: one that was overtaken is given up. */
  let turn = 0
  /** Topics that were made anew: positions that are kept for them are those of the former one. */
  const madeAnew = new Set<string>()
  let recovering = false
  /** Said once, until the group is joined again. */
  let interrupted = false

  const fault = (cause: unknown) => kafkaFault(cause, connection)
  const fail = (cause: unknown): void => {
    if (!signal.aborted) failure.reject(fault(cause))
  }

  const fetcher = new KafkaFetcher({
    connection,
    logger,
    async records(lane, records, next, behind) {
      await handler?.records(lane, records, BigInt(next), BigInt(behind)).catch(fail)
    },
    lost(lane, why) {
      logger.warn({ ...lane, why }, 'the lane cannot be read on from where it was: lanes are assigned again')
      if (why === 'topic') madeAnew.add(lane.topic)
      void recover()
    },
  })
  const group = createKafkaGroup({
    kafka,
    groupId,
    joined(joined) {
      interrupted = false
      assign(joined)
    },
    left: () => fetcher.release(),
    crashed(error, goesOn) {
      const level = interrupted ? 'debug' : 'warn'
      interrupted = true
      logger[level]({ restart: goesOn, err: fault(error) }, 'the group was lost; joining again')
      if (!goesOn) fail(error)
    },
  })

  /** Begins anew with lanes; what is under way for former ones ends first. */
  function assign(lanes: GroupAssignment): void {
    assignment = lanes
    const mine = ++turn
    fetcher.release()
    group.own([])
    assigning = assigning.then(() => assignLanes(lanes, () => mine === turn && !signal.aborted)).catch(fail)
  }

  async function assignLanes(wanted: GroupAssignment, current: () => boolean): Promise<void> {
    if (!handler || !current()) return
    // The handler first lets go of the old lanes. What they would still commit is refused: a lane may have been another worker's meanwhile.
    await handler.assigned([])
    const starts = await untilAnswered(() => startsOf(wanted), current)
    if (!starts || !current()) return
    await handler.assigned(starts.map(({ lane }) => lane))
    if (!current()) return
    for (const topic of Object.keys(wanted)) madeAnew.delete(topic)
    group.own(starts.map(({ lane }) => lane))
    fetcher.assign(
      starts.map(({ lane: { topic, partition, committed }, low }) => {
        const from = committed === null || committed < low ? low : committed
        return { topic, partition, from: Number(from) }
      }),
    )
  }

  async function startsOf(wanted: GroupAssignment): Promise<readonly Start[]> {
    const names = Object.keys(wanted)
    const positions = names.length === 0 ? [] : await admin.fetchOffsets({ groupId, topics: names })
    const starts: Start[] = []
    for (const topic of names) {
      const ends = await admin.fetchTopicOffsets(topic)
      for (const partition of wanted[topic] ?? []) {
        const kept = positions
          .find((entry) => entry.topic === topic)
          ?.partitions.find((entry) => entry.partition === partition)
        const range = ends.find((entry) => entry.partition === partition)
        const low = BigInt(range?.low ?? '0')
        const position = positionOf(kept, BigInt(range?.high ?? '0'), { topic, partition })
        if ((position.committed ?? 0n) < low)
          logger.error(
            { topic, partition, committed: String(position.committed), low: range?.low },
            'records expired before they were read: the copy has a gap; take a new one with `mogo capture apply --resnapshot`',
          )
        starts.push({ lane: { topic, partition, ...position, isAlone: ends.length === 1 }, low })
      }
    }
    return starts
  }

  function positionOf(
    kept: { readonly offset: string; readonly metadata: string | null } | undefined,
    end: bigint,
    lane: Lane,
  ): Pick<AssignedLane, 'committed' | 'pendingLast'> {
    const committed = kept === undefined || BigInt(kept.offset) < 0n ? null : BigInt(kept.offset)
    if (committed !== null && (committed > end || madeAnew.has(lane.topic))) {
      logger.warn({ ...lane }, 'the topic was made anew: reading it from its beginning')
      return { committed: null, pendingLast: null }
    }
    return { committed, pendingLast: readMetadata(kept?.metadata) }
  }

  /** Assigns again, once for all lanes that are lost together. */
  async function recover(): Promise<void> {
    if (recovering) return
    recovering = true
    const lost = turn
    await delay(LOST_PAUSE_MILLIS, undefined, { signal }).catch(() => {})
    recovering = false
    if (signal.aborted || lost !== turn) return
    // A topic that was made anew may have other partitions: the group has to share them out again.
    if (madeAnew.size === 0) assign(assignment)
    else
      await untilAnswered(
        () => join(subscribed),
        () => lost === turn,
      ).catch(fail)
  }

  function join(wanted: readonly string[]): Promise<void> {
    const joined = joining.then(async () => {
      if (signal.aborted) return
      await group.join(wanted)
      subscribed = wanted
    })
    joining = joined.catch(() => {})
    return joined
  }

  /** A refused login is waited out too, but said: its password may just be being changed. Null if it is no longer wanted. */
  async function untilAnswered<T>(ask: () => Promise<T>, wanted = () => true): Promise<T | null> {
    for (let tries = 0; wanted(); tries++) {
      try {
        return await ask()
      } catch (error) {
        if (signal.aborted) throw error
        logger[tries === 0 ? 'warn' : 'debug']({ err: fault(error) }, 'Kafka does not answer; trying on')
        await delay(500, undefined, { signal })
      }
    }
    return null
  }

  /** Reads the topics that exist, and starts anew when further ones come to be. */
  async function follow(): Promise<void> {
    let told = false
    while (!signal.aborted) {
      try {
        const listed = new Set(await admin.listTopics())
        const existing = topics.filter((topic) => listed.has(topic))
        if (existing.length > subscribed.length) await Promise.race([join(existing), stopped])
        if (signal.aborted) return
        const missing = topics.filter((topic) => !subscribed.includes(topic))
        if (missing.length === 0) return
        if (!told) logger.info({ missing }, 'waiting for topics; `mogo capture apply` makes them')
        told = true
      } catch (error) {
        if (!told) logger.warn({ err: fault(error) }, 'Kafka cannot be reached; trying on')
        told = true
      }
      await delay(topicPollMillis, undefined, { signal }).catch(() => {})
    }
  }

  return {
    failed: failure.promise,
    async start(receiver) {
      handler = receiver
      connected = untilAnswered(() => admin.connect())
      following = connected.then(follow)
      following.catch(fail)
    },
    pause: (lane) => fetcher.pause(lane),
    resume: (lane) => fetcher.resume(lane),
    async commit({ topic, partition }, { next, pendingLast }) {
      try {
        const committed = await group.commit({
          ...{ topic, partition, offset: String(next) },
          metadata: writeMetadata(pendingLast),
        })
        // What is pending may be loaded by whoever has the lane now; what is done is done, and nobody else will count it.
        return committed === 'kept' || (committed === 'moved' && pendingLast === null)
      } catch (error) {
        throw fault(error)
      }
    },
    async wasRead(topic) {
      try {
        await connected
        // Of all topics: it may not exist.
        const kept = await admin.fetchOffsets({ groupId })
        const positions = kept.find((each) => each.topic === topic)?.partitions ?? []
        return positions.some(({ offset }) => BigInt(offset) > 0n)
      } catch (error) {
        throw fault(error)
      }
    },
    async check() {
      fetcher.check()
      await admin.describeCluster()
    },
    async stop() {
      stopping.abort()
      await fetcher.stop()
      await following.catch(() => {})
      await group.leave()
      await admin.disconnect().catch(() => {})
    },
  }
}
