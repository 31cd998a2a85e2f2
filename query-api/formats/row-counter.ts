/** What every format has: it passes an answer on piece by piece, as it is or in another form, and counts its rows. */
import type { ResultDescription } from '../queries/result-columns.ts'

/** One answer. What it throws ends it. */
export type RowCounter = {
  /** What is to be sent for a piece of the engine's answer; may be empty. */
  take(piece: Buffer): Buffer
  /** What follows behind the last piece; may be empty. */
  end(): Buffer
  /** Right once the answer has ended; -1 says "not known". */
  rows(): number
}

/** Nothing more to send. */
export const NOTHING: Buffer = Buffer.alloc(0)

/** What a format may say of an answer beside its rows. */
export type AnswerNotes = {
  /** Where the columns come from; asked for at the first byte. */
  readonly description: () => ResultDescription | undefined
  /** Whether a limit of the caller's has cut the answer; asked for at the end. */
  readonly isTruncated: () => boolean
}
