/**
 * JSONCompactEachRowWithNamesAndTypes -> one JSON document, without parsing a row:
 *
 *     {"queryId":"…","columns":[{"name":"id","type":"Int64"}],"rows":[["1"],["2"]],"rowCount":2}
 *
 * The engine writes one line per row and never a line break inside one, so a line break is a comma.
 */
import { Transform } from 'node:stream'
import type { RowCounter } from './row-counter.ts'

const LINE_BREAK = 0x0a
const COMMA_BREAK = Buffer.from(',\n')
/** Names and types of the columns: two lines of at most this many bytes. */
const LONGEST_HEAD = 4 * 1024 * 1024

/** Makes the envelope of one answer. */
export function createJsonEnvelope(queryId: string): RowCounter {
  let rows = 0
  let pending = false
  let head: Buffer | undefined = Buffer.alloc(0)
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (head === undefined) return done(null, rowsOf(chunk))
      head = Buffer.concat([head, chunk])
      const types = head.indexOf(LINE_BREAK, head.indexOf(LINE_BREAK) + 1)
      if (head.indexOf(LINE_BREAK) < 0 || types < 0)
        return done(head.length > LONGEST_HEAD ? new Error('too many columns') : null)
      const opened = opening(queryId, head.subarray(0, types).toString('utf8'))
      const rest = head.subarray(types + 1)
      head = undefined
      return done(null, rest.length === 0 ? opened : Buffer.concat([opened, rowsOf(rest)]))
    },
    flush(done) {
      const opened = head === undefined ? '' : opening(queryId, '[]\n[]').toString('utf8')
      done(null, Buffer.from(`${opened}${rows > 0 ? '\n' : ''}],"rowCount":${rows}}\n`))
    },
  })
  return { stream, rows: () => rows }

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

function opening(queryId: string, lines: string): Buffer {
  const [names = '[]', types = '[]'] = lines.split('\n')
  const typeList = JSON.parse(types) as readonly string[]
  const columns = (JSON.parse(names) as readonly string[]).map((name, index) => ({
    name,
    type: typeList[index] ?? '',
  }))
  return Buffer.from(`{"queryId":${JSON.stringify(queryId)},"columns":${JSON.stringify(columns)},"rows":[\n`)
}
