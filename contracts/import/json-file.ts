/**
 * Text of a file that somebody gave -> plain JSON values. Files are untrusted: size and depth are bounded before anything is parsed, nothing
 * is fetched, and what is wrong is said with the name of the file and never with its content.
 */
import { MogoError } from '../errors.ts'

/** Longest file, bytes of UTF-8. */
export const MAX_BYTES = 8 * 1024 * 1024
/** Longest manifest of dbt, bytes: it holds the whole project. */
export const MAX_MANIFEST_BYTES = 128 * 1024 * 1024
const MAX_DEPTH = 200

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>

/** Parses a file. `format` names it in faults: `JSON Schema`. */
export function parseJsonFile(file: string, text: string, format: string, maxBytes = MAX_BYTES): unknown {
  checkSize(file, text, maxBytes)
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    // The parser's own words quote the text; only the place is taken from them.
    const position = cause instanceof Error ? /position (\d+)/.exec(cause.message)?.[1] : undefined
    const lines = position === undefined ? [] : text.slice(0, Number(position)).split('\n')
    const place =
      lines.length === 0 ? '' : ` at line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
    throw new MogoError('MOGO_IMPORT_SYNTAX', { file, format, detail: `no valid JSON${place}` }, { cause })
  }
}

/** Refuses what is too long or nested too deeply. */
export function checkSize(file: string, text: string, maxBytes: number): void {
  if (Buffer.byteLength(text) > maxBytes)
    throw new MogoError('MOGO_IMPORT_TOO_LARGE', { file, detail: `longer than ${maxBytes} bytes` })
  if (deepest(text) > MAX_DEPTH)
    throw new MogoError('MOGO_IMPORT_TOO_LARGE', { file, detail: `nested deeper than ${MAX_DEPTH}` })
}

/** Deepest nesting of brackets outside of texts. */
function deepest(text: string): number {
  let depth = 0
  let most = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quoted) {
      if (code === 0x5c) at++
      else if (code === 0x22) quoted = false
    } else if (code === 0x22) quoted = true
    else if (code === 0x5b || code === 0x7b) most = Math.max(most, ++depth)
    else if (code === 0x5d || code === 0x7d) depth--
  }
  return most
}

/** Is it an object? */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The own value of a key; undefined for one that is inherited, such as `constructor`. */
export function own(object: Json, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** The text at a key. */
export function textAt(object: Json, key: string): string | undefined {
  const value = own(object, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The finite number at a key. */
export function numberAt(object: Json, key: string): number | undefined {
  const value = own(object, key)
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The list at a key; empty if there is none. */
export function listAt(object: Json, key: string): readonly unknown[] {
  const value = own(object, key)
  return Array.isArray(value) ? value : []
}

/** The object at a key; empty if there is none. */
export function objectAt(object: Json, key: string): Json {
  const value = own(object, key)
  return isJson(value) ? value : {}
}

/** Is it a value that a column can be limited to? */
export function isScalar(value: unknown): value is string | number | boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  )
}
