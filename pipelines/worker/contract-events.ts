/** Says on the governance topic which contracts are in operation, with their lineage edges. The id follows from the content, so that it replaces itself. */
import { createHash } from 'node:crypto'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { type LineagePlaces, lineageEdges } from '#contracts/compile/lineage-edges.ts'
import type { ContractEvent } from '#contracts/events/governance-event.ts'

/** The event of one dataset. */
export function contractEvent(dataset: CompiledDataset, places: LineagePlaces, now: number): ContractEvent {
  const edges = lineageEdges(dataset, places)
  const identity = JSON.stringify([dataset.hash, places])
  return {
    type: 'contract',
    id: createHash('sha256').update(identity).digest('hex').slice(0, 32),
    at: new Date(now).toISOString(),
    contractId: dataset.contractId,
    contractVersion: dataset.contractVersion,
    dataset: dataset.name,
    policyHash: dataset.hash,
    edges: [...edges],
  }
}
