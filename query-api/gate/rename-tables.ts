/**
 * Dataset names -> table names, in the text: `FROM orders` becomes `FROM orders_v2 AS orders`, so that `orders.total` still
 * means what it says. Only where a table may stand: after FROM and JOIN, and after commas of that list. The changed text is the
 * one that is checked and run, so a place taken wrongly ends in a refusal, never in something unchecked.
 */
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import { identifierName, significant, type Token } from './sql-text.ts'

/** Words that end a list of tables. */
const ENDS = new Set(
  'select where prewhere group having window qualify order limit offset fetch settings union intersect except format on using into'.split(
    ' ',
  ),
)
/** Words after a table that are not its alias. */
const NOT_ALIAS = new Set([
  ...ENDS,
  ...'final sample join left right inner outer full cross any all asof semi anti global local array paste natural stream with'.split(
    ' ',
  ),
])

/** Rewrites the names; `ctes` shadow datasets and stay. */
export function renameTables(
  sql: string,
  tokens: readonly Token[],
  renamed: ReadonlyMap<string, string>,
  database: string,
  ctes: ReadonlySet<string>,
): string {
  if (renamed.size === 0) return sql
  const all = significant(tokens)
  const lists: boolean[] = [false]
  let out = ''
  let done = 0
  for (let i = 0; i < all.length; i++) {
    const token = all[i]
    if (token === undefined) break
    const word = token.kind === 'word' ? token.text.toLowerCase() : ''
    if (token.text === '(') lists.push(false)
    else if (token.text === ')' && lists.length > 1) lists.pop()
    else if (ENDS.has(word)) lists[lists.length - 1] = false
    const starts = word === 'from' || word === 'join' || (token.text === ',' && lists.at(-1) === true)
    if (!starts) continue
    lists[lists.length - 1] = true
    const place = tableAt(all, i + 1, database)
    const table = place && renamed.get(place.name)
    if (!place || table === undefined || (!place.qualified && ctes.has(place.name))) continue
    const { token: at, next } = place
    out += `${sql.slice(done, at.start)}${quoteIdentifier(table)}`
    if (!hasAlias(next)) out += ` AS ${quoteIdentifier(place.name)}`
    done = at.end
  }
  return out + sql.slice(done)
}

type Place = {
  readonly name: string
  readonly qualified: boolean
  readonly token: Token
  readonly next: Token | undefined
}

function tableAt(all: readonly Token[], index: number, database: string): Place | undefined {
  const first = all[index]
  if (first === undefined || (first.kind !== 'word' && first.kind !== 'quoted')) return undefined
  const dotted = all[index + 1]?.text === '.'
  if (!dotted) return { name: identifierName(first), qualified: false, token: first, next: all[index + 1] }
  const second = all[index + 2]
  if (second === undefined || identifierName(first) !== database) return undefined
  return { name: identifierName(second), qualified: true, token: second, next: all[index + 3] }
}

function hasAlias(next: Token | undefined): boolean {
  if (next === undefined) return false
  if (next.kind === 'quoted') return true
  return next.kind === 'word' && !NOT_ALIAS.has(next.text.toLowerCase())
}
