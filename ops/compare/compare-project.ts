/** Compares all datasets of a project with their source tables. */
import { loadContracts } from '#contracts/load-contracts.ts'
import { openClickHouse } from '#ops/cli/clickhouse-session.ts'
import { openPostgres } from '#ops/cli/postgres-session.ts'
import type { Settings } from '#ops/runtime/settings.ts'
import { compareDataset, type DatasetComparison } from './compare-dataset.ts'
import { SESSION_STATEMENT } from './expressions.ts'

/** Compares once. The comparison is only meaningful while the source is quiet. */
export async function compareProject(settings: Settings): Promise<readonly DatasetComparison[]> {
  const { config, contractsDir } = settings.project
  const postgres = await openPostgres(settings.postgres('superuser'))
  const clickhouse = openClickHouse(settings.clickhouse('admin'), config.clickhouse.database)
  try {
    await postgres.query(SESSION_STATEMENT)
    const results: DatasetComparison[] = []
    for (const dataset of loadContracts(contractsDir))
      results.push(
        await compareDataset(
          dataset,
          async (sql) => (await postgres.query(sql)).rows,
          async (sql) => (await clickhouse.query(sql)).rows,
          config.clickhouse.database,
        ),
      )
    return results
  } finally {
    await postgres.close()
    await clickhouse.close()
  }
}

/**
 * Compares until everything is equal but for what is explained, or until the deadline: what was written just before takes a
 * moment to arrive. Returns the last comparison.
 */
export async function compareUntilEqual(
  settings: Settings,
  deadlineMillis: number,
  signal: AbortSignal,
): Promise<readonly DatasetComparison[]> {
  const end = performance.now() + deadlineMillis
  for (;;) {
    signal.throwIfAborted()
    const results = await compareProject(settings)
    if (results.every((result) => result.unexplained === 0) || performance.now() > end) return results
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}
