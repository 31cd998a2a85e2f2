/** Asks before what cannot be undone. */
import { createInterface } from 'node:readline/promises'
import { MogoError } from '#contracts/errors.ts'

/**
 * True if a person at the terminal says yes.
 *
 * @throws MogoError MOGO_USAGE where there is no terminal: a program must say --yes
 */
export async function confirmed(question: string): Promise<boolean> {
  if (process.stdin.isTTY !== true)
    throw new MogoError('MOGO_USAGE', { detail: `${question} There is nobody to ask here: say --yes.` })
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}
