/**
 * What must lie in ClickHouse when all records have been moved: computed from the generator, column by column, without any of the code that moved
 * them but the keys of tokens. Per column the sum of CRC32(`id:text of the value`): it does not depend on the order of rows, and a value
 * that changed, a row that is missing, doubled or has another row's value changes it.
 */
import { crc32 } from 'node:zlib'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import { keyDomain } from '#transforms/crypto/key-domain.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { createHmacTokenizer, type Tokenizer } from '#transforms/crypto/tokens.ts'
import { versionOf } from '#transforms/version.ts'
import type { BenchRecord } from './bench-records.ts'

const NULL = '\\N'

/** A column of the table as text: in SQL, and from the record. */
type CheckedColumn = {
  readonly name: string
  readonly sql: string
  readonly text: (record: BenchRecord) => string
}

/** Sums by column. */
export type ColumnSums = Readonly<Record<string, number>>

/** Adds up what is expected. */
export type ExpectedRows = {
  add(record: BenchRecord): void
  sums(): ColumnSums
  /** Asks ClickHouse for the same: one row with a column for each sum. */
  statement(database: string): string
}

/** Makes the sums of a dataset whose tokens are made from this secret. */
export function createExpectedRows(dataset: CompiledDataset, secret: string): ExpectedRows {
  const columns = checkedColumns(dataset, secret)
  const sums = columns.map(() => 0)
  return {
    add(record) {
      const prefix = crc32(`${record.row.id}:`)
      for (const [index, { text }] of columns.entries())
        sums[index] = (sums[index] ?? 0) + crc32(text(record), prefix)
    },
    sums: () => Object.fromEntries(columns.map(({ name }, index) => [name, sums[index] ?? 0])),
    statement(database) {
      const asked = columns.map(
        ({ name, sql }) => `sum(CRC32(concat(toString(id), ':', ${sql}))) AS \`${name}\``,
      )
      return /*sql*/ `SELECT ${asked.join(', ')} FROM ${database}.${dataset.table} FINAL`
    },
  }
}

function checkedColumns(dataset: CompiledDataset, secret: string): readonly CheckedColumn[] {
  const ring = createKeyRing(secret)
  const token = (source: string): Tokenizer => {
    const pii = dataset.columns.find((column) => column.source === source)?.pii
    return pii?.method === 'hmac' ? createHmacTokenizer(ring, keyDomain(pii)) : (_tenant, text) => text
  }
  const tokens = { email: token('email'), phone: token('phone'), name: token('full_name') }
  const { version, deleted } = INTERNAL_COLUMNS
  const column = (name: string, sql: string, text: CheckedColumn['text']) => ({ name, sql, text })
  return [
    column('tenant_id', 'tenant_id', ({ row }) => row.tenant_id),
    column('email_token', 'email_token', ({ row }) => tokens.email(row.tenant_id, row.email.toLowerCase())),
    column('phone_token', `ifNull(phone_token, '\\\\N')`, ({ row }) =>
      row.phone === null ? NULL : tokens.phone(row.tenant_id, row.phone.replaceAll(' ', '')),
    ),
    column('full_name_token', 'full_name_token', ({ row }) => tokens.name(row.tenant_id, row.full_name)),
    column('born', `ifNull(toString(born), '\\\\N')`, ({ row }) => row.born?.slice(0, 10) ?? NULL),
    column('balance', 'toString(toInt64(balance * 100))', ({ row }) => hundredths(row.balance)),
    column('tags', "arrayStringConcat(arrayMap(tag -> ifNull(tag, '\\\\N'), tags), '|')", ({ row }) =>
      row.tags.join('|'),
    ),
    column('preferences', 'preferences', ({ row }) => row.preferences),
    column('notes', 'notes', ({ row }) => row.notes),
    column('created_at', microsOf('created_at'), ({ row }) => micros(row.created_at)),
    column('updated_at', microsOf('updated_at'), ({ row }) => micros(row.updated_at)),
    column(version, `toString(${version})`, ({ position, lsn }) =>
      versionOf(1, BigInt(position), BigInt(lsn) + 1n),
    ),
    column(deleted, `toString(${deleted})`, () => '0'),
  ]
}

function hundredths(decimal: string): string {
  return String(Math.round(Number(decimal) * 100))
}

function microsOf(column: string): string {
  return `toString(toUnixTimestamp64Micro(${column}))`
}

function micros(iso: string): string {
  return String(Date.parse(`${iso.slice(0, 19)}Z`) * 1000 + Number(iso.slice(20, 26)))
}
