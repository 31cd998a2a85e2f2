/**
 * The shape of a text, with a few of its characters where the plan keeps them.
 *
 * At least a third of the characters is always hidden: of a text that is too short for what the plan keeps, nothing is kept.
 */
import type { PlanOf } from '#contracts/pii/pii-plan.ts'

/** Longest shape that is kept, characters. */
const MAX_SHAPE = 32
/** More code units than that many characters need, so that a long text is not walked to its end. */
const MAX_UNITS = MAX_SHAPE * 2

/**
 * Keeps only the shape: letters (and their marks) become x, numbers 9, everything else that is not ASCII `?`, and no more than
 * 32 characters of it.
 */
export function mask(text: string): string {
  return shape([...text.slice(0, MAX_UNITS)].slice(0, MAX_SHAPE).join(''))
}

/** Makes the mask of a plan. */
export function createMask(plan: PlanOf<'mask'>): (text: string) => string {
  const { keepFirst = 0, keepLast = 0, with: stand } = plan
  const hide = stand === undefined ? shape : (text: string) => stand.repeat([...text].length)
  if (keepFirst === 0 && keepLast === 0)
    return stand === undefined
      ? mask
      : (text) => hide([...text.slice(0, MAX_UNITS)].slice(0, MAX_SHAPE).join(''))
  return (text) => {
    const long = text.length > 2 * MAX_UNITS
    const symbols = long ? [...text.slice(0, MAX_UNITS), ...text.slice(-MAX_UNITS)] : [...text]
    const enough = (keepFirst + keepLast) * 3 <= symbols.length * 2
    const first = enough ? keepFirst : 0
    const last = enough ? keepLast : 0
    const middle = symbols.slice(first, symbols.length - last).slice(0, Math.max(1, MAX_SHAPE - first - last))
    return (
      symbols.slice(0, first).join('').toWellFormed() +
      hide(middle.join('')) +
      symbols
        .slice(symbols.length - last)
        .join('')
        .toWellFormed()
    )
  }
}

function shape(text: string): string {
  return text
    .replaceAll(/[\p{L}\p{M}]/gu, 'x')
    .replaceAll(/\p{N}/gu, '9')
    .replaceAll(/[^\x20-\x7e]/gu, '?')
}
