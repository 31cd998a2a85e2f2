/** The part of an engine's answer that a limit allows. */
import { Readable } from 'node:stream'
import type { RowCut } from '../formats/row-cut.ts'

/** Ends behind the last row that fits; the source is then closed, which ends the query at the engine. */
export function cutRows(source: Readable, cut: RowCut): Readable {
  return Readable.from(taken(source, cut), { objectMode: false })
}

async function* taken(source: AsyncIterable<Buffer>, cut: RowCut): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    const part = cut.take(chunk)
    if (part.length > 0) yield part
    if (cut.isFull()) return
  }
  const left = cut.end()
  if (left.length > 0) yield left
}
