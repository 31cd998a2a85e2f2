/**
 * Text (YAML or JSON) -> contract and all its faults of syntax and shape at once.
 *
 * Contracts are untrusted input: size, aliases, brackets and depth are bounded, and nothing in them is executed. What is written plainly is read by
 * a reader of our own in time in proportion to the text (`parse/plain-yaml.ts`); all else by the YAML library, which is given no more than it
 * reads in a moment. Both give the same values and places. What is called JSON is read strictly as that (`parse/strict-json.ts`).
 */
import { type Document, parseDocument } from 'yaml'
import { type ContractFault, type DocumentPath, type Place, pathText } from './fault.ts'
import { createFaultList } from './fault-list.ts'
import type { Contract } from './model/contract.ts'
import { isRecord, textOf } from './model/raw-value.ts'
import { readContract } from './model/read-contract.ts'
import { controlCharacterFaults } from './parse/control-character.ts'
import { decodeText } from './parse/decode-text.ts'
import { createOffsetOf } from './parse/locate.ts'
import { createPlaceAt } from './parse/place-at.ts'
import { type PlainDocument, readPlainYaml } from './parse/plain-yaml.ts'
import { readStrictJson } from './parse/strict-json.ts'
import { syntaxMessage } from './parse/syntax-message.ts'
import { tagFaults } from './parse/tag-faults.ts'
import { isTooComplex, opensTooManyBrackets } from './parse/text-limits.ts'
import { type StructureFault, TOO_MANY, yamlValue } from './parse/yaml-value.ts'
import { checkShape } from './shape/check-shape.ts'

/** Longest contract that is read, bytes of UTF-8. */
export const MAX_BYTES = 4 * 1024 * 1024
/** Most faults of syntax that are said: what follows the first ones is often only their echo. */
const MAX_SYNTAX_FAULTS = 10
/** Most faults of structure that are said, such as keys that stand twice. */
const MAX_STRUCTURE_FAULTS = 1_000

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

/** How a contract is written. JSON is YAML too; called by its name, it must be JSON as other programs read it. */
export type Syntax = 'yaml' | 'json'

/** How a file is written, by its name. */
export function syntaxOf(file: string): Syntax {
  return /\.json$/i.test(file) ? 'json' : 'yaml'
}

/** Parses the bytes of a file. Never throws. */
export function parseContractBytes(bytes: Buffer, syntax: Syntax = 'yaml'): ParsedContract {
  if (bytes.length > MAX_BYTES) return tooLong('')
  const text = decodeText(bytes)
  return typeof text === 'string'
    ? parseContract(text, syntax)
    : unreadable('', [{ code: 'CONTRACT_ENCODING', ...text }])
}

/** Parses one contract. Never throws. */
export function parseContract(text: string, syntax: Syntax = 'yaml'): ParsedContract {
  if (Buffer.byteLength(text) > MAX_BYTES) return tooLong(text)
  const marked = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  const unix = withUnixLines(marked)
  return syntax === 'json' ? parseJson(text, unix) : parseYaml(text, unix)
}

/** With line ends `\n`; a file of an old Mac has `\r` only. */
function withUnixLines(text: string): string {
  if (text.includes('\r\n')) return text.replaceAll('\r\n', '\n')
  return text.includes('\r') && !text.includes('\n') ? text.replaceAll('\r', '\n') : text
}

function parseYaml(text: string, unix: string): ParsedContract {
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

function parseJson(text: string, unix: string): ParsedContract {
  const document = readStrictJson(unix)
  const placeAt = createPlaceAt(unix)
  if (document.tooManyAt !== undefined)
    return unreadable(text, [
      { code: 'CONTRACT_TOO_LARGE', message: TOO_MANY, ...placeAt(document.tooManyAt) },
    ])
  return ofStructure(text, document, document.faults, placeAt)
}

/** With the full parser of YAML: it knows all of the language, and says what is wrong. */
function parseFully(text: string, unix: string, placeAt: (offset: number) => Place): ParsedContract {
  let document: Document.Parsed
  try {
    document = parseDocument(unix, {
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
      resolveKnownTags: false,
    })
  } catch {
    return unreadable(text, [{ code: 'CONTRACT_SYNTAX', message: 'nested too deeply', ...START }])
  }
  if (document.errors.length > 0)
    return unreadable(
      text,
      document.errors.map((error) => ({
        code: 'CONTRACT_SYNTAX',
        message: syntaxMessage(error),
        ...placeAt(error.pos[0]),
      })),
    )
  const { value, faults, targets, exactNumber, tagged } = yamlValue(document.contents)
  const offsetOf = createOffsetOf(document.contents, targets)
  const unread = tagFaults(
    document.warnings.map(({ pos }) => pos[0]),
    tagged,
  )
  const all = [...faults, ...unread, ...controlCharacterFaults(unix)]
  return ofStructure(text, { value, exactNumber, offsetOf }, all, placeAt)
}

/** A document that was read, with its faults of structure: it may be judged, unless one of them is fatal. */
function ofStructure(
  text: string,
  document: PlainDocument,
  faults: readonly StructureFault[],
  placeAt: (offset: number) => Place,
): ParsedContract {
  const list = createFaultList(MAX_STRUCTURE_FAULTS, 'faults of syntax')
  for (const { code, message, path, offset } of faults)
    list.add({ severity: 'error', code, path: pathText(path), message, ...placeAt(offset) })
  return faults.some(({ fatal }) => fatal)
    ? withoutValue(text, list.all())
    : judged(text, document, placeAt, list.all())
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

type SyntaxFault = Place & { readonly code: string; readonly message: string }

function tooLong(text: string): ParsedContract {
  return unreadable(text, [
    { code: 'CONTRACT_TOO_LARGE', message: `longer than ${MAX_BYTES} bytes`, ...START },
  ])
}

function unreadable(text: string, faults: readonly SyntaxFault[]): ParsedContract {
  const list = createFaultList(MAX_SYNTAX_FAULTS, 'faults of syntax')
  for (const fault of faults) list.add({ severity: 'error', path: '', ...fault })
  return withoutValue(text, list.all())
}

function withoutValue(text: string, faults: readonly ContractFault[]): ParsedContract {
  return {
    contract: undefined,
    faults,
    locate: () => START,
    value: undefined,
    text,
    apiVersion: undefined,
  }
}
