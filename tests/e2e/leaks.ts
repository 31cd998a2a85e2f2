/** Looks for personal values where none may be: every table of ClickHouse, every file of its data, every log. */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
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
    const text = `toString(\`${String(name)}\`)`
    const found = await clickhouse.query(/*sql*/ `
      SELECT count() AS n FROM \`${String(database)}\`.\`${String(table)}\`
      WHERE ${needles.map((list) => `multiSearchAny(${text}, ${list})`).join(' OR ')}`)
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

/** Files below a folder that hold any of the values. */
export async function leaksInFiles(dir: string, values: readonly string[]): Promise<readonly Leak[]> {
  const needles = values.map((value) => Buffer.from(value))
  const longest = Math.max(...needles.map((needle) => needle.length))
  const leaks: Leak[] = []
  for (const file of await filesBelow(dir)) if (await holds(file, needles, longest)) leaks.push(file)
  return leaks
}

/** Merges make and remove folders while we look: one that is gone holds nothing. */
async function filesBelow(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(ignoreGone)
  const found = await Promise.all(
    entries.map((entry) => {
      const path = join(dir, entry.name)
      return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : []
    }),
  )
  return found.flat()
}

function ignoreGone(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return []
  throw error
}

async function holds(file: string, needles: readonly Buffer[], longest: number): Promise<boolean> {
  let tail = Buffer.alloc(0)
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 4 * 1024 * 1024 })) {
      const bytes = Buffer.concat([tail, chunk as Buffer])
      if (needles.some((needle) => bytes.includes(needle))) return true
      tail = bytes.subarray(Math.max(0, bytes.length - longest))
    }
  } catch (error) {
    // Merges remove parts while we look.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return false
}
