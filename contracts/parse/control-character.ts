/** Control characters that stand in a file as they are: YAML has none but tabs and line ends (YAML 1.2.2, section 5.1). */
import type { StructureFault } from './yaml-value.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/

/** The fault of the first one; none if there is none. */
export function controlCharacterFaults(text: string): readonly StructureFault[] {
  const offset = text.search(CONTROL)
  if (offset < 0) return []
  const code = text.charCodeAt(offset).toString(16).toUpperCase().padStart(4, '0')
  const message = `a control character (U+${code}) stands in the text`
  return [{ code: 'CONTRACT_SYNTAX', message, path: [], offset, fatal: false }]
}
