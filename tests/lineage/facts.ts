/** The demo project's contracts and a few events about them, for tests. */
import { fileURLToPath } from 'node:url'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { lineageEdges } from '#contracts/compile/lineage-edges.ts'
import type { AccessEvent, ContractEvent } from '#contracts/events/governance-event.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { edge, node } from './edges.ts'

export const datasets = loadContracts(fileURLToPath(new URL('../../ops/demo/contracts', import.meta.url)))

/** The report of a worker about a dataset. */
export function contractEvent(dataset: CompiledDataset, at = '2026-05-01T10:00:00.000Z'): ContractEvent {
  return {
    type: 'contract',
    id: `${dataset.contractId}@${dataset.contractVersion}`,
    at,
    contractId: dataset.contractId,
    contractVersion: dataset.contractVersion,
    dataset: dataset.name,
    policyHash: dataset.hash,
    edges: [...lineageEdges(dataset, { sourceDatabase: 'shop', topicPrefix: 'mogo', database: 'analytics' })],
  }
}

/** An answered query of acme's analyst: revenue of orders, by shipping address of the client, for paid orders. */
export function accessEvent(id: string, changes: Partial<AccessEvent> = {}): AccessEvent {
  const orders = (column: string) => node('clickhouse', column, { dataset: 'orders' })
  const result = (column: string) => node('query', column, { dataset: id })
  return {
    type: 'access',
    id,
    at: '2026-05-01T11:00:00.000Z',
    subject: 'ana',
    tenant: 'acme',
    role: 'analyst',
    purpose: 'reporting',
    decision: 'answered',
    reason: '',
    sqlHash: 'a1',
    columnsRead: ['orders.total', 'orders.status', 'orders.client_ip_token'],
    policyVersion: 'p1',
    rows: 3,
    bytes: 99,
    durationMs: 4.25,
    traceId: '',
    edges: [
      edge(orders('total'), result('revenue'), { subtype: 'AGGREGATION' }),
      edge(orders('status'), result('revenue'), { type: 'INDIRECT', subtype: 'FILTER' }),
      edge(orders('client_ip_token'), result('ip')),
    ],
    ...changes,
  }
}
