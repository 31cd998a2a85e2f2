/** Quoted scalars of YAML 1.2, single and double, over one line or several (YAML 1.2.2, sections 7.3.1 and 7.3.2). */

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
}
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** Place after the closing quote; -1 if there is none. `from` is at the opening quote. */
export function quoteEnd(text: string, from: number): number {
  const quote = text[from] ?? ''
  let at = from + 1
  if (quote === "'") {
    for (;;) {
      at = text.indexOf("'", at)
      if (at < 0) return -1
      if (text[at + 1] !== "'") return at + 1
      at += 2
    }
  }
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at++
    else if (code === 0x22) return at + 1
  }
  return -1
}

/** The value of what stands from an opening quote to the place after the closing one; undefined if an escape is none. */
export function quotedValue(text: string, from: number, end: number): string | undefined {
  const inner = text.slice(from + 1, end - 1)
  if (text[from] === "'") {
    const lines = inner.includes('\n') ? foldLines(inner.split('\n')) : inner
    return lines.includes("''") ? lines.replaceAll("''", "'") : lines
  }
  return inner.includes('\\') || inner.includes('\n') ? unescaped(inner) : inner
}

/** Lines of a scalar over several lines, as one text: a line end is a space, an empty line a line end. */
export function foldLines(lines: readonly string[]): string {
  let text = trimEnd(lines[0] ?? '')
  let separator = ' '
  for (let index = 1; index < lines.length; index++) {
    const isLast = index === lines.length - 1
    const start = trimStart(lines[index] ?? '')
    const line = isLast ? start : trimEnd(start)
    if (line === '' && !isLast) {
      if (separator === '\n') text += '\n'
      else separator = '\n'
    } else {
      text += separator + line
      separator = ' '
    }
  }
  return text
}

function trimStart(line: string): string {
  return line.replace(/^ +/, '')
}

/** Without the spaces at its end. (A regular expression would take time in the square of a run of spaces.) */
export function trimEnd(line: string): string {
  let end = line.length
  while (end > 0 && line.charCodeAt(end - 1) === 0x20) end--
  return line.slice(0, end)
}

function unescaped(inner: string): string | undefined {
  let value = ''
  let at = 0
  while (at < inner.length) {
    const char = inner[at] ?? ''
    if (char === '\\') {
      const next = inner[at + 1] ?? ''
      if (next === '\n') {
        at += 2
        while (inner[at] === ' ') at++
      } else if (Object.hasOwn(HEX_DIGITS, next)) {
        const length = HEX_DIGITS[next] ?? 0
        const hex = inner.slice(at + 2, at + 2 + length)
        if (hex.length !== length || !/^[0-9a-fA-F]+$/.test(hex) || Number.parseInt(hex, 16) > 0x10ffff)
          return undefined
        value += String.fromCodePoint(Number.parseInt(hex, 16))
        at += 2 + length
      } else {
        const escaped = Object.hasOwn(ESCAPES, next) ? ESCAPES[next] : undefined
        if (escaped === undefined) return undefined
        value += escaped
        at += 2
      }
    } else if (char === '\n') {
      let folded = ''
      at++
      while (inner[at] === ' ' || inner[at] === '\n') {
        if (inner[at] === '\n') folded += '\n'
        at++
      }
      value += folded === '' ? ' ' : folded
    } else if (char === ' ') {
      const start = at
      while (inner[at] === ' ') at++
      // Spaces at the end of a line are layout.
      if (inner[at] !== '\n') value += inner.slice(start, at)
    } else {
      const start = at
      while (at < inner.length && !/[\\\n ]/.test(inner[at] ?? '')) at++
      value += inner.slice(start, at)
    }
  }
  return value
}
