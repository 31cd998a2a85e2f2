/** Texts in JSON, written in every way that JSON allows. */
import type { Draw } from './draw.ts'

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** A JSON text in which some characters are escaped that need not be. */
export function oddlyWritten(draw: Draw, text: string): string {
  const percent = draw.pick([0, 5, 50, 100])
  const parts: string[] = []
  // By code units: a surrogate pair may be written as two escapes, or half of it may.
  for (let index = 0; index < text.length; index++) {
    const unit = text.charAt(index)
    const must = unit === '"' || unit === '\\' || unit < ' ' || /[\ud800-\udfff]/.test(unit)
    const pair = text.codePointAt(index) ?? 0
    if (pair > 0xffff && !draw.chance(percent)) {
      parts.push(String.fromCodePoint(pair))
      index++
    } else if (must || draw.chance(percent)) parts.push(escaped(draw, unit))
    else parts.push(unit)
  }
  return `"${parts.join('')}"`
}

function escaped(draw: Draw, unit: string): string {
  const short = SHORT[unit]
  if (short !== undefined && draw.chance(50)) return short
  const hex = unit.charCodeAt(0).toString(16).padStart(4, '0')
  return `\\u${draw.chance(50) ? hex.toUpperCase() : hex}`
}
