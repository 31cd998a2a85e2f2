/**
 * Variables of 3.2, `${NAME}` and `${NAME:-default}`, in texts. They are checked, and never filled in from the environment: what a contract
 * means must not depend on the machine that looks at it. In older versions they are texts like others.
 */
import type { DocumentPath } from '../../fault.ts'
import type { LintContext } from '../lint-rule.ts'

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_.]*(?::?[-?=+][^}]*)?$/
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is how a variable is written
const EXPECTED = '${NAME} or ${NAME:-default}'
/** Most faults that are said. */
const MAX_FAULTS = 50
const MAX_DEPTH = 60
const MAX_VALUES = 200_000

/** Keys whose texts are of other languages, where `${` may mean something else. */
const OTHER_LANGUAGES = new Set([
  'query',
  'implementation',
  'pattern',
  'transformLogic',
  'description',
  'purpose',
  'usage',
  'limitations',
  'examples',
  'arguments',
])

/** See the header. */
export function variables({ contract, value, say }: LintContext): void {
  if (!/^v3\.[2-9]|^v3\.\d\d/.test(contract.apiVersion)) return
  let faults = 0
  let left = MAX_VALUES
  const visit = (part: unknown, path: DocumentPath): void => {
    if (faults >= MAX_FAULTS || path.length > MAX_DEPTH || left-- <= 0) return
    if (typeof part === 'string') {
      const message = part.includes('${') ? variableFault(part) : undefined
      if (message === undefined) return
      faults++
      say(path, 'CONTRACT_VARIABLE', message, { expected: EXPECTED })
    } else if (Array.isArray(part)) for (const [index, item] of part.entries()) visit(item, [...path, index])
    else if (typeof part === 'object' && part !== null)
      for (const [key, item] of Object.entries(part))
        if (!OTHER_LANGUAGES.has(key)) visit(item, [...path, key])
  }
  visit(value, [])
}

function variableFault(text: string): string | undefined {
  for (let at = text.indexOf('${'); at >= 0; at = text.indexOf('${', at)) {
    const end = text.indexOf('}', at)
    if (end < 0) return 'a variable that is not closed'
    const name = text.slice(at + 2, end)
    if (name.includes('${')) return 'a variable in a variable'
    if (!VARIABLE.test(name)) return 'the name of a variable is letters, digits and _'
    at = end
  }
  return undefined
}
