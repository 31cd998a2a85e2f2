/**
 * The gate: what a caller's text must pass before it runs.
 *
 *   1. the text: not too long, no control characters;
 *   2. `*` and dataset names are written out (expand-asterisk.ts, rename-tables.ts); from here on this is the text;
 *   3. EXPLAIN AST, as an identity without any right: parses and does nothing else; the tree must hold only what is allowed;
 *   4. EXPLAIN QUERY TREE, as the caller's scope: names are resolved; every table and column must be granted, and lineage is read off.
 *
 * Step 4 already runs constant expressions and scalar subqueries, which is why 3 comes before it. The engine checks grants and
 * row filters again when the query runs: the gate is the first of two layers, each of which holds alone.
 */
import { MogoError } from '#contracts/errors.ts'
import { AUTH_CODES, EngineFault } from '../engine/engine-fault.ts'
import { lineageOfQuery, type QueryLineage } from '../lineage-of-query/lineage-of-query.ts'
import { parseQueryTree } from '../lineage-of-query/query-tree.ts'
import type { EngineIdentity, EngineParameters, QueryEngine } from '../ports.ts'
import { parseAst } from './ast-tree.ts'
import { checkAst } from './check-ast.ts'
import { queryFault } from './engine-errors.ts'
import { expandAsterisks } from './expand-asterisk.ts'
import { renameTables } from './rename-tables.ts'
import type { ScopeNames } from './scope-names.ts'
import { cteNames, significant, type Token, tokenize } from './sql-text.ts'

/** A query that passed. */
export type CheckedQuery = {
  /** The text to run: the one that was checked. */
  readonly sql: string
  readonly lineage: QueryLineage
}

/** What is checked, for whom. */
export type GateRequest = {
  readonly sql: string
  /** Tokens of `sql`. */
  readonly tokens: readonly Token[]
  readonly parameters: EngineParameters
  readonly names: ScopeNames
  /** Identity without rights. */
  readonly gate: EngineIdentity
  /** Identity of the scope. */
  readonly scope: EngineIdentity
  readonly signal: AbortSignal
  /** By which what resolving the query runs (scalar subqueries) can be ended. */
  readonly queryId?: string | undefined
}

/** Most bytes of SQL. */
export const LONGEST_SQL = 100_000

const AST = 'EXPLAIN AST '
const TREE = 'EXPLAIN QUERY TREE run_passes = 1, passes = 1 '

/** Tokens of a text that may be SQL. @throws MogoError MOGO_QUERY_LIMIT, MOGO_QUERY_FORBIDDEN, MOGO_QUERY_NOT_SELECT */
export function readSql(sql: string): readonly Token[] {
  if (Buffer.byteLength(sql) > LONGEST_SQL)
    throw new MogoError('MOGO_QUERY_LIMIT', { limit: '100 kB of SQL' })
  if (!sql.isWellFormed() || /[^\P{Cc}\t\n\r]/u.test(sql))
    throw new MogoError('MOGO_QUERY_FORBIDDEN', {
      what: 'A control character',
      remedy: 'Take it out; in a string write it with an escape, such as \\t.',
    })
  const tokens = tokenize(sql)
  const odd = tokens.some(({ kind, text }) => kind === 'quoted' && /[\\\t\n\r]/.test(text))
  if (odd)
    throw new MogoError('MOGO_QUERY_FORBIDDEN', {
      what: 'A quoted name with a backslash or a line break',
      remedy: 'Give it a plain name.',
    })
  const name = tokens.find(({ kind, text }) => kind === 'parameter' && /:.*\bidentifier\b/is.test(text))
  if (name)
    throw new MogoError('MOGO_QUERY_FORBIDDEN', {
      what: `The parameter ${name.text}, which would become a name,`,
      remedy: 'Parameters are values; write names into the text.',
    })
  if (significant(tokens).length === 0) throw new MogoError('MOGO_QUERY_NOT_SELECT', { kind: 'empty' })
  return tokens
}

/** Makes the gate of an engine. */
export function createGate(engine: QueryEngine) {
  return { check }

  /** @throws MogoError MOGO_QUERY_*, MOGO_CLICKHOUSE_UNREACHABLE; EngineFault if the engine does not know an identity */
  async function check(request: GateRequest): Promise<CheckedQuery> {
    const { names, tokens, parameters } = request
    const ctes = cteNames(tokens)
    const named = renameTables(request.sql, tokens, names.renamed, names.database, ctes)
    const sql = expandAsterisks(named, named === request.sql ? tokens : tokenize(named), names.hidden)
    const ast = await explain(AST, sql, request.gate, request)
    checkAst(parseAst(ast), { database: names.database, tables: new Set(names.byTable.keys()), ctes })
    const tree = parseQueryTree(await explain(TREE, sql, request.scope, request))
    if (tree === undefined) throw new MogoError('MOGO_QUERY_FAILED', { reason: 'it cannot be resolved' })
    const lineage = lineageOfQuery(tree)
    checkReads(lineage, names)
    return { sql, lineage }

    async function explain(
      prefix: string,
      text: string,
      identity: EngineIdentity,
      { signal, queryId }: GateRequest,
    ): Promise<string> {
      const named = prefix === TREE && queryId !== undefined ? { queryId: `${queryId}-gate` } : {}
      const statement = { format: 'TSVRaw', database: names.database, parameters, signal, ...named }
      try {
        return await engine.text(identity, { ...statement, sql: prefix + text })
      } catch (error) {
        if (error instanceof EngineFault && AUTH_CODES.has(error.code)) throw error
        const fault = await inCallersText(error, prefix, text)
        throw queryFault(fault, { sql: request.sql, names, prefix: prefix.length })
      }
    }

    /** The place of a syntax error is said for the caller's own text, so that is parsed again if it was written out. */
    async function inCallersText(error: unknown, prefix: string, text: string): Promise<unknown> {
      const misplaced =
        error instanceof EngineFault && error.code === 62 && prefix === AST && text !== request.sql
      if (!misplaced) return error
      const { signal } = request
      try {
        await engine.text(request.gate, { sql: AST + request.sql, format: 'TSVRaw', parameters, signal })
        return error
      } catch (own) {
        return own
      }
    }
  }
}

/** Every table and column that the engine resolved must be granted. */
function checkReads(lineage: QueryLineage, names: ScopeNames): void {
  const prefix = `${names.database}.`
  const accessOf = (table: string) =>
    table.startsWith(prefix) ? names.byTable.get(table.slice(prefix.length)) : undefined
  for (const table of lineage.tables) if (!accessOf(table)) throw names.tableFault(table)
  for (const { table, column } of lineage.reads) {
    const access = accessOf(table)
    if (!access) throw names.tableFault(table)
    // `metadata.size0`, a subcolumn, is granted with its column.
    const whole =
      column.includes('.') && !access.columns.includes(column) ? column.slice(0, column.indexOf('.')) : column
    if (access.columns.includes(whole)) continue
    const known = access.dataset.columns.some(({ target }) => target === whole)
    throw known ? names.columnDenied(access, whole) : names.columnFault(whole)
  }
}
