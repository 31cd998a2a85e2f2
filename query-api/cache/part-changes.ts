/**
 * Two lists of a table's parts, an earlier and a later one -> what has happened to its rows in between. Pure.
 *
 * A MergeTree table is a set of parts that never change. Rows come in new parts; merges put parts together; mutations (ALTER … DELETE) and
 * TRUNCATE replace or remove them. An insert takes its block number when it is committed, from a counter that only rises, so:
 *
 *   a part above every known number                    holds new rows only
 *   a part that reaches from known numbers above them  is a merge of old rows and new ones
 *   a merged part within the known numbers             holds what its former parts held
 *   anything else                                      may hold, or have lost, any row
 *
 * DROP and TRUNCATE put empty parts over those that they remove and take these away at once; lightweight updates come in parts of their own:
 * both are anything else. Not noticed: a single part that somebody takes out by hand (DETACH or DROP PART), if its neighbours are merged over the
 * gap before the next look.
 */

/** One active part, as the engine describes it. */
export type Part = {
  readonly name: string
  /** Where the parts of the table lie: another place after EXCHANGE TABLES. */
  readonly home: string
  /** Place, rows and time: parts of one name, before and after a TRUNCATE, differ in it. */
  readonly identity: string
  readonly rows: number
  readonly minBlock: number
  readonly maxBlock: number
  /** 0 of an insert; higher than that of what was merged into it. */
  readonly level: number
  /** Number of the last mutation that it went through; 0: of none. */
  readonly mutation: number
}

/** What has happened. */
export type PartChanges =
  /** Perhaps every row. */
  | { readonly kind: 'any' }
  | {
      readonly kind: 'added'
      /** Names of parts that hold new rows only. */
      readonly fresh: readonly string[]
      /** Names of parts that hold new rows among others. */
      readonly mixed: readonly string[]
    }

/** Beginning of the name of a part that changes rows of others. */
const PATCH = 'patch-'

/** Compares the parts before with those now. */
export function partChanges(before: readonly Part[], now: readonly Part[]): PartChanges {
  const known = new Set(before.map(({ identity }) => identity))
  const active = new Set(now.map(({ identity }) => identity))
  const added = now.filter(({ identity }) => !known.has(identity))
  const removed = before.filter(({ identity }) => !active.has(identity))
  const highest = Math.max(-1, ...before.map(({ maxBlock }) => maxBlock))
  const homes = new Set([...before, ...now].map(({ home }) => home))
  if (homes.size > 1) return { kind: 'any' }
  const isGone = (part: Part) => !added.some((later) => covers(later, part))
  if (removed.some(isGone) || added.some((part) => !isPlain(part, before, highest))) return { kind: 'any' }
  const names = (parts: readonly Part[]) => parts.map(({ name }) => name)
  const fresh = added.filter(({ minBlock }) => minBlock > highest)
  const mixed = added.filter(({ minBlock, maxBlock }) => minBlock <= highest && maxBlock > highest)
  return { kind: 'added', fresh: names(fresh), mixed: names(mixed) }
}

/** The later part is a merge, or a mutation, of the earlier one. */
function covers(later: Part, part: Part): boolean {
  return (
    later.minBlock <= part.minBlock &&
    later.maxBlock >= part.maxBlock &&
    (later.level > part.level || later.mutation > part.mutation)
  )
}

/** An insert above all that was known, or a merge of what was known, with no mutation since. */
function isPlain(part: Part, before: readonly Part[], highest: number): boolean {
  const sources = before.filter((each) => covers(part, each))
  const isMutated = part.mutation > Math.max(0, ...sources.map(({ mutation }) => mutation))
  if (part.rows === 0 || part.name.startsWith(PATCH)) return false
  if (part.minBlock > highest) return true
  const overlapped = before.filter(
    ({ minBlock, maxBlock }) => minBlock <= part.maxBlock && maxBlock >= part.minBlock,
  )
  return !isMutated && sources.length > 0 && overlapped.length === sources.length
}
