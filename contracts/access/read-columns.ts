/** The columns of a role as they are written (`{include: […]}` or `{exclude: […]}`) -> names, or what is wrong with them. */
import { shortKey } from '../fault.ts'
import { isRecord } from '../model/raw-value.ts'
import { nearest } from '../nearest.ts'

/** Says a fault; the path is relative to what is written. `near` is what was probably meant. */
export type SayColumnsFault = (path: readonly (string | number)[], message: string, near?: string) => void

/** Which columns: only these, or all others. */
export type ChosenColumns = { readonly mode: 'include' | 'exclude'; readonly names: readonly string[] }

const MODES = ['include', 'exclude'] as const
const EXPECTED = 'expected {include: […]} or {exclude: […]}'

/** Reads them. Undefined if there is a fault: then no column is granted. */
export function readColumns(written: unknown, say: SayColumnsFault): ChosenColumns | undefined {
  const keys = isRecord(written) ? Object.keys(written) : []
  const given = MODES.filter((mode) => keys.includes(mode))
  for (const key of keys.filter((one) => !MODES.some((mode) => mode === one)))
    say([key], `there is no ${shortKey(key)}; ${EXPECTED}`, nearest(key, MODES))
  const [mode] = given
  if (!isRecord(written) || mode === undefined || given.length > 1) {
    if (given.length === keys.length)
      say([], given.length > 1 ? 'include and exclude contradict each other; write one of them' : EXPECTED)
    return undefined
  }
  const names = written[mode]
  if (!Array.isArray(names) || (mode === 'include' && names.length === 0)) {
    say([mode], `${mode} is a list of ${mode === 'include' ? 'at least one column' : 'columns'}`)
    return undefined
  }
  const wrong = names.findIndex((name) => typeof name !== 'string')
  if (wrong >= 0) {
    say([mode, wrong], 'the name of a column is a text')
    return undefined
  }
  return keys.length > 1 ? undefined : { mode, names: names as readonly string[] }
}
