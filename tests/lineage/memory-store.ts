/** The lineage store in memory, for tests of what stands above it. The real one is tested against ClickHouse. */
import type { AccessEvent, ContractEvent, GovernanceEvent } from '#contracts/events/governance-event.ts'
import type { LineageStore } from '#lineage/ports.ts'

/** Makes a store that holds these events. */
export function memoryStore(events: readonly GovernanceEvent[] = []): LineageStore {
  const contracts = new Map<string, ContractEvent>()
  const queries = new Map<string, AccessEvent>()
  const keep = (event: GovernanceEvent): void => {
    if (event.type === 'contract') contracts.set(event.dataset, event)
    else queries.set(event.id, event)
  }
  events.forEach(keep)
  const readers = (table: string, column: string, tenant: string | undefined) =>
    [...queries.values()].filter(
      (query) =>
        (tenant === undefined || query.tenant === tenant) &&
        query.edges.some(({ from }) => from.dataset === table && from.column === column),
    )
  return {
    prepare: async () => undefined,
    record: async (more) => more.forEach(keep),
    contractLineage: async (datasets) =>
      datasets.flatMap((name) => {
        const event = contracts.get(name)
        return event ? [{ ...event, validSince: event.at, lastSeen: event.at }] : []
      }),
    queryRecord: async (id) => queries.get(id),
    columnUse: async ({ table, columns }, tenant) =>
      columns.map((column) => {
        const found = readers(table, column, tenant)
        return { column, queries: found.length, lastReadAt: found.at(-1)?.at ?? null }
      }),
    latestReaders: async ({ table, columns }, tenant, limit) =>
      columns.flatMap((column) =>
        readers(table, column, tenant)
          .slice(-limit)
          .flatMap(({ edges }) =>
            edges.filter(({ from }) => from.dataset === table && from.column === column),
          ),
      ),
    check: async () => undefined,
    close: async () => undefined,
  }
}
