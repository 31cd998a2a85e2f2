/**
 * Row image -> stored row: converts or protects every stored column and adds the internal ones. Cells stand in the order of
 * {@link insertColumns}.
 */
import { tableColumns } from '#contracts/compile/clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import { readColumn } from '#contracts/validator/reference-validator.ts'
import { MAX_ROW_FAULTS } from '#contracts/validator/row.ts'
import { textOf } from '#contracts/validator/text-of.ts'
import { createConvert, createIsClamped } from './convert.ts'
import type { KeyRing } from './crypto/key-ring.ts'
import type { Fault, QuarantinedRow, RawRow, RawValue, StoredRow } from './record.ts'
import { createProtect } from './tokenize.ts'

/** Columns that are written, in the order of the cells: all but the time of loading, which the engine sets. */
export function insertColumns(dataset: CompiledDataset): readonly string[] {
  return tableColumns(dataset)
    .map((column) => column.name)
    .filter((name) => name !== INTERNAL_COLUMNS.loadedAt)
}

/** What is written beside the columns of the contract. */
export type RowMeta = { readonly version: string; readonly committedAt: number; readonly deleted: boolean }

/** Result: the row, or what is wrong with it. */
export type ToRowResult = { readonly row: StoredRow } | { readonly faults: readonly Fault[] }

/** Makes the row builder of a dataset. */
export type RowBuilder = {
  /** A live row from a whole image. */
  live(image: RawRow, meta: RowMeta, previous: RawRow | null): ToRowResult
  /** What is known of the row of a change that is quarantined for these faults; undefined if it is not clear which row it is. */
  quarantined(
    image: RawRow,
    meta: RowMeta,
    previous: RawRow | null,
    faults: readonly Fault[],
  ): QuarantinedRow | undefined
  /** A tombstone: tenant and key only. */
  tombstone(image: RawRow, meta: RowMeta): ToRowResult
}

/** Makes a cell of a value of a tenant's row: its JSON text, or what is wrong with it. */
export type MakeCell = (tenant: string, value: RawValue | undefined) => string | Fault

type Cell = { readonly source: string; readonly isKey: boolean; readonly make: MakeCell }

