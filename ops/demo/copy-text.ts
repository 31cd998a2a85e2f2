/**
 * The text format of Postgres COPY: one line per row, tabs between values, `\N` for NULL, backslash escapes.
 *
 * Source: https://www.postgresql.org/docs/18/sql-copy.html ("Text Format"). The binary format was not taken: it is
 * hardly faster to load, and each type needs an encoder.
 */

/** A value as COPY takes it; arrays and JSON come as their Postgres text. */
export type CopyValue = string | number | boolean | null

/** A row in the order of its table's column list. */
export type CopyRow = readonly CopyValue[]

const SPECIAL = /[\\\t\n\r\b\f\v]/
const SPECIAL_ALL = /[\\\t\n\r\b\f\v]/g
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
}

/** One value as it stands in a COPY line. Text must not hold U+0000, which no Postgres text can. */
export function copyField(value: CopyValue): string {
  if (value === null) return '\\N'
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (typeof value === 'number') return String(value)
  return SPECIAL.test(value) ? value.replace(SPECIAL_ALL, (char) => ESCAPES[char]!) : value
}

/** One row as a COPY line, with its newline. */
export function copyLine(row: CopyRow): string {
  let line = copyField(row[0] ?? null)
  for (let i = 1; i < row.length; i += 1) line += `\t${copyField(row[i]!)}`
  return `${line}\n`
}

/** A text array as Postgres writes it: every element quoted, NULL bare. */
export function arrayText(values: readonly (string | null)[]): string {
  const elements = values.map((v) => (v === null ? 'NULL' : `"${v.replace(/["\\]/g, '\\$&')}"`))
  return `{${elements.join(',')}}`
}

/** The COPY stream of many rows, in pieces of about `size` characters: few enough writes, small enough to hold back. */
export function* copyChunks(rows: Iterable<CopyRow>, size = 65_536): Generator<Buffer> {
  let text = ''
  for (const row of rows) {
    text += copyLine(row)
    if (text.length >= size) {
      yield Buffer.from(text)
      text = ''
    }
  }
  if (text !== '') yield Buffer.from(text)
}
