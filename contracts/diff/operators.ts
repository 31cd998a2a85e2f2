/** What quality rules compare with (`mustBeLessThan`, …), taken as sets of numbers: does one set lie in the other? */
import type { QualityRule } from '../model/contract.ts'
import { orderOf } from './exact-order.ts'

type Edge = { readonly at: number | string; readonly open: boolean } | undefined
/** From `low` to `high`; an undefined edge is open to infinity. */
type Span = { readonly low: Edge; readonly high: Edge }

/** How the newer condition stands to the older one; `other` where neither set holds the other, or a value is no number or text. */
export function relateOperators(
  older: QualityRule['operators'],
  newer: QualityRule['operators'],
): 'same' | 'tighter' | 'looser' | 'other' {
  const [was, is] = [spans(older), spans(newer)]
  if (!was || !is) return 'other'
  const [inside, around] = [within(is, was), within(was, is)]
  if (inside) return around ? 'same' : 'tighter'
  return around ? 'looser' : 'other'
}

/** Every part of the one lies in a part of the other. */
function within(parts: readonly Span[], wholes: readonly Span[]): boolean {
  return parts.every((part) =>
    wholes.some((whole) => edge(part.low, whole.low, 1) && edge(part.high, whole.high, -1)),
  )
}

/** Is the inner edge no further out than the outer one? `direction`: 1 for low edges, -1 for high ones. */
function edge(inner: Edge, outer: Edge, direction: 1 | -1): boolean {
  if (!outer) return true
  if (!inner) return false
  const order = orderOf(inner.at, outer.at)
  if (order === undefined) return inner.at === outer.at
  return order === 0 ? inner.open || !outer.open : order * direction > 0
}

/** The set that all operators allow together; undefined if it is no set of numbers. */
function spans(operators: QualityRule['operators']): readonly Span[] | undefined {
  const entries = Object.entries(operators)
  const [entry] = entries
  if (entries.length !== 1 || !entry)
    return entries.length === 0 ? [{ low: undefined, high: undefined }] : undefined
  const [name, value] = entry
  const [first, second]: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (!isEdge(first)) return undefined
  const closed = { at: first, open: false }
  const open = { at: first, open: true }
  const end = isEdge(second) ? second : undefined
  switch (name) {
    case 'mustBe':
      return [{ low: closed, high: closed }]
    case 'mustNotBe':
      return [
        { low: undefined, high: open },
        { low: open, high: undefined },
      ]
    case 'mustBeGreaterThan':
      return [{ low: open, high: undefined }]
    case 'mustBeGreaterOrEqualTo':
      return [{ low: closed, high: undefined }]
    case 'mustBeLessThan':
      return [{ low: undefined, high: open }]
    case 'mustBeLessOrEqualTo':
      return [{ low: undefined, high: closed }]
    case 'mustBeBetween':
      return end === undefined ? undefined : [{ low: closed, high: { at: end, open: false } }]
    case 'mustNotBeBetween':
      return end === undefined
        ? undefined
        : [
            { low: undefined, high: open },
            { low: { at: end, open: true }, high: undefined },
          ]
    default:
      return undefined
  }
}

function isEdge(value: unknown): value is number | string {
  return typeof value === 'number' || typeof value === 'string'
}
