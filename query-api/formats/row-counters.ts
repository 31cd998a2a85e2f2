/** Streams that pass bytes on and count the rows in them: NDJSON by lines, CSV by line breaks outside quotes. */
import { Transform } from 'node:stream'
import type { RowCounter } from './row-counter.ts'

const LINE_BREAK = 0x0a
const QUOTE = 0x22

/** One row per line. */
export function createLineCounter(): RowCounter {
  let rows = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = chunk.indexOf(LINE_BREAK); at >= 0; at = chunk.indexOf(LINE_BREAK, at + 1)) rows++
      done(null, chunk)
    },
  })
  return { stream, rows: () => rows }
}

/** One row per line break outside quotes, less the line with the names. A doubled quote opens and closes, so it needs no care. */
export function createCsvCounter(): RowCounter {
  let lines = 0
  let quoted = false
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const byte of chunk) {
        if (byte === QUOTE) quoted = !quoted
        else if (byte === LINE_BREAK && !quoted) lines++
      }
      done(null, chunk)
    },
  })
  return { stream, rows: () => Math.max(0, lines - 1) }
}
