/**
 * Materialized views behind a table. The engine feeds them before it looks at the token of an insert, so a batch that is sent again is
 * in them twice, unless their own table drops what it had (`non_replicated_deduplication_window`, or a replicated engine). And if the
 * engine dies between the table and a view, only a repetition fills the view.
 */
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'

/** What a repetition does to the views: nothing, no harm, or rows twice. */
export type ViewsBehind = 'none' | 'deduplicating' | 'doubling'

/** A table of the engine with the views that it feeds. */
export type TableFacts = {
  readonly engine: string
  readonly engineFull: string
  readonly views: readonly { readonly database: string; readonly table: string }[]
  /** Where a view writes to. */
  readonly target: { readonly database: string; readonly table: string } | null
}

/** Longest chain of views that is followed. */
const MOST_VIEWS = 50

/** A table behind a view that keeps a repeated batch twice. */
export type DoublingTable = {
  readonly database: string
  readonly table: string
  /** False if it may not be seen, or too much lies behind: it is taken for the worst. */
  readonly isSeen: boolean
}

type Look = (database: string, table: string) => Promise<TableFacts | undefined>

/** Looks at all views behind a table. What may not be seen is taken for the worst. */
export async function viewsBehind(look: Look, database: string, table: string): Promise<ViewsBehind> {
  const { views, doubling } = await tablesBehind(look, database, table)
  if (views === 0) return 'none'
  return doubling.length > 0 ? 'doubling' : 'deduplicating'
}

/** How many views there are, and the tables that they double. */
export async function tablesBehind(
  look: Look,
  database: string,
  table: string,
): Promise<{ readonly views: number; readonly doubling: readonly DoublingTable[] }> {
  const waiting = [...((await look(database, table))?.views ?? [])]
  const seen = new Set<string>()
  const doubling: DoublingTable[] = []
  for (let view = waiting.pop(); view; view = waiting.pop()) {
    const name = JSON.stringify([view.database, view.table])
    if (seen.has(name)) continue
    seen.add(name)
    if (seen.size > MOST_VIEWS) {
      doubling.push({ ...view, isSeen: false })
      break
    }
    const target = (await look(view.database, view.table))?.target
    const facts = target && (await look(target.database, target.table))
    if (!target || !facts) doubling.push({ ...(target ?? view), isSeen: false })
    else if (!deduplicates(facts)) doubling.push({ ...target, isSeen: true })
    waiting.push(...(facts?.views ?? []))
  }
  return { views: seen.size, doubling }
}

/** What makes a table drop what it had already. */
export function deduplicateStatement({ database, table }: DoublingTable): string {
  return /*sql*/ `ALTER TABLE ${quoteIdentifier(database)}.${quoteIdentifier(table)} MODIFY SETTING non_replicated_deduplication_window = 1000;`
}

function deduplicates({ engine, engineFull }: TableFacts): boolean {
  if (/^(?:Replicated|Shared)/.test(engine)) return !/replicated_deduplication_window = 0\b/.test(engineFull)
  return Number(/non_replicated_deduplication_window = (\d+)/.exec(engineFull)?.[1] ?? 0) > 0
}

/** One line of JSONCompactEachRow: engine, its full text, views as pairs, and the target of a view. */
export function tableFactsStatement(database: string, table: string): string {
  return /*sql*/ `SELECT engine, engine_full, arrayZip(dependencies_database, dependencies_table), target_database, target_table
FROM system.tables WHERE database = ${quoteLiteral(database)} AND name = ${quoteLiteral(table)} FORMAT JSONCompactEachRow`
}

/** Reads that line. */
export function tableFacts(
  line: readonly [string, string, readonly (readonly [string, string])[], string, string],
): TableFacts {
  const [engine, engineFull, views, targetDatabase, targetTable] = line
  return {
    engine,
    engineFull,
    views: views.map(([database, table]) => ({ database, table })),
    target: targetTable === '' ? null : { database: targetDatabase, table: targetTable },
  }
}
