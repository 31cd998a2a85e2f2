/** What a run of the benchmark in a process of its own needs. */
import type { ClickHouseConnection, KafkaConnection } from '#ops/runtime/settings.ts'

/** See above. */
export type RunOptions = {
  readonly kind: 'worker' | 'naive'
  readonly kafka: KafkaConnection
  readonly clickhouse: ClickHouseConnection
  readonly database: string
  readonly topicPrefix: string
  readonly topic: string
  readonly groupId: string
  readonly secret: string
}

/** A mover at work in this process. */
export type RunningMover = { stop(): Promise<void> }
