/**
 * What the cache asks the engine about tables, as an identity of its own that runs nothing else: what parts they are made of, and whose rows
 * stand in some of these. No answer of it ever leaves the process.
 */
import { hash } from 'node:crypto'
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import type { Part } from './part-changes.ts'

/** Tables whose parts stand on this server, all of them. Of others (replicated, distributed, views) nothing is known here. */
const ENGINES: ReadonlySet<string> = new Set(['MergeTree', 'ReplacingMergeTree'])

/** Table and a hash over its parts, by line: for tables of very many parts. */
export function hashesStatement(database: string, tables: readonly string[]): string {
  return /*sql*/ `SELECT table, concat(toString(count()), '-', toString(sum(cityHash64(path, rows, bytes_on_disk, modification_time)))) FROM system.parts ${where(database, tables)} GROUP BY table`
}

/** Table and description of each part, by line. Few columns and no expressions: each costs the engine time, and a part's name says the most. */
export function partsStatement(database: string, tables: readonly string[]): string {
  return /*sql*/ `SELECT table, engine, path, rows, modification_time FROM system.parts ${where(database, tables)}`
}

/** A fingerprint of parts, the same whoever asks. */
export function fingerprintOf(parts: readonly Part[]): string {
  const all = parts.map(({ identity }) => identity).sort()
  return hash('sha256', all.join('\n'), 'base64url').slice(0, 24)
}

/** Lines of {@link partsStatement} by table. A table without rows has none. */
export function partLines(text: string): ReadonlyMap<string, readonly string[]> {
  const lines = text.split('\n').filter((line) => line !== '')
  return Map.groupBy(lines, (line) => line.slice(0, line.indexOf('\t')))
}

/** Reads the lines of a table; undefined if its engine is none of which all is known here, or a part is called as none should be. */
export function readParts(lines: readonly string[]): readonly Part[] | undefined {
  const parts: Part[] = []
  for (const line of lines) {
    const [, engine = '', path = '', rows = '', time = ''] = line.split('\t')
    const found = PATH.exec(path)
    if (!ENGINES.has(engine) || !found) return undefined
    const [, home = '', name = '', minBlock, maxBlock, level, mutation = 0] = found
    parts.push({
      ...{ name, home, rows: Number(rows), identity: [path, rows, time].join(' ') },
      ...{ minBlock: Number(minBlock), maxBlock: Number(maxBlock) },
      ...{ level: Number(level), mutation: Number(mutation) },
    })
  }
  return parts
}

/** Place of the table, and name of the part: partition, first and last block, level, and the mutation if there was one. */
const PATH = /^(.*\/)([^/]+?_(\d+)_(\d+)_(\d+)(?:_(\d+))?)\/$/

/**
 * Part and tenant of the rows in some parts, by line: any row of `fresh` ones, those that were loaded in the last `seconds` of `mixed` ones. Without FINAL, so that deleted
 * rows and those of a former tenant count.
 */
export function tenantsStatement(
  database: string,
  dataset: CompiledDataset,
  parts: { readonly fresh: readonly string[]; readonly mixed: readonly string[]; readonly seconds: number },
): string {
  const list = (names: readonly string[]) => `_part IN (${names.map(quoteLiteral).join(', ')})`
  const since = `${quoteIdentifier(INTERNAL_COLUMNS.loadedAt)} >= now64(3) - toIntervalSecond(${parts.seconds})`
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
  return /*sql*/ `WHERE database = ${quoteLiteral(database)} AND table IN (${names(tables)}) AND active`
}
