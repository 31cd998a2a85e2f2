/** Whether a query gives the same answer as long as its rows are the same: it asks neither the clock nor chance. */
import type { Token } from '../gate/sql-text.ts'

/** Functions of the gate's list whose result does not follow from their arguments, in lower case. A test asks the engine which these are. */
export const UNREPEATABLE: ReadonlySet<string> = new Set([
  ...['now', 'now64', 'today', 'yesterday', 'current_date', 'curdate', 'current_timestamp', 'localtimestamp'],
  ...['rand', 'rand32', 'rand64', 'randconstant', 'randuniform', 'randnormal'],
  ...['generateuuidv4', 'generateuuidv7', 'tounixtimestamp'],
])

/** With arguments they follow from these. */
const ONLY_WITHOUT_ARGUMENTS: ReadonlySet<string> = new Set(['tounixtimestamp'])

/**
 * True if no such name is in the text, whatever it stands for there: a column called `today` only costs the cache.
 */
export function isRepeatable(tokens: readonly Token[]): boolean {
  return !tokens.some(({ kind, text }, index) => {
    if (kind !== 'word' && kind !== 'quoted') return false
    const name = (kind === 'quoted' ? text.slice(1, -1) : text).toLowerCase()
    return UNREPEATABLE.has(name) && !(ONLY_WITHOUT_ARGUMENTS.has(name) && hasArguments(tokens, index))
  })
}

function hasArguments(tokens: readonly Token[], name: number): boolean {
  const open = nextPlace(tokens, name)
  return tokens[open]?.text === '(' && tokens[nextPlace(tokens, open)]?.text !== ')'
}

/** Where the next token stands that is neither space nor comment. */
function nextPlace(tokens: readonly Token[], place: number): number {
  let next = place + 1
  while (tokens[next]?.kind === 'space' || tokens[next]?.kind === 'comment') next++
  return next
}
