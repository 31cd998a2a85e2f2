/**
 * Membership in the worker's consumer group (kafkajs): which lanes are ours, heartbeats, and commits. Its own fetching is paused for good; the
 * records are fetched by kafka-fetcher.ts.
 *
 * kafkajs sends its heartbeats between two fetches: with every topic paused it sleeps in place of fetching. Pausing is part of a consumer that has
 * joined, and is gone when kafkajs starts it anew after a fault; so it is done whenever the group was joined, which comes before any fetch.
 */
import type { Consumer, Kafka, TopicPartitionOffsetAndMetadata } from 'kafkajs'
import type { Lane } from '../ports.ts'
import { gatherCommits } from './gather-commits.ts'
import { refusalOf } from './kafka-errors.ts'

/** Partitions by topic. */
export type GroupAssignment = Readonly<Record<string, readonly number[]>>

/** What a membership needs, and what it calls. */
export type KafkaGroupOptions = {
  readonly kafka: Kafka
  readonly groupId: string
  /** The lanes are these from now on; see {@link KafkaGroup.own}. */
  readonly joined: (assignment: GroupAssignment) => void
  /** No lane is ours any more, until the group is joined again. */
  readonly left: () => void
  /** The membership broke down; it begins anew if `goesOn`. */
  readonly crashed: (error: unknown, goesOn: boolean) => void
}

/** A membership. */
export type KafkaGroup = {
  /** Joins for these topics; leaves first where it has joined before. Rejects if Kafka cannot be reached. */
  join(topics: readonly string[]): Promise<void>
  /** Positions of these lanes may be kept from now on, until the group is joined again, or left; those of no other lane. */
  own(lanes: readonly Lane[]): void
  /** Keeps a position. Rejects if Kafka cannot be reached. */
  commit(entry: TopicPartitionOffsetAndMetadata): Promise<Committed>
  leave(): Promise<void>
}

/**
 * What came of a commit. `moved`: it was kept, and the group has been joined again since, so that the lane may be another member's. `refused`: it
 * was not kept, because the lane is not ours, or may not be any more.
 */
export type Committed = 'kept' | 'moved' | 'refused'

/** A position, and the generation in which it was to be kept. */
type Commit = { readonly entry: TopicPartitionOffsetAndMetadata; readonly generation: number; sent: boolean }

/** Short, so that the lanes of a killed worker are taken over soon. */
const SESSION_MILLIS = 8000
const HEARTBEAT_MILLIS = 1500
/**
 * About as long as a session lasts. kafkajs looks for the group's coordinator only when it joins: one that never gave up would go on asking a
 * broker that is gone, though another has long taken over.
 */
const RETRIES = 6
/** How long kafkajs sleeps in place of a fetch. A heartbeat that is due waits for it, and so does leaving. */
const SLEEP_MILLIS = 100

/** Makes a membership; nothing is joined yet. */
export function createKafkaGroup(options: KafkaGroupOptions): KafkaGroup {
  const { kafka, groupId } = options
  let consumer: Consumer | null = null
  let ended = false
  /** Counts what is owned. A commit of an earlier time is refused: its lane may have moved, and come back, meanwhile. */
  let generation = 0
  let ours: ReadonlySet<string> = new Set()
  let answered = 0

  const commitTogether = gatherCommits<Commit>(async (commits) => {
    // What has waited since an earlier generation would count as one of this, and set back the position of whoever has the lane now.
    const present = commits.filter((commit) => commit.generation === generation)
    if (present.length === 0) return
    // Of a lane that stands twice the last entry counts; the broker would take them in order, too.
    const last = new Map(present.map(({ entry }) => [laneKey(entry), entry]))
    const before = answered
    await consumer?.commitOffsets([...last.values()])
    // Where the consumer is not running kafkajs resolves without having sent anything.
    if (answered === before) throw new NotCommitted()
    for (const commit of present) commit.sent = true
  })

  function own(lanes: readonly Lane[]): void {
    generation += 1
    ours = new Set(lanes.map(laneKey))
  }

  async function leave(): Promise<void> {
    const left = consumer
    consumer = null
    if (!left) return
    own([])
    options.left()
    await left.disconnect().catch(() => {})
  }

  function make(topics: readonly string[]): Consumer {
    const made = kafka.consumer({
      groupId,
      sessionTimeout: SESSION_MILLIS,
      rebalanceTimeout: SESSION_MILLIS + 4000,
      heartbeatInterval: HEARTBEAT_MILLIS,
      maxWaitTimeInMs: SLEEP_MILLIS,
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 3000,
        retries: RETRIES,
        restartOnFailure: async () => consumer === made && !ended,
      },
    })
    made.on(made.events.GROUP_JOIN, ({ payload }) => {
      if (consumer !== made) return
      made.pause(topics.map((topic) => ({ topic })))
      own([])
      options.joined(payload.memberAssignment)
    })
    made.on(made.events.COMMIT_OFFSETS, () => {
      if (consumer === made) answered += 1
    })
    made.on(made.events.CRASH, ({ payload }) => {
      if (consumer !== made) return
      own([])
      options.left()
      options.crashed(payload.error, payload.restart)
    })
    return made
  }

  return {
    own,
    async join(topics) {
      await leave()
      const made = make(topics)
      consumer = made
      try {
        await made.connect()
        await made.subscribe({ topics: [...topics], fromBeginning: true })
        // Left while it was trying to connect.
        if (consumer !== made) return await made.disconnect()
        await made.run({ autoCommit: false, eachBatch: async () => {} })
      } catch (error) {
        await leave()
        throw error
      }
    },
    async commit(entry) {
      const began = generation
      if (!ours.has(laneKey(entry))) return 'refused'
      try {
        const commit = { entry, generation: began, sent: false }
        await commitTogether(commit)
        if (!commit.sent) return 'refused'
        return generation === began ? 'kept' : 'moved'
      } catch (error) {
        if (error instanceof NotCommitted || LANE_LOST.has(refusalOf(error))) return 'refused'
        throw error
      }
    },
    async leave() {
      ended = true
      await leave()
    },
  }
}

/** The group has gone on without us: whoever has the lane now starts from the committed offset. */
const LANE_LOST: ReadonlySet<string> = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
])

class NotCommitted extends Error {}

function laneKey({ topic, partition }: Lane): string {
  return `${topic}/${partition}`
}
