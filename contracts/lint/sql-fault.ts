/**
 * Is a query one that only reads? A query of a contract is run by somebody, with somebody's rights: it must be one statement that begins with
 * SELECT or WITH, and no word in it may be one that writes, locks, calls out or ends the statement.
 *
 * A *tokenizer*, not a search for words: texts, quoted names and comments are passed over as each engine reads them, so that neither `'drop'`
 * is a fault nor a comment hides one. Where engines read a text differently (backslashes in texts, `#`, nested comments, `/*!`),
 * the reading under which something could hide is refused. Placeholders (`${table}`, `{{table}}`, `{table}`, `%(x)s`, `:x`, `?`) stand for a name.
 */

/** Longest query that is looked at. */
const MAX_LENGTH = 50_000

/**
 * Words that write, lock, or leave the query. Those that are also names of columns or functions (`replace(…)`, `update` as a column) are told
 * apart by what follows: a word that is called, or stands after a dot or AS, is a name.
 */
const WRITING: ReadonlySet<string> = new Set(
  (
    'alter analyze attach backup call cluster commit copy create deallocate delete detach drop dumpfile exec execute ' +
    'grant handler insert install kill load lock merge msck notify optimize outfile pragma prepare purge reassign refresh ' +
    'reindex rename replace restore revoke rollback savepoint shutdown truncate undrop unload unlock update upsert vacuum ' +
    'begin bulk dbcc deny waitfor'
  ).split(' '),
)

/** Functions that write, wait, read files of the server or call out. */
const CALLING_OUT =
  /^(?:pg_(?:sleep\w*|read_\w+|write_\w+|ls_\w+|terminate_backend|cancel_backend|reload_conf|rotate_logfile|advisory_\w+|logical_emit_message|file_\w+|stat_file)|lo_(?:import|export|unlink|put|create|from_bytea)|dblink\w*|set_config|setval|nextval|query_to_xml\w*|sleep|benchmark|load_file|xp_\w+|openrowset|opendatasource|openquery|url|urlcluster|remote|remotesecure|cluster|clusterallreplicas|file|filecluster|s3|s3cluster|gcs|azureblobstorage|hdfs|hdfscluster|mysql|postgresql|mongodb|redis|sqlite|jdbc|odbc|executable|input|sleepeachrow|utl_http|utl_file|dbms_\w+)$/

type Token = {
  /** word: a name or keyword, lower case. quoted: a name in quotes. text: a literal. other: one sign. */
  readonly kind: 'word' | 'quoted' | 'text' | 'other'
  readonly text: string
}

/** What is wrong with a query, in words; undefined if it only reads. Never says a part of the query but its keywords. */
export function sqlFault(query: string): string | undefined {
  if (query.length > MAX_LENGTH) return `the query is longer than ${MAX_LENGTH} characters`
  const tokens = tokenize(query)
  if (typeof tokens === 'string') return tokens
  while (tokens.at(-1)?.text === ';') tokens.pop()
  const words = tokens.filter(({ text }) => text !== '(')
  const first = words[0]
  if (!first) return 'the query is empty'
  if (tokens.some(({ text, kind }) => text === ';' && kind === 'other')) return 'more than one statement'
  if (first.kind !== 'word' || (first.text !== 'select' && first.text !== 'with'))
    return 'a query must begin with SELECT or WITH'
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word') continue
    const fault = wordFault(token.text, tokens, index)
    if (fault !== undefined) return fault
  }
  return undefined
}

function wordFault(word: string, tokens: readonly Token[], index: number): string | undefined {
  const before = tokens[index - 1]?.text
  const next = tokens[index + 1]
  const called = next?.text === '('
  if (called && CALLING_OUT.test(word)) return `the function ${word} is not one of a query that only reads`
  // SELECT … INTO makes a table, or writes a file.
  if (word === 'into' && before !== '.') return 'INTO writes; a query may only read'
  if (word === 'for' && /^(?:update|share|no|key)$/.test(next?.text ?? ''))
    return 'FOR UPDATE and FOR SHARE lock rows'
  if (!WRITING.has(word)) return undefined
  const isName = before === '.' || before === 'as' || next?.text === '.'
  // replace('a', 'b', 'c') is a function; DELETE ( and INSERT ( are none.
  if (
    isName ||
    (called && (word === 'replace' || word === 'truncate' || word === 'insert') && isOperand(before))
  )
    return undefined
  // A column may be called so: then it stands where an operand stands, and an operator or a comma follows. `(DELETE FROM` is none.
  const follows =
    before === '(' ? /^[=<>!,)+*|-]$/ : /^(?:[=<>!,)+*|-]|is|in|from|as|between|like|and|or|desc|asc)$/
  if (isOperand(before) && (next === undefined || follows.test(next.text))) return undefined
  return `${word.toUpperCase()} writes or leaves the query; it may only read`
}

