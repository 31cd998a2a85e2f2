/**
 * A scope as SQL for a real ClickHouse server: user, grants per column, one row policy per granted table.
 *
 * A policy is RESTRICTIVE and PERMISSIVE at once: two are made. A table with policies shows a user without any permissive one
 * nothing, so the permissive one opens the table to the scope's filter; the restrictive one keeps it closed even if somebody
 * adds a wider permissive policy for everybody later. Scopes are never changed in place, since their names are hashes of their
 * content: policies come before grants, so that no moment has rows without a filter.
 */
import type { EngineScope } from '#contracts/compile/access-scope.ts'
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'

/** Statements that make a scope, in order. Each may be run again. */
export function scopeStatements(
  scope: EngineScope,
  passwordSha256: string,
  settings: Readonly<Record<string, string | number>>,
): readonly string[] {
  const user = quoteIdentifier(scope.name)
  const filtered = new Set(scope.rowFilters.map(({ database, table }) => `${database}.${table}`))
  if (filtered.size < scope.grants.length) throw new TypeError('every granted table needs a row filter')
  const constants = Object.entries(settings).map(([name, value]) => {
    const text = typeof value === 'number' ? String(value) : quoteLiteral(value)
    return `${quoteIdentifier(name)} = ${text} CONST`
  })
  return [
    /*sql*/ `CREATE USER IF NOT EXISTS ${user} IDENTIFIED WITH sha256_hash BY ${quoteLiteral(passwordSha256)} SETTINGS ${constants.join(', ')}`,
    ...scope.rowFilters.flatMap(({ database, table, filter }) => {
      const target = `${quoteIdentifier(database)}.${quoteIdentifier(table)}`
      return [
        /*sql*/ `CREATE ROW POLICY IF NOT EXISTS ${quoteIdentifier(`${scope.name}_open`)} ON ${target} FOR SELECT USING ${filter} AS PERMISSIVE TO ${user}`,
        /*sql*/ `CREATE ROW POLICY IF NOT EXISTS ${quoteIdentifier(`${scope.name}_only`)} ON ${target} FOR SELECT USING ${filter} AS RESTRICTIVE TO ${user}`,
      ]
    }),
    ...scope.grants.map((grant) => /*sql*/ `${grant} TO ${user}`),
  ]
}

/** Statements that make the identity that only parses. */
export function gateStatements(name: string, passwordSha256: string): readonly string[] {
  const user = quoteIdentifier(name)
  return [
    /*sql*/ `CREATE USER IF NOT EXISTS ${user} IDENTIFIED WITH sha256_hash BY ${quoteLiteral(passwordSha256)} SETTINGS readonly = 1 CONST, max_execution_time = 5 CONST, log_queries = 0 CONST`,
    /*sql*/ `REVOKE ALL ON *.* FROM ${user}`,
  ]
}

/** Oldest releases of each line that keep row policies and column grants without known bypasses. */
const SAFE: readonly (readonly [number, number, number, number])[] = [
  [26, 6, 5, 113],
  [26, 7, 7, 84],
  [26, 8, 3, 74],
]

/** True if row security of that version can be relied on. */
export function isSafeVersion(version: string): boolean {
  const parts = version.split('.').map(Number)
  const [year = 0, month = 0] = parts
  const line = SAFE.find((safe) => safe[0] === year && safe[1] === month)
  if (!line) return year > 26 || (year === 26 && month > 8)
  const difference = line.map((part, index) => (parts[index] ?? 0) - part).find((part) => part !== 0) ?? 0
  return difference >= 0
}
