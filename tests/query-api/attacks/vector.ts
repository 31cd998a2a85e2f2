/**
 * What an attack is, and how its outcome is judged.
 *
 * Rows of the other tenant carry markers, so whatever holds one has leaked. That misses a single bit: a count, an order, an error that
 * comes or does not. So every attack is made in two worlds, which differ in the other tenant's rows alone (more of them, fewer of them,
 * larger values): whatever is answered otherwise in the second world, in status, headers or body, depends on rows that are not the
 * caller's, and has leaked too.
 */

/** Groups of attacks. */
export const GROUPS = [
  'direct',
  'settings',
  'identity',
  'storage',
  'other engines',
  'functions that reach out',
  'side channels',
  'the parser',
  'exhaustion',
  'other paths',
  'state',
] as const
export type Group = (typeof GROUPS)[number]

/** An attempt in SQL, for the SQL door and straight at the engine. */
export type SqlVector = {
  readonly group: Group
  readonly name: string
  readonly sql: string
  readonly parameters?: Readonly<Record<string, unknown>>
  /** Succeeds where row filters are missing. */
  readonly leaks?: true
  /** Is answered: it sees the caller's own rows alone. */
  readonly harmless?: true
  /** The answer differs from time to time by itself, so only markers are looked for. */
  readonly varies?: true
  /** The engine alone lets it through; what stops it instead. */
  readonly gap?: string
}

/** An attempt at the rows of a dataset. */
export type RowsVector = {
  readonly group: Group
  readonly name: string
  /** Query string, encoded. */
  readonly query: string
  /** Path segment of the dataset, encoded; default `clients`. */
  readonly dataset?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly leaks?: true
  readonly varies?: true
}

/** Markers in the rows of the other tenant, and only there. */
export const MARKERS = ['zq-southern-marker', '77777777'] as const

/**
 * What only the other tenant's rows, or files of the machine, hold. "100" and "400" count rows of both tenants. What the caller wrote may
 * come back (a refusal names it), so `south` counts only as a value by itself.
 */
export const EVIDENCE = new RegExp(`${MARKERS.join('|')}|"south"|"100"|"400"|root:|/bin/`)

/** What came back. */
export type Outcome = {
  /** HTTP status; 200 or 0 (refused) straight at the engine. */
  readonly status: number
  /** Error code; empty if answered. */
  readonly code: string
  /** Everything that the caller can see, without what differs by itself (ids, dates, traces), in an order of its own. */
  readonly seen: string
}

/** One line of the table. */
export type Judged = {
  readonly group: Group
  readonly vector: string
  readonly door: string
  readonly result: string
  readonly leaked: boolean
}

/** Judges one attempt by its outcomes in the two worlds. */
export function judge(
  vector: { readonly group: Group; readonly name: string; readonly varies?: true },
  door: string,
  outcomes: readonly Outcome[],
): Judged {
  const { group, name } = vector
  const [first] = outcomes
  const said = { group, vector: name, door }
  if (!first) return { ...said, result: 'not tried', leaked: true }
  if (outcomes.some(({ seen }) => EVIDENCE.test(seen)))
    return { ...said, result: 'LEAK: a marker', leaked: true }
  const other = vector.varies ? undefined : outcomes.find(({ seen }) => seen !== first.seen)
  if (other) {
    const result = `LEAK: depends on rows of another (${difference(first.seen, other.seen)})`
    return { ...said, result, leaked: true }
  }
  const result = first.code === '' ? 'own rows alone' : `refused, ${first.code}`
  return { ...said, result, leaked: false }
}

/** The first lines that differ. */
function difference(one: string, other: string): string {
  const [left, right] = [one.split('\n'), other.split('\n')]
  const at = left.findIndex((line, index) => line !== right[index])
  return [left[at], right[at]].map((line) => (line ?? 'nothing').slice(0, 120)).join(' against ')
}

/** Headers that differ from one answer to the next. */
const OWN_HEADERS = new Set([
  ...['date', 'x-request-id', 'x-mogo-query-id', 'traceparent', 'tracestate', 'content-length'],
  // How long ago one has asked the same, and how often.
  ...['cache-status', 'age', 'ratelimit', 'ratelimit-policy'],
])

/** Everything that a caller sees, made comparable. */
export function comparable(status: number, headers: Readonly<Record<string, unknown>>, body: string): string {
  const kept = Object.entries(headers)
    .filter(([name]) => !OWN_HEADERS.has(name))
    .map(([name, value]) => `${name}: ${withoutIds(String(value))}`)
  return [String(status), ...kept.sort(), ...sortedLines(withoutIds(body))].join('\n')
}

/** Lines in an order of their own: without ORDER BY the engine's is none. */
export function sortedLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/,$/, ''))
    .sort()
}

function withoutIds(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'id')
    .replaceAll(/"traceId":"[0-9a-f]{32}"/g, '"traceId"')
}

/** The table as text. */
export function tableText(title: string, lines: readonly Judged[]): string {
  const widest = (values: readonly string[]) => Math.max(...values.map(({ length }) => length))
  const groups = widest(lines.map(({ group }) => group))
  const doors = widest(lines.map(({ door }) => door))
  const vectors = Math.min(64, widest(lines.map(({ vector }) => vector)))
  const texts = lines.map(
    ({ group, vector, door, result }) =>
      `  ${group.padEnd(groups)}  ${vector.slice(0, vectors).padEnd(vectors)}  ${door.padEnd(doors)}  ${result}`,
  )
  const leaks = lines.filter(({ leaked }) => leaked).length
  const names = new Set(lines.map(({ group, vector }) => `${group}/${vector}`))
  return [`${title}: ${names.size} vectors, ${lines.length} attempts, ${leaks} leaks`, ...texts, ''].join(
    '\n',
  )
}
