/** Colours of findings. picocolors leaves them out where no terminal looks. */
import colors from 'picocolors'
import type { Paint } from '#contracts/check/text.ts'

const COLOURS: Readonly<Record<Parameters<Paint>[0], (text: string) => string>> = {
  error: colors.red,
  warning: colors.yellow,
  info: colors.cyan,
  waived: colors.green,
  dim: colors.dim,
}

/** Paints a word. */
export const paint: Paint = (kind, text) => COLOURS[kind](text)
