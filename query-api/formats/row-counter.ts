/** What every format has: a stream that passes an answer on, and counts its rows. */
import type { Transform } from 'node:stream'
import type { ResultDescription } from '../queries/result-columns.ts'

/** `rows` is right once the stream has ended; -1 says "not known". */
export type RowCounter = { readonly stream: Transform; rows(): number }

/** What a format may say of an answer beside its rows. */
export type AnswerNotes = {
  /** Where the columns come from; asked for at the first byte. */
  readonly description: () => ResultDescription | undefined
  /** Whether a limit of the caller's has cut the answer; asked for at the end. */
  readonly isTruncated: () => boolean
}
