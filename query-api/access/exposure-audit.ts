/** The audit of what callers could reach, as statements of one identity through the engine's port. */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import type { Exposure } from '#ops/runtime/exposure.ts'
import { readExposures } from '#ops/runtime/read-exposure.ts'
import { EngineFault } from '../engine/engine-fault.ts'
import type { EngineIdentity, QueryEngine } from '../ports.ts'

/** What is audited, by whom. */
export type ExposureAuditOptions = {
  readonly engine: QueryEngine
  /** Sees what there is and who may read it. */
  readonly identity: EngineIdentity
  /** Database of the datasets. */
  readonly database: string
  readonly datasets: readonly CompiledDataset[]
  /** Name of the identity that only parses. */
  readonly gate: string
}

/** Makes the audit. It rejects with MogoError MOGO_EXPOSURE_UNREADABLE, MOGO_CLICKHOUSE_UNREACHABLE, MOGO_UNAVAILABLE. */
export function createExposureAudit(options: ExposureAuditOptions): () => Promise<readonly Exposure[]> {
  const { engine, identity, database, datasets, gate } = options
  const tables = new Set(datasets.map(({ table }) => table))
  const ask = async (sql: string): Promise<readonly unknown[]> => {
    const text = await engine.text(identity, { sql, format: 'JSONEachRow' })
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line))
  }
  return async () => {
    try {
      return await readExposures(ask, { database, tables, gates: [gate] }, identity.username)
    } catch (error) {
      if (!(error instanceof EngineFault)) throw error
      throw new MogoError('MOGO_EXPOSURE_UNREADABLE', { user: identity.username }, { cause: error })
    }
  }
}
