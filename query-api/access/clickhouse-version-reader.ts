/**
 * The identity that looks whether rows have changed, at a real ClickHouse server: it sees which parts the tables of the datasets have, and of
 * each row the tenant and when it was loaded. It sees the rows of all tenants, so it never runs a caller's SQL, and nothing that it reads
 * leaves the process.
 */
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import { passwordHash, scopePassword } from '#ops/runtime/scope-password.ts'
import type { EngineIdentity, QueryEngine } from '../ports.ts'

/** What making it needs. */
export type VersionReaderOptions = {
  readonly engine: QueryEngine
  /** May create users and row policies, and holds what it grants with grant option. */
  readonly admin: EngineIdentity
  readonly database: string
  readonly datasets: readonly CompiledDataset[]
  /** Key that the password is derived from. */
  readonly secret: string
}

const NAME = 'mogo_versions'

/** Makes the identity, or brings it up to date. @throws EngineFault; MogoError MOGO_CLICKHOUSE_UNREACHABLE */
export async function makeVersionReader(options: VersionReaderOptions): Promise<EngineIdentity> {
  const { engine, admin, database, datasets, secret } = options
  const password = scopePassword(secret, NAME)
  for (const sql of versionReaderStatements(NAME, passwordHash(password), database, datasets))
    await engine.text(admin, { sql, format: 'TSVRaw' })
  return { username: NAME, password }
}

/** Statements that make it. Each may be run again. */
export function versionReaderStatements(
  name: string,
  passwordSha256: string,
  database: string,
  datasets: readonly CompiledDataset[],
): readonly string[] {
  const user = quoteIdentifier(name)
  return [
    /*sql*/ `CREATE USER IF NOT EXISTS ${user} IDENTIFIED WITH sha256_hash BY ${quoteLiteral(passwordSha256)} SETTINGS readonly = 1 CONST, max_execution_time = 5 CONST, log_queries = 0 CONST`,
    /*sql*/ `REVOKE ALL ON *.* FROM ${user}`,
    /*sql*/ `GRANT SELECT ON system.parts TO ${user}`,
    ...datasets.flatMap((dataset) => {
      const table = `${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)}`
      const columns = [dataset.tenantColumn, INTERNAL_COLUMNS.loadedAt, '_part']
        .map(quoteIdentifier)
        .join(', ')
      return [
        /*sql*/ `GRANT SHOW TABLES, SELECT(${columns}) ON ${table} TO ${user}`,
        // A table with row policies shows nothing to whom none is for.
        /*sql*/ `CREATE ROW POLICY IF NOT EXISTS ${quoteIdentifier(`${name}_all`)} ON ${table} FOR SELECT USING 1 AS PERMISSIVE TO ${user}`,
      ]
    }),
  ]
}
