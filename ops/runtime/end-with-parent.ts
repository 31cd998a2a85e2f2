/**
 * A process that another one starts to do one thing has no use without it: it ends when its parent is gone, however that went, kill -9 included. What tells
 * is its standard input, a pipe of the parent's, which closes then; the parent never writes to it. Nobody else's standard input is believed: the parent
 * says by the environment that it is such a pipe.
 */
import type { Socket } from 'node:net'

const MARK = 'MOGO_ENDS_WITH_PARENT'

/** For the parent: environment of the child, whose standard input must be `pipe`. */
export const WITH_PARENT: Readonly<Record<string, string>> = { [MARK]: '1' }

/** 128 + SIGTERM, as if it had been told to. */
const EXIT_CODE = 143

/** For the child, first of all. It does not keep the process running. */
export function endWithParent(): void {
  if (process.env[MARK] !== '1') return
  delete process.env[MARK]
  const end = (): never => process.exit(EXIT_CODE)
  process.stdin.once('end', end).once('error', end).resume()
  // It is a pipe here, which has this.
  ;(process.stdin as unknown as Socket).unref()
}
