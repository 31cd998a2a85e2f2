/** Shows a long text through `$PAGER` if a terminal looks; else writes it as it is. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** What decides. */
export type PagerOptions = {
  readonly out: NodeJS.WriteStream
  /** `$PAGER`; empty means none. */
  readonly pager: string | undefined
}

/** Quits at once if all of it fits, keeps colours and wide lines as they are, and leaves the text on the screen. */
const USUAL = 'less -FRSX'

/** Resolves when it was written, or the pager has been left. */
export async function showText(text: string, { out, pager = USUAL }: PagerOptions): Promise<void> {
  const fits = text.split('\n').length <= (out.rows ?? Number.POSITIVE_INFINITY)
  if (!out.isTTY || pager === '' || fits) {
    if (!out.write(text)) await once(out, 'drain')
    return
  }
  const giveBack = lendKeys()
  const child = spawn(pager, { shell: true, stdio: ['pipe', 'inherit', 'inherit'] })
  const left = once(child, 'close')
  // A pager that is left early takes no more.
  child.stdin.on('error', () => undefined)
  child.stdin.end(text)
  const [code] = (await left) as [number | null]
  giveBack()
  // Not there, or not runnable: the text is what counts.
  if (code === 126 || code === 127) out.write(text)
}

/** The keys are the pager's while it runs, and not the prompt's. */
function lendKeys(): () => void {
  const { stdin } = process
  if (!stdin.isTTY || stdin.isPaused()) return () => undefined
  const wasRaw = stdin.isRaw
  stdin.setRawMode(false)
  stdin.pause()
  return () => {
    stdin.setRawMode(wasRaw)
    stdin.resume()
  }
}