/** Can what stands before be followed by an operand? */
function isOperand(before: string | undefined): boolean {
  return (
    before !== undefined &&
    /^(?:select|distinct|where|and|or|not|on|by|when|then|else|case|having|all|[=<>,(+*/|-])$/.test(before)
  )
}

/** Splits a query; a text instead says why it cannot be. */
function tokenize(query: string): Token[] | string {
  const tokens: Token[] = []
  // Where a `#`, which begins a comment to some engines, would end it.
  let hashEnd = -1
  let at = 0
  while (at < query.length) {
    const start = at
    const token = tokenAt(query, at, tokens.at(-1))
    if (typeof token === 'string') return token
    at = token.end
    if (token.kind !== 'space') tokens.push(token)
    if (query[start] === '#' && start >= hashEnd) hashEnd = lineEnd(query, start)
    else if (start < hashEnd && at > hashEnd)
      return 'the sign # is a comment to some engines and not to others'
  }
  return tokens
}

function tokenAt(query: string, at: number, before: Token | undefined): Scanned | Space | string {
  const code = query.charCodeAt(at)
  WORD.lastIndex = at
  const word = isPlainSign(code) ? undefined : WORD.exec(query)?.[0]
  if (word !== undefined) return { kind: 'word', text: word.toLowerCase(), end: at + word.length }
  const char = query[at] ?? ''
  if (code === 0x20 || /\s/.test(char)) return { kind: 'space', text: '', end: at + 1 }
  const next = query[at + 1]
  if (char === '-' && next === '-') return lineComment(query, at)
  if (char === '/' && next === '*') return blockComment(query, at)
  if (next === '{' && (char === '$' || char === '{')) {
    const close = char === '$' ? '}' : '}}'
    const end = query.indexOf(close, at)
    return end < 0
      ? 'a placeholder that is not closed'
      : { kind: 'quoted', text: 'placeholder', end: end + close.length }
  }
  if (char === "'" || char === '"' || char === '`') return quoted(query, at, char, before)
  if (char !== '$') return { kind: 'other', text: char, end: at + 1 }
  const tag = /^\$(?:[A-Za-z_]\w*)?\$/.exec(query.slice(at, at + 70))?.[0]
  if (tag === undefined) return { kind: 'other', text: '$', end: at + 1 }
  const end = query.indexOf(tag, at + tag.length)
  return end < 0 ? 'a text that is not closed' : { kind: 'text', text: '$', end: end + tag.length }
}

/** A sign or space of ASCII: no word begins with it. */
function isPlainSign(code: number): boolean {
  return code < 0x41 || (code > 0x5a && code < 0x5f) || code === 0x60 || (code > 0x7a && code < 0x80)
}

const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy

type Scanned = Token & { readonly end: number }
type Space = { readonly kind: 'space'; readonly text: string; readonly end: number }

function lineEnd(query: string, from: number): number {
  const end = query.indexOf('\n', from)
  return end < 0 ? query.length : end
}

/** A comment to the end of the line. MySQL wants a space after the dashes, so without one it may hold nothing that counts. */
function lineComment(query: string, at: number): Space | string {
  const end = lineEnd(query, at)
  const text = query.slice(at + 2, end)
  if (/^\S/.test(text) && /[;'"`]|\/\*|\*\/|\b(?:into|drop|delete|insert|update|alter|exec)\b/i.test(text))
    return 'a comment without a space after its dashes is none to some engines'
  return { kind: 'space', text: '', end }
}

/** A block comment. Those that nest to one engine and not to another, and those that MySQL runs, are refused. */
function blockComment(query: string, at: number): Space | string {
  if (/^(?:!|\+|M!)/.test(query.slice(at + 2, at + 4))) return 'a comment that some engines run'
  const end = query.indexOf('*/', at + 2)
  if (end < 0) return 'a comment that is not closed'
  return query.slice(at + 2, end).includes('/*')
    ? 'a comment in a comment'
    : { kind: 'space', text: '', end: end + 2 }
}

/** A text or a name in quotes. Where the two readings of a backslash end it at two places, it is refused. */
function quoted(query: string, at: number, quote: string, before: Token | undefined): Scanned | string {
  // E'…' of Postgres, where a backslash always escapes.
  const escapes = before?.text === 'e' && before.kind === 'word' && /[eE]/.test(query[at - 1] ?? '')
  const end = quoteEnd(query, at, quote, escapes)
  if (!escapes && end !== quoteEnd(query, at, quote, true))
    return 'a backslash before a quote ends the text to some engines and not to others'
  if (end < 0) return 'a text that is not closed'
  return { kind: quote === "'" ? 'text' : 'quoted', text: quote, end }
}

/** Place after the closing quote, -1 if there is none; a doubled quote stands for itself. */
function quoteEnd(query: string, from: number, quote: string, escapes: boolean): number {
  let at = from + 1
  while (at < query.length) {
    if (escapes && query[at] === '\\') at += 2
    else if (query[at] !== quote) at++
    else if (query[at + 1] === quote) at += 2
    else return at + 1
  }
  return -1
}
