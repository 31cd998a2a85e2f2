/** One text per value, whatever the order of its keys: equal values have equal texts. For values of unknown and untrusted shape. */

/** Most parts of a value that are looked at: aliases may make a small document large, and a value may hold itself. */
const MAX_PARTS = 50_000

/** The text. Keys are sorted, lists keep their order; keys whose value is undefined are left out. Never throws. */
export function canonicalText(value: unknown): string {
  return textOf(value, false)
}

/** The same for values in which the order of lists says nothing. */
export function orderlessText(value: unknown): string {
  return textOf(value, true)
}

function textOf(value: unknown, orderless: boolean): string {
  let left = MAX_PARTS
  const open = new Set<object>()
  const write = (part: unknown): string => {
    if (left-- <= 0) return '…'
    if (typeof part !== 'object' || part === null)
      return typeof part === 'string' ? JSON.stringify(part) : String(part)
    if (open.has(part)) return '(itself)'
    open.add(part)
    const text = Array.isArray(part)
      ? `[${(orderless ? part.map(write).sort() : part.map(write)).join(',')}]`
      : `{${Object.entries(part)
          .filter(([, item]) => item !== undefined)
          .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
          .map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`)
          .join(',')}}`
    open.delete(part)
    return text
  }
  return write(value)
}

/** Are two lists the same, whatever the order of their items? No list is an empty one. */
export function sameItems(a: unknown, b: unknown): boolean {
  return sameValue(sorted(a), sorted(b))
}

function sorted(list: unknown): unknown {
  if (!Array.isArray(list)) return list ?? []
  return list.map((item: unknown) => canonicalText(item)).sort()
}

/** Are two values the same, whatever the order of their keys? */
export function sameValue(a: unknown, b: unknown): boolean {
  return a === b || canonicalText(a) === canonicalText(b)
}

/** The text with single blanks: how its lines are broken says nothing. */
export function blanksAside(text: string): string
export function blanksAside(text: string | undefined): string | undefined
export function blanksAside(text: string | undefined): string | undefined {
  return text?.replaceAll(/\s+/g, ' ').trim()
}
