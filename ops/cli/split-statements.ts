/**
 * Splits a script of Postgres into statements at the semicolons that end one: not those in quotes, dollar quotes, comments,
 * parentheses (`CREATE RULE … DO (a; b)`), or the body of a function in standard SQL (`BEGIN ATOMIC … END`), by the same signs
 * as psql (psqlscan.l). Lines that begin with a backslash (`\c name`) are statements of their own, as in psql.
 */

const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
/** How a statement begins in which BEGIN opens a body and does not start a transaction. */
const MAKES_FUNCTION = /^create (?:or replace )?(?:function|procedure)\b/

/** What is known of the statement at hand. */
type Statement = {
  /** Does it hold more than blanks and comments? */
  code: boolean
  /** Its first words. */
  words: string[]
  parentheses: number
  /** Bodies and CASEs that are open inside of a function's body. */
  bodies: number
}

const begun = (): Statement => ({ code: false, words: [], parentheses: 0, bodies: 0 })

/** The statements, without their semicolon; blank ones and comments alone are left out. Never throws. */
export function splitStatements(script: string): readonly string[] {
  const statements: string[] = []
  let start = 0
  let at = 0
  let statement = begun()
  const finish = (end: number, next: number): void => {
    const text = script.slice(start, end).trim()
    if (statement.code && text !== '') statements.push(text)
    statement = begun()
    start = at = next
  }
  while (at < script.length) {
    const char = script[at] ?? ''
    const pair = script.slice(at, at + 2)
    if (pair === '--') at = endOf('\n', at)
    else if (pair === '/*') at = skipComment(at)
    else if (char === '\\' && !statement.code) {
      start = at
      statement.code = true
      const end = endOf('\n', at)
      finish(end, end)
      // A meta-command may end with a semicolon, by habit.
      statements.push(...statements.splice(-1).map((text) => text.replace(/;$/, '')))
    } else if (char === ';' && statement.parentheses === 0 && statement.bodies === 0) finish(at, at + 1)
    else at = skipCode(char)
  }
  finish(script.length, script.length)
  return statements

  /** Notes what stands here and returns the place behind it. */
  function skipCode(char: string): number {
    if (/\S/.test(char)) statement.code = true
    if (char === "'" || char === '"') return skipQuoted(char, at, false)
    if (char === '$') {
      const tag = matchAt(DOLLAR_TAG)
      return tag === undefined ? at + 1 : endOf(tag, at + tag.length)
    }
    if (char === '(') statement.parentheses++
    if (char === ')') statement.parentheses = Math.max(0, statement.parentheses - 1)
    const word = matchAt(WORD)
    if (word === undefined) return at + 1
    noteWord(word.toLowerCase())
    const behind = at + word.length
    return /^e$/i.test(word) && script[behind] === "'" ? skipQuoted("'", behind, true) : behind
  }

  function noteWord(word: string): void {
    if (statement.words.length < 4) statement.words.push(word)
    if (statement.parentheses > 0 || !MAKES_FUNCTION.test(statement.words.join(' '))) return
    if (word === 'begin' || (word === 'case' && statement.bodies > 0)) statement.bodies++
    else if (word === 'end') statement.bodies = Math.max(0, statement.bodies - 1)
  }

  function matchAt(pattern: RegExp): string | undefined {
    pattern.lastIndex = at
    return pattern.exec(script)?.[0]
  }

  function endOf(text: string, from: number): number {
    const found = script.indexOf(text, from)
    return found < 0 ? script.length : found + text.length
  }

  /** Comments nest in Postgres. */
  function skipComment(from: number): number {
    let depth = 0
    let position = from
    while (position < script.length) {
      const two = script.slice(position, position + 2)
      if (two === '/*') {
        depth++
        position += 2
      } else if (two === '*/') {
        depth--
        position += 2
        if (depth === 0) return position
      } else position++
    }
    return script.length
  }

  function skipQuoted(quote: string, from: number, escapes: boolean): number {
    let position = from + 1
    while (position < script.length) {
      if (escapes && script[position] === '\\') position += 2
      else if (script[position] !== quote) position++
      else if (script[position + 1] === quote) position += 2
      else return position + 1
    }
    return script.length
  }
}
