/** Attempts in SQL, through POST /v1/query and straight at the engine: all of them, and what stops those that the engine alone would answer. */
import { EXHAUSTION, IDENTITY, PARSER } from './sql-as-text.ts'
import { DIRECT, SETTINGS, SIDE } from './sql-at-rows.ts'
import { ENGINES, OUT, STORAGE } from './sql-past-datasets.ts'
import type { SqlVector } from './vector.ts'

/**
 * What the engine alone answers and the API refuses: the engine's gaps, each with what stops it instead. Most show nothing of rows; those
 * that do are why the gate is a layer and no courtesy.
 */
const GAPS: Readonly<Record<string, readonly string[]>> = {
  'the gate: file is not on the list of functions': [
    ...[
      'file()',
      'file() behind an alias',
      'file() in a scalar subquery',
      'file() in ORDER BY',
      'file() in LIMIT',
    ],
    ...['file() in a lambda', 'file() in a parameter’s default', 'a function by a quoted name'],
    ...['a name with a line break that forges a tree', 'a name with an escaped line break'],
    ...['a name that looks like a count of children', 'a literal that looks like a node'],
    'a heredoc that hides a comment',
  ],
  'the gate: no SETTINGS at any depth': [
    ...[
      'SETTINGS in a subquery',
      'SETTINGS in a CTE',
      'SETTINGS in IN',
      'SETTINGS in EXISTS',
      'SETTINGS in LIMIT',
    ],
    ...['SETTINGS in a scalar subquery', 'SETTINGS in a JOIN', 'SETTINGS in a lambda', 'SETTINGS PROFILE'],
    'a filter of one’s own on a withheld column',
    'a filter that fails where the other tenant’s row is',
  ],
  'the gate: the function is not on its list': [
    ...['blockNumber', 'indexHint', 'sleep if', 'sleepEachRow', 'states of aggregates'],
    ...['getSetting()', 'getSettingOrDefault()', 'getServerSetting()', 'hostName()', 'version()', 'uptime()'],
    ...[
      'tcpPort()',
      'serverUUID()',
      'currentDatabase()',
      'currentProfiles()',
      'queryID()',
      'initialQueryID()',
    ],
    ...['filesystemAvailable()', 'encrypt()', 'arrayReduce()', 'initializeAggregation()', 'logTrace()'],
    ...['formatRow()', 'fromModifiedJulianDayOrNull()', 'nowInBlock()', 'currentUser', 'currentRoles'],
  ],
  'the gate: only tables of the scope': [
    ...['mergeTreeIndex()', 'system.tables', 'system.columns', 'system.settings', 'system.one'],
    ...['values() as a table', 'null() as a table', 'numbers() as a table', 'generateSeries() as a table'],
    ...['a parameter that is a database and a table', 'a recursive CTE'],
  ],
  'the gate: no text that is not well-formed': ['half a surrogate'],
  'the gate: no name at the right of IN; the audit: no Set': [
    ...['a Set at the right of IN', 'a Set of another database', 'an operator by name'],
  ],
  'the gate: one SELECT, nothing else': [
    ...['SET ROLE', 'SHOW GRANTS', 'EXPLAIN ESTIMATE', 'EXPLAIN indexes', 'EXPLAIN PIPELINE'],
    ...['EXPLAIN QUERY TREE', 'SYSTEM STOP MERGES', 'SHOW TABLES', 'a statement behind a comment'],
  ],
}
const GAP_OF = new Map(
  Object.entries(GAPS).flatMap(([stop, names]) => names.map((name) => [name, stop] as const)),
)

const withGap = (vector: Omit<SqlVector, 'gap'>): SqlVector => {
  const gap = GAP_OF.get(vector.name)
  return gap === undefined ? vector : { ...vector, gap }
}

/** All of them. */
export const SQL_VECTORS: readonly SqlVector[] = (
  [
    ...DIRECT.map((row) => ({ group: 'direct' as const, ...row })),
    ...SETTINGS.map((row) => ({ group: 'settings' as const, ...row })),
    ...IDENTITY.map((row) => ({ group: 'identity' as const, ...row })),
    ...STORAGE.map((row) => ({ group: 'storage' as const, ...row })),
    ...ENGINES.map((row) => ({ group: 'other engines' as const, ...row })),
    ...OUT.map((row) => ({ group: 'functions that reach out' as const, ...row })),
    ...SIDE.map((row) => ({ group: 'side channels' as const, ...row })),
    ...PARSER.map((row) => ({ group: 'the parser' as const, ...row })),
    ...EXHAUSTION.map((row) => ({ group: 'exhaustion' as const, ...row })),
  ] satisfies readonly Omit<SqlVector, 'gap'>[]
).map(withGap)
