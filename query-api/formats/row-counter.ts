/** What every format has: a stream that passes an answer on, and counts its rows. */
import type { Transform } from 'node:stream'

/** `rows` is right once the stream has ended; -1 says "not known". */
export type RowCounter = { readonly stream: Transform; rows(): number }
