/**
 * Edits of a contract's text that leave everything else as it is: comments, quotes, order, blank lines.
 *
 * An edit is made in the text itself, at the place of the value, and counts only if reading the new text gives just the value that was meant.
 * Where the text does not allow that (a value in a flow map, an anchor), the document is edited and written anew: comments stay, layout may
 * change. An unchanged contract is its text, byte for byte (`ParsedContract.text`).
 */
import { isDeepStrictEqual } from 'node:util'
import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument, stringify } from 'yaml'
import type { DocumentPath } from '../fault.ts'
import { yamlValue } from './yaml-value.ts'

/** A new value for a path; `undefined` takes the path away. A last part one beyond the end of a list adds to it. */
export type ContractEdit = { readonly path: DocumentPath; readonly value: unknown }

/** The edited text; undefined if the text is no YAML, or what the path leads through is not there. */
export function editContract(text: string, edits: readonly ContractEdit[]): string | undefined {
  let edited: string | undefined = text
  for (const edit of edits) {
    if (edited === undefined || edit.path.length === 0) return undefined
    edited = editOnce(edited, edit)
  }
  return edited
}

function editOnce(text: string, { path, value }: ContractEdit): string | undefined {
  const meant = readValue(text)
  if (meant === undefined || !applyTo(meant.value, path, value)) return undefined
  const inPlace = value === undefined ? removed(text, path) : placed(text, path, value)
  if (inPlace !== undefined && isDeepStrictEqual(readValue(inPlace)?.value, meant.value)) return inPlace
  const written = rewritten(text, path, value)
  return written !== undefined && isDeepStrictEqual(readValue(written)?.value, meant.value)
    ? written
    : undefined
}

/** The document written anew with the edit; undefined if the library cannot. */
function rewritten(text: string, path: DocumentPath, value: unknown): string | undefined {
  const document = parseDocument(text)
  try {
    if (value === undefined) document.deleteIn(path)
    else document.setIn(path, document.createNode(value))
    return document.toString({ lineWidth: 0 })
  } catch {
    return undefined
  }
}

/** The value of a text, in a holder that no two texts share; undefined if it has none. */
function readValue(text: string): { readonly value: unknown } | undefined {
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' })
  if (document.errors.length > 0) return undefined
  const { value, faults } = yamlValue(document.contents)
  return faults.some(({ fatal }) => fatal) ? undefined : { value: structuredClone(value) }
}

/** Makes the edit in a value; false if the path leads nowhere. */
function applyTo(document: unknown, path: DocumentPath, value: unknown): boolean {
  let holder = document
  for (const part of path.slice(0, -1)) {
    if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, part)) return false
    holder = (holder as Record<string | number, unknown>)[part]
  }
  const last = path.at(-1) ?? ''
  if (Array.isArray(holder)) {
    if (typeof last !== 'number' || last < 0 || last > holder.length - (value === undefined ? 1 : 0))
      return false
    if (value === undefined) holder.splice(last, 1)
    else holder[last] = value
    return true
  }
  if (typeof holder !== 'object' || holder === null || typeof last !== 'string') return false
  if (value === undefined) return delete (holder as Record<string, unknown>)[last]
  ;(holder as Record<string, unknown>)[last] = value
  return true
}

/** The text with the value at the path's place; undefined if it has to be written anew. */
function placed(text: string, path: DocumentPath, value: unknown): string | undefined {
  const document = parseDocument(text)
  const inline = stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd()
  if (inline.includes('\n')) return undefined
  const node: unknown = document.getIn(path, true)
  if (isNode(node) && !isAlias(node) && node.range) {
    if (node.anchor !== undefined || node.tag !== undefined) return undefined
    const [start, end] = node.range
    if (start < end) return text.slice(0, start) + inline + text.slice(end)
    // Of an empty value the place may be before a comment: it belongs after the colon.
    const colon = text.slice(0, start).replace(/ *$/, '').length
    return `${text.slice(0, colon)} ${inline}${text.slice(colon)}`
  }
  const holder: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  if (!(isMap(holder) || isSeq(holder)) || holder.flow || !holder.range) return undefined
  const last = holder.items.at(-1)
  const lastNode = isMap(holder) ? (last as { value?: unknown } | undefined)?.value : last
  if (!isNode(lastNode) || !lastNode.range) return undefined
  const end = lastNode.range[1]
  const lineEnd = text[end - 1] === '\n' ? end : text.indexOf('\n', end) + 1
  const before = lineEnd > 0 ? text.slice(0, lineEnd) : `${text}\n`
  const start = holder.range[0]
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1))
  const head = isMap(holder) ? `${stringify(String(path.at(-1))).trimEnd()}: ` : '- '
  return `${before}${indent}${head}${inline}\n${lineEnd > 0 ? text.slice(lineEnd) : ''}`
}

/** The text without the lines of a key or an element; undefined if they are not lines of their own. */
function removed(text: string, path: DocumentPath): string | undefined {
  const document = parseDocument(text)
  const node: unknown = document.getIn(path, true)
  const holder: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  if (!isNode(node) || !node.range || !(isMap(holder) || isSeq(holder)) || holder.flow) return undefined
  let start = node.range[0]
  if (isMap(holder)) {
    const key: unknown = holder.items.find(
      (pair) => isScalar(pair.key) && pair.key.value === path.at(-1),
    )?.key
    if (!isScalar(key) || !key.range) return undefined
    start = key.range[0]
  }
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  if (
    !/^ *(?:- )?$/.test(text.slice(lineStart, start)) ||
    (isMap(holder) && text.slice(lineStart, start).includes('-'))
  )
    return undefined
  const end = node.range[1]
  const lineEnd = text[end - 1] === '\n' ? end : text.indexOf('\n', end) + 1
  return text.slice(0, lineStart) + (lineEnd > 0 ? text.slice(lineEnd) : '')
}
