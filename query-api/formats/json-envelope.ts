/**
 * JSONCompactEachRowWithNamesAndTypes -> one JSON document, without parsing a row:
 *
 *     {"queryId":"…","datasets":[…],"lineage":"…","columns":[{"name":"id","type":"Int64",…}],"rows":[["1"],["2"]],"rowCount":2,"truncated":false}
 *
 * The engine writes one line per row and never a line break inside one, so a line break is a comma.
 */
import { type AnswerNotes, NOTHING, type RowCounter } from './row-counter.ts'

const LINE_BREAK = 0x0a
const COMMA_BREAK = Buffer.from(',\n')
/** Names and types of the columns: two lines of at most this many bytes. */
const LONGEST_HEAD = 4 * 1024 * 1024

/** Makes the envelope of one answer. */
export function createJsonEnvelope(queryId: string, notes: AnswerNotes): RowCounter {
  let rows = 0
  let pending = false
  let head: Buffer | undefined = NOTHING
  return {
    take(piece) {
      if (head === undefined) return rowsOf(piece)
      head = head.length === 0 ? piece : Buffer.concat([head, piece])
      const names = head.indexOf(LINE_BREAK)
      const types = names < 0 ? -1 : head.indexOf(LINE_BREAK, names + 1)
      if (types < 0) {
        if (head.length > LONGEST_HEAD) throw new Error('too many columns')
        return NOTHING
      }
      const opened = opening(queryId, notes, head.toString('utf8', 0, types))
      const rest = head.subarray(types + 1)
      head = undefined
      return rest.length === 0 ? opened : Buffer.concat([opened, rowsOf(rest)])
    },
    end() {
      const opened = head === undefined ? '' : opening(queryId, notes, '[]\n[]').toString('utf8')
      const end = `],"rowCount":${rows},"truncated":${notes.isTruncated()}}\n`
      return Buffer.from(`${opened}${rows > 0 ? '\n' : ''}${end}`)
    },
    rows: () => rows,
  }

  /**
   * Puts a comma before each row but the first, which is where the line break of the row before stands: the break of the last row
   * must not become a comma, so each is written only when the next row begins.
   */
  function rowsOf(chunk: Buffer): Buffer {
    const parts: Buffer[] = []
    let from = 0
    while (from < chunk.length) {
      if (pending) {
        parts.push(COMMA_BREAK)
        pending = false
      }
      const at = chunk.indexOf(LINE_BREAK, from)
      const end = at < 0 ? chunk.length : at
      parts.push(chunk.subarray(from, end))
      if (at < 0) break
      rows++
      pending = true
      from = at + 1
    }
    return Buffer.concat(parts)
  }
}

function opening(queryId: string, notes: AnswerNotes, lines: string): Buffer {
  const [names = '[]', types = '[]'] = lines.split('\n')
  const typeList = JSON.parse(types) as readonly string[]
  const described = notes.description()
  const columns = (JSON.parse(names) as readonly string[]).map((name, index) => {
    const known = described?.columns[index]
    return { ...(known?.name === name ? known : {}), name, type: typeList[index] ?? '' }
  })
  const head = { queryId, ...(described && { datasets: described.datasets, lineage: lineagePath(queryId) }) }
  return Buffer.from(`${JSON.stringify({ ...head, columns }).slice(0, -1)},"rows":[\n`)
}

/** Where the lineage of a query is asked for. */
export const lineagePath = (queryId: string): string => `/v1/lineage/queries/${queryId}`
