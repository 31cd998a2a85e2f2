/** Options that no value could keep, or of which one says nothing: a source may have both, a contract may not. */
import type { ImportedValue } from './imported-table.ts'

type Options = Readonly<Record<string, ImportedValue>>

const PAIRS: readonly (readonly [least: string, most: string, strict: boolean])[] = [
  ['minimum', 'maximum', false],
  ['minimum', 'exclusiveMaximum', true],
  ['exclusiveMinimum', 'maximum', true],
  ['exclusiveMinimum', 'exclusiveMaximum', true],
  ['minLength', 'maxLength', false],
  ['minItems', 'maxItems', false],
  ['minProperties', 'maxProperties', false],
]
const SAME: readonly (readonly [string, string])[] = [
  ['minimum', 'exclusiveMinimum'],
  ['maximum', 'exclusiveMaximum'],
]

/** The names of two options that cannot stand beside each other; undefined if all can. */
export function contradiction(options: Options): readonly [string, string] | undefined {
  for (const [least, most, strict] of PAIRS) {
    const [low, high] = [options[least], options[most]]
    if (low === undefined || high === undefined || typeof low !== typeof high) continue
    if (strict ? low >= high : low > high) return [least, most]
  }
  return SAME.find(([closed, open]) => options[closed] !== undefined && options[open] !== undefined)
}
