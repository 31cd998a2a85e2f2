/** Entry of the lineage service: records what comes over the governance topic, answers where columns come from. */

import { governanceTopic } from '#contracts/events/topics.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { createProjectAuth } from '#ops/runtime/bearer-auth.ts'
import { closeHttpServer } from '#ops/runtime/http-server.ts'
import { runProcess } from '#ops/runtime/process.ts'
import { systemAddresses } from './addresses.ts'
import { buildApp } from './app.ts'
import { createClickHouseStore } from './clickhouse-store.ts'
import { createKafkaFeed } from './kafka-feed.ts'
import { createRecorder } from './recorder.ts'

await runProcess('lineage', process.env, async ({ project, settings, logger, telemetry }) => {
  const { config } = project
  const datasets = loadContracts(project.contractsDir)
  const store = createClickHouseStore(settings.clickhouse('lineage'), config.clickhouse.governanceDatabase)
  const feed = createKafkaFeed({
    connection: settings.kafka('lineage'),
    topic: governanceTopic(config.kafka.topicPrefix),
    group: 'mogo-lineage',
    replicationFactor: config.kafka.replicationFactor,
    logger,
  })
  const recorder = createRecorder({ feed, store, logger })
  const auth = createProjectAuth(settings, logger)
  const app = await buildApp({
    logger,
    telemetry,
    store,
    datasets,
    database: config.clickhouse.database,
    project: config.name,
    addresses: systemAddresses(config, settings.endpoints),
    verify: (authorization) => auth.verify(authorization),
    now: Date.now,
    checks: {
      clickhouse: () => store.check(),
      kafka: () => feed.check(),
      identity: () => auth.check(),
      recording: () => recorder.check(),
    },
  })
  await app.listen({ host: '127.0.0.1', port: settings.endpoints.lineage?.port ?? config.lineage.port ?? 0 })
  // Answers, and says that it is not ready, while ClickHouse or Kafka is away.
  const started = recorder.start()
  return {
    failed: Promise.race([feed.failed, started.then(() => feed.failed)]),
    async stop() {
      await closeHttpServer(app, 3000)
      await recorder.stop()
      await store.close()
    },
  }
})
