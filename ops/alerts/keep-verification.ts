/** Keeps what a comparison with the source found, so that it is seen where the pipeline's health is. */
import { openClickHouse } from '#ops/cli/clickhouse-session.ts'
import type { Settings } from '#ops/runtime/settings.ts'
import { noteVerifications, type VerificationRow, verificationsTable } from './alert-statements.ts'

/** Writes it down. @throws MogoError of ClickHouse */
export async function keepVerification(settings: Settings, rows: readonly VerificationRow[]): Promise<void> {
  if (rows.length === 0) return
  const { governanceDatabase } = settings.project.config.clickhouse
  const session = openClickHouse(settings.clickhouse('admin'), governanceDatabase)
  try {
    await session.query(verificationsTable(governanceDatabase))
    await session.query(noteVerifications(governanceDatabase, Date.now(), rows))
  } finally {
    await session.close()
  }
}
