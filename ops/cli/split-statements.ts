/**
 * Splits a script of Postgres into statements at the semicolons that end one: not those in quotes, dollar quotes, comments, or
 * `BEGIN ATOMIC` bodies. Lines that begin with a backslash (`\c name`) are statements of their own, as in psql.
 */

/** The statements, without their semicolon; blank ones and comments alone are left out. */
export function splitStatements(script: string): readonly string[] {
  const statements: string[] = []
  let start = 0
  let at = 0
  let code = false
  const finish = (end: number): void => {
    const text = script.slice(start, end).trim()
    if (code && text !== '') statements.push(text)
    code = false
  }
  while (at < script.length) {
    const char = script[at] ?? ''
    const pair = script.slice(at, at + 2)
    if (pair === '--') at = endOf('\n', at)
    else if (pair === '/*') at = skipComment(at)
    else if (char === "'" || char === '"') {
      code = true
      const escapes =
        char === "'" &&
        /[eE]$/.test(script.slice(Math.max(0, at - 1), at)) &&
        !/\w[eE]$/.test(script.slice(Math.max(0, at - 2), at))
      at = skipQuoted(char, at, escapes)
    } else if (char === '$') {
      code = true
      const tag = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(script.slice(at, at + 80))?.[0]
      at = tag === undefined || /\w/.test(script[at - 1] ?? '') ? at + 1 : endOf(tag, at + tag.length)
    } else if (char === ';') {
      finish(at)
      at++
      start = at
    } else if (char === '\\' && !code) {
      const end = endOf('\n', at)
      statements.push(script.slice(at, end).trim().replace(/;$/, ''))
      start = at = end
    } else {
      if (/\S/.test(char)) code = true
      at++
    }
  }
  finish(script.length)
  return statements

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
    return position
  }

  function skipQuoted(quote: string, from: number, escapes: boolean): number {
    let position = from + 1
    while (position < script.length) {
      if (escapes && script[position] === '\\') position += 2
      else if (script[position] !== quote) position++
      else if (script[position + 1] === quote) position += 2
      else return position + 1
    }
    return position
  }
}
