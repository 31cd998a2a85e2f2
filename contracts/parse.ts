/**
 * Text (YAML or JSON) -> contract and all its faults of syntax and shape at once.
 *
 * Contracts are untrusted input: size, aliases, brackets and depth are bounded, and nothing in them is executed. What is written plainly is read by
 * a reader of our own in time in proportion to the text (`parse/plain-yaml.ts`); all else by the YAML library, which is given no more than it
 * reads in a moment. Both give the same values and places.
 */
import { type Document, parseDocument } from 'yaml'
import { type ContractFault, type DocumentPath, type Place, pathText } from './fault.ts'
import type { Contract } from './model/contract.ts'
import { isRecord, textOf } from './model/raw-value.ts'
import { readContract } from './model/read-contract.ts'
import { createOffsetOf } from './parse/locate.ts'
import { createPlaceAt } from './parse/place-at.ts'
import { type PlainDocument, readPlainYaml } from './parse/plain-yaml.ts'
import { TOO_MANY, yamlValue } from './parse/yaml-value.ts'
import { checkShape } from './shape/check-shape.ts'

/** Longest contract that is read, bytes of UTF-8. */
export const MAX_BYTES = 4 * 1024 * 1024
/** Most brackets that may be open at once, wherever they stand: real contracts have a handful. */
const MAX_OPEN_BRACKETS = 1_000
/** Most signs (neither letters, digits nor spaces) that are given to the full parser. */
const MAX_SIGNS = 60_000
/** Most faults of syntax that are said: what follows the first ones is often only their echo. */
const MAX_SYNTAX_FAULTS = 10

/** A parsed contract. */
export type ParsedContract = {
  /**
   * The reader's view. Defined whenever the document is a mapping, also if there are faults: a part whose shape is wrong is left out
   * of it. Undefined if the text cannot be read at all.
   */
  readonly contract: Contract | undefined
  /** Faults of syntax and shape. */
  readonly faults: readonly ContractFault[]
  /** Place of the node at a path, or of its nearest parent. `key`: of the key, where the last part of the path is one. */
  readonly locate: (path: DocumentPath, what?: 'value' | 'key') => Place
  /** The document as plain values, everything that is in it included. */
  readonly value: unknown
  /** The text, as it was given. */
  readonly text: string
  /** The version of the standard, as written; undefined if it is not a text. */
  readonly apiVersion: string | undefined
}

const START: Place = { line: 1, column: 1 }

/** Parses one contract. Never throws. */
export function parseContract(text: string): ParsedContract {
  if (Buffer.byteLength(text) > MAX_BYTES)
    return unreadable(text, [
      { code: 'CONTRACT_TOO_LARGE', message: `longer than ${MAX_BYTES} bytes`, ...START },
    ])
  const marked = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  const unix = marked.includes('\r\n') ? marked.replaceAll('\r\n', '\n') : marked
  const plain = readPlainYaml(unix)
  const placeAt = createPlaceAt(unix)
  if ('value' in plain) return judged(text, plain, placeAt, [])
  if (plain.tooMany)
    return unreadable(text, [{ code: 'CONTRACT_TOO_LARGE', message: TOO_MANY, ...placeAt(plain.offset) }])
  if (opensTooManyBrackets(unix))
    return unreadable(text, [{ code: 'CONTRACT_SYNTAX', message: 'nested too deeply', ...START }])
  if (isTooComplex(unix))
    return unreadable(text, [
      {
        code: 'CONTRACT_TOO_LARGE',
        message:
          'here is a fault of syntax, or something (an anchor, a tag) that a contract of this size cannot have',
        ...placeAt(plain.offset),
      },
    ])
  return parseFully(text, unix, placeAt)
}

/** With the full parser of YAML: it knows all of the language, and says what is wrong. */
function parseFully(text: string, unix: string, placeAt: (offset: number) => Place): ParsedContract {
  let document: Document.Parsed
  try {
    document = parseDocument(unix, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' })
  } catch {
    return unreadable(text, [{ code: 'CONTRACT_SYNTAX', message: 'nested too deeply', ...START }])
  }
  if (document.errors.length > 0)
    return unreadable(
      text,
      document.errors.map((error) => ({
        code: 'CONTRACT_SYNTAX',
        message: syntaxMessage(error.message),
        ...placeAt(error.pos[0]),
      })),
    )
  const { value, faults, targets, exactNumber } = yamlValue(document.contents)
  const said = faults.map(({ code, message, path, offset }) => ({
    severity: 'error' as const,
    code,
    path: pathText(path),
    message,
    ...placeAt(offset),
  }))
  if (faults.some(({ fatal }) => fatal)) return unreadable(text, said)
  return judged(
    text,
    { value, exactNumber, offsetOf: createOffsetOf(document.contents, targets) },
    placeAt,
    said,
  )
}

/** A document whose syntax is right: its shape is checked, and it is read as a contract. */
function judged(
  text: string,
  { value, exactNumber, offsetOf }: PlainDocument,
  placeAt: (offset: number) => Place,
  faults: readonly ContractFault[],
): ParsedContract {
  const locate: ParsedContract['locate'] = (path, what) => placeAt(offsetOf(path, what))
  return {
    contract: isRecord(value) ? readContract(value, exactNumber) : undefined,
    faults: [...faults, ...checkShape(value, locate)],
    locate,
    value,
    text,
    apiVersion: isRecord(value) ? textOf(value['apiVersion']) : undefined,
  }
}

type SyntaxFault = Place & { readonly code: string; readonly message: string; readonly path?: string }

function unreadable(text: string, faults: readonly SyntaxFault[]): ParsedContract {
  return {
    contract: undefined,
    faults: faults.slice(0, MAX_SYNTAX_FAULTS).map((fault) => ({ severity: 'error', path: '', ...fault })),
    locate: () => START,
    value: undefined,
    text,
    apiVersion: undefined,
  }
}

/** Is it more than the full parser reads in a moment? It takes some 10 µs for each sign that is neither letter, digit nor space. */
function isTooComplex(text: string): boolean {
  let signs = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const isWord =
      (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39)
    if (!isWord && code !== 0x20 && code < 0x80 && ++signs > MAX_SIGNS) return true
  }
  return false
}

/** A look at the brackets alone, quotes or not: the parser takes minutes over megabytes of `[`. */
function opensTooManyBrackets(text: string): boolean {
  let open = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x5b || code === 0x7b) open++
    else if (code === 0x5d || code === 0x7d) open = Math.max(0, open - 1)
    if (open > MAX_OPEN_BRACKETS) return true
  }
  return false
}

/** Messages of the YAML library in our words, where its own speak to programmers; never more than its first line. */
function syntaxMessage(message: string): string {
  if (message.startsWith('Maximum call stack')) return 'nested too deeply'
  if (message.startsWith('Source contains multiple documents'))
    return 'more than one document (---); a contract is one'
  return message.split('\n')[0] ?? 'not valid YAML'
}
