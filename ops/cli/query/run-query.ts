/**
 * Runs what an analyst types: SQL, or `\d`, `\d NAME`. Formats for programs stream and are never held; a table is held, since its widths
 * are those of all its rows, and therefore ends after some thousand rows unless a limit says otherwise.
 */
import colors from 'picocolors'
import { MogoError } from '#contracts/errors.ts'
import type { ApiClient } from '../api-client.ts'
import { type CellValue, cellText, note, renderTable } from '../output.ts'
import { describeDataset, listDatasets } from './describe-datasets.ts'
import { showText } from './pager.ts'
import { jsonArray, type Pieces, writeFileOf, writePieces } from './query-output.ts'
import { type CliQuery, type QueryOptions, type RunningAnswer, startQuery } from './query-request.ts'

/** Formats of answers. */
export const QUERY_FORMATS = ['table', 'json', 'ndjson', 'csv', 'arrow', 'parquet'] as const
/** See {@link QUERY_FORMATS}. */
export type QueryFormat = (typeof QUERY_FORMATS)[number]

/** How an answer is shown. */
export type RunOptions = QueryOptions & {
  readonly format: QueryFormat
  /** A file instead of standard output. */
  readonly output?: string | undefined
  readonly pager?: string | undefined
  /** Told of each query that begins, so that it can be cancelled. */
  readonly onStart?: ((query: CliQuery) => void) | undefined
}

const ACCEPT: Readonly<Record<QueryFormat, string>> = {
  table: 'application/json',
  json: 'application/x-ndjson',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
}

/** Rows of a table without a limit of its own. */
const TABLE_ROWS = 10_000

/** Runs one text. @throws MogoError MOGO_UNAVAILABLE, MOGO_ANSWER_CUT, MOGO_QUERY_CANCELLED, MOGO_USAGE */
export async function runText(api: ApiClient, text: string, options: RunOptions): Promise<void> {
  const command = /^\\(\w+)\s*(\S*)\s*;?$/.exec(text.trim())
  if (command) await runCommand(api, command[1] ?? '', command[2] ?? '', options)
  else await runSql(api, text, options)
}

async function runCommand(api: ApiClient, name: string, what: string, options: RunOptions): Promise<void> {
  if (name !== 'd')
    throw new MogoError('MOGO_USAGE', { detail: `There is no \\${name}; there are \\d, \\d NAME and \\q.` })
  const text =
    what === ''
      ? await listDatasets(api, options.role)
      : await describeDataset(api, what.replace(/;$/, ''), options.role)
  if (text !== undefined) await showText(text, { out: process.stdout, pager: options.pager })
}

async function runSql(api: ApiClient, sql: string, options: RunOptions): Promise<void> {
  const { format, output, dryRun } = options
  const isTable = format === 'table' || dryRun === true
  const limit = options.limit ?? (format === 'table' && !dryRun ? TABLE_ROWS : undefined)
  if (isBinary(format) && output === undefined && process.stdout.isTTY)
    throw new MogoError('MOGO_USAGE', {
      detail: `${format} is no text for a terminal: add --output FILE, or redirect the output.`,
    })
  const query = startQuery(api, sql, dryRun ? ACCEPT.table : ACCEPT[format], { ...options, limit })
  options.onStart?.(query)
  const answer = await query.answer
  if (!answer) return
  if (isTable) await showTable(answer, options)
  else await write(format === 'json' ? jsonArray(answer.body) : answer.body, output)
  if (await answer.truncated())
    note(colors.yellow(`cut at ${limit} rows; there are more (--limit N takes more or fewer)`))
}

const isBinary = (format: QueryFormat): boolean => format === 'arrow' || format === 'parquet'

async function write(pieces: Pieces, output: string | undefined): Promise<void> {
  if (output === undefined) await writePieces(pieces, process.stdout)
  else await writeFileOf(pieces, output)
}

type Document = {
  readonly columns: readonly { readonly name: string }[]
  readonly rows: readonly (readonly CellValue[])[]
}

async function showTable(answer: RunningAnswer, options: RunOptions): Promise<void> {
  const chunks: Uint8Array[] = []
  for await (const chunk of answer.body) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  const shown = options.dryRun ? planText(text) : tableText(JSON.parse(text) as Document)
  if (options.output !== undefined) await writeFileOf(pieceOf(shown), options.output)
  else await showText(shown, { out: process.stdout, pager: options.pager })
  if (!options.dryRun) {
    const { rows } = JSON.parse(text) as Document
    note(colors.dim(`${rows.length} row(s), query ${answer.queryId}`))
  }
}

/** Names may come twice, so cells are taken by their place. */
function tableText({ columns, rows }: Document): string {
  return renderTable(
    columns.map(({ name }) => name),
    rows.map((row) => columns.map((_column, index) => cellText(row[index]))),
  )
}

type Plan = {
  readonly role: string
  readonly datasets: readonly {
    readonly name: string
    readonly version: string
    readonly columns: readonly string[]
    readonly rows: string
    readonly masked: readonly string[]
    readonly estimate: Estimate
  }[]
  readonly estimate: Estimate
}
type Estimate = { readonly rows: number; readonly isExact: boolean; readonly bytes: number }

function planText(text: string): string {
  const { role, datasets, estimate } = JSON.parse(text) as Plan
  const size = ({ rows, isExact, bytes }: Estimate) =>
    `${isExact ? '' : 'at least '}${rows} rows, about ${bytes} bytes`
  const lines = datasets.flatMap((dataset) => [
    `${colors.bold(dataset.name)} ${dataset.version}: ${dataset.columns.join(', ') || 'no column'}`,
    `  ${dataset.rows}; ${size(dataset.estimate)}`,
    ...(dataset.masked.length === 0 ? [] : [`  masked: ${dataset.masked.join('; ')}`]),
  ])
  return `${[`As ${role} this would read ${size(estimate)}, before any WHERE:`, ...lines].join('\n')}\n`
}

async function* pieceOf(text: string): AsyncGenerator<string> {
  yield text
}
