/** Looks for personal values where none may be: every table of ClickHouse, every file of its data, every log. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { ClickHouseSession } from '#ops/cli/clickhouse-session.ts'

/** Where a value was found: names of places only. */
export type Leak = string

/** Columns of all tables that hold text, searched for any of the values. */
export async function leaksInTables(
  clickhouse: ClickHouseSession,
  values: readonly string[],
): Promise<readonly Leak[]> {
  const columns = await clickhouse.query(/*sql*/ `
    SELECT database, table, name FROM system.columns
    WHERE (type LIKE '%String%') AND database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema')`)
  const logs = await clickhouse.query(/*sql*/ `
    SELECT database, table, name FROM system.columns
    WHERE type LIKE '%String%' AND database = 'system' AND table LIKE '%_log'`)
  const leaks: Leak[] = []
  const needles = batches(values, MOST_NEEDLES).map(
    (batch) =>
      `[${batch.map((value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`).join(', ')}]`,
  )
  for (const { database, table, name } of [...columns.rows, ...logs.rows]) {
    const asText = `toString(\`${String(name)}\`)`
    const found = await clickhouse.query(/*sql*/ `
      SELECT count() AS n FROM \`${String(database)}\`.\`${String(table)}\`
      WHERE ${needles.map((list) => `multiSearchAny(${asText}, ${list})`).join(' OR ')}`)
    if (Number(found.rows[0]?.['n']) > 0) leaks.push(`${String(database)}.${String(table)}.${String(name)}`)
  }
  return leaks
}

/** The engine takes this many needles at once. */
const MOST_NEEDLES = 250

function batches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

/**
 * Files below a folder that hold any of the values, by grep, which looks for all of them in one go. They go to its standard input: arguments are in the list of
 * processes. Merges make and remove files while it looks: one that is gone holds nothing.
 */
export async function leaksInFiles(dir: string, values: readonly string[]): Promise<readonly Leak[]> {
  const grep = spawn('grep', ['-rlasF', '-f', '-', dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  })
  grep.stdin.end(values.map((value) => `${value}\n`).join(''))
  const found = await text(grep.stdout)
  return found.split('\n').filter((path) => path !== '')
}