/** Makes the row builder. `isUnchanged` tells the placeholder of a value that Postgres did not send. */
export function createToRow(
  dataset: CompiledDataset,
  ring: KeyRing,
  isUnchanged: (value: RawValue | undefined) => boolean,
): RowBuilder {
  const cells = dataset.columns
    .filter((column) => column.target !== null)
    .map(
      (column): Cell => ({
        source: column.source,
        isKey: isKeyColumn(dataset, column),
        make: createMakeCell(column, ring),
      }),
    )
  const clamped = dataset.columns.flatMap((column) => {
    const isClamped = column.clampedTarget === undefined ? undefined : createIsClamped(column)
    return isClamped ? [{ source: column.source, isClamped }] : []
  })
  const keyIndexes = cells.flatMap((cell, index) => (cell.isKey ? [index] : []))
  const constant = dataset.tenant.kind === 'constant' ? dataset.tenant.value : undefined
  const tenantSource = dataset.tenant.kind === 'column' ? dataset.tenant.source : ''
  const tenantOf = (image: RawRow): string => constant ?? textOf(readColumn(image, tenantSource) ?? '') ?? ''

  const keyText = (made: readonly (string | null)[]): string => keyIndexes.map((index) => made[index]).join()

  /** The key of a row, and the one before: the same, but where this change has changed it. */
  function keysOf(
    made: readonly (string | null)[],
    previous: RawRow | null,
  ): Pick<StoredRow, 'key' | 'previousKey'> {
    const key = keyText(made)
    return {
      key,
      previousKey: previous ? keyText(cells.map((cell) => keyCell(cell, tenantOf(previous), previous))) : key,
    }
  }

  function build(image: RawRow, meta: RowMeta, onlyKey: boolean, previous: RawRow | null): ToRowResult {
    const tenant = tenantOf(image)
    if (tenant === '') return { faults: [{ code: 'tenant_missing', column: tenantSource }] }
    const made: string[] = []
    const unresolved: number[] = []
    const faults: Fault[] = []
    for (const [index, cell] of cells.entries()) {
      const value = readColumn(image, cell.source)
      if (onlyKey && !cell.isKey) made.push('null')
      // Without its key a row is nobody's: NULL would become 0 or '' in the table, and be another row.
      else if (cell.isKey && (value === null || value === undefined))
        faults.push({ code: 'key_missing', column: cell.source })
      else if (cell.isKey && isUnchanged(value)) faults.push({ code: 'key_unchanged', column: cell.source })
      else if (isUnchanged(value)) {
        unresolved.push(index)
        made.push('')
      } else {
        const result = cell.make(tenant, value)
        if (typeof result === 'string') made.push(result)
        else faults.push(result)
      }
    }
    if (faults.length > 0) return { faults }
    const { key, previousKey } = keysOf(made, previous)
    for (const { source, isClamped } of clamped)
      made.push(String(!onlyKey && isClamped(readColumn(image, source))))
    if (constant !== undefined) made.push(JSON.stringify(constant))
    made.push(`"${meta.version}"`, meta.deleted ? '1' : '0', `"${millisText(meta.committedAt)}"`)
    return {
      row: {
        cells: made,
        key,
        previousKey,
        version: meta.version,
        deleted: meta.deleted,
        committedAt: meta.committedAt,
        unresolved,
      },
    }
  }

  /** Faults are collected up to a limit only: where it is reached, no value is taken for a good one. */
  function quarantined(
    image: RawRow,
    meta: RowMeta,
    previous: RawRow | null,
    faults: readonly Fault[],
  ): QuarantinedRow | undefined {
    const tenant = tenantOf(image)
    const wrong = new Set(faults.map(({ column }) => column))
    if (tenant === '' || cells.some((cell) => cell.isKey && wrong.has(cell.source))) return undefined
    const made = cells.map((cell): string | null => {
      const value = readColumn(image, cell.source)
      if (isUnchanged(value)) return cell.isKey ? null : ''
      if (!cell.isKey && (wrong.has(cell.source) || faults.length >= MAX_ROW_FAULTS)) return null
      const result = cell.make(tenant, value)
      return typeof result === 'string' && !(cell.isKey && result === 'null') ? result : null
    })
    if (keyIndexes.some((index) => made[index] === null)) return undefined
    return { ...keysOf(made, previous), version: meta.version, cells: made }
  }

  return {
    quarantined,
    live: (image, meta, previous) => build(image, meta, false, previous),
    tombstone: (image, meta) => build(image, meta, true, null),
  }
}

function keyCell(cell: Cell, tenant: string, image: RawRow): string {
  if (!cell.isKey) return ''
  const result = cell.make(tenant, readColumn(image, cell.source))
  return typeof result === 'string' ? result : ''
}

/** Is the column part of what identifies a row in the table: its tenant and its key? */
export function isKeyColumn(dataset: CompiledDataset, { source }: { readonly source: string }): boolean {
  const isTenant = dataset.tenant.kind === 'column' && dataset.tenant.source === source
  return isTenant || dataset.key.includes(source)
}

/** Makes what makes the cells of a column. */
export function createMakeCell(column: CompiledDataset['columns'][number], ring: KeyRing): MakeCell {
  const protect = createProtect(column, ring)
  const convert = createConvert(column)
  return function makeCell(tenant, value) {
    if (protect) {
      const made = protect(tenant, value ?? null)
      if (typeof made === 'string') return JSON.stringify(made)
      return made === null ? 'null' : { code: made.code, column: column.source }
    }
    if (value === null || value === undefined) return 'null'
    const converted = convert(value)
    return converted.ok ? converted.json : { code: converted.code, column: column.source }
  }
}

/** `2026-01-31 10:00:00.123` in UTC. */
function millisText(millis: number): string {
  return new Date(millis).toISOString().replace('T', ' ').replace('Z', '')
}
