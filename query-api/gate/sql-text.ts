/**
 * Tokens of a ClickHouse SQL text, after the rules of the engine's own lexer.
 *
 * The gate does not decide by these tokens: what may run is decided on the engine's own syntax tree. They serve what is about the
 * text itself: where `*` stands, names of CTEs, the place of a syntax error, and the text without its literals for the audit
 * record. A text that this lexer reads differently from the engine is therefore at most described less well.
 */

/** Kinds of tokens. `quoted` is a quoted identifier, `parameter` is `{name:Type}`. */
export type TokenKind =
  | 'space'
  | 'comment'
  | 'word'
  | 'quoted'
  | 'string'
  | 'number'
  | 'parameter'
  | 'symbol'
  | 'broken'

/** One token: `text` is `sql.slice(start, end)`. */
export type Token = {
  readonly kind: TokenKind
  readonly start: number
  readonly end: number
  readonly text: string
}

const SPACE = /[\s\u00a0\ufeff]+/y
const LINE_COMMENT = /(?:--|#!|# )[^\n]*/y
const WORD = /[\p{L}\p{Nl}_][\p{L}\p{N}\p{M}_$]*/uy
const NUMBER = /0[xX][0-9a-fA-F_]+|0[bB][01_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
const HEREDOC = /\$([A-Za-z0-9_]*)\$/y
const PARAMETER = /\{\s*[A-Za-z_][\w$]*\s*:[^{}'"`]{0,200}\}/y

/** Splits a text; every character is in exactly one token. Never throws; what does not close is `broken`. */
export function tokenize(sql: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < sql.length) {
    const [kind, end] = tokenAt(sql, at)
    tokens.push({ kind, start: at, end, text: sql.slice(at, end) })
    at = end
  }
  return tokens
}

/** Tokens without spaces and comments. */
export function significant(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter(({ kind }) => kind !== 'space' && kind !== 'comment')
}

function tokenAt(sql: string, at: number): readonly [TokenKind, number] {
  const ends = (pattern: RegExp): number => {
    pattern.lastIndex = at
    return pattern.test(sql) ? pattern.lastIndex : -1
  }
  let end = ends(SPACE)
  if (end > 0) return ['space', end]
  end = ends(LINE_COMMENT)
  if (end > 0) return ['comment', end]
  if (sql.startsWith('/*', at)) return blockComment(sql, at)
  const char = sql[at] ?? ''
  if (char === "'") return quoted(sql, at, "'", 'string')
  if (char === '"' || char === '`') return quoted(sql, at, char, 'quoted')
  if (char === '‘') return quoted(sql, at, '’', 'string')
  if (char === '“') return quoted(sql, at, '”', 'quoted')
  HEREDOC.lastIndex = at
  const tag = HEREDOC.exec(sql)?.[0]
  if (tag !== undefined) {
    const close = sql.indexOf(tag, at + tag.length)
    return close < 0 ? ['broken', sql.length] : ['string', close + tag.length]
  }
  end = ends(PARAMETER)
  if (end > 0) return ['parameter', end]
  end = ends(WORD)
  if (end > 0) return ['word', end]
  end = ends(NUMBER)
  if (end > 0) return ['number', end]
  return ['symbol', at + ((sql.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)]
}

/** Block comments nest. */
function blockComment(sql: string, at: number): readonly [TokenKind, number] {
  const mark = /\/\*|\*\//g
  mark.lastIndex = at
  let depth = 0
  for (let found = mark.exec(sql); found; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return ['comment', mark.lastIndex]
  }
  return ['broken', sql.length]
}

/** A backslash escapes, a doubled quote stands for itself. */
function quoted(sql: string, at: number, close: string, kind: TokenKind): readonly [TokenKind, number] {
  for (let i = at + 1; i < sql.length; i++) {
    if (sql[i] === '\\') i++
    else if (sql[i] === close) {
      if (sql[i + 1] !== close) return [kind, i + 1]
      i++
    }
  }
  return ['broken', sql.length]
}

/** The name that a word or quoted identifier stands for. */
export function identifierName(token: Token): string {
  if (token.kind === 'word') return token.text
  const quote = token.text.slice(-1)
  return token.text
    .slice(1, -1)
    .replaceAll(quote + quote, quote)
    .replaceAll(/\\(.)/gs, '$1')
}

/**
 * Names that may be common table expressions: what stands before `AS (`. It may name too many (a derived table's alias); that
 * is harmless, since a name that is none after all is refused by the engine.
 */
export function cteNames(tokens: readonly Token[]): ReadonlySet<string> {
  const all = significant(tokens)
  const names = new Set<string>()
  for (const [index, token] of all.entries()) {
    if (token.kind !== 'word' && token.kind !== 'quoted') continue
    if (all[index + 1]?.text.toLowerCase() !== 'as') continue
    let next = index + 2
    while (/^(not|materialized)$/i.test(all[next]?.text ?? '')) next++
    if (all[next]?.text === '(') names.add(identifierName(token))
  }
  return names
}

/** The text with every literal replaced by `?`, comments removed and spaces folded: what the audit record is hashed from. */
export function withoutLiterals(tokens: readonly Token[]): string {
  return tokens
    .map(({ kind, text }) => {
      if (kind === 'string' || kind === 'number' || kind === 'broken') return '?'
      return kind === 'space' || kind === 'comment' ? ' ' : text
    })
    .join('')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
