/**
 * What the command line prints: tables for people, JSON for programs, the same rows either way. Nothing here is coloured
 * unless a terminal looks and NO_COLOR is not set (picocolors decides).
 */
import Table from 'cli-table3'
import colors from 'picocolors'

/** Formats of every listing. */
export const FORMATS = ['table', 'json', 'ndjson', 'csv'] as const
/** See {@link FORMATS}. */
export type Format = (typeof FORMATS)[number]

/** A cell. */
export type CellValue = string | number | boolean | null | undefined | readonly unknown[] | object

/** Writes a line to standard output. */
export function line(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** Writes a line to standard error. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Rows in the format asked for, as text with its line break. */
export function renderRows(
  format: Format,
  columns: readonly string[],
  rows: readonly Readonly<Record<string, CellValue>>[],
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(rows, undefined, 2)}\n`
    case 'ndjson':
      return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    case 'csv':
      return [
        columns.map(csvField),
        ...rows.map((row) => columns.map((column) => csvField(cellText(row[column])))),
      ]
        .map((fields) => `${fields.join(',')}\r\n`)
        .join('')
    case 'table':
      return renderTable(
        columns,
        rows.map((row) => columns.map((column) => cellText(row[column]))),
      )
  }
}

/** Prints rows. */
export function printRows(
  format: Format,
  columns: readonly string[],
  rows: readonly Readonly<Record<string, CellValue>>[],
): void {
  process.stdout.write(renderRows(format, columns, rows))
}

/** A light table: a head, a rule, no boxes. */
export function renderTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  indent = '',
): string {
  const table = new Table({
    head: columns.map((column) => colors.bold(column)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: Object.fromEntries(
      [
        'top',
        'top-mid',
        'top-left',
        'top-right',
        'bottom',
        'bottom-mid',
        'bottom-left',
        'bottom-right',
        'left',
        'left-mid',
        'mid',
        'mid-mid',
        'right',
        'right-mid',
        'middle',
      ].map((part) => [part, '']),
    ),
  })
  table.push(...rows.map((row) => [...row]))
  return `${table
    .toString()
    .split('\n')
    .map((text) => `${indent}${text.trimEnd()}`)
    .join('\n')}\n`
}

/** A cell as text; nothing for NULL. */
export function cellText(value: CellValue): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A field by RFC 4180. A leading = + - @ of text is no formula here: quoting is the reader's matter, data is not changed. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
