/**
 * How urgent a query is: somebody looks at a screen, or a program takes away rows.
 *
 * The format decides (a document is read by people, the formats that stream are exports). The header `Priority` (RFC 9218) may say otherwise:
 * `u=0` to `u=7`, 3 is usual. It changes the place among one's own, never one's share.
 */

/** 0: a small page; 1: a person waits; 2: an export. */
export type Urgency = 0 | 1 | 2

/** What waiting is like, for metrics. */
export const URGENCIES = ['small', 'interactive', 'export'] as const

/** Reads the header; `usual` is what the request itself suggests. */
export function urgencyOf(header: string | readonly string[] | undefined, usual: Urgency): Urgency {
  const text = typeof header === 'string' ? header.slice(0, 200) : ''
  const urgency = /(?:^|,)\s*u=([0-7])\s*(?:[,;]|$)/.exec(text)?.[1]
  if (urgency === undefined || urgency === '3') return usual
  if (Number(urgency) >= 4) return 2
  return usual === 2 ? 1 : usual
}
