/**
 * `SELECT *` means "every column that I may read". To the engine it means every column of the table, those of the row's history
 * (`_version`, …) included, and is refused as soon as one is not granted. So each asterisk gets an EXCEPT with what the scope may
 * not read: `SELECT * EXCEPT (_version, birth_date)`. The changed text is the one that is checked and run.
 *
 * An asterisk is one after SELECT, DISTINCT, ALL, a comma or a dot; everywhere else `*` multiplies, or counts.
 */
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import { significant, type Token } from './sql-text.ts'

const BEFORE = new Set(['select', 'distinct', 'all', ',', '.'])

/** Writes the EXCEPT behind each asterisk; returns the text as it is if there is none. */
export function expandAsterisks(sql: string, tokens: readonly Token[], hidden: readonly string[]): string {
  if (hidden.length === 0) return sql
  const except = ` EXCEPT (${hidden.map(quoteIdentifier).join(', ')})`
  const all = significant(tokens)
  let out = ''
  let done = 0
  for (const [index, token] of all.entries()) {
    const before = all[index - 1]
    if (token.text !== '*' || before === undefined) continue
    if (before.kind === 'quoted' || !BEFORE.has(before.text.toLowerCase())) continue
    out += sql.slice(done, token.end) + except
    done = token.end
  }
  return out + sql.slice(done)
}
