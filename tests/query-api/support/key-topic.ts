/** A topic of API keys in memory, which several replicas follow; it can be held up, and be away. */
import { MogoError } from '#contracts/errors.ts'
import type { OpenKeyTopic } from '#query-api/access/access-keys.ts'
import type { KeyRecord } from '#query-api/access/key-records.ts'

/** See the header. */
export class MemoryKeyTopic {
  /** Everything that was ever written, in order. */
  readonly log: KeyRecord[] = []
  isAway = false
  /** Replicas do not hear of what is written until `deliver`. */
  isHeldUp = false
  readonly #replicas: { at: number; readonly read: (record: KeyRecord) => void }[] = []

  /** For a replica. */
  readonly open: OpenKeyTopic = (read) => {
    const replica = { at: 0, read }
    this.#replicas.push(replica)
    this.deliver()
    const checkThere = () => {
      if (this.isAway) throw new MogoError('MOGO_KEYS_UNAVAILABLE')
    }
    return {
      write: async (records) => {
        checkThere()
        this.log.push(...records)
        if (!this.isHeldUp) this.deliver()
      },
      ready: async () => checkThere(),
      close: async () => {},
    }
  }

  /** What a compaction leaves: the last record of each key. */
  compact(): void {
    const last = new Map(this.log.map((record, index) => [record.key, index]))
    const kept = this.log.filter((record, index) => last.get(record.key) === index && record.value !== null)
    this.log.splice(0, this.log.length, ...kept)
  }

  deliver(): void {
    for (const replica of this.#replicas)
      for (; replica.at < this.log.length; replica.at++) {
        const record = this.log[replica.at]
        if (record) replica.read(record)
      }
  }
}
