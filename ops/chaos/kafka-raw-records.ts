/**
 * Reads the raw topics of a chaos run as the administrator, committed records only, from where it stopped the last time up to a mark: the
 * probes of a round (probes.ts), of which every partition has one.
 */
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import type { RawEntry } from './account-records.ts'
import { KEY_SEPARATOR, TABLES, topicOf } from './chaos-tables.ts'
import { chaosClient } from './kafka-administration.ts'
import { isProbe, PROBES } from './probes.ts'

/** See above. */
export type RawReader = {
  /** Records since the last call, up to the probes of the round `mark` in every topic. Rejects when the signal aborts. */
  readUntil(mark: number, signal: AbortSignal): Promise<readonly RawEntry[]>
}

const ORDER_MASK = 2n ** 48n - 1n

type Image = { readonly tenant?: unknown; readonly id?: unknown; readonly balance?: unknown } | null
type Envelope = {
  readonly op?: unknown
  readonly before?: Image
  readonly after?: Image
  readonly source?: { readonly lsn?: unknown; readonly sequence?: unknown }
} | null

/** Makes a reader that starts at the beginning of the topics. */
export function createRawReader(connection: KafkaConnection, prefix: string): RawReader {
  /** Topic and partition -> next offset. */
  const next = new Map<string, bigint>()
  const topics = new Map(TABLES.map(({ name }) => [topicOf(prefix, name), name]))
  let group = 0

  return {
    async readUntil(mark, signal) {
      const consumer = chaosClient(connection).consumer({
        groupId: `mogo-chaos-${process.pid}-${group++}`,
        maxWaitTimeInMs: 100,
        sessionTimeout: 30_000,
      })
      const entries: RawEntry[] = []
      const missing = new Set(TABLES.flatMap(({ name }) => PROBES.map((id) => `${name}/${id}`)))
      const done = Promise.withResolvers<void>()
      const abort = (): void => done.reject(signal.reason)
      signal.addEventListener('abort', abort)
      try {
        await consumer.connect()
        await consumer.subscribe({ topics: [...topics.keys()], fromBeginning: true })
        await consumer.run({
          autoCommit: false,
          async eachMessage({ topic, partition, message }) {
            const place = `${topic}/${partition}`
            // A start that is overtaken by a seek may hand records over twice.
            if (BigInt(message.offset) < (next.get(place) ?? 0n)) return
            next.set(place, BigInt(message.offset) + 1n)
            const table = topics.get(topic) ?? topic
            const envelope = parse(message.value)
            const version = versionOf(envelope, message.offset)
            entries.push({ table, partition, offset: message.offset, version, ...rowOf(envelope) })
            const { after } = envelope ?? {}
            if (after && isProbe(after.tenant) && Number(after.balance) === mark)
              missing.delete(`${table}/${String(after.id)}`)
            if (missing.size === 0) done.resolve()
          },
        })
        for (const [place, offset] of next) {
          const at = place.lastIndexOf('/')
          consumer.seek({
            topic: place.slice(0, at),
            partition: Number(place.slice(at + 1)),
            offset: String(offset),
          })
        }
        await done.promise
        return entries
      } finally {
        signal.removeEventListener('abort', abort)
        await consumer.disconnect().catch(() => {})
      }
    },
  }
}

function parse(value: Buffer | null): Envelope {
  return value === null ? null : (JSON.parse(value.toString('utf8')) as Envelope)
}

/** As a worker makes it, see `placeOf` in transforms/decode.ts; there is one epoch. */
function versionOf(envelope: Envelope, offset: string): string {
  const { op, source } = envelope ?? {}
  const sequence = typeof source?.sequence === 'string' ? (JSON.parse(source.sequence) as unknown[]) : []
  const lastCommit = typeof sequence[0] === 'string' ? BigInt(sequence[0]) : undefined
  const own = typeof source?.lsn === 'number' ? BigInt(source.lsn) : 0n
  const position = lastCommit ?? (op === 'r' ? 0n : own)
  const leavesRow = op === 'c' || op === 'u'
  const order = op === 'r' ? 0n : own + (leavesRow ? 1n : 0n)
  return String(
    (1n << 112n) | (position << 48n) | (lastCommit === undefined ? BigInt(offset) : order & ORDER_MASK),
  )
}

function rowOf(envelope: Envelope): Pick<RawEntry, 'key' | 'kind'> {
  if (envelope === null || envelope.op === 'm') return { key: null, kind: 'none' }
  if (envelope.op === 't') return { key: null, kind: 'truncate' }
  const image = envelope.after ?? envelope.before
  return { key: `${String(image?.tenant)}${KEY_SEPARATOR}${String(image?.id)}`, kind: 'row' }
}
