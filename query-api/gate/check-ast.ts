/**
 * The gate's decision, on the engine's own syntax tree: what a query may be made of.
 *
 * Allowed is what is listed, nothing else. The rules that keep data safe look at one node (one line) at a time, see ast-tree.ts:
 *   - node types: a SELECT with its clauses. `Set` (SETTINGS at any depth), DDL, SHOW, EXPLAIN, … are not on the list;
 *   - a SelectWithUnionQuery has one child: a second would be FORMAT or INTO OUTFILE;
 *   - functions: the allowlist of functions.ts; it names no table function;
 *   - tables: those of the scope, by dataset or as `database.table`, and CTEs;
 *   - names that begin with `_` (virtual columns, row history) are nobody's.
 * The parents of a node only make sentences better.
 */
import { MogoError } from '#contracts/errors.ts'
import { nearest } from '#contracts/nearest.ts'
import { type AstNode, type AstTree, walk } from './ast-tree.ts'
import { isAllowedFunction, suggestFunction } from './functions.ts'

/** What names a query may use. */
export type GateNames = {
  /** Database of the datasets. */
  readonly database: string
  /** Tables of the scope. */
  readonly tables: ReadonlySet<string>
  /** Names that may be CTEs. */
  readonly ctes: ReadonlySet<string>
}

const MOST_NODES = 20_000
const DEEPEST = 500

const PLAIN_TYPES = new Set([
  'ExpressionList',
  'SelectQuery',
  'SelectIntersectExceptQuery',
  'Subquery',
  'WithElement',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'TableExpression',
  'TableJoin',
  'ArrayJoin',
  'Literal',
  'Asterisk',
  'QualifiedAsterisk',
  'ColumnsRegexpMatcher',
  'ColumnsListMatcher',
  'QualifiedColumnsRegexpMatcher',
  'QualifiedColumnsListMatcher',
  'ColumnsTransformerList',
  'ColumnsExceptTransformer',
  'ColumnsReplaceTransformer',
  'ColumnsReplaceTransformer::Replacement',
  'OrderByElement',
  'WindowDefinition',
  'WindowListElement',
  'InterpolateElement',
  'SampleRatio',
])

/** What cannot be a query, in words. */
const STATEMENTS: Readonly<Record<string, string>> = {
  Set: 'SET',
  InsertQuery: 'INSERT',
  DropQuery: 'DROP or TRUNCATE',
  CreateQuery: 'CREATE',
  AlterQuery: 'ALTER',
  Explain: 'EXPLAIN',
  ShowTables: 'SHOW',
  DescribeQuery: 'DESCRIBE',
  ExistsTableQuery: 'EXISTS TABLE',
  KillQueryQuery: 'KILL',
  ParallelWithQuery: 'several statements',
  DeleteQuery: 'DELETE',
  UpdateQuery: 'UPDATE',
  OptimizeQuery: 'OPTIMIZE',
  UseQuery: 'USE',
}

/** Functions whose right side is a set. */
const SET_FUNCTIONS = new Set([
  'in',
  'notin',
  'nullin',
  'notnullin',
  'globalin',
  'globalnotin',
  'globalnullin',
  'globalnotnullin',
])

/**
 * Checks a tree.
 *
 * @throws MogoError MOGO_QUERY_NOT_SELECT, MOGO_QUERY_FORBIDDEN, MOGO_QUERY_FUNCTION, MOGO_QUERY_TABLE
 */
export function checkAst(tree: AstTree | undefined, names: GateNames): void {
  if (tree === undefined)
    throw forbidden('A name with control characters or brackets', 'Give it a plain name.')
  if (tree.root.type !== 'SelectWithUnionQuery')
    throw new MogoError('MOGO_QUERY_NOT_SELECT', { kind: STATEMENTS[tree.root.type] ?? 'something else' })
  if (tree.size > MOST_NODES || tree.depth > DEEPEST)
    throw new MogoError('MOGO_QUERY_LIMIT', { limit: 'size and depth of the SQL' })
  for (const { node, parents } of walk(tree.root)) {
    if (node.alias !== undefined) checkName(node.alias)
    checkNode(node, parents, names)
  }
}

function checkNode(node: AstNode, parents: readonly AstNode[], names: GateNames): void {
  switch (node.type) {
    case 'SelectWithUnionQuery':
      if (node.children.length !== 1 || node.label !== '')
        throw forbidden(
          'FORMAT and INTO OUTFILE',
          'Name the format in the Accept header; see /openapi.json for the formats.',
        )
      return
    case 'Set':
      throw forbidden('SETTINGS', 'Leave it out: limits and settings belong to your access scope.')
    case 'Function':
      checkFunction(node, parents)
      return
    case 'Identifier':
      // The gate itself writes names of the engine there: to leave them out.
      if (parents[0]?.type !== 'ColumnsExceptTransformer') checkName(node.label)
      checkSetSide(node, parents)
      return
    case 'TableIdentifier':
      checkTable(node.label, names)
      return
    case 'ColumnsApplyTransformer':
      throw forbidden('APPLY', 'Write the function around each column.')
    case 'ASTStreamSettings':
      throw forbidden('STREAM', 'Leave it out.')
  }
  if (!PLAIN_TYPES.has(node.type))
    throw forbidden('This kind of expression', 'Ask with a plain SELECT; see the README of the query API.')
}

function checkFunction(node: AstNode, parents: readonly AstNode[]): void {
  const name = node.label
  if (parents[0]?.type === 'TableExpression')
    throw forbidden(
      `The table function ${shown(name)}`,
      'Name a dataset instead; GET /v1/datasets lists yours. For a series of numbers: arrayJoin(range(n)).',
    )
  if (!isAllowedFunction(name))
    throw new MogoError('MOGO_QUERY_FUNCTION', { name: shown(name), suggestion: suggestFunction(name) })
}

/** `x IN name`: the name may be a table, even one that asks for no grant. */
function checkSetSide(node: AstNode, parents: readonly AstNode[]): void {
  const [list, call] = parents
  if (list?.type !== 'ExpressionList' || call?.type !== 'Function' || list.children[1] !== node) return
  if (SET_FUNCTIONS.has(call.label.toLowerCase()))
    throw forbidden(
      `${shown(node.label)} at the right of IN`,
      'Write IN (SELECT column FROM …); for an array write has(array, value).',
    )
}

function checkName(name: string): void {
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name))
    throw forbidden('A name with control characters', 'Give it a plain name.')
  const internal = name.split('.').find((part) => part.startsWith('_'))
  if (internal !== undefined)
    throw forbidden(
      `The name ${shown(internal)}`,
      'Names that begin with _ belong to the engine; choose another one.',
    )
}

function checkTable(name: string, names: GateNames): void {
  const dot = name.indexOf('.')
  const database = dot < 0 ? undefined : name.slice(0, dot)
  const table = name.slice(dot + 1)
  if (database === undefined ? names.tables.has(table) || names.ctes.has(table) : false) return
  if (database === names.database && names.tables.has(table)) return
  const near = nearest(table, [...names.tables])
  throw new MogoError('MOGO_QUERY_TABLE', {
    name: shown(name),
    suggestion: near === undefined ? '' : `, perhaps ${near}`,
  })
}

/** A name as a sentence may show it: the caller's own text, cut. */
function shown(name: string): string {
  const plain = name.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '?')
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain
}

function forbidden(what: string, remedy: string): MogoError {
  return new MogoError('MOGO_QUERY_FORBIDDEN', { what, remedy })
}
