/** What the auditor of a chaos run asks of both sides. */
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'
import { sourceRowText, targetRowText } from '#ops/compare/expressions.ts'
import { copyOf, KEY_SEPARATOR } from './chaos-tables.ts'

const SEPARATOR = KEY_SEPARATOR.charCodeAt(0)

const placeOf = (database: string, table: string): string =>
  `${quoteIdentifier(database)}.${quoteIdentifier(table)}`

/** Every source row: its key, and a hash of its values. */
export function sourceHashes(dataset: CompiledDataset): string {
  return /*sql*/ `select tenant || chr(${SEPARATOR}) || id as key, md5(${sourceRowText(dataset)}) as hash
    from public.${dataset.source.table}`
}

/** Every stored row, likewise. */
export function targetHashes(dataset: CompiledDataset, database: string): string {
  return /*sql*/ `SELECT concat(tenant, char(${SEPARATOR}), toString(id)) AS key, lower(hex(MD5(${targetRowText(dataset)}))) AS hash
    FROM ${placeOf(database, dataset.table)} FINAL`
}

/** Rows of a plain copy that were stored after a moment: key, version, and how often each is there. */
export function copyRows(dataset: CompiledDataset, database: string, after: string): string {
  return /*sql*/ `SELECT concat(tenant, char(${SEPARATOR}), toString(id)) AS key,
      toString(version) AS version, count() AS times
    FROM ${placeOf(database, copyOf(dataset.table))} WHERE at > '${after}' GROUP BY key, version`
}

/** How many rows a plain copy has that were stored up to a moment. */
export function copySize(dataset: CompiledDataset, database: string, until: string): string {
  return /*sql*/ `SELECT count() AS n FROM ${placeOf(database, copyOf(dataset.table))} WHERE at <= '${until}'`
}

/** How many rows a plain copy has, and when the last one was stored. */
export function copyTotal(dataset: CompiledDataset, database: string): string {
  return /*sql*/ `SELECT toString(max(at)) AS until, count() AS n FROM ${placeOf(database, copyOf(dataset.table))}`
}

/** Every quarantined record, with its first reason. */
export function quarantinedRecords(governance: string): string {
  return /*sql*/ `SELECT dataset, partition, toString(offset) AS offset, codes[1] AS code
    FROM ${placeOf(governance, GOVERNANCE_TABLES.quarantine)} FINAL`
}

/** Datasets with a line of the worker's own counters that does not come out even. */
export function oddStatistics(governance: string): string {
  return /*sql*/ `SELECT dataset FROM ${placeOf(governance, GOVERNANCE_TABLES.pipelineStats)}
    WHERE records_in != stored + quarantined + filtered GROUP BY dataset`
}
