/** What the jobs last saw, as gauges. A value that was not seen yet is not shown. */
import { metrics } from '@opentelemetry/api'
import type { CaptureState } from './capture-check.ts'

/** Takes what the jobs see. */
export type Observations = {
  capture(state: CaptureState): void
  freeBytes(bytes: number): void
  logBytes(bytes: number): void
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
  const running = gauge('mogo.capture.running', '1 if the connector and its slot are well.')
  return {
    capture: (state) => running(Number(state === 'running')),
    freeBytes: gauge('mogo.disk.free', 'Free bytes on the disk of the state folder.'),
    logBytes: gauge('mogo.logs.size', 'Bytes of all logs.'),
  }
}
