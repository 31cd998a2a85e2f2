/**
 * Reads the first records that are not loaded yet, of partitions that seem to have some: one small fetch each. Without it nobody could tell a record
 * that has waited for an hour from the mark of a transaction that ended then.
 */

import { askLeaders, type Leader, type TopicLeaders } from '#ops/runtime/kafka/kafka-leaders.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { connectForFetch, type FetchConnection } from '../kafka/kafka-fetch-connection.ts'
import { type UnreadLook, unreadRecords } from './unread-records.ts'

/** A partition, and where its unread records begin. */
export type UnreadPlace = { readonly topic: string; readonly partition: number; readonly from: number }

/** Key of a place in the answer. */
export function unreadKey({ topic, partition }: Omit<UnreadPlace, 'from'>): string {
  return `${topic}/${partition}`
}

const LIMITS = { waitMillis: 50, maxBytes: 256 * 1024 }
/** So many answers may hold nothing but marks; more of them in a row are an oddity, and then counted as records. */
const MOST_ANSWERS = 20

/**
 * What is found at each place, up to the first records and whatever came with them. A place that could not be asked is left out: this only makes
 * other figures more exact, so a fault is no reason to fail.
 */
export async function readUnread(
  connection: KafkaConnection,
  places: readonly UnreadPlace[],
): Promise<ReadonlyMap<string, UnreadLook>> {
  const found = new Map<string, UnreadLook>()
  if (places.length === 0) return found
  const open: (() => void)[] = []
  const opened = (close: () => void): void => void open.push(close)
  try {
    const connect = connectForFetch(connection)
    const topics = await askLeaders(
      connect,
      connection.brokers,
      [...new Set(places.map(({ topic }) => topic))],
      opened,
    )
    const brokers = new Map<number, Promise<FetchConnection>>()
    const leaderConnection = (leader: Leader): Promise<FetchConnection> => {
      const known = brokers.get(leader.nodeId) ?? connect(leader, opened)
      brokers.set(leader.nodeId, known)
      return known
    }
    for (const place of places) {
      const topic = topics.get(place.topic)
      const leader = topic?.leaders.get(place.partition)
      if (!topic || !leader) continue
      const look = await readFirst(await leaderConnection(leader), topic, place)
      if (look) found.set(unreadKey(place), look)
    }
  } catch {
    // See above.
  } finally {
    for (const close of open) close()
  }
  return found
}

/** Undefined if the broker refuses, or sends marks without end. */
async function readFirst(
  { calls, fetch }: FetchConnection,
  { topicId }: TopicLeaders,
  { topic, partition, from }: UnreadPlace,
): Promise<UnreadLook | undefined> {
  let next = from
  for (let answers = 0; answers < MOST_ANSWERS; answers++) {
    const ask = { topic, topicId, partition, from: next, maxBytes: 64 * 1024 }
    const { errorCode, partitions } = await fetch(calls, [ask], LIMITS)
    const answer = partitions[0]
    if (errorCode !== 0 || !answer || answer.errorCode !== 0) return undefined
    const look = unreadRecords(answer.bytes, next, answer.aborted)
    if (look.records > 0 || look.next >= answer.lastStable) return look
    if (look.next === next) return undefined
    next = look.next
  }
  return undefined
}
