/** How alike two columns, or two datasets, are that do not have the same name. Symmetric, from 0 to 1. */
import type { ContractObject, ContractProperty } from '../model/contract.ts'
import { canonicalType } from './physical-type.ts'

/** Longest text that is looked at. */
const MAX_TEXT = 200

/** Likeness of two columns: nothing without the same type; then name, description and place among the others. */
export function columnLikeness(
  older: ContractProperty,
  newer: ContractProperty,
  neighbours: boolean,
): number {
  if (older.logicalType !== newer.logicalType) return 0
  if (canonicalType(older.physicalType ?? '') !== canonicalType(newer.physicalType ?? '')) return 0
  if (older.primaryKey !== newer.primaryKey) return 0
  const names = dice(older.name, newer.name)
  const place = neighbours ? 1 : 0
  if (!older.description || !newer.description) return 0.5 * names + 0.5 * place
  return 0.3 * names + 0.3 * place + 0.4 * dice(older.description, newer.description)
}

/** Likeness of two datasets: the share of their columns that both have. */
export function datasetLikeness(older: ContractObject, newer: ContractObject): number {
  const names = new Set(older.properties.map(({ name }) => name))
  const others = new Set(newer.properties.map(({ name }) => name))
  const shared = [...names].filter((name) => others.has(name)).length
  const all = names.size + others.size - shared
  return all === 0 ? 0 : shared / all
}

/** Share of the pairs of letters that two texts have in common (Dice, 1945). */
function dice(a: string, b: string): number {
  const [left, right] = [pairsOf(a), pairsOf(b)]
  let shared = 0
  for (const [pair, count] of left.counts) shared += Math.min(count, right.counts.get(pair) ?? 0)
  const all = left.total + right.total
  return all === 0 ? 0 : (2 * shared) / all
}

/** Texts are compared with many others, one after the other. */
const recent = new Map<string, LetterPairs>()
const MAX_RECENT = 2_000

type LetterPairs = { readonly counts: ReadonlyMap<string, number>; readonly total: number }

function pairsOf(text: string): LetterPairs {
  const known = recent.get(text)
  if (known) return known
  if (recent.size >= MAX_RECENT) recent.clear()
  const pairs = countPairs(text)
  recent.set(text, pairs)
  return pairs
}

function countPairs(text: string): LetterPairs {
  const letters = text
    .slice(0, MAX_TEXT)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '')
  const counts = new Map<string, number>()
  for (let at = 0; at + 1 < letters.length; at++) {
    const pair = letters.slice(at, at + 2)
    counts.set(pair, (counts.get(pair) ?? 0) + 1)
  }
  return { counts, total: Math.max(0, letters.length - 1) }
}
