/** The connections of this process to the broker of the run. */
import { Socket } from 'node:net'

/** Breaks every one of them, as a network does. */
export function cutConnections(brokers: readonly string[]): void {
  const ports = new Set(brokers.map((broker) => Number(broker.split(':').at(-1))))
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): readonly unknown[] }
  for (const handle of handles())
    if (handle instanceof Socket && ports.has(handle.remotePort ?? 0)) handle.destroy(new Error('cut'))
}
