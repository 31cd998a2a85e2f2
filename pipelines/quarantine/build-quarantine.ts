/** Settings -> the quarantine service with its adapters. It runs in the worker's process, which has the key ring; see main.ts. */
import { setTimeout as delay } from 'node:timers/promises'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { governanceTopic } from '#contracts/events/topics.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { ClickHouseConnection, KafkaConnection } from '#ops/runtime/settings.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { createKafkaPublisher } from '../kafka/kafka-publisher.ts'
import { createClickHouseQuarantineStore } from './clickhouse-quarantine-store.ts'
import { createKafkaReplayer } from './kafka-replayer.ts'
import { createQuarantineService, type QuarantineService } from './quarantine-service.ts'

/** What it is built from. */
export type QuarantineOptions = {
  readonly datasets: readonly CompiledDataset[]
  /** Writes access records. */
  readonly kafka: KafkaConnection
  /** Writes raw topics. */
  readonly replay: KafkaConnection
  readonly clickhouse: ClickHouseConnection
  readonly governanceDatabase: string
  readonly topicPrefix: string
  readonly keyRingSecret: string
  readonly logger: Logger
}

/** Builds; nothing is connected before it is used. */
export function buildQuarantine(options: QuarantineOptions): {
  readonly service: QuarantineService
  stop(): Promise<void>
} {
  const { datasets, logger } = options
  const store = createClickHouseQuarantineStore(options.clickhouse, options.governanceDatabase)
  const replayer = createKafkaReplayer(options.replay, logger)
  const publisher = createKafkaPublisher(options.kafka, logger)
  const service = createQuarantineService({
    ...{ store, replayer, datasets },
    ring: createKeyRing(options.keyRingSecret),
    now: Date.now,
    pause: delay,
    async recordAccess(event) {
      try {
        const message = { key: event.id, value: JSON.stringify(event) }
        await publisher.send(governanceTopic(options.topicPrefix), [message])
      } catch (cause) {
        throw new MogoError('MOGO_ACCESS_NOT_RECORDED', {}, { cause })
      }
    },
  })
  return {
    service,
    async stop() {
      await replayer.stop()
      await publisher.stop()
      await store.close()
    },
  }
}
