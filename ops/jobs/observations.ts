/** What the jobs last saw, as gauges. A value that was not seen yet is not shown. */
import { metrics } from '@opentelemetry/api'
import { HEALTH_METRICS, type HealthMetric, type Sample } from '#ops/alerts/health-metrics.ts'
import type { CaptureState } from './capture-check.ts'

/** Takes what the jobs see. */
export type Observations = {
  capture(state: CaptureState): void
  freeBytes(bytes: number): void
  logBytes(bytes: number): void
  /** The figures of the pipeline's health: those that are not among them are not known. */
  health(samples: readonly Sample[]): void
  /** Alerts that fire. */
  firing(alerts: number): void
}

/** Registers the gauges. */
export function createObservations(): Observations {
  const meter = metrics.getMeter('operations')
  const gauge = (name: string, description: string): ((value: number) => void) => {
    let last: number | undefined
    meter.createObservableGauge(name, { description }).addCallback((result) => {
      if (last !== undefined) result.observe(last)
    })
    return (value) => {
      last = value
    }
  }
  let figures: readonly Sample[] = []
  for (const [metric, { about, description }] of Object.entries(HEALTH_METRICS)) {
    // The disk has a gauge already.
    if (about === 'disk') continue
    meter.createObservableGauge(`mogo.${metric as HealthMetric}`, { description }).addCallback((result) => {
      for (const sample of figures)
        if (sample.metric === metric) result.observe(sample.value, { [about]: sample.subject })
    })
  }
  const running = gauge('mogo.capture.running', '1 if the connector and its slot are well.')
  return {
    capture: (state) => running(Number(state === 'running')),
    freeBytes: gauge('mogo.disk.free', 'Free bytes on the disk of the state folder.'),
    health: (samples) => {
      figures = samples
    },
    firing: gauge('mogo.alerts.firing', 'Alerts that fire.'),
    logBytes: gauge('mogo.logs.size', 'Bytes of all logs.'),
  }
}
