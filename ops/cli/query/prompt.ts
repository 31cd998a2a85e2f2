/**
 * `mogo query` without SQL on a terminal: a prompt. A statement ends with `;`, a line that begins with `\` is a command (`\d`, `\d NAME`,
 * `\q`). Ctrl-C cancels the query that runs, or throws away what was typed; Ctrl-D ends.
 *
 * What was typed can be called back with the arrow keys while the prompt lives, and is not written anywhere: SQL may hold a person's data.
 */
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import colors from 'picocolors'
import { sayError } from '../exit-codes.ts'
import { note } from '../output.ts'

/** What a prompt needs. */
export type PromptOptions = {
  readonly input: Readable
  readonly output: Writable
  /** Whether keys are edited, as on a terminal. */
  readonly terminal: boolean
  /** Runs a statement or a command. What it throws is said, and the prompt goes on. */
  readonly run: (text: string) => Promise<void>
  /** Cancels what runs; false if nothing does. */
  readonly cancel: () => boolean
}

const READY = 'mogo> '
const GOES_ON = '   -> '

/** Resolves when it is left. */
export async function prompt(options: PromptOptions): Promise<void> {
  const { input, output, terminal, run, cancel } = options
  const reader: Interface = createInterface({ input, output, terminal, historySize: 500, prompt: READY })
  let typed: string[] = []
  let isRunning = false
  reader.on('SIGINT', () => {
    if (isRunning) {
      if (cancel()) note(colors.dim('cancelling'))
      return
    }
    typed = []
    output.write('\n')
    ask()
  })
  ask()
  for await (const line of reader) {
    const first = typed.length === 0
    if (first && /^\s*\\q\s*;?\s*$/.test(line)) break
    if (!first || line.trim() !== '') typed.push(line)
    const text = typed.join('\n')
    if (/;\s*$/.test(text) || /^\s*\\/.test(text)) {
      typed = []
      await runText(text)
    }
    ask()
  }
  reader.close()

  function ask(): void {
    reader.setPrompt(typed.length === 0 ? READY : GOES_ON)
    reader.prompt()
  }

  async function runText(text: string): Promise<void> {
    isRunning = true
    try {
      await run(text)
    } catch (error) {
      sayError(error)
    } finally {
      isRunning = false
    }
  }
}
