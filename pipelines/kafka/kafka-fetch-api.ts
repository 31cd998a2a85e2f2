/**
 * Kafka's Fetch request, whose answer hands over the record batches as bytes. The calls of @platformatic/kafka make an object of every record,
 * which is what costs; here only the places of the batches are read. Versions 11 (Kafka 2.3), 12 (2.7: compact lengths) and 13 (3.1: topics
 * by their id, so that a topic that was made anew under the same name is told apart).
 *
 * Read committed: the broker answers up to the last stable offset, and names the transactions that were aborted. Without a fetch session: a request
 * names all of its partitions, so that pausing one is leaving it out.
 *
 * Format: https://kafka.apache.org/protocol#The_Messages_Fetch
 */
import { type Connection, createAPI, type Reader, Writer } from '@platformatic/kafka'
import type { AbortedTransaction } from './record-batch.ts'

/** What is asked of a partition. */
export type FetchAsk = {
  readonly topic: string
  /** Empty if the broker has no ids of topics. */
  readonly topicId: string
  readonly partition: number
  readonly from: number
  /** The first batch comes whole, however large, if it is the first one of the answer. */
  readonly maxBytes: number
}

/** How long the broker waits if there is nothing, and how much it sends in all. */
export type FetchLimits = { readonly waitMillis: number; readonly maxBytes: number }

/** What the broker says of a partition. */
export type FetchedPartition = {
  /** Name or id, by the version. */
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  /** Records before it are stable: no open transaction is before it. */
  readonly lastStable: number
  readonly aborted: readonly AbortedTransaction[]
  readonly bytes: Buffer
}

/** The answer; `errorCode` concerns all of it. */
export type FetchAnswer = { readonly errorCode: number; readonly partitions: readonly FetchedPartition[] }

const FETCH_KEY = 1
const READ_COMMITTED = 1
const VERSIONS = [13, 12, 11] as const
type Version = (typeof VERSIONS)[number]

/** Asks the partitions' leader. Rejects if the connection breaks. */
export type FetchCall = (
  connection: Connection,
  asks: readonly FetchAsk[],
  limits: FetchLimits,
) => Promise<FetchAnswer>

/** The call that a broker understands, from the versions that it offers; undefined if it is too old. */
export function fetchCall(offered: {
  readonly minVersion: number
  readonly maxVersion: number
}): FetchCall | undefined {
  const version = VERSIONS.find((each) => each >= offered.minVersion && each <= offered.maxVersion)
  return version === undefined ? undefined : CALLS[version]
}

const CALLS: Readonly<Record<Version, FetchCall>> = { 11: makeCall(11), 12: makeCall(12), 13: makeCall(13) }

function makeCall(version: Version): FetchCall {
  const compact = version >= 12
  const api = createAPI<[readonly FetchAsk[], FetchLimits], FetchAnswer>(
    FETCH_KEY,
    version,
    (asks: readonly FetchAsk[], limits: FetchLimits) => writeRequest(asks, limits, version),
    (_correlationId, _key, _version, reader) => readAnswer(reader, version),
    compact,
    compact,
  )
  return (connection, asks, limits) => api.async(connection, asks, limits)
}

function writeRequest(asks: readonly FetchAsk[], limits: FetchLimits, version: Version): Writer {
  const compact = version >= 12
  const topics = Object.values(Object.groupBy(asks, ({ topic }) => topic)).map((each) => each ?? [])
  const writer = Writer.create()
    // No replica; wait; at least one byte; at most.
    .appendInt32(-1)
    .appendInt32(limits.waitMillis)
    .appendInt32(1)
    .appendInt32(limits.maxBytes)
    .appendInt8(READ_COMMITTED)
    // No session.
    .appendInt32(0)
    .appendInt32(-1)
    .appendArray(
      topics,
      (topicWriter, partitions) => writeTopic(topicWriter, partitions, version),
      compact,
      compact,
    )
    // Nothing to forget, no rack.
    .appendArray([], () => {}, compact, compact)
    .appendString('', compact)
  return compact ? writer.appendTaggedFields() : writer
}

function writeTopic(writer: Writer, partitions: readonly FetchAsk[], version: Version): void {
  const compact = version >= 12
  const [first] = partitions
  if (version >= 13) writer.appendUUID(first?.topicId ?? null)
  else writer.appendString(first?.topic ?? '', compact)
  const writePartition = (to: Writer, { partition, from, maxBytes }: FetchAsk): void => {
    // The leader's epoch is not compared, and there is no log of ours to compare with.
    to.appendInt32(partition).appendInt32(-1).appendInt64(BigInt(from))
    if (compact) to.appendInt32(-1)
    to.appendInt64(-1n).appendInt32(maxBytes)
  }
  writer.appendArray([...partitions], writePartition, compact, compact)
}

function readAnswer(reader: Reader, version: Version): FetchAnswer {
  const compact = version >= 12
  // Throttling is the broker's to enforce.
  reader.readInt32()
  const errorCode = reader.readInt16()
  // The session.
  reader.readInt32()
  const topics = reader.readArray(
    (topicReader) => {
      const topic = version >= 13 ? topicReader.readUUID() : topicReader.readString(compact)
      return topicReader.readArray((each) => readPartition(each, topic, compact), compact, compact)
    },
    compact,
    compact,
  )
  return { errorCode, partitions: topics.flat() }
}

function readPartition(reader: Reader, topic: string, compact: boolean): FetchedPartition {
  const partition = reader.readInt32()
  const errorCode = reader.readInt16()
  const highWatermark = Number(reader.readInt64())
  const lastStable = Number(reader.readInt64())
  // Start of the log.
  reader.readInt64()
  const aborted = reader.readArray(
    (each) => ({ producerId: Number(each.readInt64()), firstOffset: Number(each.readInt64()) }),
    compact,
    compact,
  )
  // A replica to read from.
  reader.readInt32()
  const bytes = reader.readBytes(compact)
  return {
    topic,
    partition,
    errorCode,
    lastStable: lastStable < 0 ? highWatermark : lastStable,
    aborted,
    bytes,
  }
}
