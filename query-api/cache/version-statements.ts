/**
 * What the cache asks the engine about tables, as an identity of its own that runs nothing else: what parts they are made of, and whose rows
 * stand in some of these. No answer of it ever leaves the process.
 */
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import type { Part } from './part-changes.ts'

/** Tables whose parts stand on this server, all of them. Of others (replicated, distributed, views) nothing is known here. */
const ENGINES = ['MergeTree', 'ReplacingMergeTree']

const IDENTITY = 'cityHash64(path, rows, bytes_on_disk, modification_time)'
const HOME = 'cityHash64(substring(path, 1, length(path) - length(name) - 1))'

/** Table, fingerprint and the engine's clock, by line. A table without rows has no line. */
export function fingerprintsStatement(database: string, tables: readonly string[]): string {
  return /*sql*/ `SELECT table, concat(toString(count()), '-', toString(sum(${IDENTITY}))), toUnixTimestamp64Milli(now64(3)) FROM system.parts ${where(database, tables)} GROUP BY table`
}

/** Table, description and the engine's clock of each part, by line. */
export function partsStatement(database: string, tables: readonly string[]): string {
  return /*sql*/ `SELECT table, name, ${IDENTITY}, ${HOME}, rows, min_block_number, max_block_number, level, data_version, toUnixTimestamp64Milli(now64(3)) FROM system.parts ${where(database, tables)}`
}

/** The fingerprint that the engine gives for these parts. */
export function fingerprintOf(parts: readonly Part[]): string {
  const sum = parts.reduce((total, { identity }) => BigInt.asUintN(64, total + identity), 0n)
  return `${parts.length}-${sum}`
}

/** The parts of a table at a time of the engine. */
export type PartsAt = { readonly parts: readonly Part[]; readonly at: number }

/** Parts by table. */
export function readParts(text: string): ReadonlyMap<string, PartsAt> {
  const lines = linesOf(text).map(([table = '', name = '', identity = '0', home = '', ...numbers]) => {
    const [rows = 0, minBlock = 0, maxBlock = 0, level = 0, version = 0, at = 0] = numbers.map(Number)
    // Without a mutation the version of a part is its first block.
    const mutation = version === minBlock ? 0 : version
    const part: Part = { name, identity: BigInt(identity), home, rows, minBlock, maxBlock, level, mutation }
    return { table, part, at }
  })
  const byTable = Map.groupBy(lines, ({ table }) => table)
  return new Map(
    [...byTable].map(([table, found]) => [
      table,
      { parts: found.map(({ part }) => part), at: found[0]?.at ?? 0 },
    ]),
  )
}

/**
 * Part and tenant of the rows in some parts, by line: any row of `fresh` ones, those that were loaded since then of `mixed` ones. Without FINAL, so that deleted
 * rows and those of a former tenant count.
 */
export function tenantsStatement(
  database: string,
  dataset: CompiledDataset,
  parts: { readonly fresh: readonly string[]; readonly mixed: readonly string[]; readonly since: number },
): string {
  const list = (names: readonly string[]) => `_part IN (${names.map(quoteLiteral).join(', ')})`
  const since = `${quoteIdentifier(INTERNAL_COLUMNS.loadedAt)} >= fromUnixTimestamp64Milli(${parts.since})`
  const conditions = [
    ...(parts.fresh.length > 0 ? [list(parts.fresh)] : []),
    ...(parts.mixed.length > 0 ? [`(${list(parts.mixed)} AND ${since})`] : []),
  ]
  const table = `${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)}`
  return /*sql*/ `SELECT DISTINCT _part, toJSONString(toString(${quoteIdentifier(dataset.tenantColumn)})) FROM ${table} WHERE ${conditions.join(' OR ')}`
}

/** Fields of a TSVRaw answer. */
export function linesOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}

function where(database: string, tables: readonly string[]): string {
  const names = (values: readonly string[]) => values.map(quoteLiteral).join(', ')
  return /*sql*/ `WHERE database = ${quoteLiteral(database)} AND table IN (${names(tables)}) AND active AND engine IN (${names(ENGINES)})`
}
