/** What this worker says of its lanes that do not flow: as JSON for `mogo pipeline status`, and as a gauge. */
import { metrics } from '@opentelemetry/api'
import type { WorkerLanes } from '#contracts/events/pipeline-health.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'

/** Adds `GET /pipeline` and the gauge. `waiting` is asked each time. */
export function healthRoutes(server: HttpServer, waiting: () => WorkerLanes['lanes']): void {
  metrics
    .getMeter('worker')
    .createObservableGauge('mogo.pipeline.waiting', {
      description: 'Lanes of a dataset that do not flow, by state: stopped, held or paused.',
    })
    .addCallback((result) => {
      for (const [key, lanes] of Map.groupBy(waiting(), ({ dataset, state }) => `${state} ${dataset}`)) {
        const [state = '', dataset = ''] = [lanes[0]?.state, key.slice(key.indexOf(' ') + 1)]
        result.observe(lanes.length, { dataset, state })
      }
    })
  server.get('/pipeline', { schema: { hide: true } as object }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ lanes: waiting() } satisfies WorkerLanes),
  )
}
