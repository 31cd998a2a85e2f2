/** An answer of the engine as it is sent: cut at the caller's limit, in the form of its format. */
import type { RowCounter } from '../formats/row-counter.ts'
import type { RowCut } from '../formats/row-cut.ts'

/** The whole of an answer that is there. */
export function writeWhole(answer: Buffer, counter: RowCounter, cut: RowCut | undefined): Buffer {
  const rows = cut ? Buffer.concat([cut.take(answer), cut.end()]) : answer
  const written = counter.take(rows)
  const end = counter.end()
  return end.length === 0 ? written : Buffer.concat([written, end])
}

/** The pieces of an answer as they come. Behind the last row that fits the source is closed, which ends the query at the engine. */
export async function* writePieces(
  source: AsyncIterable<Buffer>,
  counter: RowCounter,
  cut: RowCut | undefined,
): AsyncGenerator<Buffer, undefined> {
  for await (const piece of source) {
    const written = counter.take(cut ? cut.take(piece) : piece)
    if (written.length > 0) yield written
    if (cut?.isFull()) break
  }
  const end = cut ? Buffer.concat([counter.take(cut.end()), counter.end()]) : counter.end()
  if (end.length > 0) yield end
}
