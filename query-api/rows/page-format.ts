/**
 * One page as one JSON document, held until it is whole: only then are its last row, and with it the cursor to the next page, known.
 *
 * The engine gives one row more than the page has, to tell whether there are more, and the position of each row as its first value. Both
 * are taken off here; rows are not parsed.
 *
 *     {"queryId":"…","columns":[…],"rows":[["1","paid"]],"rowCount":1,"next":"…","prev":null}
 */
import { MogoError } from '#contracts/errors.ts'
import { type AnswerFormat, JSON_FORMAT } from '../formats/formats.ts'
import { NOTHING, type RowCounter } from '../formats/row-counter.ts'
import type { Position } from './position.ts'

/** What a page shows of the rows around it. */
export type PageEdges = {
  readonly rows: number
  readonly first: Position | undefined
  readonly last: Position | undefined
  /** There are rows further in the direction of the page. */
  readonly more: boolean
}

/** How a page is made. */
export type PageOptions = {
  readonly limit: number
  /** The rows are in order, but the one too many is the first. */
  readonly backward: boolean
  /** Further members of the document; called once, when all rows are there. */
  readonly finish: (edges: PageEdges) => Readonly<Record<string, unknown>>
  /** Positions alone were asked for: nothing is written. */
  readonly edgesOnly?: boolean
}

/** Largest page. */
export const LARGEST_PAGE = 8 * 1024 * 1024

/** Makes the format of one page; how it is made is asked when its first byte comes. */
export function pageFormat(options: () => PageOptions): AnswerFormat {
  return { ...JSON_FORMAT, begin: (queryId) => createPage(queryId, options()) }
}

function createPage(queryId: string, options: PageOptions): RowCounter {
  const chunks: Buffer[] = []
  let bytes = 0
  let rows = 0
  return {
    take(piece) {
      bytes += piece.length
      chunks.push(piece)
      if (bytes > LARGEST_PAGE)
        throw new MogoError('MOGO_ROWS_PAGE_LARGE', { limit: `${LARGEST_PAGE / 1024 / 1024} MiB` })
      return NOTHING
    },
    end: whole,
    rows: () => rows,
  }

  function whole(): Buffer {
    const [names, types, ...lines] = linesOf(Buffer.concat(chunks))
    const more = lines.length > options.limit
    if (more && options.backward) lines.shift()
    else if (more) lines.pop()
    rows = lines.length
    const edges = { rows, more, first: positionOf(lines[0]), last: positionOf(lines.at(-1)) }
    const further = Object.entries(options.finish(edges))
    if (options.edgesOnly) return NOTHING
    const head = JSON.stringify({ queryId, columns: columnsOf(names, types) })
    const tail = JSON.stringify(Object.fromEntries([['rowCount', rows], ...further]))
    const parts: Buffer[] = [Buffer.from(`${head.slice(0, -1)},"rows":[`)]
    for (const [index, line] of lines.entries()) parts.push(index === 0 ? FIRST_ROW : NEXT_ROW, restOf(line))
    parts.push(Buffer.from(`${rows > 0 ? '\n' : ''}],${tail.slice(1)}\n`))
    return Buffer.concat(parts)
  }
}

const LINE_BREAK = 0x0a
const SPACE = 0x20
const COMMA = 0x2c
const CLOSE = 0x5d
const FIRST_ROW = Buffer.from('\n[')
const NEXT_ROW = Buffer.from(',\n[')

/** The engine writes one line per row and never a line break inside one. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let from = 0; from < bytes.length; ) {
    const at = bytes.indexOf(LINE_BREAK, from)
    const end = at < 0 ? bytes.length : at
    lines.push(bytes.subarray(from, end))
    from = end + 1
  }
  return lines
}

/** The first value of a row is a list of texts without brackets in them. */
function positionOf(line: Buffer | undefined): Position | undefined {
  return line && (JSON.parse(line.toString('utf8', 1, line.indexOf(CLOSE) + 1)) as Position)
}

/** The row behind its first value, without the bracket that opens it. */
function restOf(line: Buffer): Buffer {
  let at = line.indexOf(CLOSE) + 1
  while (line[at] === COMMA || line[at] === SPACE) at++
  return line.subarray(at)
}

function columnsOf(names: Buffer | undefined, types: Buffer | undefined) {
  const listOf = (line: Buffer | undefined) => JSON.parse(line?.toString('utf8') ?? '[]') as readonly string[]
  const typeList = listOf(types)
  return listOf(names)
    .map((name, index) => ({ name, type: typeList[index] ?? '' }))
    .slice(1)
}
