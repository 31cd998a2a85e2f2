/**
 * OpenTelemetry: traces and metrics of a process.
 *
 * Without an endpoint nothing is sent: spans are made (so that trace ids reach logs, Kafka and ClickHouse) but not recorded.
 * Metrics are always kept, because `/metrics` serves them to Prometheus. Attributes are names, counts and durations, never
 * data values. Settings come from mogo.yaml alone, so a collector's address in the environment changes nothing by accident.
 */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { NodeSDK } from '@opentelemetry/sdk-node'
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  NoopSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import type { ProjectConfig } from './config-model.ts'

/** Telemetry of a running process. */
export type Telemetry = {
  /** All metrics in Prometheus' text format. */
  prometheusText(): Promise<string>
  /** Sends what is pending and stops. */
  stop(): Promise<void>
}

/** Starts telemetry; `process` is the service's name, such as `worker`. Call it before anything asks for a tracer or meter. */
export function startTelemetry(config: ProjectConfig, process: string): Telemetry {
  const { endpoint, sampleRatio } = config.telemetry
  const base = endpoint?.replace(/\/$/, '')
  const prometheus = new PrometheusExporter({ preventServerStart: true })
  const readers = base
    ? [
        prometheus,
        new PeriodicExportingMetricReader({
          exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics` }),
        }),
      ]
    : [prometheus]
  const sdk = new NodeSDK({
    autoDetectResources: false,
    resource: resourceFromAttributes({ 'service.name': `mogo-${process}`, 'service.namespace': config.name }),
    sampler: base
      ? new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) })
      : new AlwaysOffSampler(),
    // A processor must be there, or no tracer provider is made and no trace id either.
    spanProcessors: [
      base
        ? new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${base}/v1/traces` }) })
        : new NoopSpanProcessor(),
    ],
    metricReaders: readers,
    logRecordProcessors: [],
  })
  sdk.start()
  const serializer = new PrometheusSerializer()
  return {
    async prometheusText() {
      const { resourceMetrics } = await prometheus.collect()
      return serializer.serialize(resourceMetrics)
    },
    async stop() {
      // A collector that is away must not keep a process from ending.
      await sdk.shutdown().catch(() => undefined)
    },
  }
}
