/** Which of two bounds is the lesser: numbers of any length, dates and times. */
import { compareDecimals } from '../validator/compare-decimals.ts'

/** Order of two bounds; undefined where nobody can say, as of a format of one's own. */
export function compareBounds(low: number | string, high: number | string): number | undefined {
  const decimals = compareDecimals(String(low), String(high))
  if (decimals !== undefined) return decimals
  if (typeof low === 'number' || typeof high === 'number') return undefined
  const [left, right] = [moment(low), moment(high)]
  if (left !== undefined && right !== undefined) return left - right
  const time = /^\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/
  if (time.test(low) && time.test(high)) return low < high ? -1 : low > high ? 1 : 0
  return undefined
}

function moment(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined
  const time = Date.parse(text.replace(' ', 'T'))
  return Number.isNaN(time) ? undefined : time
}
