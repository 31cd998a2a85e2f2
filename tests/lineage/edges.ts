/** Short ways to write nodes and edges in tests. */
import type { LineageEdge, LineageNode } from '#contracts/events/lineage-edge.ts'

const PLACES: Readonly<Record<LineageNode['system'], Pick<LineageNode, 'namespace' | 'dataset'>>> = {
  postgres: { namespace: 'shop', dataset: 'public.customers' },
  kafka: { namespace: 'mogo', dataset: 'mogo.public.customers' },
  clickhouse: { namespace: 'analytics', dataset: 'customers' },
  query: { namespace: 'acme', dataset: 'q1' },
}

/** A node at the usual place of its system. */
export function node(
  system: LineageNode['system'],
  column: string,
  place: Partial<LineageNode> = {},
): LineageNode {
  return { system, ...PLACES[system], column, ...place }
}

/** An edge; by default a value passed on as it is. */
export function edge(from: LineageNode, to: LineageNode, how: Partial<LineageEdge> = {}): LineageEdge {
  return { from, to, type: 'DIRECT', subtype: 'IDENTITY', masking: false, description: '', ...how }
}

/** A value passed on as it is. */
export const direct = (from: LineageNode, to: LineageNode): LineageEdge => edge(from, to)
