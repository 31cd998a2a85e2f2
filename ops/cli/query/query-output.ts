/**
 * Where the bytes of an answer go: straight to standard output or into a file, piece by piece, at the pace at which they are taken.
 *
 * A file gets its name when it is whole: until then it is `NAME.part`, and an answer that was cut off leaves no file.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { MogoError } from '#contracts/errors.ts'

/** Pieces of an answer. */
export type Pieces = AsyncIterable<Uint8Array | string>

/** Writes pieces to a stream that stays open. */
export async function writePieces(pieces: Pieces, out: Writable): Promise<void> {
  for await (const piece of pieces) if (!out.write(piece)) await once(out, 'drain')
}

/** Writes pieces into a file. @throws MogoError MOGO_USAGE if it cannot be written; what reading the pieces throws */
export async function writeFileOf(pieces: Pieces, path: string): Promise<void> {
  const part = `${path}.part`
  try {
    await pipeline(pieces, createWriteStream(part, { mode: 0o600 }))
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw fileFault(error, path)
  }
}

function fileFault(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (error instanceof MogoError || typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return error
  return new MogoError('MOGO_USAGE', { detail: `${path} cannot be written (${code})` }, { cause: error })
}

/** NDJSON as one JSON array, in which each row is a line. */
export async function* jsonArray(pieces: Pieces): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let left = ''
  let opened = false
  for await (const piece of pieces) {
    const lines =
      `${left}${typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })}`.split('\n')
    left = lines.pop() ?? ''
    if (lines.length === 0) continue
    yield `${opened ? ',\n' : '[\n'}${lines.map((line) => `  ${line}`).join(',\n')}`
    opened = true
  }
  yield opened ? '\n]\n' : '[]\n'
}
