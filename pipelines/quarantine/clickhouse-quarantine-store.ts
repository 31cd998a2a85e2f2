/** The tables about quarantine on ClickHouse, over HTTP. Places are taken in chunks, so that no statement grows without bound. */
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { z } from 'zod'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'
import type { ClickHouseConnection } from '#ops/runtime/settings.ts'
import { clickhouseFault } from '../clickhouse/clickhouse-errors.ts'
import {
  lastRemovals,
  noteBreaker,
  pausedDatasets,
  resumptions,
} from '../clickhouse/governance-statements.ts'
import type { QuarantineEntry, QuarantineStore, SealedEntry } from './quarantine-ports.ts'
import {
  changeStatement,
  countStatement,
  listStatement,
  type QuarantineConditions,
  type QuarantinePlace,
  wipeStatement,
} from './quarantine-statements.ts'

/** Places in one statement. */
const CHUNK = 500

const text = z.string()
const count = z.coerce.number()
const entryRow = z.object({
  ...{ dataset: text, contract_version: text, topic: text, partition: count, offset: text },
  ...{ at_millis: count, codes: z.array(text), columns: z.array(text), rules: z.array(text), trace_id: text },
  ...{ status: z.enum(['open', 'replayed', 'dropped']), attempts: count, changed_millis: count },
  ...{ changed_by: text, purpose: text },
})
const sealedRow = entryRow.extend({ payload: text })

/** Opens the store. Nothing is sent before the first call. */
export function createClickHouseQuarantineStore(
  connection: ClickHouseConnection,
  database: string,
): QuarantineStore {
  const client = createClient({
    url: connection.url,
    username: connection.username,
    password: connection.password,
    application: 'mogo-quarantine',
    request_timeout: 30_000,
    max_open_connections: 4,
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: { log_queries: 0, max_query_size: '10000000', wait_end_of_query: 1 },
  })
  const what = `${database}.${GOVERNANCE_TABLES.quarantine}`

  async function select<T>(query: string, row: z.ZodType<T>): Promise<T[]> {
    try {
      const answer = await client.exec({ query })
      const chunks: Buffer[] = []
      for await (const chunk of answer.stream) chunks.push(chunk as Buffer)
      const lines = Buffer.concat(chunks).toString('utf8').split('\n')
      return lines.filter((line) => line !== '').map((line) => row.parse(JSON.parse(line)))
    } catch (error) {
      throw clickhouseFault(error, connection.url, what)
    }
  }

  async function run(query: string, waits = false): Promise<void> {
    try {
      const settings = waits ? { mutations_sync: '1' as const } : { insert_deduplicate: 0 as const }
      await client.command({ query, clickhouse_settings: settings })
    } catch (error) {
      throw clickhouseFault(error, connection.url, what)
    }
  }

  return {
    list: async (conditions, page) =>
      (await select(listStatement(database, conditions, page), entryRow)).map(entryOf),
    async sealed(conditions, page) {
      const found = await select(listStatement(database, conditions, { ...page, payloads: true }), sealedRow)
      return found.map((row): SealedEntry => ({ ...entryOf(row), payload: row.payload }))
    },
    async count(conditions) {
      const [found] = await select(countStatement(database, conditions), z.object({ records: count }))
      return found?.records ?? 0
    },
    async change(places, change) {
      for (const chosen of chunks(places)) await run(changeStatement(database, chosen, change))
    },
    async wipe(places) {
      for (const chosen of chunks(places)) await run(wipeStatement(database, chosen), true)
    },
    async removals(datasets) {
      if (datasets.length === 0) return new Map()
      const found = await select(lastRemovals(database, datasets), z.object({ dataset: text, below: text }))
      return new Map(found.map(({ dataset, below }) => [dataset, BigInt(below)]))
    },
    async paused() {
      const row = z.object({ dataset: text, since_millis: count, records: count, quarantined: count })
      const found = await select(pausedDatasets(database), row)
      return found.map(({ since_millis, ...rest }) => ({ ...rest, sinceMillis: since_millis }))
    },
    async resumptions(dataset) {
      const [found] = await select(resumptions(database, dataset), z.object({ times: count }))
      return found?.times ?? 0
    },
    noteBreaker: (event) => run(noteBreaker(database, event)),
    close: () => client.close(),
  }
}

/** Places by dataset, in chunks. */
function chunks(places: readonly QuarantinePlace[]): readonly QuarantineConditions[] {
  return [...Map.groupBy(places, ({ dataset }) => dataset)].flatMap(([dataset, ofDataset]) => {
    const made: QuarantineConditions[] = []
    for (let start = 0; start < ofDataset.length; start += CHUNK)
      made.push({ datasets: [dataset], places: ofDataset.slice(start, start + CHUNK) })
    return made
  })
}

function entryOf(row: z.output<typeof entryRow>): QuarantineEntry {
  return {
    ...{ dataset: row.dataset, contractVersion: row.contract_version },
    ...{ topic: row.topic, partition: row.partition, offset: BigInt(row.offset) },
    atMillis: row.at_millis,
    faults: row.codes.map((code, index) => ({
      code,
      column: row.columns[index] ?? '',
      rule: row.rules[index] ?? code,
    })),
    traceId: row.trace_id,
    ...{ status: row.status, attempts: row.attempts },
    ...{ changedMillis: row.changed_millis, changedBy: row.changed_by, purpose: row.purpose },
  }
}
